"""Days, weeks and months: where they begin and end, and which of them are over."""

from datetime import date

import pytest
from django.utils import translation

from ratings.periods import Kind, Span, span_of, spans_over, title

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        (Kind.DAY, date(2026, 3, 29), date(2026, 3, 29), date(2026, 3, 29)),
        (Kind.WEEK, date(2026, 3, 29), date(2026, 3, 23), date(2026, 3, 29)),
        (Kind.WEEK, date(2026, 3, 23), date(2026, 3, 23), date(2026, 3, 29)),
        (Kind.WEEK, date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
        (Kind.MONTH, date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (Kind.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_one_period_of_each_kind(kind: Kind, day: date, first: date, last: date) -> None:
    assert span_of(kind, day) == Span(kind, first, last)


def test_only_what_has_ended_is_over() -> None:
    monday = date(2026, 11, 23)

    assert [span.first for span in spans_over(Kind.DAY, date(2026, 11, 21), monday)] == [
        date(2026, 11, 21),
        date(2026, 11, 22),
    ]
    assert [span.first for span in spans_over(Kind.WEEK, date(2026, 11, 11), monday)] == [
        date(2026, 11, 9),
        date(2026, 11, 16),
    ]
    assert spans_over(Kind.WEEK, date(2026, 11, 16), date(2026, 11, 22)) == []
    assert [span.first for span in spans_over(Kind.MONTH, date(2026, 9, 30), monday)] == [
        date(2026, 9, 1),
        date(2026, 10, 1),
    ]
    assert spans_over(Kind.DAY, monday, monday) == []


@pytest.mark.parametrize(
    ("language", "week", "month"),
    [
        ("en", "Week 53 of 2026: 28 December 2026 to 3 January 2027", "December 2026"),
        ("nl", "Week 53 van 2026: 28 december 2026 t/m 3 januari 2027", "december 2026"),
        ("ja", "2026年第53週（2026年12月28日～2027年1月3日）", "2026年12月"),
    ],
)
def test_a_period_is_called_as_people_call_it(language: str, week: str, month: str) -> None:
    with translation.override(language):
        assert title(span_of(Kind.WEEK, date(2027, 1, 1))) == week
        assert title(span_of(Kind.MONTH, date(2026, 12, 5))) == month
