"""Periods and what narrows them, as links carry them."""

from datetime import date, timedelta
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ratings.selection import MOST_DAYS, Selection, months_earlier, selection_of, usual

pytestmark = pytest.mark.no_database
TODAY = date(2026, 11, 23)


@given(
    some.dates(date(2020, 1, 1), TODAY),
    some.integers(0, MOST_DAYS - 1),
    some.sampled_from(["", "shop"]),
    some.sampled_from(["", "a&b=ü"]),
)
def test_a_link_says_the_selection_again(first: date, days: int, website: str, topic: str) -> None:
    """Also one that begins until today and ends later."""
    last = first + timedelta(days=days)
    selection = Selection(first=first, last=last, website=website, topic=topic)

    assert selection_of(dict(parse_qsl(selection.query())), TODAY) == (selection, [])


@pytest.mark.parametrize(
    ("first", "last", "before_first", "before_last"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 1, 1), date(2026, 3, 31), date(2025, 10, 1), date(2025, 12, 31)),
        (date(2026, 11, 16), date(2026, 11, 22), date(2026, 11, 9), date(2026, 11, 15)),
        (date(2026, 11, 1), date(2026, 11, 29), date(2026, 10, 3), date(2026, 10, 31)),
    ],
)
def test_the_period_before_ends_where_this_one_begins(
    first: date, last: date, before_first: date, before_last: date
) -> None:
    before = Selection(first=first, last=last, purpose="advice").before()

    assert before == Selection(first=before_first, last=before_last, purpose="advice")


def test_a_year_before_a_leap_day_is_the_day_before_march() -> None:
    assert months_earlier(date(2028, 2, 29), 12) == date(2027, 2, 28)
    assert months_earlier(date(2026, 3, 31), 1) == date(2026, 2, 28)
    year_before = Selection(first=date(2028, 2, 1), last=date(2028, 2, 29)).year_before()
    assert (year_before.first, year_before.last) == (date(2027, 2, 1), date(2027, 2, 28))


def test_without_a_period_the_last_thirty_days_are_meant() -> None:
    selection, wrong = selection_of({}, TODAY)

    assert selection == usual(TODAY) == Selection(first=date(2026, 10, 24), last=date(2026, 11, 22))
    assert wrong == []


@pytest.mark.parametrize(
    ("query", "wrong", "days"),
    [
        ({"first": "yesterday"}, ["first"], 30),
        ({"last": "2026-02-30"}, ["last"], 30),
        ({"first": "2026-11-22", "last": "2026-11-20"}, ["first"], 3),
        ({"first": "2020-01-01", "last": "2026-11-20"}, ["first"], MOST_DAYS),
        ({"first": "2026-11-23"}, [], 1),
    ],
)
def test_a_wrong_period_is_put_right_and_said(query: dict[str, str], wrong: list[str], days: int) -> None:
    selection, said = selection_of(query, TODAY)

    assert (said, selection.days) == (wrong, days)


def test_no_selection_is_turned_around_or_endless() -> None:
    for first in (date(2026, 11, 24), date(2020, 1, 1)):
        with pytest.raises(ValueError, match="A period has 1 to"):
            Selection(first=first, last=TODAY)
