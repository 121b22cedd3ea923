"""An organisation's websites on its own site: where its widget appears, and the line of code that brings it there."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.errors import Invalid
from tenants.models import Website
from tenants.origins import origin_of
from tenants.selectors import organisation_origin, organisation_ref
from tenants.services import add_website

MOST_ADDRESSES = 20
"""They all stand in one header of every frame."""


class WebsiteForm(forms.ModelForm):
    """Addresses as people paste them; kept are their origins, each once."""

    addresses = forms.CharField(
        label=_("Addresses"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false", "dir": "ltr"}),
        help_text=_(
            "One per line, as in https://www.example.com. With and without www are two addresses. The widget appears on"
            " pages of these addresses and nowhere else."
        ),
    )

    class Meta:
        model = Website
        fields = ["name", "is_active"]
        labels = {"is_active": _("The widget appears here")}
        help_texts = {
            "name": _("As you call it yourselves; your figures are told apart by it."),
            "is_active": _(
                "Switched off, the widget is gone from these pages when they are loaded next. Conversations and figures"
                " stay, and it can be switched on again."
            ),
        }
        widgets = {"name": UnfoldAdminTextInputWidget, "is_active": UnfoldBooleanSwitchWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["addresses"] = "\n".join(self.instance.origins)

    def clean_addresses(self) -> list[str]:
        """Their origins."""
        lines = [line for line in self.cleaned_data["addresses"].splitlines() if line.strip()]
        origins, wrong = [], []
        for line in lines:
            try:
                origins.append(origin_of(line))
            except Invalid:
                wrong.append(line.strip())
        if wrong:
            raise ValidationError(
                gettext("This is not the address of a website: %(lines)s") % {"lines": ", ".join(wrong)}
            )
        origins = list(dict.fromkeys(origins))
        if len(origins) > MOST_ADDRESSES:
            raise ValidationError(gettext("At most %(count)d addresses.") % {"count": MOST_ADDRESSES})
        return origins


@admin.register(Website, site=organisation_site)
class WebsitePage(Page):
    """Websites are switched off, not deleted: conversations and figures keep pointing at them. Their key stays, because
    it stands in the code of their pages."""

    group = OrganisationSite.SETTINGS
    position = 1
    icon = "language"
    form = WebsiteForm
    can_add = can_change = True
    list_display = ["name", "shown_addresses", "shown_state"]
    ordering = ["-is_active", "name"]
    change_form_after_template = "admin/copying.html"
    empty_text = _(
        "Add the first website on which your visitors shall find you: its name and its address. You then get one line"
        " of code for its pages."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        own = super().get_queryset(request).filter(organisation_id=request.organisation.id)  # type: ignore[attr-defined]
        return own.select_related("organisation")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name", "addresses", "is_active", "snippet"] if obj else ["name", "addresses"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["snippet"] if obj else []

    def save_model(self, request: HttpRequest, obj: Website, form: WebsiteForm, change: bool) -> None:
        origins = form.cleaned_data["addresses"]
        if change:
            obj.origins = origins
            super().save_model(request, obj, form, change)
        else:
            made = add_website(request.organisation, obj.name, origins)  # type: ignore[attr-defined]
            obj.pk, obj.key = made.pk, made.key

    def response_add(self, request: HttpRequest, obj: Website, post_url_continue: str | None = None) -> HttpResponse:
        """To the line of code."""
        messages.success(request, gettext("Added. Now put the line of code below on its pages."))
        return HttpResponseRedirect(
            reverse("admin:tenants_website_change", args=[obj.pk], current_app=self.admin_site.name)
        )

    @admin.display(description=_("addresses"))
    def shown_addresses(self, obj: Website) -> SafeString:
        return format_html_join(SafeString("<br>"), "{}", ((origin,) for origin in obj.origins))

    @display(description=_("widget"), ordering="is_active", label={"on": "success", "off": ""})
    def shown_state(self, obj: Website) -> tuple[str, str]:
        return ("on", gettext("appears")) if obj.is_active else ("off", gettext("switched off"))

    @admin.display(description=_("line of code"))
    def snippet(self, obj: Website) -> SafeString:
        """What stands on the website's pages. One query."""
        origin = organisation_origin(organisation_ref(obj.organisation))
        line = f'<script async src="{origin}/widget/loader.js" data-website="{obj.key}"></script>'
        return format_html(
            '<span class="snippet"><code id="snippet" dir="ltr">{}</code>'
            '<button type="button" class="button-other" data-copy="snippet" data-done="{}" hidden>{}</button></span>'
            '<span class="snippet-help">{}</span>',
            line,
            gettext("Copied"),
            gettext("Copy"),
            gettext(
                "It stands once, before </body>, on every page on which the widget shall appear. A website with a"
                " content security policy has to allow scripts and frames from this host."
            ),
        )
