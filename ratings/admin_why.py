"""The page on why marks are as they are, on the organisation's site. Read-only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ratings.filters import filters_of
from ratings.models import Answer
from ratings.why.analysing import why_of
from ratings.why.showing import shown
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.context import OrganisationRef


@admin.register(Answer, site=organisation_site)
class WhyPage(Page):
    """One page made of many rows. One answer can be read as well."""

    group = OrganisationSite.FIGURES
    icon = "troubleshoot"
    menu_title = _("why")
    fields = ["question", "value", "given_at", "changed_at"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Seven queries, and more when nobody looked at the same within five minutes."""
        organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
        filters = filters_of(organisation, request.GET.dict())
        why = why_of(organisation, filters.selection)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Why marks are as they are"),
            "filters": filters,
            "why": why,
            "shown": shown(organisation, filters.selection, why),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "ratings/why/page.html", context)
