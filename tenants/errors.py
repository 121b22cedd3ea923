"""The one family of errors that services raise. Doors turn ``code`` into a status or an error frame."""

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _


class ServiceError(Exception):
    """A refusal with a stable ``code`` for programs and a ``message`` for people."""

    code = "unavailable"
    message: str | LazyText = _("This did not work. Please try again.")
    retry = False

    def __init__(self, message: str | LazyText | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(self.code)
        if message is not None:
            self.message = message
        self.retry_after = retry_after


class NotFound(ServiceError):
    """Absent, or not for this actor: the two look the same."""

    code = "not_found"
    message = _("This does not exist, or not for you.")


class Invalid(ServiceError):
    """The input cannot be used; the message says what to change."""

    code = "invalid"
    message = _("This could not be understood.")


class Unavailable(ServiceError):
    """Something behind us did not answer. The same request may be sent again."""

    code = "unavailable"
    message = _("We could not store this just now. It will be tried again.")
    retry = True


class RateLimited(ServiceError):
    code = "rate_limited"
    message = _("That was a lot at once. Please wait a moment.")
    retry = True


class UnsuitableFile(ServiceError):
    code = "unsuitable_file"
    message = _("Only PNG, JPEG, GIF and WebP images can be sent.")


class FileTooLarge(ServiceError):
    code = "too_large"
    message = _("This image is too large: at most 8 MB and 40 megapixels.")


class InfectedFile(ServiceError):
    code = "infected_file"
    message = _("This file was refused by the virus scanner.")
