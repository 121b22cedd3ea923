"""All clients' figures on the platform's site: numbers only, each beside what it is a share of."""

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from tenants.admin_site import Page, PlatformSite, platform_site
from tenants.models import ReportFigures
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

    def title_of(self, obj: ReportFigures) -> str:
        return f"{obj.organisation} · {date_format(obj.starts_on)}"

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
