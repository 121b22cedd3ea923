"""The colour in which visitors meet an organisation, on its own site, beside what the widget makes of it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from conversations.texts_widget import WIDGET_TEXTS
from tenants.admin_site import OrganisationSite, SitePage, organisation_site
from tenants.context import OrganisationRef
from tenants.errors import Invalid
from tenants.hosts import forget_hosts
from tenants.models import Organisation
from tenants.selectors import automatic_texts
from tenants.services import change_colour


def brand_view(request: HttpRequest) -> HttpResponse:
    """One colour. It is in force at once here, and within 5 s in every other process. Three queries to show it."""
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    colour, problem = Organisation.objects.values_list("colour", flat=True).get(pk=organisation.id), ""
    if request.method == "POST":
        colour = request.POST.get("colour", "").strip()
        try:
            changed = change_colour(organisation, colour, request.user.pk)
        except Invalid as error:
            problem = str(error.message)
        else:
            transaction.on_commit(forget_hosts)
            messages.success(request, gettext("Saved. It holds at once.") if changed else gettext("No changes."))
            return HttpResponseRedirect(request.path)
    language = organisation.languages[0]
    with override(language):
        status = str(WIDGET_TEXTS["status.open"]).format(seconds=organisation.first_reply_seconds)
        placeholder = str(WIDGET_TEXTS["composer.placeholder"])
    context = {
        **organisation_site.each_context(request),
        "title": gettext("Brand"),
        "organisation": organisation,
        "colour": colour,
        "problem": problem,
        "schemes": [("light", gettext("On a light screen")), ("dark", gettext("On a dark screen"))],
        "language": language,
        "status": status,
        "placeholder": placeholder,
        "greeting": automatic_texts(organisation, language)[0],
        "reading": get_language(),
    }
    return TemplateResponse(request, "admin/brand.html", context)


organisation_site.add_page(
    SitePage(
        name="brand",
        route="brand/",
        view=brand_view,
        title=_("brand"),
        icon="palette",
        group=OrganisationSite.SETTINGS,
        position=2,
    )
)
