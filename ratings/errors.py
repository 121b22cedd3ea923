"""What ratings and statements refuse."""

from django.utils.translation import gettext_lazy as _

from tenants.errors import ServiceError


class RatingClosed(ServiceError):
    """The first mark is more than 15 minutes old, so it stands."""

    code = "rating_closed"
    message = _("Your rating was stored a while ago and can no longer be changed. Thank you.")


class FollowUpTaken(ServiceError):
    code = "already_taken"
    message = _("Somebody else sees to this follow-up already.")


class StatementNotOver(ServiceError):
    """The month goes on, or was counted last before it was over."""

    code = "statement_not_over"
    message = _("This month is not over, or was not counted since. It can be locked once it is.")


class StatementChanged(ServiceError):
    """It is no longer what was looked at."""

    code = "statement_changed"
    message = _("This statement was counted anew or locked meanwhile. Please look at it again.")


class ReviewStands(ServiceError):
    """It is done, and can be reopened for a day only."""

    code = "review_stands"
    message = _("This review is done. It can be reopened for a day.")
