"""Lists of figures show one kind of period at a time: days, until somebody asks for weeks or months."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tenants.models import PeriodKind


class PeriodFilter(admin.SimpleListFilter):
    """For models with a ``period_kind``."""

    title = _("period")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(PeriodKind.WEEK.value, _("weeks")), (PeriodKind.MONTH.value, _("months"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *others = super().choices(changelist)
        yield {**everything, "display": _("days")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(period_kind=self.value() or PeriodKind.DAY)
