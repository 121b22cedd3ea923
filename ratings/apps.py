from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RatingsConfig(AppConfig):
    name = "ratings"
    verbose_name = _("Satisfaction")

    def ready(self) -> None:
        """Adds what the widget may say about how it was, what it is asked when a conversation ends, and the mails that
        the outbox sends about it."""
        from conversations.commands.visitor import visitor_commands
        from conversations.models import OutgoingMail
        from conversations.services.endings import follows_endings
        from conversations.services.mailing import mails_of
        from conversations.services.rating_requests import asks_with
        from ratings.asking import ask_how_it_was, asks_by_mail
        from ratings.commands import RatingAnswer, RatingGive, RatingShown, answer, rate, show
        from ratings.delivering import report_message
        from ratings.services.follow_up_mails import manager_message, supervisor_message
        from ratings.services.following_up import reconsider
        from ratings.services.mailing import rating_message

        visitor_commands.handles(RatingGive)(rate)
        visitor_commands.handles(RatingAnswer)(answer)
        visitor_commands.handles(RatingShown)(show)
        asks_with(ask_how_it_was, asks_by_mail)
        mails_of(OutgoingMail.Kind.RATING_ASKED, rating_message)
        mails_of(OutgoingMail.Kind.REPORT, report_message)
        mails_of(OutgoingMail.Kind.FOLLOW_UP, manager_message)
        mails_of(OutgoingMail.Kind.FOLLOW_UP_DESK, supervisor_message)
        follows_endings(reconsider)
