"""Organisations, accounts, figures and the audit trail on the platform's site; the own organisation on its own."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field, Model, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from tenants import admin_figures, admin_hours, admin_privacy, admin_websites  # noqa: F401 (they register their pages)
from tenants.admin_site import (
    BlocksInside,
    OrganisationSite,
    Page,
    PlatformSite,
    RowsInside,
    organisation_site,
    platform_site,
)
from tenants.calendars import hours_changed, interval_text, problems_of
from tenants.hosts import forget_hosts
from tenants.hours import Interval
from tenants.models import (
    AuditRecord,
    CalendarKind,
    Domain,
    Membership,
    OpeningHours,
    Organisation,
    OrganisationText,
    StaffRole,
    User,
    Website,
)
from tenants.services import schema_name_for
from tenants.tasks import provision_organisation

LISTS = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}


class OrganisationForm(forms.ModelForm):
    """Languages are codes that the platform's screens speak; the first is what others fall back to."""

    def clean_languages(self) -> list[str]:
        known = dict(settings.LANGUAGES)
        languages = list(dict.fromkeys(code.strip() for code in self.cleaned_data["languages"]))
        unknown = [code for code in languages if code not in known]
        if unknown or not languages:
            raise ValidationError(
                _("Use language codes separated by commas, the most important first: %(known)s.")
                % {"known": ", ".join(known)}
            )
        return languages


class DomainForm(forms.ModelForm):
    """A host belongs to one organisation, and never to the desk or a sample page."""

    def clean_domain(self) -> str:
        host = str(self.cleaned_data["domain"]).strip().lower().rstrip(".")
        if host == settings.DESK_HOST or host in settings.DEMO_HOSTS:
            raise ValidationError(_("This host is used by the platform itself."))
        if ":" in host or "/" in host:
            raise ValidationError(_("Only the host's name: no scheme, port or path."))
        return host


class DomainRows(RowsInside):
    model = Domain
    form = DomainForm
    fields = ["domain", "is_primary"]
    can_add = can_change = can_delete = True
    min_num = 1

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, validate_min=True, **kwargs)


class WebsiteRows(RowsInside):
    model = Website
    fields = ["key", "name", "origins", "is_active"]
    formfield_overrides = LISTS
    can_add = can_change = True


class WeekForms(BaseInlineFormSet):
    """A week's intervals do not overlap, each calendar for itself."""

    def clean(self) -> None:
        super().clean()
        for kind in CalendarKind.values:
            rows = [
                Interval(row["weekday"], row["opens"], row["closes"])
                for row in (form.cleaned_data for form in self.forms)
                if row.get("calendar") == kind
                and {"weekday", "opens", "closes"} <= row.keys()
                and not row.get("DELETE")
            ]
            problems = problems_of(rows, repeats=True)
            if problems:
                position, problem = next(iter(problems.items()))
                raise ValidationError(f"{interval_text(rows[position], with_day=True)}: {problem}")


class HoursRows(RowsInside):
    model = OpeningHours
    formset = WeekForms
    fields = ["calendar", "weekday", "opens", "closes"]
    can_add = can_change = can_delete = True
    verbose_name_plural = _("opening hours (a closing time at or before the opening time is the next day)")


class TextBlocks(BlocksInside):
    model = OrganisationText
    fields = ["language", "greeting", "goodbye"]
    can_add = can_change = can_delete = True


class PostableFields:
    """How some fields of an organisation are asked for."""

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "colour":
            kwargs["widget"] = UnfoldAdminColorInputWidget
        if db_field.name == "time_zone":
            kwargs["widget"] = UnfoldAdminSelectWidget(choices=[(zone, zone) for zone in sorted(available_timezones())])
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


@admin.register(Organisation, site=platform_site)
class OrganisationPage(PostableFields, Page):
    """A new client: its rows at once, its schema by a task a moment later. Clients are archived, never deleted here."""

    form = OrganisationForm
    group = PlatformSite.CLIENTS
    icon = "storefront"
    can_add = can_change = True
    formfield_overrides = LISTS
    list_display = ["name", "slug", "shown_state", "hosts", "time_zone", "spoken"]
    list_filter = ["state", "kind"]
    search_fields = ["name", "slug"]
    inlines = [DomainRows, WebsiteRows, HoursRows, TextBlocks]
    empty_text = _("Add your first client: its name, its host and its websites. It can be used within a minute.")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        identity = ["name", "slug", "kind", "colour"] + (["state"] if obj else [])
        return [
            (None, {"fields": identity}),
            (_("Place and language"), {"fields": ["time_zone", "languages"]}),
            (_("Promises"), {"fields": ["first_reply_seconds", "follow_up_seconds", "warn_percent"]}),
            (_("Specialists"), {"fields": ["specialist_accept_minutes", "specialist_answer_minutes"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        return ["slug", "kind"] + (["state"] if obj.state == Organisation.State.PROVISIONING else [])

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "state":
            kwargs["choices"] = [
                choice for choice in Organisation.State.choices if choice[0] != Organisation.State.PROVISIONING
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Organisation, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.schema_name = schema_name_for(obj.slug)
            # Beat finds what a lost message leaves behind, so a broker that is down must not fail the page.
            slug = obj.slug
            transaction.on_commit(lambda: provision_organisation.delay(slug), robust=True)
        super().save_model(request, obj, form, change)
        transaction.on_commit(forget_hosts)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        hours_changed(form.instance.pk)

    def audited_organisation(self, request: HttpRequest, obj: Model) -> Any:
        return obj.pk

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("domains")

    @display(
        description=_("state"), ordering="state", label={"active": "success", "provisioning": "info", "archived": ""}
    )
    def shown_state(self, obj: Organisation) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @admin.display(description=_("hosts"))
    def hosts(self, obj: Organisation) -> str:
        return ", ".join(sorted(domain.domain for domain in obj.domains.all()))

    @admin.display(description=_("languages"))
    def spoken(self, obj: Organisation) -> str:
        return ", ".join(obj.languages)


@admin.register(Organisation, site=organisation_site)
class OwnOrganisationPage(Page):
    """Texts, and what was agreed with the platform. One organisation, so the list goes straight to it."""

    group = OrganisationSite.SETTINGS
    icon = "chat"
    menu_title = _("texts and promises")
    is_one_row = True
    can_change = True
    fields = ["name", "time_zone", "spoken", "promises"]
    readonly_fields = ["name", "time_zone", "spoken", "promises"]
    inlines = [TextBlocks]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(pk=request.organisation.id)  # type: ignore[attr-defined]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        organisation_id = request.organisation.id  # type: ignore[attr-defined]
        return HttpResponseRedirect(
            reverse("admin:tenants_organisation_change", args=[organisation_id], current_app=self.admin_site.name)
        )

    @admin.display(description=_("languages"))
    def spoken(self, obj: Organisation) -> str:
        return ", ".join(obj.languages)

    @admin.display(description=_("what is promised to visitors"))
    def promises(self, obj: Organisation) -> str:
        return gettext("A first reply within %(first)s s, every following one within %(following)s s.") % {
            "first": obj.first_reply_seconds,
            "following": obj.follow_up_seconds,
        }


class NewAccountForm(UserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class AccountForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["email", "name", "is_active"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class MembershipRows(RowsInside):
    model = Membership
    fields = ["organisation", "role"]
    can_add = can_change = can_delete = True


class StaffRoleRows(RowsInside):
    model = StaffRole
    fields = ["role"]
    can_add = can_change = can_delete = True


@admin.register(User, site=platform_site)
class AccountPage(Page, UserAdmin):  # type: ignore[misc]
    """Accounts grant nothing by themselves: roles do, and taking one away works at once. Accounts are switched off, not
    deleted: what they did keeps pointing at them."""

    group = PlatformSite.PEOPLE
    icon = "person"
    can_add = can_change = True
    form = AccountForm
    add_form = NewAccountForm
    change_password_form = AdminPasswordChangeForm
    add_form_template = None
    list_display = ["email", "name", "roles", "is_active"]
    list_filter = ["is_active", "staff_roles__role", "memberships__organisation"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    filter_horizontal = []
    fieldsets = [(None, {"fields": ["email", "name", "is_active"]})]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2"]})]
    inlines = [StaffRoleRows, MembershipRows]
    change_form_after_template = "admin/account_password.html"

    def get_inline_instances(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return super().get_inline_instances(request, obj) if obj else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("staff_roles", "memberships__organisation")

    @admin.display(description=_("roles"))
    def roles(self, obj: User) -> str:
        staff = [role.get_role_display() for role in obj.staff_roles.all()]
        members = [f"{row.get_role_display()} ({row.organisation})" for row in obj.memberships.all()]
        return ", ".join([*staff, *members]) or "–"


@admin.register(AuditRecord, site=platform_site)
class AuditPage(Page):
    """Who did what to which id."""

    group = PlatformSite.RECORDS
    icon = "history"
    list_display = ["at", "organisation", "actor", "action", "subject_id"]
    list_filter = ["action", "organisation"]
    list_select_related = ["organisation"]
    date_hierarchy = "at"
    fields = ["at", "organisation", "actor", "action", "subject_id"]
    readonly_fields = ["actor"]

    @admin.display(description=_("actor"))
    def actor(self, obj: AuditRecord) -> str:
        return str(obj.actor_id) if obj.actor_id else gettext("the platform itself")
