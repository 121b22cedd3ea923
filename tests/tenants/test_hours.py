"""Opening hours against a slow oracle that looks at the clock on the wall every minute, around both daylight-saving
days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.hours import (
    Calendar,
    Interval,
    Opening,
    SpecialDate,
    add_open_seconds,
    calendar_of,
    calendars_of,
    is_open,
    open_seconds_between,
    open_spans,
    opening_at,
    opening_of,
)
from tenants.models import CalendarKind, OpeningHours, SpecialDay, SpecialInterval
from tests.cast import acme, globex

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# The days around which the clocks change: forward and back in Amsterdam and New York; Lord Howe jumps half an hour.
# Tokyo never changes.
CHANGES = {
    "Europe/Amsterdam": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Asia/Tokyo": (date(2026, 3, 29), date(2026, 10, 25)),
}
NO_SPECIAL: Mapping[date, SpecialDate] = {}

# Nights get as many examples as days: that is where the clocks change.
hours = st.one_of(st.integers(0, 4), st.integers(0, 23))
times = st.builds(time, hours, st.sampled_from([0, 15, 30, 45]))
pairs = st.tuples(times, times)
weeks = st.lists(st.builds(Interval, weekday=st.integers(0, 6), opens=times, closes=times), max_size=8)
special_days = st.dictionaries(st.integers(-3, 3), st.lists(pairs, max_size=2).map(tuple), max_size=3)


@cache
def walls_around(zone_name: str, around: date) -> tuple[datetime, list[datetime]]:
    """What the clock on the wall shows in each minute of ten days, from this instant on."""
    begin = datetime.combine(around, time(12), UTC) - 5 * DAY
    zone = ZoneInfo(zone_name)
    return begin, [(begin + n * MINUTE).astimezone(zone).replace(tzinfo=None) for n in range(10 * 24 * 60)]


class Oracle:
    """Ten days around a date, minute by minute, from nothing but what the clock on the wall shows."""

    def __init__(self, calendar: Calendar, around: date) -> None:
        self.begin, self.walls = walls_around(calendar.time_zone, around)
        self.open = [False] * len(self.walls)
        days = sorted({wall.date() for wall in self.walls})
        for day in days[1:-2]:
            for opens, closes in self.hours_of(calendar, day):
                self.paint(datetime.combine(day, opens), datetime.combine(day + DAY * (closes <= opens), closes))

    @staticmethod
    def hours_of(calendar: Calendar, day: date) -> list[tuple[time, time]]:
        if day in calendar.special:
            return list(calendar.special[day].hours)
        return [(one.opens, one.closes) for one in calendar.week if one.weekday == day.weekday()]

    def paint(self, opens: datetime, closes: datetime) -> None:
        """Open from the first minute that shows ``opens`` (or is past it) to the last that shows ``closes``."""
        first = next(n for n in self.near(opens) if self.walls[n] >= opens)
        shown = [n for n in self.near(closes) if self.walls[n] == closes]
        end = shown[-1] if shown else next(n for n in self.near(closes) if self.walls[n] > closes)
        self.open[first:end] = [True] * max(0, end - first)

    def near(self, wall: datetime) -> range:
        """The minutes of four hours around this time, whatever the clocks do meanwhile."""
        guess = (wall - self.walls[0]) // MINUTE
        return range(max(0, guess - 120), min(len(self.walls), guess + 120))

    def at(self, instant: datetime) -> bool:
        return self.open[(instant - self.begin) // MINUTE]

    def change_after(self, instant: datetime, within: timedelta) -> datetime | None:
        """When the answer becomes another one than now."""
        now = (instant - self.begin) // MINUTE
        for n in range(now + 1, now + within // MINUTE):
            if self.open[n] != self.open[now]:
                return self.begin + n * MINUTE
        return None

    def open_seconds(self, start: datetime, end: datetime) -> float:
        return sum(self.part(n, start, end) for n in range(*self.minutes(start, end)) if self.open[n])

    def moment_after(self, start: datetime, seconds: float, within: timedelta) -> datetime | None:
        """When that many open seconds have passed."""
        for n in range(*self.minutes(start, start + within)):
            here = self.part(n, start, start + within) if self.open[n] else 0
            if here >= seconds:
                return max(start, self.begin + n * MINUTE) + timedelta(seconds=seconds)
            seconds -= here
        return None

    def minutes(self, start: datetime, end: datetime) -> tuple[int, int]:
        return (start - self.begin) // MINUTE, -((self.begin - end) // MINUTE)

    def part(self, n: int, start: datetime, end: datetime) -> float:
        minute = self.begin + n * MINUTE
        return max(0.0, (min(end, minute + MINUTE) - max(start, minute)).total_seconds())


@st.composite
def cases(draw: st.DrawFn, zone_name: str) -> tuple[Calendar, datetime, Oracle]:
    around = CHANGES[zone_name][draw(st.integers(0, 1))]
    special = {around + n * DAY: SpecialDate("Fair", pairs) for n, pairs in draw(special_days).items()}
    calendar = Calendar(zone_name, tuple(draw(weeks)), special)
    noon = datetime.combine(around, time(12), calendar.zone).astimezone(UTC)
    now = noon + timedelta(minutes=draw(st.integers(-36 * 60, 36 * 60)), seconds=draw(st.integers(0, 59)))
    return calendar, now, Oracle(calendar, around)


@pytest.mark.no_database
@pytest.mark.parametrize("zone_name", CHANGES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_answers_are_the_slow_oracles(zone_name: str, data: st.DataObject) -> None:
    calendar, now, oracle = data.draw(cases(zone_name))
    within = 2 * DAY

    answer = opening_at(calendar, now)

    assert answer.open == oracle.at(now) == is_open(calendar, now)
    change = oracle.change_after(now, within)
    told = answer.until if answer.open else answer.next_opening
    if change is not None:
        assert told == change
    else:
        assert told is None or told >= now + within - MINUTE
    assert (answer.next_opening if answer.open else answer.until) is None


@pytest.mark.no_database
@pytest.mark.parametrize("zone_name", CHANGES)
@settings(max_examples=60, deadline=None)
@given(data=st.data(), minutes=st.integers(0, 2 * 24 * 60), seconds=st.integers(0, 30 * 3600))
def test_open_seconds_are_the_slow_oracles(zone_name: str, data: st.DataObject, minutes: int, seconds: int) -> None:
    calendar, now, oracle = data.draw(cases(zone_name))
    end = now + minutes * MINUTE

    assert open_seconds_between(calendar, now, end) == oracle.open_seconds(now, end)
    spans = open_spans(calendar, now, end)
    assert all(start < end for start, end in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    expected = oracle.moment_after(now, seconds, 2 * DAY)
    if expected is not None:
        assert add_open_seconds(calendar, now, seconds) == expected


def amsterdam(*local: int) -> datetime:
    return datetime(*local, tzinfo=ZoneInfo("Europe/Amsterdam"))  # type: ignore[misc, arg-type]


def daily(opens: time, closes: time) -> list[Interval]:
    return [Interval(weekday, opens, closes) for weekday in range(7)]


def calendar(week: Sequence[Interval], special: Mapping[date, SpecialDate] = NO_SPECIAL) -> Calendar:
    return Calendar("Europe/Amsterdam", tuple(week), special)


def answer_at(week: Sequence[Interval], now: datetime, special: Mapping[date, SpecialDate] = NO_SPECIAL) -> Opening:
    return opening_at(calendar(week, special), now)


def test_it_opens_on_the_minute_and_is_closed_at_the_closing_minute() -> None:
    week = daily(time(8), time(23))

    assert not answer_at(week, amsterdam(2026, 6, 1, 7, 59, 59)).open
    assert answer_at(week, amsterdam(2026, 6, 1, 8)).until == amsterdam(2026, 6, 1, 23)
    assert answer_at(week, amsterdam(2026, 6, 1, 23)).next_opening == amsterdam(2026, 6, 2, 8)


def test_an_interval_past_midnight_belongs_to_the_day_it_began() -> None:
    week = [Interval(4, time(20), time(2))]  # Friday evening

    assert answer_at(week, amsterdam(2026, 6, 6, 1, 59)).until == amsterdam(2026, 6, 6, 2)
    assert not answer_at(week, amsterdam(2026, 6, 5, 1, 59)).open


def test_intervals_that_touch_are_one() -> None:
    week = [Interval(0, time(8), time(12)), Interval(0, time(12), time(0)), Interval(1, time(0), time(6))]

    assert answer_at(week, amsterdam(2026, 6, 1, 9)).until == amsterdam(2026, 6, 2, 6)


def test_open_all_day_every_day_never_closes() -> None:
    answer = answer_at(daily(time(0), time(0)), amsterdam(2026, 10, 25, 2, 30))

    assert answer == Opening(True, None, None, "Europe/Amsterdam")


def test_without_hours_no_opening_is_promised() -> None:
    assert answer_at([], amsterdam(2026, 6, 1, 9)) == Opening(False, None, None, "Europe/Amsterdam")


def test_a_time_that_does_not_come_is_the_moment_of_the_jump() -> None:
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    before = amsterdam(2026, 3, 29, 0, 30)

    assert answer_at([Interval(6, time(2, 30), time(5))], before).next_opening == jump
    assert answer_at([Interval(6, time(0), time(2, 30))], before).until == jump
    assert answer_at([Interval(6, time(2), time(3))], before).next_opening == amsterdam(2026, 4, 5, 2)


def test_a_time_that_comes_twice_opens_at_the_first_and_closes_at_the_second() -> None:
    saturday = amsterdam(2026, 10, 24, 23)

    opens = answer_at([Interval(6, time(2, 30), time(5))], saturday).next_opening
    closes = answer_at([Interval(5, time(22), time(2, 30))], saturday).until

    assert opens == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert closes == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_the_night_that_is_an_hour_longer_stays_open_that_hour() -> None:
    night = [Interval(5, time(22), time(4))]

    assert open_seconds_between(calendar(night), amsterdam(2026, 10, 24, 12), amsterdam(2026, 10, 25, 12)) == 7 * 3600
    assert open_seconds_between(calendar(night), amsterdam(2026, 3, 28, 12), amsterdam(2026, 3, 29, 12)) == 5 * 3600


def test_a_special_day_replaces_what_would_start_on_it_and_says_why() -> None:
    week = daily(time(20), time(2))
    special = {date(2026, 12, 25): SpecialDate("Christmas Day"), date(2026, 12, 31): SpecialDate("New Year's Eve")}

    # What began on Christmas Eve runs on to its end.
    assert answer_at(week, amsterdam(2026, 12, 25, 1), special).until == amsterdam(2026, 12, 25, 2)
    closed = answer_at(week, amsterdam(2026, 12, 25, 12), special)
    assert closed == Opening(False, None, amsterdam(2026, 12, 26, 20), "Europe/Amsterdam", "Christmas Day")
    # The label is the day's own: it is gone the day after.
    assert answer_at(week, amsterdam(2026, 12, 26, 1), special).label == ""


def test_a_special_day_may_have_other_hours() -> None:
    special = {date(2026, 12, 31): SpecialDate("New Year's Eve", ((time(9), time(12)), (time(13), time(17))))}
    week = daily(time(8), time(23))

    assert answer_at(week, amsterdam(2026, 12, 31, 8, 30), special).next_opening == amsterdam(2026, 12, 31, 9)
    assert answer_at(week, amsterdam(2026, 12, 31, 10), special).until == amsterdam(2026, 12, 31, 12)
    evening = answer_at(week, amsterdam(2026, 12, 31, 18), special)
    assert (evening.next_opening, evening.label) == (amsterdam(2027, 1, 1, 8), "")


def test_a_long_holiday_still_finds_the_next_opening() -> None:
    special = {date(2026, 7, 1) + n * DAY: SpecialDate("Holiday") for n in range(120)}

    closed = answer_at(daily(time(8), time(23)), amsterdam(2026, 7, 1, 9), special)

    assert closed.next_opening == amsterdam(2026, 10, 29, 8)
    assert closed.label == "Holiday"


def test_open_seconds_pass_over_a_weekend() -> None:
    week = [Interval(weekday, time(9), time(17)) for weekday in range(5)]
    friday = amsterdam(2026, 6, 5, 16)

    assert add_open_seconds(calendar(week), friday, 3600) == amsterdam(2026, 6, 5, 17)
    assert add_open_seconds(calendar(week), friday, 3601) == amsterdam(2026, 6, 8, 9, 0, 1)
    assert add_open_seconds(calendar(week), friday, 30 * 8 * 3600) == amsterdam(2026, 7, 17, 16)


def test_without_hours_every_second_counts() -> None:
    noon = amsterdam(2026, 6, 5, 12)

    assert add_open_seconds(calendar([]), noon, 90) == noon + timedelta(seconds=90)
    assert open_seconds_between(calendar([]), noon, noon + DAY) == 0


@pytest.fixture
def special_christmas() -> Iterator[SpecialDay]:
    """Acme's Christmas, and a short New Year's Eve."""
    christmas = SpecialDay.objects.create(organisation_id=acme().id, date=date(2031, 12, 25), label="Christmas Day")
    short = SpecialDay.objects.create(organisation_id=acme().id, date=date(2031, 12, 31), label="New Year's Eve")
    SpecialInterval.objects.create(special_day=short, opens=time(13), closes=time(17))
    SpecialInterval.objects.create(special_day=short, opens=time(9), closes=time(12))
    yield christmas
    SpecialDay.objects.filter(pk__in=[christmas.pk, short.pk]).delete()


def test_a_calendar_is_read_with_its_special_days_in_two_queries(special_christmas: SpecialDay) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = calendars_of([acme(), globex()])
    read = len(queries) - 2  # acme() and globex() themselves

    assert read == 2
    acmes = found[acme().id]
    assert acmes == calendar_of(acme())
    assert acmes.hours_on(date(2031, 12, 25)) == []
    assert acmes.hours_on(date(2031, 12, 31)) == [(time(9), time(12)), (time(13), time(17))]
    assert date(2031, 12, 25) not in found[globex().id].special
    assert opening_of(acme(), amsterdam(2031, 12, 25, 12)).label == "Christmas Day"


def test_specialists_have_the_desks_hours_until_they_have_their_own(special_christmas: SpecialDay) -> None:
    SpecialDay.objects.filter(organisation_id=acme().id, calendar=CalendarKind.SPECIALISTS).delete()
    OpeningHours.objects.filter(organisation_id=acme().id, calendar=CalendarKind.SPECIALISTS).delete()
    desk = calendar_of(acme())
    own_day = SpecialDay.objects.create(
        organisation_id=acme().id, calendar=CalendarKind.SPECIALISTS, date=date(2031, 1, 2), label="Stocktaking"
    )
    borrowed = calendar_of(acme(), CalendarKind.SPECIALISTS)
    own = OpeningHours.objects.create(
        organisation_id=acme().id, calendar=CalendarKind.SPECIALISTS, weekday=0, opens=time(9), closes=time(12)
    )
    try:
        theirs = calendar_of(acme(), CalendarKind.SPECIALISTS)

        assert borrowed.week == desk.week
        assert set(borrowed.special) == {*desk.special, date(2031, 1, 2)}
        assert theirs.week == (Interval(0, time(9), time(12)),)
        assert set(theirs.special) == {date(2031, 1, 2)}
        assert calendar_of(acme()) == desk
    finally:
        own_day.delete()
        own.delete()
