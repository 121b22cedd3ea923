"""Operators and the organisations they answer for, on the platform's site."""

from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from operators.models import Operator, Posting
from tenants.admin_site import Page, PlatformSite, RowsInside, platform_site


class PostingRows(RowsInside):
    model = Posting
    fields = ["organisation"]
    can_add = can_change = can_delete = True
    verbose_name = _("organisation")
    verbose_name_plural = _("answers for these organisations")


@admin.register(Operator, site=platform_site)
class OperatorPage(Page):
    """Who answers for whom, in which languages, and how many conversations at once."""

    group = PlatformSite.PEOPLE
    position = 1
    icon = "support_agent"
    can_add = can_change = True
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}
    list_display = ["name", "account", "spoken", "capacity", "organisations"]
    search_fields = ["name", "user__email"]
    autocomplete_fields = ["user"]
    inlines = [PostingRows]
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
