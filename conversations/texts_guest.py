"""The words of the specialists' guest page. Keys are the scripts'."""

from django.utils.translation import gettext_lazy as _

GUEST_TEXTS = {
    "open.button": _("Open the conversation"),
}
