from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RatingsConfig(AppConfig):
    name = "ratings"
    verbose_name = _("Satisfaction")

    def ready(self) -> None:
        """Adds the visitor's ``rating.give`` to what the widget may say."""
        from conversations.commands.visitor import visitor_commands
        from ratings.commands import RatingGive, rate

        visitor_commands.handles(RatingGive)(rate)
