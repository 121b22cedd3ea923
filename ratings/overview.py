"""What a manager sees first: yesterday, the last 30 days, and what visitors said. Inside the organisation's schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from conversations.models import ContactRequest
from ratings.models import Rating, Report
from ratings.reports import figures_for_days
from ratings.selectors import local_today
from tenants.context import OrganisationRef

PERIOD_DAYS = 30
LATEST_COMMENTS = 6
# Units of the drawing; the page stretches it.
CHART_HEIGHT = 100
BAR_PITCH = 20
BAR_WIDTH = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Sums of the current daily reports from ``first`` to ``last``. Waits in seconds, exact over the whole period."""

    first: date
    last: date
    reports: int
    conversations: int = 0
    contact_requests: int = 0
    first_replies: int = 0
    first_replies_kept: int = 0
    follow_ups: int = 0
    follow_ups_kept: int = 0
    ratings_asked: int = 0
    ratings_given: int = 0
    mark_sum: int = 0
    first_wait_median_seconds: float | None = None
    first_wait_p90_seconds: float | None = None
    follow_up_wait_median_seconds: float | None = None
    follow_up_wait_p90_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day's replies, in time below and late on top. ``has_report`` is False for a day that nobody counted yet."""

    day: date
    x: int
    has_report: bool
    kept: int
    late: int
    kept_height: float
    late_height: float
    kept_y: float
    late_y: float

    @property
    def due(self) -> int:
        return self.kept + self.late


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """``top`` is the number of replies at the chart's upper edge."""

    bars: list[Bar]
    top: int
    width: int
    height: int = CHART_HEIGHT
    bar_width: int = BAR_WIDTH

    @property
    def is_empty(self) -> bool:
        return not any(bar.due for bar in self.bars)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    yesterday: Period
    month: Period
    chart: Chart
    comments: list[Rating]
    new_contact_requests: int
    has_reports: bool
    has_early_reports: bool
    """Days that are not over have a report already, built by hand."""


def overview(organisation: OrganisationRef) -> Overview:
    """Six queries, the widest over the promises of 30 days."""
    yesterday = local_today(organisation.time_zone) - timedelta(days=1)
    first = yesterday - timedelta(days=PERIOD_DAYS - 1)
    reports = list(
        Report.objects.filter(
            period_kind=Report.Period.DAY, is_current=True, starts_on__range=(first, yesterday)
        ).order_by("starts_on")
    )
    return Overview(
        yesterday=_period(organisation, [report for report in reports if report.starts_on == yesterday], yesterday),
        month=_period(organisation, reports, yesterday, first),
        chart=chart(reports, first, yesterday),
        comments=list(Rating.objects.exclude(comment="")[:LATEST_COMMENTS]),
        new_contact_requests=ContactRequest.objects.filter(state=ContactRequest.State.NEW).count(),
        has_reports=bool(reports),
        has_early_reports=not reports and Report.objects.filter(starts_on__gt=yesterday).exists(),
    )


_SUMS = (
    "conversations", "contact_requests", "first_replies", "first_replies_kept", "follow_ups", "follow_ups_kept",
    "ratings_asked", "ratings_given", "mark_sum",
)  # fmt: skip
_WAITS = (
    "first_wait_median_seconds", "first_wait_p90_seconds", "follow_up_wait_median_seconds",
    "follow_up_wait_p90_seconds",
)  # fmt: skip


def _period(organisation: OrganisationRef, reports: Sequence[Report], last: date, first: date | None = None) -> Period:
    sums = {name: sum(getattr(report, name) for report in reports) for name in _SUMS}
    waits = {}
    if len(reports) == 1:
        waits = {name: getattr(reports[0], name) for name in _WAITS}
    elif reports:
        # A median of medians would be wrong: these are taken over every promise of the reported days.
        figures = figures_for_days(organisation, reports[0].starts_on, reports[-1].starts_on)
        waits = {name: getattr(figures, name) for name in _WAITS}
    return Period(first=first or last, last=last, reports=len(reports), **sums, **waits)


def chart(reports: Sequence[Report], first: date, last: date) -> Chart:
    """Replies that were due on each day from ``first`` to ``last``: in time, and too late."""
    by_day = {report.starts_on: report for report in reports}
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    top = max([1, *(report.first_replies + report.follow_ups for report in reports)])
    bars = [_bar(day, position, by_day.get(day), top) for position, day in enumerate(days)]
    return Chart(bars=bars, top=top, width=len(days) * BAR_PITCH)


def _bar(day: date, position: int, report: Report | None, top: int) -> Bar:
    kept = report.first_replies_kept + report.follow_ups_kept if report else 0
    late = report.first_replies + report.follow_ups - kept if report else 0
    kept_height, late_height = kept * CHART_HEIGHT / top, late * CHART_HEIGHT / top
    return Bar(
        day=day,
        x=position * BAR_PITCH + (BAR_PITCH - BAR_WIDTH) // 2,
        has_report=report is not None,
        kept=kept,
        late=late,
        kept_height=round(kept_height, 2),
        late_height=round(late_height, 2),
        kept_y=round(CHART_HEIGHT - kept_height, 2),
        late_y=round(CHART_HEIGHT - kept_height - late_height, 2),
    )
