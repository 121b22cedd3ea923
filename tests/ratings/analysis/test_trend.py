"""Up, down, or nothing to say."""

import math

import numpy as np
import pytest
from scipy import stats

from ratings.analysis import (
    Difference,
    Distribution,
    NotEnoughData,
    Trend,
    Withheld,
    distribution_of,
    mean_difference,
    trend,
)
from ratings.analysis.trend import mann_kendall

pytestmark = pytest.mark.no_database


def period(sevens: int, eights: int) -> Distribution:
    return distribution_of([7] * sevens + [8] * eights)


def test_mann_kendall_of_ten_rising_values() -> None:
    # S = 45, variance = 10 · 9 · 25 / 18 = 125, z = 44 / √125
    assert mann_kendall(list(range(10))) == pytest.approx(2 * stats.norm.sf(44 / math.sqrt(125)))


def test_mann_kendall_takes_ties_off_the_variance() -> None:
    # S = 1 + 1 + 1 = 5 pairs up of 6, one tie: variance (4·3·13 − 2·1·9) / 18
    assert mann_kendall([1, 2, 2, 3]) == pytest.approx(2 * stats.norm.sf(4 / math.sqrt((156 - 18) / 18)))
    assert mann_kendall([5, 5, 5, 5]) == 1.0


def test_a_steady_rise_is_a_trend_with_its_slope() -> None:
    found = trend([period(100 - 4 * step, 4 * step) for step in range(12)])

    assert isinstance(found, Trend)
    assert found.is_significant
    assert found.slope.value == pytest.approx(0.04)
    assert found.slope.value in found.slope.interval
    assert (found.periods, found.withheld, found.slope.n) == (12, 0, 1200)


def test_the_slope_follows_the_periods_with_many_ratings() -> None:
    steady = [period(500, 500) for _ in range(10)]

    found = trend([*steady, period(0, 12)])

    assert isinstance(found, Trend)
    assert 0 < found.slope.value < 0.01
    assert not found.is_significant


def test_a_period_with_few_ratings_keeps_its_place() -> None:
    periods = [period(100 - 4 * step, 4 * step) for step in range(12)]
    periods[5] = period(1, 0)

    found = trend(periods)

    assert isinstance(found, Trend)
    assert found.slope.value == pytest.approx(0.04)
    assert (found.periods, found.withheld) == (11, 1)


def test_too_few_periods_are_not_enough() -> None:
    assert trend([]) == NotEnoughData("periods", 0, 8)
    assert trend([period(10, 10)] * 7) == NotEnoughData("periods", 7, 8)


def test_equal_periods_have_no_trend_and_no_nan() -> None:
    found = trend([period(20, 0)] * 9)

    assert isinstance(found, Trend)
    assert found.slope.value == pytest.approx(0)
    assert found.p == 1.0


def test_noise_is_called_a_trend_seldom() -> None:
    random = np.random.default_rng(3)
    called = []
    for _ in range(300):
        found = trend([period(*random.multinomial(80, [0.5, 0.5])) for _ in range(12)])
        called.append(isinstance(found, Trend) and found.is_significant)

    assert np.mean(called) <= 0.08


def test_the_difference_of_two_periods_is_welchs() -> None:
    before, now = [7] * 12 + [8] * 9 + [2] * 4, [9] * 30 + [10] * 10 + [5] * 3

    found = mean_difference(distribution_of(before), distribution_of(now))

    theirs = stats.ttest_ind(now, before, equal_var=False)
    interval = theirs.confidence_interval(0.95)
    assert isinstance(found, Difference)
    assert found.p == pytest.approx(theirs.pvalue)
    assert found.interval.low == pytest.approx(interval.low)
    assert found.interval.high == pytest.approx(interval.high)


def test_small_or_equal_periods_have_no_difference() -> None:
    assert mean_difference(period(9, 0), period(50, 50)) == Withheld(9)
    assert isinstance(mean_difference(period(20, 0), period(0, 20)), NotEnoughData)
