"""The outsourcer's pages on the platform's site: all clients, their trends, the desk. Only sums, never a text."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ratings.documents.sheet import FILES
from ratings.periods import span_of, title
from ratings.platform_view import capacity
from ratings.platform_view.clients import BY_NAME, MEASURES, SideBySide, newest_span, sheet_of, side_by_side, span_asked
from tenants.admin_site import PlatformSite, SitePage, platform_site
from tenants.headers import download_bytes
from tenants.models import PeriodKind
from tenants.services import record_audit

PERIODS = {PeriodKind.DAY: _("Day"), PeriodKind.WEEK: _("Week"), PeriodKind.MONTH: _("Month")}


def front_page(request: HttpRequest) -> dict[str, Any]:
    """All clients side by side, of the period and in the order that the link names. Four queries."""
    shown = _asked(request)
    kind, span = shown.span.kind, shown.span
    newest = newest_span(kind)
    later = span_of(kind, span.last + timedelta(days=1))
    return {
        "shown": shown,
        "period_title": title(span),
        "before_title": title(shown.before),
        "periods": [(label, _link(period, None, shown), period == kind) for period, label in PERIODS.items()],
        "earlier": _link(kind, shown.before.first.isoformat(), shown),
        "later": _link(kind, later.first.isoformat(), shown) if later.first <= newest.first else "",
        "newest": newest,
        "columns": [(BY_NAME, _("Client"), *_sorted_by(BY_NAME, shown))]
        + [(measure.name, measure.label, *_sorted_by(measure.name, shown)) for measure in MEASURES],
        "files": [(one.label, ending) for ending, one in FILES.items()],
        "here": _link(kind, span.first.isoformat(), shown),
        "platform_zone": settings.PLATFORM_TIME_ZONE,
    }


def _asked(request: HttpRequest) -> SideBySide:
    span = span_asked(request.GET.get("period", ""), request.GET.get("day", ""))
    sort = request.GET.get("sort", BY_NAME)
    return side_by_side(span, sort, is_descending=request.GET.get("order") == "down")


def _link(kind: str, day: str | None, shown: SideBySide, **changes: str) -> str:
    """A link to this page that keeps what is not changed."""
    kept = {"period": str(kind), "sort": shown.sort, "order": "down" if shown.is_descending else "up", **changes}
    return f"?{urlencode({**kept, 'day': day} if day else kept)}"


def _sorted_by(column: str, shown: SideBySide) -> tuple[str, str]:
    """(what the column's heading links to, its ``aria-sort``). Numbers begin with the largest."""
    is_here = shown.sort == column
    down = not shown.is_descending if is_here else column != BY_NAME
    link = _link(shown.span.kind, shown.span.first.isoformat(), shown, sort=column, order="down" if down else "up")
    return link, ("descending" if shown.is_descending else "ascending") if is_here else "none"


def clients_file(request: HttpRequest, ending: str) -> HttpResponse:
    """What the page shows under the same link, as a file. Audited: it leaves the house."""
    if ending not in FILES:
        raise Http404
    shown = _asked(request)
    content = FILES[ending].write(sheet_of(shown))
    record_audit(None, request.user.pk, "clients.downloaded", f"{shown.span.kind} {shown.span.first}")
    name = f"clients-{shown.span.kind}-{shown.span.first}.{ending}"
    return download_bytes(content, FILES[ending].content_type, name)


def trends_page(request: HttpRequest) -> HttpResponse:
    """Each client's twelve weeks, worst first. Three queries."""
    from ratings.platform_view.drawing import small_multiples  # scipy: not before somebody looks at trends
    from ratings.platform_view.trends import client_trends

    context = {
        **platform_site.each_context(request),
        "title": gettext("Quality trends"),
        "clients": small_multiples(client_trends()),
    }
    return TemplateResponse(request, "ratings/platform_trends.html", context)


def capacity_page(request: HttpRequest) -> HttpResponse:
    """A week of the desk by weekday and half hour. Three queries."""
    week = _week_asked(request)
    newest = capacity.newest_week()
    later = week.first + timedelta(weeks=1)
    context = {
        **platform_site.each_context(request),
        "title": gettext("Capacity"),
        "week": week,
        "week_title": title(span_of(PeriodKind.WEEK, week.first)),
        "earlier": _week_link(week.first - timedelta(weeks=1), week.measure.name),
        "later": _week_link(later, week.measure.name) if later <= newest else "",
        "here": _week_link(week.first, week.measure.name),
        "measures": [
            (capfirst(str(one.label)), _week_link(week.first, one.name), one == week.measure)
            for one in capacity.MEASURES
        ],
        "files": [(one.label, ending) for ending, one in FILES.items()],
        "platform_zone": settings.PLATFORM_TIME_ZONE,
    }
    return TemplateResponse(request, "ratings/platform_capacity.html", context)


def capacity_file(request: HttpRequest, ending: str) -> HttpResponse:
    """The week that the link names, half hour by half hour."""
    if ending not in FILES:
        raise Http404
    week = _week_asked(request)
    content = FILES[ending].write(capacity.sheet_of(week))
    record_audit(None, request.user.pk, "capacity.downloaded", f"week {week.first}")
    return download_bytes(content, FILES[ending].content_type, f"capacity-week-{week.first}.{ending}")


def _week_asked(request: HttpRequest) -> capacity.Week:
    """What the link names; this week, and conversations, where it names nothing there is."""
    named = request.GET.get("show", "")
    measure = next((one for one in capacity.MEASURES if one.name == named), capacity.MEASURES[0])
    return capacity.week_of_desk(capacity.week_asked(request.GET.get("week", "")), measure)


def _week_link(monday: date, measure: str) -> str:
    return f"?{urlencode({'week': monday.isoformat(), 'show': measure})}"


platform_site.index_context = front_page
platform_site.add_page(
    SitePage(
        name="platform_trends",
        route="trends/",
        view=trends_page,
        title=_("quality trends"),
        icon="trending_up",
        group=PlatformSite.CLIENTS,
        position=2,
    )
)
platform_site.add_page(
    SitePage(
        name="platform_capacity",
        route="capacity/",
        view=capacity_page,
        title=_("capacity"),
        icon="grid_on",
        group=PlatformSite.CLIENTS,
        position=2,
    )
)
platform_site.add_page(SitePage(name="platform_capacity_file", route="capacity/file.<slug:ending>", view=capacity_file))
platform_site.add_page(SitePage(name="platform_clients_file", route="clients/file.<slug:ending>", view=clients_file))
