"""The queue refuses through the platform's one family of errors; this module names its own."""

from django.utils.translation import gettext_lazy as _

from tenants.errors import ServiceError


class AtCapacity(ServiceError):
    code = "at_capacity"
    message = _("You already have as many conversations as you can take.")


class NotTrained(ServiceError):
    code = "not_trained"
    message = _("Read and confirm this client's card first.")


class CardOutdated(ServiceError):
    code = "card_outdated"
    message = _("This card has changed meanwhile. Please read the new version.")


class AlreadyAnswered(ServiceError):
    code = "already_answered"
    message = _("You have answered this already.")
