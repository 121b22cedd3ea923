"""Who is mailed which reports, on the organisation's site. Every manager may see and change it for all of them."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Field
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from ratings.models import ReportSubscription
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.selectors import managers_of


@admin.register(ReportSubscription, site=organisation_site)
class SubscriptionPage(Page):
    """One row per manager and kind of report. Deleting it stops the mails at once."""

    group = OrganisationSite.FIGURES
    position = 2
    icon = "outgoing_mail"
    can_add = can_change = can_delete = True
    list_display = ["email", "kind", "shown_language"]
    list_filter = ["kind"]
    fields = ["account_id", "kind", "language"]
    empty_text = _(
        "Managers can be mailed the report of each day, week or month, at six in the morning after it. A mail holds"
        " numbers only, and its link asks to log in."
    )

    def title_of(self, obj: ReportSubscription) -> str:
        return f"{obj.email} · {obj.get_kind_display()}"

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        label = capfirst(db_field.verbose_name)
        if db_field.name == "account_id":
            managers = managers_of(request.organisation)  # type: ignore[attr-defined]
            choices = [(str(one.id), f"{one.name} ({one.email})") for one in managers]
            return forms.TypedChoiceField(label=label, choices=choices, coerce=UUID, widget=UnfoldAdminSelectWidget)
        if db_field.name == "language":
            return forms.ChoiceField(label=label, choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ReportSubscription, form: forms.ModelForm, change: bool) -> None:
        managers = managers_of(request.organisation)  # type: ignore[attr-defined]
        obj.email = next(one.email for one in managers if one.id == obj.account_id)
        super().save_model(request, obj, form, change)

    @admin.display(description=_("language"), ordering="language")
    def shown_language(self, obj: ReportSubscription) -> str:
        return str(dict(settings.LANGUAGES).get(obj.language, obj.language))
