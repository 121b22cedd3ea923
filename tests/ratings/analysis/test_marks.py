"""Means of marks, their intervals, and what lies far out."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ratings.analysis import Distribution, MarkSummary, Withheld, by_group, distribution_of, summary
from ratings.analysis.marks import mean_interval

pytestmark = pytest.mark.no_database

SKEWED = [10] * 18 + [9] * 9 + [8] * 6 + [6, 5, 3, 1, 1, 1, 1]


def test_the_interval_is_scipys_bca_of_the_rows() -> None:
    found = mean_interval(distribution_of(SKEWED), seed=1)

    theirs = stats.bootstrap((SKEWED,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(2))
    assert found.low == pytest.approx(theirs.confidence_interval.low, abs=0.06)
    assert found.high == pytest.approx(theirs.confidence_interval.high, abs=0.06)


def test_a_skewed_mean_has_more_room_below_than_above() -> None:
    distribution = distribution_of(SKEWED)
    found, mean = mean_interval(distribution, seed=1), float(np.mean(SKEWED))

    assert mean - found.low > (found.high - mean) * 1.15


def test_the_same_seed_gives_the_same_interval() -> None:
    distribution = distribution_of(SKEWED)

    assert mean_interval(distribution, seed=4) == mean_interval(distribution, seed=4)
    assert mean_interval(distribution, seed=4) != mean_interval(distribution, seed=5)


def test_equal_marks_still_leave_room_for_doubt() -> None:
    tens, sevens = mean_interval(distribution_of([10] * 20), 0), mean_interval(distribution_of([7] * 20), 0)

    assert tens.low == pytest.approx(10 - 9 * 0.1611, abs=0.001)
    assert tens.high == 10
    assert sevens.low < 7 < sevens.high


def test_intervals_cover_the_mean_about_as_often_as_they_say() -> None:
    chances = np.array([4, 1, 1, 1, 2, 3, 5, 12, 21, 50]) / 100
    mean = float(chances @ np.arange(1, 11))
    random = np.random.default_rng(8)

    covered = [mean in mean_interval(Distribution(tuple(random.multinomial(60, chances))), seed) for seed in range(400)]

    assert 0.91 <= np.mean(covered) <= 0.975


def test_a_million_marks_cost_what_a_hundred_cost() -> None:
    counts = np.array([4, 1, 1, 1, 2, 3, 5, 12, 21, 50])
    seconds = []
    for times in (1, 10_000):
        distribution = Distribution(tuple(int(one) for one in counts * times))
        started_at = time.perf_counter()
        for seed in range(10):
            summary(distribution, seed)
        seconds.append(time.perf_counter() - started_at)

    assert seconds[1] < 10 * seconds[0] + 0.05


def test_outliers_are_shown_and_stay_in_the_mean() -> None:
    found = summary(distribution_of([9] * 20 + [10] * 20 + [1, 1, 2]))

    assert isinstance(found, MarkSummary)
    assert found.outliers == ((1, 2), (2, 1))
    assert found.mean.value == pytest.approx(np.mean([9] * 20 + [10] * 20 + [1, 1, 2]))
    assert (found.mean.n, found.median) == (43, 9)


def test_a_group_of_few_is_withheld() -> None:
    found = by_group([10] * 12 + [5] * 9 + [3], [0] * 12 + [1] * 9 + [-1])

    assert set(found) == {0, 1}
    assert isinstance(found[0], MarkSummary)
    assert found[1] == Withheld(9)


@pytest.mark.parametrize("marks", [[0], [11], [7.5], [float("nan")]])
def test_what_is_no_mark_is_refused(marks: list[float]) -> None:
    with pytest.raises(ValueError, match="whole number"):
        distribution_of(marks)


@given(st.lists(st.integers(1, 10), min_size=10, max_size=80))
def test_a_summary_agrees_with_the_slow_way(marks: list[int]) -> None:
    found = summary(distribution_of(marks))

    assert isinstance(found, MarkSummary)
    assert found.mean.value == pytest.approx(np.mean(marks))
    assert found.median == np.median(marks)
    assert 1 <= found.mean.interval.low <= found.mean.value + 1e-9
    assert found.mean.value - 1e-9 <= found.mean.interval.high <= 10
    assert sum(found.distribution.counts) == len(marks)


def test_equal_answers_on_a_shorter_scale_stay_on_it() -> None:
    fives = mean_interval(distribution_of([5] * 20), 0, highest=5)

    assert fives.low == pytest.approx(5 - 4 * 0.1611, abs=0.001)
    assert fives.high == 5
