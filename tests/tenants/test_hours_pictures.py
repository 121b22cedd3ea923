"""Days as the opening hours' pages draw them: bars on the wall's clock, also when the clocks change."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tenants.hours import Calendar, Interval, Opening, SpecialDate
from tenants.hours_pictures import Bar, days_of, opening_sentence

pytestmark = pytest.mark.no_database

ZONE = "Europe/Amsterdam"
NOBODY = Calendar(ZONE, ())


def bars_on(day: date, *week: Interval) -> tuple[Bar, ...]:
    [drawn] = days_of(Calendar(ZONE, week), NOBODY, day, 1, day)
    return drawn.desk.bars


def test_what_crosses_midnight_is_drawn_on_both_days() -> None:
    friday_night = Interval(4, time(20), time(2))

    assert bars_on(date(2026, 6, 5), friday_night) == (Bar(1200, 240, "20:00–24:00"),)
    assert bars_on(date(2026, 6, 6), friday_night) == (Bar(0, 120, "00:00–02:00"),)


def test_bars_stand_where_the_clock_on_the_wall_does_when_the_clocks_change() -> None:
    sunday = Interval(6, time(1), time(5))

    assert bars_on(date(2026, 3, 29), sunday) == (Bar(60, 240, "01:00–05:00"),)
    assert bars_on(date(2026, 10, 25), sunday) == (Bar(60, 240, "01:00–05:00"),)


def test_a_whole_day_fills_its_column_on_every_day() -> None:
    week = [Interval(day, time(0), time(0)) for day in range(7)]

    days = days_of(Calendar(ZONE, tuple(week)), NOBODY, date(2026, 10, 24), 3, date(2026, 10, 24))

    assert [day.desk.bars for day in days] == [(Bar(0, 1440, "00:00–24:00"),)] * 3
    assert [day.clocks for day in days] == ["", "The clocks go back: this day has 25 hours.", ""]
    assert [day.is_today for day in days] == [True, False, False]


def test_half_an_hour_of_daylight_saving_is_said_so() -> None:
    lord_howe = Calendar("Australia/Lord_Howe", ())

    [day] = days_of(lord_howe, lord_howe, date(2026, 10, 4), 1, date(2026, 10, 4))

    assert day.clocks == "The clocks go forward: this day has 23.5 hours."


def test_a_special_day_has_its_label_and_its_own_hours() -> None:
    special = {date(2026, 12, 31): SpecialDate("New Year's Eve", ((time(13), time(17)), (time(9), time(12))))}
    calendar = Calendar(ZONE, (Interval(3, time(8), time(23)),), special)

    [day] = days_of(calendar, NOBODY, date(2026, 12, 31), 1, date(2026, 12, 1))

    assert day.desk.texts == ("09:00–12:00", "13:00–17:00")
    assert day.desk.label == "New Year's Eve"
    assert (day.specialists.texts, day.specialists.bars) == ((), ())


@pytest.mark.parametrize(
    ("opening", "sentence"),
    [
        (Opening(True, None, None, ZONE), "Open day and night"),
        (Opening(True, datetime(2026, 12, 25, 23, tzinfo=ZoneInfo(ZONE)), None, ZONE), "Open until today 23:00"),
        (
            Opening(False, None, datetime(2026, 12, 26, 8, tzinfo=ZoneInfo(ZONE)), ZONE, "Christmas Day"),
            "Closed today: Christmas Day; open again Saturday 26 December 08:00",
        ),
        (Opening(False, None, None, ZONE), "Closed; no opening is known"),
    ],
)
def test_the_sentence_says_what_visitors_are_told(opening: Opening, sentence: str) -> None:
    assert opening_sentence(opening, datetime(2026, 12, 25, 12, tzinfo=ZoneInfo(ZONE))) == sentence
