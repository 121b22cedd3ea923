"""Pictures show what the numbers say: nothing outside, nothing out of proportion."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from ratings.analysis import Distribution, Estimate, Interval
from ratings.why.pictures import LOWEST_EDGE, TALLEST_BAR, axis_around_nought, axis_over, bars, course, dot

pytestmark = pytest.mark.no_database
MARKS = some.floats(1, 10)
EFFECTS = some.floats(-9, 9)


def interval_of(ends: tuple[float, float]) -> Interval:
    return Interval(min(ends), max(ends))


@given(some.lists(some.tuples(MARKS, MARKS).map(interval_of), max_size=6))
@example([Interval(10.0, 10.0)])
@example([Interval(1.0, 1.0)])
def test_an_axis_holds_all_intervals_and_no_more_than_the_scale(intervals: list[Interval]) -> None:
    axis = axis_over(intervals, 1, 10)

    assert 1 <= axis.low < axis.high <= 10
    for one in intervals:
        assert axis.low <= one.low + 1e-6
        assert one.high <= axis.high + 1e-6
    assert 2 <= len(axis.ticks) <= 8
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks)


@given(some.tuples(EFFECTS, EFFECTS).map(interval_of), some.floats(0, 1))
def test_a_dot_lies_within_its_interval_and_the_picture(interval: Interval, share: float) -> None:
    axis = axis_around_nought([interval])
    value = interval.low + share * (interval.high - interval.low)

    found = dot(axis, value, interval)

    assert 0 < found.low <= found.at + 0.01
    assert found.at <= found.high + 0.01
    assert found.high < 100


@given(some.lists(some.tuples(EFFECTS, EFFECTS).map(interval_of), max_size=4))
def test_more_and_less_look_alike(intervals: list[Interval]) -> None:
    axis = axis_around_nought(intervals)

    assert axis.place(0) == pytest.approx(50, abs=0.02)
    assert axis.low == pytest.approx(-axis.high)


def test_equal_steps_are_equally_long() -> None:
    axis = axis_over([Interval(6.1, 8.3)], 1, 10)
    places = [place for _, place in axis.marked]

    assert axis.ticks[0] <= 6.1
    assert axis.ticks[-1] >= 8.3
    assert len({round(b - a, 1) for a, b in pairwise(places)}) == 1


def test_bars_stand_in_proportion_on_one_line() -> None:
    found = bars(Distribution((0, 5, 0, 0, 10, 0, 0, 0, 0, 20)))

    assert [bar.height for bar in found] == [0, TALLEST_BAR / 4, 0, 0, TALLEST_BAR / 2, 0, 0, 0, 0, TALLEST_BAR]
    assert {round(bar.y + bar.height, 6) for bar in found} == {LOWEST_EDGE}
    assert [bar.mark for bar in found] == list(range(1, 11))
    assert bars(Distribution((0,) * 10))[0].height == 0


def test_a_course_keeps_each_periods_place_and_breaks_where_one_is_missing() -> None:
    axis = axis_over([Interval(6, 8)], 1, 10)
    means = [Estimate(value, Interval(value - 0.5, value + 0.5), 20) for value in (6.5, 7.0, 7.5)]

    found = course(axis, [means[0], means[1], None, means[2]])

    assert [point.x for point in found] == [12.5, 37.5, 87.5]
    assert found[0].y > found[1].y > found[2].y
    assert [point.high < point.y < point.low for point in found] == [True] * 3
    assert found[0].line == (found[1].x, found[1].y)
    assert found[1].line is found[2].line is None
