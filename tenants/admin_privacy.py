"""What the organisation's managers may read of conversations, on its own site."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenants.admin_site import OrganisationSite, SitePage, organisation_site
from tenants.context import OrganisationRef
from tenants.selectors import managers_may_read
from tenants.services import let_managers_read


def privacy_view(request: HttpRequest) -> HttpResponse:
    """One switch. Whoever posts says what is to hold, so that doing it twice changes nothing."""
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    if request.method == "POST":
        changed = let_managers_read(organisation, "managers_read" in request.POST, request.user.pk)
        text = gettext("Saved. It holds at once.") if changed else gettext("No changes.")
        messages.success(request, text)
        return HttpResponseRedirect(request.path)
    context = {
        **organisation_site.each_context(request),
        "title": gettext("Privacy"),
        "may_read": managers_may_read(organisation),
    }
    return TemplateResponse(request, "admin/privacy.html", context)


organisation_site.add_page(
    SitePage(
        name="privacy",
        route="privacy/",
        view=privacy_view,
        title=_("privacy"),
        icon="visibility_lock",
        group=OrganisationSite.SETTINGS,
        position=9,
    )
)
