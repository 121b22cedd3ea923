"""The two admin sites and what every page on them shares: who may see it, what is logged, where it stands in the menu.

``platform_site`` lives on the desk's host and is for platform administrators; ``organisation_site`` lives on each
organisation's hosts and is for that organisation's managers. Permission comes from :func:`tenants.access.request_roles`
alone: ``is_staff``, groups and superuser grant nothing. Whoever lacks the role is answered like a stranger.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.db.models import Field, Model, QuerySet, TextField, TimeField
from django.forms import BaseModelForm, BaseModelFormSet, TimeInput
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.sites import UnfoldAdminSite
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from tenants.access import request_roles
from tenants.admin_crumbs import TitledRows, crumbs
from tenants.hosts import HostKind
from tenants.models import Membership, StaffRole
from tenants.services import record_audit

Label = str | LazyText

# The desk's greys and its petrol, as unfold's scales: 600 carries white text, 500 stands on dark paper.
GREYS = {
    "50": "#f6f8f7",
    "100": "#eef1f0",
    "200": "#dce2e0",
    "300": "#c3ccca",
    "400": "#93a09d",
    "500": "#64726f",
    "600": "#4a5855",
    "700": "#374341",
    "800": "#222c2b",
    "900": "#141b1a",
    "950": "#0d1211",
}
PETROL = {
    "50": "#eefaf8",
    "100": "#d7f1ee",
    "200": "#b2e3de",
    "300": "#83d0c9",
    "400": "#4fb5ad",
    "500": "#3fa39b",
    "600": "#0b6663",
    "700": "#0a5654",
    "800": "#084543",
    "900": "#063836",
    "950": "#042524",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    """A page of a site that is no table: under ``route``, called ``admin:name``, and in the menu if it has a title."""

    name: str
    route: str
    view: Callable[..., HttpResponseBase]
    title: Label = ""
    icon: str = ""
    group: Label = ""
    position: int = 0


class HostSite(UnfoldAdminSite):
    """An admin site that exists on one kind of host, for one role there."""

    host_kind: ClassVar[HostKind]
    role: ClassVar[str]
    groups: ClassVar[tuple[Label, ...]]
    login_path = "/login/"
    enable_nav_sidebar = True

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.index_context: Callable[[HttpRequest], dict[str, Any]] | None = None
        self._pages: list[SitePage] = []
        self.disable_action("delete_selected")

    def has_permission(self, request: HttpRequest) -> bool:
        return request.host.kind is self.host_kind and self.role in request_roles(request)  # type: ignore[attr-defined]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Whoever may not see the site is sent to log in, whether the address exists or not."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                return redirect_to_login(request.get_full_path(), self.login_path)
            with timezone.override(self.time_zone(request)):
                response: HttpResponse = inner(request, *args, **kwargs)
                if not isinstance(response, TemplateResponse):
                    return response
                request.crumbs = crumbs(request.path, response.context_data or {})  # type: ignore[attr-defined]
                return response.render()

        return guarded

    def get_urls(self) -> list[URLPattern]:
        """Without "view on site": it would tell which ids exist in tables that this site does not show."""
        own = [path(page.route, self.admin_view(page.view), name=page.name) for page in self._pages]
        return own + [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "view_on_site"]

    def add_page(self, page: SitePage) -> None:
        """Guarded as every page of the site is."""
        self._pages.append(page)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one log-in page per host, and this is not it."""
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
        return redirect_to_login(reverse("admin:index", current_app=self.name), self.login_path)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Off: it caches what it found by account, and one account may have a role on several hosts."""
        raise Http404

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> Any:
        """None: the menu groups pages by what they are for, not by the code's parts."""
        raise Http404

    def get_log_entries(self, request: HttpRequest) -> QuerySet[LogEntry]:
        """None beside the pages: the log spans all organisations. Each row's own history shows its part."""
        return LogEntry.objects.none()

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        more = self.index_context(request) if self.index_context else {}
        return super().index(request, {**more, **(extra_context or {})})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        context["colors"] = {**context["colors"], "base": GREYS, "primary": PETROL}
        context.update(
            site_url=None,
            site_title=self.place(request),
            site_header=self.place(request),
            site_subheader=self.site_header,
            site_icon=static("desk/mark.svg"),
            site_favicons=[{"rel": "icon", "href": static("desk/mark.svg"), "type": "image/svg+xml"}],
            styles=[
                static(f"admin_site/{name}.css")
                for name in (
                    "look",
                    "hours",
                    "knowledge",
                    "gaps",
                    "asking",
                    "follow_ups",
                    "platform",
                    "why",
                    "overview",
                    "own",
                )
            ],
            border_radius="8px",
            show_languages=True,
            languages_action=reverse("language"),
            show_back_button=True,
        )
        return context

    def place(self, request: HttpRequest) -> str:
        """What this host is called."""
        raise NotImplementedError

    def time_zone(self, request: HttpRequest) -> ZoneInfo:
        """In which times are shown and asked for."""
        return ZoneInfo(settings.TIME_ZONE)

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The menu: the front page, then every table and page under its group, by position."""
        front = [self._item(request, _("Overview"), "space_dashboard", reverse("admin:index", current_app=self.name))]
        groups: list[dict[str, Any]] = [{"title": None, "items": front}]
        for title in self.groups:
            places = [
                (
                    table.position,
                    table.place,
                    table.icon,
                    f"{table.opts.app_label}_{table.opts.model_name}_changelist",
                )
                for table in self._registry.values()
                if getattr(table, "group", None) == title
            ]
            places += [
                (one.position, capfirst(str(one.title)), one.icon, one.name)
                for one in self._pages
                if one.group == title
            ]
            places.sort(key=lambda place: place[0])
            items = [
                self._item(request, name, icon, reverse(f"admin:{address}", current_app=self.name))
                for _position, name, icon, address in places
            ]
            groups.append({"title": title, "items": items})
        return groups

    def _item(self, request: HttpRequest, title: Label, icon: str, link: str) -> dict[str, Any]:
        active = self._get_is_active(request, link)
        return {"title": title, "icon": icon, "link": link, "active": active, "has_permission": True}


class PlatformSite(HostSite):
    """The outsourcing company's own pages, on the desk's host. It shows no table of an organisation's schema."""

    host_kind = HostKind.DESK
    role = StaffRole.Role.PLATFORM_ADMIN.value
    site_header = _("Administration")
    index_title = _("All clients")
    index_template = "admin/platform_index.html"
    CLIENTS, PEOPLE, RECORDS = _("Clients"), _("People"), _("Records")
    groups = (CLIENTS, PEOPLE, RECORDS)

    def place(self, request: HttpRequest) -> str:
        return str(_("The platform"))


class OrganisationSite(HostSite):
    """What an organisation's managers read and keep, on its own hosts."""

    host_kind = HostKind.ORGANISATION
    role = Membership.Role.MANAGER.value
    site_header = _("Your visitors, your figures")
    index_title = _("How your visitors were served")
    index_template = "admin/organisation_index.html"
    FIGURES, VISITORS, KNOWLEDGE, SETTINGS = _("Figures"), _("Visitors"), _("Knowledge"), _("Settings")
    groups = (FIGURES, VISITORS, KNOWLEDGE, SETTINGS)

    def place(self, request: HttpRequest) -> str:
        return str(request.organisation.name)  # type: ignore[attr-defined]

    def time_zone(self, request: HttpRequest) -> ZoneInfo:
        return ZoneInfo(request.organisation.time_zone)  # type: ignore[attr-defined]


platform_site = PlatformSite("platform")
organisation_site = OrganisationSite("organisation")


class GuardedPage:
    """Permission of a page or of rows inside a page: the site's, and only what the page says can be done at all."""

    can_add = False
    can_change = False
    can_delete = False
    admin_site: Any

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.can_add and self.has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.can_change and self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.can_delete and self.has_view_permission(request, obj)


class Page(GuardedPage, TitledRows, ModelAdmin):
    """A table on one of the sites. ``group`` and ``position`` place it in the menu; ``empty_text`` teaches.

    What is done here is logged and audited by ids and field names, never by a text (rule 16).
    """

    group: ClassVar[Label]
    position: ClassVar[int] = 0
    icon: ClassVar[str] = "table_rows"
    empty_title: ClassVar[Label] = _("Nothing here yet")
    empty_text: ClassVar[Label] = ""
    change_list_template = "admin/page_list.html"
    list_per_page = 50
    list_filter_sheet = False
    actions_on_bottom = False

    def audited_organisation(self, request: HttpRequest, obj: Model) -> UUID | None:
        """Whose row this is: the host's organisation, or the row's own on the platform's site."""
        if request.organisation is not None:  # type: ignore[attr-defined]
            return UUID(str(request.organisation.id))  # type: ignore[attr-defined]
        return getattr(obj, "organisation_id", None)

    def construct_change_message(
        self, request: HttpRequest, form: BaseModelForm, formsets: Iterable[BaseModelFormSet] | None, add: bool = False
    ) -> list[dict[str, Any]]:
        """Field names and ids; Django's own would quote rows inside the page by their text."""
        message: list[dict[str, Any]] = []
        if add:
            message.append({"added": {}})
        elif form.changed_data:
            message.append({"changed": {"fields": list(form.changed_data)}})
        for formset in formsets or []:
            for row in formset.new_objects:
                message.append({"added": _row_named(row)})
            for row, fields in formset.changed_objects:
                message.append({"changed": {**_row_named(row), "fields": list(fields)}})
            for row in formset.deleted_objects:
                message.append({"deleted": _row_named(row)})
        return message

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        return self._log(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        return self._log(request, obj, CHANGE, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> list[LogEntry]:
        return [self._log(request, obj, DELETION, []) for obj in queryset]

    def _log(self, request: HttpRequest, obj: Model, flag: int, message: Any) -> LogEntry:
        done = {ADDITION: "added", CHANGE: "changed", DELETION: "deleted"}[flag]
        record_audit(
            self.audited_organisation(request, obj),
            request.user.pk,
            f"{self.opts.model_name}.{done}",
            str(obj.pk),
        )
        return LogEntry.objects.create(
            user_id=str(request.user.pk),
            content_type=ContentType.objects.get_for_model(obj, for_concrete_model=False),
            object_id=str(obj.pk),
            object_repr=str(obj.pk),
            action_flag=flag,
            change_message=json.dumps(message) if message else "",
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        teaching = {"empty_title": self.empty_title, "empty_text": self.empty_text}
        response: HttpResponse = super().changelist_view(request, {**teaching, **(extra_context or {})})
        return response


class AskedPlainly:
    """How some fields are asked for: a language from the list, a wall-clock time without a note on the server's."""

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "language":
            kwargs["widget"] = UnfoldAdminSelectWidget(choices=[("", "–"), *settings.LANGUAGES])
        elif isinstance(db_field, TimeField):
            kwargs["widget"] = TimeInput(attrs={"type": "time", "class": " ".join(INPUT_CLASSES)}, format="%H:%M")
        elif isinstance(db_field, TextField):
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 3})
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class RowsInside(AskedPlainly, GuardedPage, TabularInline):
    """Rows edited as a table inside their parent's page."""

    extra = 0
    hide_title = True


class BlocksInside(AskedPlainly, GuardedPage, StackedInline):
    """Rows edited one below another inside their parent's page."""

    extra = 0


def _row_named(row: Model) -> dict[str, str]:
    return {"name": str(row._meta.verbose_name), "object": str(row.pk)}
