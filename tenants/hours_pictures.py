"""What the opening hours' pages draw: days with their hours in words, as bars, and what is special about them. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext

from tenants.calendars import hours_text
from tenants.hours import Calendar, Opening, instant_of, open_spans

MINUTES_PER_DAY = 24 * 60
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """Open time on one day's column: ``top`` and ``height`` in minutes on the wall's clock."""

    top: int
    height: int
    text: str


@dataclass(frozen=True, slots=True)
class Hours:
    """One calendar's day: what starts on it in words, and all open time as bars. ``label`` of its special day."""

    texts: tuple[str, ...]
    bars: tuple[Bar, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Day:
    """``clocks``: a sentence when the clocks change, else empty."""

    date: date
    is_today: bool
    desk: Hours
    specialists: Hours
    clocks: str


def days_of(desk: Calendar, specialists: Calendar, first: date, count: int, today: date) -> list[Day]:
    """So many days from the first one on."""
    return [
        Day(day, day == today, _hours(desk, day), _hours(specialists, day), clocks_text(desk.zone, day))
        for day in (first + n * DAY for n in range(count))
    ]


def clocks_text(zone: ZoneInfo, day: date) -> str:
    """What to know of a day on which the clocks change."""
    hours = (instant_of(day + DAY, time(0), zone) - instant_of(day, time(0), zone)) / timedelta(hours=1)
    if hours == 24:
        return ""
    text = (
        gettext("The clocks go forward: this day has %(hours)s hours.")
        if hours < 24
        else gettext("The clocks go back: this day has %(hours)s hours.")
    )
    return text % {"hours": f"{hours:g}"}


def opening_sentence(opening: Opening, now: datetime) -> str:
    """What visitors are told at this moment."""
    zone = ZoneInfo(opening.time_zone)
    moment = opening.until or opening.next_opening
    words = {"time": "", "day": "", "label": opening.label}
    if moment is not None:
        local = moment.astimezone(zone)
        same_day = local.date() == now.astimezone(zone).date()
        words |= {"time": f"{local:%H:%M}", "day": gettext("today") if same_day else date_format(local, "l j F")}
    if opening.open:
        return gettext("Open until %(day)s %(time)s") % words if moment else gettext("Open day and night")
    closed = gettext("Closed today: %(label)s") % words if opening.label else gettext("Closed")
    back = gettext("open again %(day)s %(time)s") % words if moment else gettext("no opening is known")
    return f"{closed}; {back}"


def _hours(calendar: Calendar, day: date) -> Hours:
    zone = calendar.zone
    start, end = instant_of(day, time(0), zone), instant_of(day + DAY, time(0), zone)
    bars = []
    for opened, closed in open_spans(calendar, start, end):
        top = 0 if opened == start else _minutes(opened, zone)
        bottom = MINUTES_PER_DAY if closed == end else _minutes(closed, zone)
        text = hours_text(opened.astimezone(zone).time(), closed.astimezone(zone).time())
        bars.append(Bar(top, max(bottom - top, 15), text))
    texts = tuple(hours_text(opens, closes) for opens, closes in calendar.hours_on(day))
    special = calendar.special.get(day)
    return Hours(texts, tuple(bars), special.label if special else "")


def _minutes(instant: datetime, zone: ZoneInfo) -> int:
    local = instant.astimezone(zone)
    return local.hour * 60 + local.minute
