"""What the admin's theme shows and has no Dutch or Japanese for: our catalogues say it instead.

Django looks a text up in the project's catalogue whoever asks, so naming it here is enough.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

THEME_TEXTS = (
    # Lists
    _("Filters"),
    _("Apply Filters"),
    _("Reset filters"),
    _("Type to search"),
    _("Date from"),
    _("Date to"),
    _("Run"),
    _("Select action"),
    _("Select action to run"),
    _("More actions"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("Expand row"),
    _("No data"),
    _("No results found"),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("Previous"),
    _("Next"),
    # Forms
    _("Choose file to upload"),
    _("Click to cancel"),
    _("Click to download"),
    _("Image preview"),
    _("Record picture"),
    _("General"),
    _("Submit"),
    _("This item will be deleted."),
    _("Toggle password visibility"),
    _("Date"),
    _("True"),
    _("False"),
    # Around the page
    _("All applications"),
    _("Go back"),
    _("Loading more results..."),
    _("No recent searches"),
    _("No results matching your query"),
    _("Recent searches"),
    _("Return to site"),
    _("Search apps and models..."),
    _("System"),
    _("Welcome"),
    _("Welcome back to"),
    _("Forgotten your password or username?"),
    _("You have been successfully logged out from the administration"),
    ngettext_lazy("Please correct the error below.", "Please correct the errors below."),
)
