"""Differences told together: what is told holds the truth, however far apart the truths lie."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ratings.analysis.pooling import pooled
from ratings.analysis.results import Floats, Interval, two_sided_z

pytestmark = pytest.mark.no_database

Told = list[tuple[float, Interval]]
RATINGS = np.array([20, 25, 44, 89, 146, 255, 299])
VARIANCES = 6.0 / RATINGS  # of means of marks that scatter like a client's


def fixed(values: Floats, variances: Floats) -> Told:
    """The baseline: empirical Bayes with the variance between them fixed at DerSimonian and Laird's estimate."""
    weights = 1 / variances
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    left = weights @ (values - weights @ values / weights.sum()) ** 2 - (len(values) - 1)
    between = max(0.0, left / scale)
    weights = 1 / (variances + between)
    middle, kept = weights @ values / weights.sum(), between * weights
    halves = two_sided_z() * np.sqrt(kept * variances + (1 - kept) ** 2 / weights.sum())
    means = middle + kept * (values - middle)
    return [(mean, Interval(mean - half, mean + half)) for mean, half in zip(means, halves, strict=True)]


def held(tell: Callable[[Floats, Floats], Told], apart: float) -> Any:
    """Which intervals hold the truth: 200 draws by seven differences."""
    random = np.random.default_rng(5)
    found = []
    for _ in range(200):
        truth = random.normal(0, apart, len(RATINGS))
        told = tell(truth + random.normal(0, np.sqrt(VARIANCES)), VARIANCES)
        found.append([one.low <= true <= one.high for true, (_value, one) in zip(truth, told, strict=True)])
    return np.array(found)


@pytest.mark.parametrize("apart", [0.1, 0.3, 0.6])
def test_intervals_hold_the_truth_also_of_those_with_few_ratings(apart: float) -> None:
    ours = held(pooled, apart)

    assert 0.92 <= ours.mean() <= 0.99
    assert ours.mean(axis=0).min() >= 0.9


def test_to_take_for_known_how_far_they_lie_apart_is_too_sure() -> None:
    assert held(fixed, 0.1).mean() < 0.9
    assert held(fixed, 0.3).mean() < 0.88


def test_without_any_difference_they_are_careful() -> None:
    random = np.random.default_rng(6)
    told = [pooled(random.normal(0, np.sqrt(VARIANCES)), VARIANCES) for _ in range(100)]

    assert np.mean([one.low <= 0 <= one.high for row in told for _value, one in row]) >= 0.95


def test_the_fewer_ratings_the_wider_the_interval_also_when_all_look_equal() -> None:
    told = pooled(np.zeros(len(RATINGS)), VARIANCES)
    widths = [one.high - one.low for _value, one in told]

    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 1.2 * widths[-1]
    assert all(abs(value) < 1e-9 for value, _interval in told)


def test_few_ratings_are_pulled_farther_towards_the_others() -> None:
    values = np.array([0.8, 0.8, 0.0, 0.0, -0.1, 0.1])
    told = pooled(values, np.array([0.3, 0.01, 0.02, 0.02, 0.02, 0.02]))

    assert 0 < told[0][0] < told[1][0] < 0.8


def test_what_is_surely_known_stays_as_it_is() -> None:
    told = pooled(np.array([-0.5, 0.0, 0.5]), np.array([1e-6, 1e-6, 1e-6]))

    assert [value for value, _interval in told] == pytest.approx([-0.5, 0.0, 0.5], abs=1e-3)
    assert told[0][1].high - told[0][1].low == pytest.approx(2 * 1.96e-3, rel=0.02)


def test_a_single_difference_is_told_with_its_own_error() -> None:
    [(value, interval)] = pooled(np.array([0.4]), np.array([0.04]))

    assert value == pytest.approx(0.4)
    assert (interval.low, interval.high) == pytest.approx((0.4 - 0.392, 0.4 + 0.392), abs=0.002)
