"""All clients' figures on the platform's site: numbers only, each beside what it is a share of."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tenants.admin_site import Page, PlatformSite, platform_site
from tenants.clock import platform_now
from tenants.models import Organisation, PeriodKind, ReportFigures
from tenants.period_filter import PeriodFilter
from tenants.shares import mean_text, share_text


@admin.register(ReportFigures, site=platform_site)
class ReportFiguresPage(Page):
    """Every client's nightly figures side by side: numbers only."""

    group = PlatformSite.CLIENTS
    position = 1
    icon = "monitoring"
    menu_title = _("figures of all clients")
    list_display = ["starts_on", "organisation", "conversations", "first_kept", "follow_kept", "response", "mean_mark"]
    list_filter = [PeriodFilter, "organisation"]
    list_select_related = ["organisation"]
    date_hierarchy = "starts_on"
    fields = [
        "organisation", "period_kind", "starts_on", "version", "built_at", "conversations", "first_kept", "follow_kept",
        "response", "mean_mark",
    ]  # fmt: skip
    readonly_fields = ["conversations", "first_kept", "follow_kept", "response", "mean_mark"]
    empty_text = _("Each night, every client's figures of the day before arrive here.")

    @admin.display(description=_("conversations"))
    def conversations(self, obj: ReportFigures) -> int:
        return int(obj.figures["conversations"])

    @admin.display(description=_("first replies in time"))
    def first_kept(self, obj: ReportFigures) -> str:
        return share_text(obj.figures["first_replies_kept"], obj.figures["first_replies"])

    @admin.display(description=_("following replies in time"))
    def follow_kept(self, obj: ReportFigures) -> str:
        return share_text(obj.figures["follow_ups_kept"], obj.figures["follow_ups"])

    @admin.display(description=_("gave a mark"))
    def response(self, obj: ReportFigures) -> str:
        return share_text(obj.figures["ratings_given"], obj.figures["ratings_asked"])

    @admin.display(description=_("mean mark"))
    def mean_mark(self, obj: ReportFigures) -> str:
        return mean_text(obj.figures["mark_sum"], obj.figures["ratings_given"])


def clients_on_index(request: HttpRequest) -> dict[str, Any]:
    """Each client with its latest figures of the last two weeks, for the platform's front page. Three queries."""
    since = platform_now().date() - timedelta(days=14)
    recent = ReportFigures.objects.filter(period_kind=PeriodKind.DAY, starts_on__gte=since)
    latest = {
        row.organisation_id: row for row in recent.order_by("organisation_id", "-starts_on").distinct("organisation_id")
    }
    clients = Organisation.objects.filter(~Q(state=Organisation.State.ARCHIVED), kind=Organisation.Kind.CLIENT)
    return {"clients": [(client, _summary(latest.get(client.pk))) for client in clients]}


def _summary(row: ReportFigures | None) -> dict[str, Any] | None:
    if row is None:
        return None
    figures = row.figures
    return {
        "day": row.starts_on,
        "conversations": figures["conversations"],
        "first": share_text(figures["first_replies_kept"], figures["first_replies"]),
        "following": share_text(figures["follow_ups_kept"], figures["follow_ups"]),
        "response": share_text(figures["ratings_given"], figures["ratings_asked"]),
        "mark": mean_text(figures["mark_sum"], figures["ratings_given"]),
    }


platform_site.index_context = clients_on_index
