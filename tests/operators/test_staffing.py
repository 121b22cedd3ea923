"""Shifts against opening hours: to the minute, past midnight, and on both daylight-saving days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.staffing import Planned, ShiftChange, WeeklyShift, gaps_of, shift_spans, slots_of
from tenants.hours import Span

pytestmark = pytest.mark.no_database

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = date(2026, 11, 23)


def at(day: date, hour: int, minute: int = 0, zone: ZoneInfo = AMSTERDAM) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def week_of(
    *shifts: WeeklyShift, changes: tuple[ShiftChange, ...] = (), day: date = MONDAY, days: int = 7
) -> list[Span]:
    return shift_spans(shifts, changes, AMSTERDAM, at(day, 0), at(day + timedelta(days=days), 0))


def test_a_weekly_shift_is_planned_on_its_day_while_it_is_valid() -> None:
    shift = WeeklyShift(0, time(9), time(17), date(2026, 11, 23), date(2026, 11, 23))

    assert week_of(shift) == [(at(MONDAY, 9), at(MONDAY, 17))]
    assert week_of(shift, day=MONDAY + timedelta(days=7)) == []
    assert week_of(shift, day=MONDAY - timedelta(days=7)) == []


def test_a_night_shift_runs_on_past_midnight_and_past_the_edges_of_the_week() -> None:
    sunday = WeeklyShift(6, time(22), time(6))

    tuesday = MONDAY + timedelta(days=6)
    assert week_of(sunday) == [(at(MONDAY, 0), at(MONDAY, 6)), (at(tuesday, 22), at(tuesday + timedelta(days=1), 0))]


def test_touching_and_overlapping_shifts_are_one() -> None:
    assert week_of(
        WeeklyShift(0, time(9), time(13)), WeeklyShift(0, time(12), time(15)), WeeklyShift(0, time(15), time(17))
    ) == [(at(MONDAY, 9), at(MONDAY, 17))]


def test_an_absence_takes_the_shifts_that_start_on_its_date_and_no_others() -> None:
    night, day = WeeklyShift(6, time(22), time(6)), WeeklyShift(0, time(20), time(4))

    assert week_of(night, day, changes=(ShiftChange(MONDAY, True),), days=2) == [(at(MONDAY, 0), at(MONDAY, 6))]


def test_an_absence_for_some_hours_cuts_them_out_and_extra_hours_come_on_top() -> None:
    changes = (
        ShiftChange(MONDAY, True, time(11), time(12)),
        ShiftChange(MONDAY, False, time(19), time(20)),
    )

    assert week_of(WeeklyShift(0, time(9), time(17)), changes=changes) == [
        (at(MONDAY, 9), at(MONDAY, 11)),
        (at(MONDAY, 12), at(MONDAY, 17)),
        (at(MONDAY, 19), at(MONDAY, 20)),
    ]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 7), (date(2026, 10, 25), 9)])
def test_a_night_shift_is_shorter_or_longer_when_the_clocks_change(day: date, hours: int) -> None:
    saturday = day - timedelta(days=1)
    [(begun, until)] = week_of(WeeklyShift(5, time(22), time(6)), day=saturday, days=2)

    assert until - begun == timedelta(hours=hours)


def test_gaps_are_to_the_minute_and_only_where_the_client_is_open() -> None:
    open_time = [(at(MONDAY, 8), at(MONDAY, 18))]
    early = Planned("Olga", ((at(MONDAY, 7), at(MONDAY, 10, 40)),), True)
    late = Planned("Omar", ((at(MONDAY, 11), at(MONDAY, 17, 30)),), True)

    assert gaps_of(open_time, [early, late]) == [
        (at(MONDAY, 10, 40), at(MONDAY, 11)),
        (at(MONDAY, 17, 30), at(MONDAY, 18)),
    ]
    assert gaps_of(open_time, []) == open_time
    assert gaps_of([], [early]) == []
    assert gaps_of(open_time, [early, late], minimum=2) == open_time


def test_who_has_not_confirmed_the_card_does_not_count_but_is_named() -> None:
    open_time = [(at(MONDAY, 8), at(MONDAY, 9))]
    all_day = ((at(MONDAY, 0), at(MONDAY, 23)),)
    people = [Planned("Olga", all_day, False), Planned("Omar", (), True)]

    [slot, _] = slots_of(open_time, people, at(MONDAY, 8), at(MONDAY, 9))
    assert (slot.count, slot.names, slot.untrained) == (0, (), ("Olga",))
    assert gaps_of(open_time, people) == open_time


def test_a_half_hour_counts_its_worst_moment_of_its_open_part() -> None:
    open_time = [(at(MONDAY, 8, 15), at(MONDAY, 9))]
    people = [
        Planned("Olga", ((at(MONDAY, 8, 10), at(MONDAY, 8, 50)),), True),
        Planned("Omar", ((at(MONDAY, 8, 15), at(MONDAY, 12)),), True),
    ]

    closed, first, second = slots_of(open_time, people, at(MONDAY, 7, 30), at(MONDAY, 9))
    assert (closed.count, first.count, second.count) == (None, 2, 1)
    assert second.names == ("Olga", "Omar")


@pytest.mark.parametrize(("day", "count"), [(date(2026, 3, 29), 46), (date(2026, 10, 25), 50), (MONDAY, 48)])
def test_a_day_has_as_many_half_hours_as_it_lasts(day: date, count: int) -> None:
    assert len(slots_of([], [], at(day, 0), at(day + timedelta(days=1), 0))) == count


ZONES = [ZoneInfo(name) for name in ("Europe/Amsterdam", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe")]
QUARTERS = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
SHIFTS = st.builds(WeeklyShift, st.integers(0, 6), QUARTERS, QUARTERS)
DAYS = st.integers(0, 2).map(lambda offset: timedelta(days=offset))


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    first=st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 4, 4), date(2026, 10, 3), MONDAY]),
    people=st.lists(st.tuples(st.lists(SHIFTS, max_size=4), st.booleans()), max_size=4),
    opened=st.lists(SHIFTS, max_size=4),
)
def test_counts_and_gaps_agree_minute_by_minute(
    zone: ZoneInfo, first: date, people: list[tuple[list[WeeklyShift], bool]], opened: list[WeeklyShift]
) -> None:
    start, end = at(first, 0, zone=zone), at(first + timedelta(days=2), 0, zone=zone)
    planned = [
        Planned(str(number), tuple(shift_spans(shifts, [], zone, start, end)), is_trained)
        for number, (shifts, is_trained) in enumerate(people)
    ]
    open_time = shift_spans(opened, [], zone, start, end)

    def count_at(moment: datetime) -> int | None:
        """The slow answer: who stands on the wall's clock at this minute."""
        if not any(begun <= moment < until for begun, until in open_time):
            return None
        return sum(one.is_trained and any(begun <= moment < until for begun, until in one.spans) for one in planned)

    gaps = gaps_of(open_time, planned)
    for slot in slots_of(open_time, planned, start, end):
        minutes = [slot.start + timedelta(minutes=minute) for minute in range(0, 30, 5)]
        counts = [count_at(minute) for minute in minutes]
        opens = [count for count in counts if count is not None]
        assert slot.count == (min(opens) if opens else None)
        for minute, count in zip(minutes, counts, strict=True):
            assert any(begun <= minute < until for begun, until in gaps) == (count == 0)
