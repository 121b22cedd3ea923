"""Operators and the organisations they answer for, on the platform's site."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.text import capfirst, format_lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from operators.forms import ShiftExceptionForm, ShiftForm, ShiftFormSet
from operators.models import (
    AlertKind,
    AlertRule,
    ClientCard,
    KindWeight,
    Operator,
    Posting,
    Shift,
    ShiftException,
)
from tenants.admin_site import Page, PlatformSite, RowsInside, platform_site

LISTS = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}


class PostingRows(RowsInside):
    """Being trained is nobody's tick here: the operator confirms the client's card at the desk."""

    model = Posting
    fields = ["organisation", "level", "languages", "topics", "trained", "confirmed"]
    readonly_fields = ["trained", "confirmed"]
    formfield_overrides = LISTS
    can_add = can_change = can_delete = True
    verbose_name = _("organisation")
    verbose_name_plural = _(
        "answers for these organisations (languages and topics separated by commas, empty for all; trained once the"
        " client's card is confirmed at the desk)"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        newest = ClientCard.objects.filter(organisation=OuterRef("organisation")).order_by("-version")
        return super().get_queryset(request).annotate(newest=Subquery(newest.values("version")[:1]))

    @admin.display(description=_("trained since"))
    def trained(self, obj: Posting) -> str:
        return date_format(localtime(obj.trained_at), "DATE_FORMAT") if obj.trained_at else "–"

    @admin.display(description=_("confirmed card"))
    def confirmed(self, obj: Posting) -> str:
        newest = getattr(obj, "newest", None)
        if newest is None:
            return gettext("no card to confirm")
        if obj.confirmed_version is None:
            return gettext("not yet (newest: %(newest)s)") % {"newest": newest}
        if obj.confirmed_version == newest:
            return str(newest)
        return gettext("%(confirmed)s (newest: %(newest)s)") % {"confirmed": obj.confirmed_version, "newest": newest}


class ShiftRows(RowsInside):
    model = Shift
    form = ShiftForm
    formset = ShiftFormSet
    fields = ["weekday", "starts", "ends", "valid_from", "valid_until"]
    can_add = can_change = can_delete = True
    verbose_name_plural = format_lazy(
        _("weekly shifts ({zone}; an end at or before the start is the next day)"), zone=settings.PLATFORM_TIME_ZONE
    )


class ShiftExceptionRows(RowsInside):
    model = ShiftException
    form = ShiftExceptionForm
    fields = ["date", "kind", "starts", "ends", "label"]
    can_add = can_change = can_delete = True
    verbose_name_plural = _("days that differ (an absence without hours takes away all shifts that start on that date)")


@admin.register(Operator, site=platform_site)
class OperatorPage(Page):
    """Who answers for whom, in which languages, and how many conversations at once."""

    group = PlatformSite.PEOPLE
    position = 1
    icon = "support_agent"
    can_add = can_change = True
    formfield_overrides = LISTS
    list_display = ["name", "account", "spoken", "capacity", "organisations"]
    search_fields = ["name", "user__email"]
    autocomplete_fields = ["user"]
    inlines = [PostingRows, ShiftRows, ShiftExceptionRows]
    empty_text = _("Add an account with the operator role first, then say here what it answers for.")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["user", "name", "languages", "capacity"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["user"] if obj else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user").prefetch_related("postings__organisation")

    @admin.display(description=_("account"), ordering="user__email")
    def account(self, obj: Operator) -> str:
        return obj.user.email

    @admin.display(description=_("languages"))
    def spoken(self, obj: Operator) -> str:
        return ", ".join(obj.languages)

    @admin.display(description=_("organisations"))
    def organisations(self, obj: Operator) -> str:
        return ", ".join(str(posting.organisation) for posting in obj.postings.all()) or "–"


@admin.register(KindWeight, site=platform_site)
class KindWeightPage(Page):
    """How much of a place each kind of conversation takes. What is in hand keeps the weight it began with."""

    group = PlatformSite.PEOPLE
    position = 3
    icon = "scale"
    can_add = can_change = can_delete = True
    list_display = ["kind", "weight"]
    fields = ["kind", "weight"]
    empty_text = _("Every conversation takes one place. Say here which kinds take more or less.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["kind"] if obj else []


@admin.register(AlertRule, site=platform_site)
class AlertRulePage(Page):
    """From when on supervisors are told. A client's own rule replaces the general one of its kind, so switching it off
    is switching off that alert for that client."""

    group = PlatformSite.PEOPLE
    position = 4
    icon = "notifications_active"
    can_add = can_change = True
    list_display = ["watched", "client", "threshold", "by_mail", "is_active"]
    list_filter = ["kind"]
    empty_text = _("The general rules appear with the first look of a sweep.")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["kind", "organisation", "threshold", "by_mail", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["kind", "organisation"] if obj else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "kind" in form.base_fields:
            # An operator who vanished is everybody's: there is no client's own rule for that.
            form.base_fields["kind"].choices = [one for one in AlertKind.choices if one[0] != AlertKind.OPERATOR_GONE]
            form.base_fields["organisation"].required = True
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("organisation").order_by("kind", "organisation__name")

    def title_of(self, obj: AlertRule) -> str:
        return f"{capfirst(self.watched(obj))} · {self.client(obj)}"

    @admin.display(description=_("what is watched"), ordering="kind")
    def watched(self, rule: AlertRule) -> str:
        return rule.get_kind_display()

    @admin.display(description=_("organisation"), ordering="organisation__name")
    def client(self, rule: AlertRule) -> str:
        return rule.organisation.name if rule.organisation else str(_("all others"))
