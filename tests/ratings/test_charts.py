"""Drawings as numbers."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from ratings.charts import CHART_HEIGHT, chart, spark

pytestmark = pytest.mark.no_database
MONDAY = date(2026, 3, 2)


@dataclass
class Counted:
    kept: int
    late: int


def test_the_busiest_day_fills_the_chart_and_the_others_stand_in_proportion() -> None:
    days = [MONDAY + timedelta(days=offset) for offset in range(3)]

    drawn = chart(days, {days[0]: Counted(18, 2), days[2]: Counted(5, 0)})

    assert drawn.top == 20
    assert [(bar.kept, bar.late, bar.is_counted) for bar in drawn.bars] == [(18, 2, True), (0, 0, False), (5, 0, True)]
    assert [(bar.kept_height, bar.late_height) for bar in drawn.bars] == [(90, 10), (0, 0), (25, 0)]
    for bar in drawn.bars:
        assert bar.kept_y == CHART_HEIGHT - bar.kept_height
        assert bar.late_y == bar.kept_y - bar.late_height


def test_days_without_replies_make_an_empty_chart() -> None:
    assert chart([MONDAY], {}).is_empty
    assert chart([MONDAY], {MONDAY: Counted(0, 0)}).is_empty


def test_a_line_is_broken_where_nothing_was_counted() -> None:
    assert spark([0, 1, None, 1, 0]).count("M") == 2
    assert spark([0, 1, 1, 0]).count("M") == 1


def test_one_value_is_no_course() -> None:
    assert spark([None, 3.0, None]) == spark([]) == ""
    assert spark([3.0, 3.0]) != ""
