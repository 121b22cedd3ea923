from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RatingsConfig(AppConfig):
    name = "ratings"
    verbose_name = _("Satisfaction")

    def ready(self) -> None:
        """Adds the visitor's ``rating.give`` to what the widget may say, and reports to what the outbox can send."""
        from conversations.commands.visitor import visitor_commands
        from conversations.models import OutgoingMail
        from conversations.services.mailing import MADE_ELSEWHERE
        from ratings.commands import RatingGive, rate
        from ratings.delivering import report_message

        visitor_commands.handles(RatingGive)(rate)
        MADE_ELSEWHERE[OutgoingMail.Kind.REPORT] = report_message
