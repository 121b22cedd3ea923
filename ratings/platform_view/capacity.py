"""A week of the desk by weekday and half hour: what came, who was there, how full they were, where one was missing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext, gettext_lazy

from operators.half_hours import KEEP
from operators.models import DeskHalfHour
from ratings.documents.sheet import Column, Kind, Sheet
from ratings.periods import span_of
from ratings.selectors import day_start, local_today
from tenants.models import PeriodKind
from tenants.shares import share_percent, share_text

SLOT_SECONDS = 1800
SHOWN_SHORT = 5
LOOKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Half an hour on the wall. The one that comes twice in autumn holds both; what spring leaves out holds none."""

    day: date
    begins: time
    seconds: int = 0
    conversations: int = 0
    due: int = 0
    kept: int = 0
    handled_seconds: float = 0
    present_seconds: float = 0
    place_seconds: float = 0

    @property
    def is_counted(self) -> bool:
        return self.seconds > 0

    @property
    def broken(self) -> int:
        return self.due - self.kept

    @property
    def present(self) -> float | None:
        """How many operators were at work, on the mean of the half hour."""
        return self.present_seconds / self.seconds if self.seconds else None

    @property
    def occupancy(self) -> int | None:
        """Handled time per cent of the places that were there. Above 100 when conversations weigh less than a place, or
        were held by somebody who was no longer heard; None when nobody was there."""
        return round(100 * self.handled_seconds / self.place_seconds) if self.place_seconds else None

    @property
    def ends(self) -> time:
        return (datetime.combine(date.min, self.begins) + timedelta(minutes=30)).time()


@dataclass(frozen=True, slots=True)
class Measure:
    """``value`` is drawn, ``text`` stands in the cell; ``full`` is the value of the darkest look, None for the week's
    own largest."""

    name: str
    label: str | LazyText
    value: Callable[[Slot], float | None]
    text: Callable[[float], str]
    full: float | None = None


MEASURES = (
    Measure("conversations", gettext_lazy("conversations"), lambda slot: slot.conversations, lambda v: f"{v:.0f}"),
    Measure("present", gettext_lazy("operators present"), lambda slot: slot.present, lambda v: number_format(v, 1)),
    Measure("handled", gettext_lazy("handled minutes"), lambda slot: slot.handled_seconds / 60, lambda v: f"{v:.0f}"),
    Measure("occupancy", gettext_lazy("occupancy"), lambda slot: slot.occupancy, lambda v: f"{v:.0f}%", 100),
    Measure(
        "kept",
        gettext_lazy("first replies in time"),
        lambda slot: share_percent(slot.kept, slot.due) if slot.due else None,
        lambda v: f"{v:.0f}%",
        100,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """``look`` is 0 for the palest to 4 for the darkest; the number stands in it either way."""

    text: str
    look: int | None
    told: str


@dataclass(frozen=True, slots=True)
class Short:
    """Half an hour in which first promises were broken."""

    slot: Slot
    told: str


@dataclass(frozen=True, slots=True)
class Week:
    """``rows`` run over the half hours between the first and the last in which anything happened on any day."""

    first: date
    days: tuple[date, ...]
    measure: Measure
    rows: tuple[tuple[time, tuple[Cell, ...]], ...]
    shortest: tuple[Short, ...]
    slots: tuple[Slot, ...]
    conversations: int

    @property
    def is_empty(self) -> bool:
        return not self.rows


def newest_week() -> date:
    """This week's Monday, on the platform's calendar: planning looks at today as well. One query."""
    return span_of(PeriodKind.WEEK, local_today(settings.PLATFORM_TIME_ZONE)).first


def week_asked(day: str) -> date:
    """The Monday that a link names; this week's where it names none that can have been counted. One query."""
    newest = newest_week()
    try:
        monday = span_of(PeriodKind.WEEK, date.fromisoformat(day)).first
    except (ValueError, OverflowError):
        return newest
    return monday if newest - KEEP <= monday <= newest else newest


def week_of_desk(monday: date, measure: Measure) -> Week:
    """One query."""
    zone = ZoneInfo(settings.PLATFORM_TIME_ZONE)
    days = tuple(monday + timedelta(days=place) for place in range(7))
    bounds = (day_start(settings.PLATFORM_TIME_ZONE, day) for day in (monday, monday + timedelta(days=7)))
    starts_at, ends_at = bounds
    found = DeskHalfHour.objects.filter(starts_at__gte=starts_at, starts_at__lt=ends_at).order_by("starts_at")
    return week_of(list(found), days, zone, measure)


def week_of(rows: Sequence[DeskHalfHour], days: tuple[date, ...], zone: ZoneInfo, measure: Measure) -> Week:
    """From rows that are read, without a query."""
    slots: dict[tuple[date, time], Slot] = {}
    for row in rows:
        local = row.starts_at.astimezone(zone)
        key = (local.date(), local.time())
        slots[key] = _joined(slots.get(key, Slot(day=key[0], begins=key[1])), row)
    busy = [one.begins for one in slots.values() if one.conversations or one.handled_seconds or one.present_seconds]
    walls = [wall for wall in _walls() if busy and min(busy) <= wall <= max(busy)]
    values = [value for one in slots.values() if (value := measure.value(one)) is not None]
    full = measure.full or max([1.0, *values])
    shortest = sorted((one for one in slots.values() if one.broken), key=lambda one: (-one.broken, one.day, one.begins))
    return Week(
        first=days[0],
        days=days,
        measure=measure,
        rows=tuple(
            (wall, tuple(_cell(slots.get((day, wall)), measure, full) for day in days)) for wall in walls
        ),
        shortest=tuple(Short(one, _short_told(one)) for one in shortest[:SHOWN_SHORT]),
        slots=tuple(slots[key] for key in sorted(slots)),
        conversations=sum(one.conversations for one in slots.values()),
    )  # fmt: skip


def _joined(slot: Slot, row: DeskHalfHour) -> Slot:
    return Slot(
        day=slot.day,
        begins=slot.begins,
        seconds=slot.seconds + SLOT_SECONDS,
        conversations=slot.conversations + row.conversations,
        due=slot.due + row.first_replies,
        kept=slot.kept + row.first_replies_kept,
        handled_seconds=slot.handled_seconds + row.handled_seconds,
        present_seconds=slot.present_seconds + row.present_seconds,
        place_seconds=slot.place_seconds + row.place_seconds,
    )


def _walls() -> Iterator[time]:
    for place in range(48):
        yield time(place // 2, place % 2 * 30)


def _cell(slot: Slot | None, measure: Measure, full: float) -> Cell:
    if slot is None:
        return Cell("", None, "")
    value = measure.value(slot)
    if value is None:
        return Cell("–", None, _told(slot))
    return Cell(measure.text(value), min(LOOKS - 1, int(value / full * LOOKS)), _told(slot))


def _told(slot: Slot) -> str:
    """Everything of this half hour, for whoever points at it."""
    return gettext(
        "%(day)s %(begins)s–%(ends)s: %(conversations)s conversations, %(present)s operators, %(handled)s min handled,"
        " occupancy %(occupancy)s, first replies in time %(kept)s"
    ) % {
        "day": date_format(slot.day, "D j"),
        "begins": f"{slot.begins:%H:%M}",
        "ends": f"{slot.ends:%H:%M}",
        "conversations": slot.conversations,
        "present": number_format(slot.present or 0, 1),
        "handled": round(slot.handled_seconds / 60),
        "occupancy": "–" if slot.occupancy is None else f"{slot.occupancy}%",
        "kept": share_text(slot.kept, slot.due),
    }


def _short_told(slot: Slot) -> str:
    told = gettext("%(broken)s of %(due)s first replies came too late, with %(present)s operators present") % {
        "broken": slot.broken,
        "due": slot.due,
        "present": number_format(slot.present or 0, 1),
    }
    if slot.occupancy is None:
        return told
    return f"{told}, " + gettext("occupied to %(occupancy)s%%") % {"occupancy": slot.occupancy}


def sheet_of(week: Week) -> Sheet:
    """Every half hour of the week that was counted."""
    columns = (
        Column("day", gettext("Day"), Kind.TEXT),
        Column("begins", gettext("From"), Kind.TEXT),
        Column("conversations", gettext("Conversations begun"), Kind.COUNT),
        Column("operators_present", gettext("Operators present"), Kind.MARK),
        Column("handled_seconds", gettext("Handled time"), Kind.DURATION),
        Column("occupancy", gettext("Occupancy"), Kind.PERCENT),
        Column("first_replies", gettext("First replies due"), Kind.COUNT),
        Column("first_replies_kept", gettext("First replies in time"), Kind.COUNT),
    )
    rows = [
        (
            one.day.isoformat(),
            f"{one.begins:%H:%M}",
            one.conversations,
            round(one.present or 0, 2),
            round(one.handled_seconds),
            one.occupancy,
            one.due,
            one.kept,
        )
        for one in week.slots
    ]
    return Sheet(gettext("Capacity"), columns, rows)
