"""Opening hours against a slow oracle that looks at every minute, around both daylight-saving days."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.hours import Interval, Opening, opening_at

pytestmark = pytest.mark.no_database

MINUTE = timedelta(minutes=1)
# The days around which the clocks change: forward and back in Amsterdam and New York; Lord Howe jumps half an hour.
# Tokyo never changes.
DAYS = {
    "Europe/Amsterdam": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Asia/Tokyo": (date(2026, 3, 29), date(2026, 10, 25)),
}

intervals = st.builds(
    Interval,
    weekday=st.integers(0, 6),
    opens=st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45])),
    closes=st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45])),
)


def utc_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time: the first of two, and for one that never comes, as far after the jump."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def is_open(week: Sequence[Interval], zone: ZoneInfo, instant: datetime) -> bool:
    """Whether an interval that began on one of the last days covers this instant."""
    today = instant.astimezone(zone).date()
    for days_ago in range(3):
        day = today - timedelta(days=days_ago)
        for interval in week:
            if interval.weekday != day.weekday():
                continue
            end = day + timedelta(days=1) if interval.closes <= interval.opens else day
            if utc_of(day, interval.opens, zone) <= instant < utc_of(end, interval.closes, zone):
                return True
    return False


def next_change(week: Sequence[Interval], zone: ZoneInfo, now: datetime, *, within: timedelta) -> datetime | None:
    """Minute by minute: when the answer is another one than now."""
    state = is_open(week, zone, now)
    instant = now.replace(second=0, microsecond=0)
    while instant < now + within:
        instant += MINUTE
        if is_open(week, zone, instant) != state:
            return instant
    return None


@pytest.mark.parametrize("zone_name", DAYS)
@settings(max_examples=60, deadline=None)
@given(
    week=st.lists(intervals, max_size=6),
    which=st.integers(0, 1),
    minutes=st.integers(-36 * 60, 36 * 60),
    seconds=st.integers(0, 59),
)
def test_the_answer_is_the_slow_oracles(
    zone_name: str, week: list[Interval], which: int, minutes: int, seconds: int
) -> None:
    zone = ZoneInfo(zone_name)
    now = utc_of(DAYS[zone_name][which], time(12), zone) + timedelta(minutes=minutes, seconds=seconds)

    answer = opening_at(week, zone_name, now)

    assert answer.open == is_open(week, zone, now)
    assert answer.time_zone == zone_name
    change = next_change(week, zone, now, within=timedelta(days=2))
    told = answer.until if answer.open else answer.next_opening
    if change is not None:
        assert told == change
    else:
        assert told is None or told > now + timedelta(days=2)
    assert (answer.next_opening if answer.open else answer.until) is None


def amsterdam(*local: int) -> datetime:
    return datetime(*local, tzinfo=ZoneInfo("Europe/Amsterdam"))  # type: ignore[misc, arg-type]


def daily(opens: time, closes: time) -> list[Interval]:
    return [Interval(weekday, opens, closes) for weekday in range(7)]


def answer_at(week: Sequence[Interval], now: datetime) -> Opening:
    return opening_at(week, "Europe/Amsterdam", now)


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


def test_the_hour_that_does_not_exist_opens_when_the_clocks_have_jumped() -> None:
    week = [Interval(6, time(2, 30), time(5))]

    assert answer_at(week, amsterdam(2026, 3, 29, 0, 30)).next_opening == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_the_night_that_is_an_hour_longer_stays_open_that_hour() -> None:
    opens, closes = time(22), time(4)
    answer = answer_at([Interval(5, opens, closes)], amsterdam(2026, 10, 24, 23))

    assert answer.until is not None
    assert answer.until - amsterdam(2026, 10, 24, 22).astimezone(UTC) == timedelta(hours=7)
