from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RatingsConfig(AppConfig):
    name = "ratings"
    verbose_name = _("Satisfaction")

    def ready(self) -> None:
        """Adds what the widget may say about how it was, and what it is asked when a conversation ends."""
        from conversations.commands.visitor import visitor_commands
        from conversations.models import OutgoingMail
        from conversations.services.mailing import adds_letters
        from conversations.services.rating_requests import asks_with
        from ratings.asking import ask_how_it_was, asks_by_mail
        from ratings.commands import RatingAnswer, RatingGive, RatingShown, answer, rate, show
        from ratings.services.mailing import letter

        visitor_commands.handles(RatingGive)(rate)
        visitor_commands.handles(RatingAnswer)(answer)
        visitor_commands.handles(RatingShown)(show)
        asks_with(ask_how_it_was, asks_by_mail)
        adds_letters(OutgoingMail.Kind.RATING_ASKED, "rating_asked", letter)
