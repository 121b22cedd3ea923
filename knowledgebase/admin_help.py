"""Instant answers on the organisation's site: whether automation answers, and how sure it must be."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from knowledgebase.models import HelpSettings
from tenants.admin_site import OrganisationSite, Page, organisation_site


@admin.register(HelpSettings, site=organisation_site)
class HelpSettingsPage(Page):
    """One form, and no list: there is one row, or none yet."""

    group = OrganisationSite.KNOWLEDGE
    position = 9
    icon = "bolt"
    is_one_row = True
    can_change = True
    fields = ("answers_by_itself", "sure_percent")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> HelpSettings | None:
        stored: HelpSettings | None = super().get_object(request, object_id, from_field)
        return HelpSettings() if stored is None and object_id == "1" else stored

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(
            reverse("admin:knowledgebase_helpsettings_change", args=["1"], current_app=self.admin_site.name)
        )
