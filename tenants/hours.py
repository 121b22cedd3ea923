"""Is an organisation open? One answer for the widget, the journal and routing.

Intervals are local wall-clock times; instants are compared in UTC, so both daylight-saving days come out right: an
interval that starts in the hour that does not exist starts when the clocks have jumped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tenants.context import OrganisationRef
from tenants.models import OpeningHours

HORIZON_DAYS = 15


@dataclass(frozen=True, slots=True)
class Interval:
    """``weekday`` 0 is Monday. ``closes`` at or before ``opens`` means the next day."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Opening:
    """``until`` when open (None: always open), ``next_opening`` when closed (None: no hours are known)."""

    open: bool
    until: datetime | None
    next_opening: datetime | None
    time_zone: str


def opening_at(intervals: Sequence[Interval], time_zone: str, now: datetime) -> Opening:
    """The answer at ``now`` (aware). Looks 15 days ahead; intervals that touch or overlap count as one."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    spans = _merged(
        _span(interval, today + timedelta(days=offset), zone)
        for offset in range(-2, HORIZON_DAYS)
        for interval in intervals
        if interval.weekday == (today + timedelta(days=offset)).weekday()
    )
    horizon = now + timedelta(days=HORIZON_DAYS - 2)
    for start, end in spans:
        if start <= now < end:
            return Opening(True, end if end < horizon else None, None, time_zone)
        if start > now:
            return Opening(False, None, start, time_zone)
    return Opening(False, None, None, time_zone)


def opening_of(organisation: OrganisationRef, now: datetime) -> Opening:
    """The organisation's answer at ``now``. One query."""
    return opening_at(intervals_of(organisation), organisation.time_zone, now)


def intervals_of(organisation: OrganisationRef) -> list[Interval]:
    """The organisation's week. One query."""
    rows = OpeningHours.objects.filter(organisation_id=organisation.id)
    return [Interval(row.weekday, row.opens, row.closes) for row in rows]


def _span(interval: Interval, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    closing_day = day + timedelta(days=1) if interval.closes <= interval.opens else day
    start = datetime.combine(day, interval.opens, zone).astimezone(UTC)
    end = datetime.combine(closing_day, interval.closes, zone).astimezone(UTC)
    return start, end


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
