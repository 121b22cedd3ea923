"""What a conversation refuses, each with its stable code."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tenants.errors import ServiceError


class NotAssigned(ServiceError):
    code = "not_assigned"
    message = _("This conversation is no longer yours. Your text was kept as a draft.")


class AlreadyTaken(ServiceError):
    code = "already_taken"
    message = _("Somebody else has taken this conversation.")


class CannotTake(ServiceError):
    code = "cannot_take"
    message = _("This operator cannot take the conversation now.")


class ConversationClosed(ServiceError):
    code = "closed"
    message = _("This conversation has been closed.")


class EndingStands(ServiceError):
    """It was closed more than 15 minutes ago."""

    code = "ending_stands"
    message = _("This conversation ended a while ago: what was noted stands.")


class AlreadyEscalated(ServiceError):
    code = "already_escalated"
    message = _("A specialist has been asked already.")


class NoSpecialist(ServiceError):
    code = "no_specialist"
    message = _("This organisation has no specialist for this topic.")


class ClosedHours(ServiceError):
    """Outside opening hours: the text is kept by the page and becomes a contact request."""

    code = "closed_hours"
    message = _("We are closed right now. You can leave your question and we will come back to you.")

    def __init__(self, next_opening: datetime | None = None) -> None:
        super().__init__()
        self.next_opening = next_opening
