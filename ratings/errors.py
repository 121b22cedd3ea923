"""What a rating refuses."""

from django.utils.translation import gettext_lazy as _

from tenants.errors import ServiceError


class RatingClosed(ServiceError):
    """The first mark is more than 15 minutes old, so it stands."""

    code = "rating_closed"
    message = _("Your rating was stored a while ago and can no longer be changed. Thank you.")


class FollowUpTaken(ServiceError):
    code = "already_taken"
    message = _("Somebody else sees to this follow-up already.")
