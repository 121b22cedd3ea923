"""The words of the page behind a mailed link, beside those it shares with the widget."""

from django.utils.translation import gettext_lazy as _

LINK_TEXTS = {
    "link.opening": _("One moment…"),
    "link.about": _("About your conversation with {name}"),
    "link.over": _("This link no longer works. A rating can be given once, within a few days. Thank you anyway."),
    "link.problem": _("This did not work. Please try again."),
    "link.wait": _("That was a lot at once. Please wait a moment."),
    "link.stop": _("Do not mail me about this again"),
    "link.stopped": _("You will get no more of these mails."),
}
