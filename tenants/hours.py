"""Is an organisation open? Until when, and when next? One answer for the widget, promises, routing and escalation.

A calendar is plain data: a week of intervals and dates that differ. All of it is local wall-clock time; instants are
compared in UTC. On the two days when the clocks change:

- a time that does not come (the missing hour) is the moment at which the clocks jump, for opening and closing alike, so
  an interval that lies in the missing hour altogether never opens that day;
- a time that comes twice opens at its first and closes at its second occurrence.

A special day replaces the intervals that would start on its date; what began the evening before runs on to its end.
Intervals that touch or overlap are one.
"""

import functools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tenants.context import OrganisationRef
from tenants.models import CalendarKind, OpeningHours, SpecialDay

# How far a next opening is looked for. Whoever is open for longer than OPEN_DAYS is told no closing time.
HORIZON_DAYS = 400
OPEN_DAYS = 14
STEP_DAYS = 8
# An interval ends at most a day after it began, and a zone may skip a whole day.
LOOK_BACK = timedelta(days=3)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Interval:
    """``weekday`` 0 is Monday. ``closes`` at or before ``opens`` means the next day."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class SpecialDate:
    """A date that differs: its own (opens, closes) pairs, none when closed, and why."""

    label: str
    hours: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody is there."""

    time_zone: str
    week: tuple[Interval, ...]
    special: Mapping[date, SpecialDate] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def hours_on(self, day: date) -> list[tuple[time, time]]:
        """The (opens, closes) pairs that start on this date, in order."""
        other = self.special.get(day)
        if other is not None:
            return sorted(other.hours)
        return sorted((one.opens, one.closes) for one in self.week if one.weekday == day.weekday())


@dataclass(frozen=True, slots=True)
class Opening:
    """``until`` when open (None: for at least two weeks), ``next_opening`` when closed (None: none is known).

    ``label`` says why it is closed today when a special day is the reason.
    """

    open: bool
    until: datetime | None
    next_opening: datetime | None
    time_zone: str
    label: str = ""


def opening_at(calendar: Calendar, now: datetime) -> Opening:
    """The answer at ``now`` (aware). A next opening is found up to 400 days ahead."""
    # Nearly always the first two weeks tell; whoever is open for longer need not be followed any further.
    for days in (OPEN_DAYS, HORIZON_DAYS):
        for start, end in _spans(calendar, now, now + timedelta(days=days)):
            if start <= now < end:
                return Opening(True, end if end < now + timedelta(days=OPEN_DAYS) else None, None, calendar.time_zone)
            if start > now:
                return Opening(False, None, start, calendar.time_zone, _closed_because(calendar, now))
    return Opening(False, None, None, calendar.time_zone, _closed_because(calendar, now))


def is_open(calendar: Calendar, now: datetime) -> bool:
    """Whether somebody is there at ``now``."""
    return any(start <= now < end for start, end in open_spans(calendar, now, now + timedelta(seconds=1)))


def open_spans(calendar: Calendar, start: datetime, end: datetime) -> list[Span]:
    """The open time between two instants, in order and in UTC: parts that touch are one, and cut at both ends."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    return [
        (max(opened, start), min(closed, end))
        for opened, closed in _spans(calendar, start, end)
        if max(opened, start) < min(closed, end)
    ]


def open_seconds_between(calendar: Calendar, start: datetime, end: datetime) -> float:
    """How many seconds of the time between two instants were open."""
    return sum((closed - opened).total_seconds() for opened, closed in open_spans(calendar, start, end))


def add_open_seconds(calendar: Calendar, start: datetime, seconds: float) -> datetime:
    """The first moment at which this many open seconds have passed since ``start``.

    When they do not come together within 400 days (no hours are known), every second counts: a deadline must exist.
    """
    left = timedelta(seconds=seconds)
    if left <= timedelta(0):
        return start
    for days in range(0, HORIZON_DAYS, STEP_DAYS):
        since = start + timedelta(days=days)
        for opened, closed in open_spans(calendar, since, since + timedelta(days=STEP_DAYS)):
            if closed - opened >= left:
                return opened + left
            left -= closed - opened
    return start + timedelta(seconds=seconds)


def opening_of(organisation: OrganisationRef, now: datetime, kind: str = CalendarKind.DESK) -> Opening:
    """The organisation's answer at ``now``. Two queries."""
    return opening_at(calendar_of(organisation, kind), now)


def calendar_of(organisation: OrganisationRef, kind: str = CalendarKind.DESK) -> Calendar:
    """The organisation's calendar. Two queries.

    Specialists without weekly hours of their own have the desk's, holidays included; special days of their own come on
    top of it.
    """
    return calendars_of([organisation], kind)[organisation.id]


def calendars_of(organisations: Collection[OrganisationRef], kind: str = CalendarKind.DESK) -> dict[UUID, Calendar]:
    """Organisation → its calendar, as :func:`calendar_of`. Two queries, however many they are."""
    ids = [organisation.id for organisation in organisations]
    kinds = {CalendarKind.DESK.value, str(kind)}
    weeks: dict[tuple[UUID, str], list[Interval]] = {}
    hours = OpeningHours.objects.filter(organisation_id__in=ids, calendar__in=kinds)
    for owner, whose, weekday, opens, closes in hours.values_list(
        "organisation_id", "calendar", "weekday", "opens", "closes"
    ):
        weeks.setdefault((owner, whose), []).append(Interval(weekday, opens, closes))
    special: dict[tuple[UUID, str], dict[date, SpecialDate]] = {}
    days = SpecialDay.objects.filter(organisation_id__in=ids, calendar__in=kinds).order_by("date")
    for owner, whose, day, label, opens, closes in days.values_list(
        "organisation_id", "calendar", "date", "label", "intervals__opens", "intervals__closes"
    ):
        dates = special.setdefault((owner, whose), {})
        known = dates.get(day, SpecialDate(label))
        dates[day] = SpecialDate(label, (*known.hours, (opens, closes))) if opens is not None else known
    found = {}
    for organisation in organisations:
        own, desk = (organisation.id, str(kind)), (organisation.id, CalendarKind.DESK.value)
        if own in weeks:
            week, dates = weeks[own], special.get(own, {})
        else:
            week, dates = weeks.get(desk, []), {**special.get(desk, {}), **special.get(own, {})}
        found[organisation.id] = Calendar(organisation.time_zone, tuple(week), dates)
    return found


def _closed_because(calendar: Calendar, now: datetime) -> str:
    special = calendar.special.get(now.astimezone(calendar.zone).date())
    return special.label if special is not None and not special.hours else ""


def _spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    """Merged open time that begins from three days before ``start`` to the day of ``end``, in order and uncut. Made day
    by day, so that who needs only the first looks no further."""
    if not calendar.week and not calendar.special:
        return
    zone = calendar.zone
    day, last = (start - LOOK_BACK).astimezone(zone).date(), end.astimezone(zone).date()
    current: Span | None = None
    while day <= last:
        for opens, closes in calendar.hours_on(day):
            opened = instant_of(day, opens, zone)
            closed = instant_of(day + timedelta(days=closes <= opens), closes, zone, closing=True)
            if closed <= opened:
                continue
            if current is not None and opened <= current[1]:
                current = (current[0], max(current[1], closed))
                continue
            if current is not None:
                yield current
            current = (opened, closed)
        day += timedelta(days=1)
    if current is not None:
        yield current


@functools.lru_cache(maxsize=16_384)
def instant_of(day: date, at: time, zone: ZoneInfo, *, closing: bool = False) -> datetime:
    """When the clocks on the wall show this, in UTC: of two times the first, or the second for ``closing``; the jump
    for one that does not come."""
    local = datetime.combine(day, at.replace(microsecond=0), zone)
    first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if closing else first
    # In a gap the two readings lie on both sides of the jump, in reverse: halve the way between them.
    before, after = second, first
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
