"""Are enough trained operators planned whenever a client is open? Pure: shifts and open time in, gaps and counts out.

Shifts are wall-clock times of the platform's zone; instants are compared in UTC, so both daylight-saving days come out
right. A shift belongs to the date on which it starts: an absence on that date takes it away whole, also the part after
midnight, and what began the evening before runs on.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from tenants.hours import Span, instant_of

Step = tuple[datetime, datetime, int]
"""From, until, how many."""
SLOT = timedelta(minutes=30)
PLAN_DAYS = 7
MINIMUM = 1
WEEK_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class WeeklyShift:
    """``weekday`` 0 is Monday; ``ends`` at or before ``starts`` is the next day. Valid without bounds where None."""

    weekday: int
    starts: time
    ends: time
    valid_from: date | None = None
    valid_until: date | None = None

    def is_on(self, day: date) -> bool:
        """Whether this shift starts on that date."""
        return (
            day.weekday() == self.weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class ShiftChange:
    """One date that differs: extra hours, or an absence, all day when it has no hours."""

    day: date
    is_absence: bool
    starts: time | None = None
    ends: time | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """Somebody who answers for a client, when they are planned, and whether they have confirmed its newest card."""

    name: str
    spans: tuple[Span, ...]
    is_trained: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """Half an hour. ``count`` is the least number of trained operators at any moment of its open part, None when the
    client is closed throughout; ``names`` are those planned for any of it, ``untrained`` those who do not count."""

    start: datetime
    count: int | None
    names: tuple[str, ...] = ()
    untrained: tuple[str, ...] = ()


def shifts_overlap(one: WeeklyShift, other: WeeklyShift) -> bool:
    """Whether two weekly shifts of one operator would make them work twice at once, by the clock on the wall."""
    if one.valid_until is not None and other.valid_from is not None and one.valid_until < other.valid_from:
        return False
    if other.valid_until is not None and one.valid_from is not None and other.valid_until < one.valid_from:
        return False
    (begun, until), (opened, closed) = _week_minutes(one), _week_minutes(other)
    return any(begun < closed + shifted and opened + shifted < until for shifted in (-WEEK_MINUTES, 0, WEEK_MINUTES))


def _week_minutes(shift: WeeklyShift) -> tuple[int, int]:
    """From Monday's midnight; past the week's end for a Sunday night."""
    starts = shift.weekday * 24 * 60 + shift.starts.hour * 60 + shift.starts.minute
    length = (shift.ends.hour - shift.starts.hour) * 60 + shift.ends.minute - shift.starts.minute
    return starts, starts + (length if length > 0 else length + 24 * 60)


def shift_spans(
    shifts: Collection[WeeklyShift], changes: Collection[ShiftChange], zone: ZoneInfo, start: datetime, end: datetime
) -> list[Span]:
    """When one operator is planned between two instants, in order, merged, in UTC and cut at both ends."""
    planned: list[Span] = []
    absent: list[Span] = []
    off = {change.day for change in changes if change.is_absence and change.starts is None}
    for day in _days(start, end, zone):
        if day not in off:
            planned += [_span(day, shift.starts, shift.ends, zone) for shift in shifts if shift.is_on(day)]
        for change in changes:
            if change.day == day and change.starts is not None and change.ends is not None:
                (absent if change.is_absence else planned).append(_span(day, change.starts, change.ends, zone))
    return _cut(_without(_merged(planned), _merged(absent)), start.astimezone(UTC), end.astimezone(UTC))


def gaps_of(open_time: Sequence[Span], planned: Iterable[Planned], minimum: int = MINIMUM) -> list[Span]:
    """The open time in which fewer than ``minimum`` trained operators are planned, in order and merged."""
    steps = list(_steps(planned))
    return _merged(
        (max(opened, begun), min(closed, until))
        for opened, closed in open_time
        for begun, until, count in steps
        if count < minimum and max(opened, begun) < min(closed, until)
    )


def slots_of(open_time: Sequence[Span], planned: Sequence[Planned], start: datetime, end: datetime) -> list[Slot]:
    """Every half hour between two instants, against the client's open time."""
    steps = list(_steps(planned))
    slots = []
    at, now = 0, start.astimezone(UTC)
    while now < end:
        while steps[at][1] <= now:
            at += 1
        slots.append(_slot(now, _cut(open_time, now, now + SLOT), steps[at:], planned))
        now += SLOT
    return slots


def _slot(start: datetime, open_part: Sequence[Span], steps: Sequence[Step], planned: Sequence[Planned]) -> Slot:
    """``steps`` begin with the one in which the slot starts."""
    if not open_part:
        return Slot(start, None)
    meeting = takewhile(lambda step: step[0] < start + SLOT, steps)
    counts = [count for begun, until, count in meeting if _meet([(begun, until)], open_part)]
    here = [one for one in planned if _meet(one.spans, open_part)]
    return Slot(
        start,
        min(counts),
        tuple(one.name for one in here if one.is_trained),
        tuple(one.name for one in here if not one.is_trained),
    )


def _steps(planned: Iterable[Planned]) -> Iterator[Step]:
    """How many trained operators, over all time."""
    changes: dict[datetime, int] = {}
    for one in planned:
        if one.is_trained:
            for begun, until in one.spans:
                changes[begun] = changes.get(begun, 0) + 1
                changes[until] = changes.get(until, 0) - 1
    count, since = 0, datetime.min.replace(tzinfo=UTC)
    for moment in sorted(changes):
        yield since, moment, count
        count, since = count + changes[moment], moment
    yield since, datetime.max.replace(tzinfo=UTC), count


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The local dates whose shifts may touch this time: from the day before, for those past midnight."""
    day = start.astimezone(zone).date() - timedelta(days=2)
    while day <= end.astimezone(zone).date():
        yield day
        day += timedelta(days=1)


def _span(day: date, starts: time, ends: time, zone: ZoneInfo) -> Span:
    last = day + timedelta(days=1) if ends <= starts else day
    return instant_of(day, starts, zone), instant_of(last, ends, zone, closing=True)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for begun, until in sorted(spans):
        if until <= begun:
            continue
        if merged and begun <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((begun, until))
    return merged


def _without(spans: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """What is left of merged spans when other merged spans are taken out."""
    left = []
    for begun, until in spans:
        for away, back in taken:
            if away >= until or back <= begun:
                continue
            if begun < away:
                left.append((begun, away))
            begun = back
        if begun < until:
            left.append((begun, until))
    return left


def _cut(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    return [(max(begun, start), min(until, end)) for begun, until in spans if max(begun, start) < min(until, end)]


def _meet(spans: Iterable[Span], others: Sequence[Span]) -> bool:
    return any(begun < closed and opened < until for begun, until in spans for opened, closed in others)
