"""The mark itself: how often each was given, its mean, and what lies far out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ratings.analysis import special
from ratings.analysis.results import (
    CONFIDENCE,
    HIGHEST_MARK,
    LOWEST_MARK,
    SMALLEST_GROUP,
    Estimate,
    Floats,
    Interval,
    Ints,
    Withheld,
)
from ratings.analysis.shares import wilson

RESAMPLES = 4_000
# Tukey's fences: what lies more than 1.5 times the middle half's width outside it.
FENCE = 1.5
MARKS = np.arange(LOWEST_MARK, HIGHEST_MARK + 1, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Distribution:
    """``counts[0]`` is how often a 1 was given, ``counts[9]`` a 10."""

    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.counts) != len(MARKS) or min(self.counts) < 0:
            raise ValueError("A distribution has ten counts.")

    @property
    def n(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class MarkSummary:
    """``outliers`` are marks outside Tukey's fences with their counts: shown, and part of the mean."""

    mean: Estimate
    distribution: Distribution
    median: float
    outliers: tuple[tuple[int, int], ...]


def distribution_of(marks: ArrayLike) -> Distribution:
    """Raises ValueError for what is no mark: a rating that is not one must not vanish."""
    values = np.asarray(marks, dtype=np.float64).ravel()
    if np.any(~np.isin(values, MARKS)):
        raise ValueError("A mark is a whole number from 1 to 10.")
    counts = np.bincount(values.astype(np.int64), minlength=HIGHEST_MARK + 1)[LOWEST_MARK:]
    return Distribution(tuple(int(one) for one in counts))


def mean_and_variance(distribution: Distribution) -> tuple[float, float]:
    """The variance divides by n − 1. Needs two marks."""
    counts = np.asarray(distribution.counts, dtype=np.float64)
    n = counts.sum()
    mean = float(counts @ MARKS / n)
    return mean, float(counts @ (MARKS - mean) ** 2 / (n - 1))


def mean_interval(distribution: Distribution, seed: int, highest: int = HIGHEST_MARK) -> Interval:
    """The BCa bootstrap: corrects for bias and for the skewness that marks with many tens have, which the percentile
    interval does not. Counts are resampled, not rows (a multinomial of ten numbers), so a million marks cost what a
    hundred cost.

    Efron 1987, "Better bootstrap confidence intervals", JASA 82:171–185. When all marks are equal there is nothing to
    resample; then Wilson's interval of the mark as a share of the scale, which holds for every distribution on it
    since none spreads more than one at both ends. ``highest`` is the scale's upper end, where it is not the marks'.
    """
    counts = np.asarray(distribution.counts, dtype=np.int64)
    n = int(counts.sum())
    mean = float(counts @ MARKS / n)
    if np.count_nonzero(counts) == 1:
        return _of_equal_marks(mean, n, highest)
    draws: Ints = np.random.default_rng(seed).multinomial(n, counts / n, size=RESAMPLES)
    means = np.sort(draws @ MARKS / n)
    below = (np.count_nonzero(means < mean) + np.count_nonzero(means == mean) / 2) / RESAMPLES
    bias = special.ndtri(np.clip(below, 0.5 / RESAMPLES, 1 - 0.5 / RESAMPLES))
    away = MARKS - mean  # a mean's jackknife values, but for a factor that cancels out
    acceleration = (counts @ away**3) / (6 * (counts @ away**2) ** 1.5)
    tails = special.ndtri(np.array([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]))
    shifted: Floats = bias + (bias + tails) / (1 - acceleration * (bias + tails))
    low, high = np.quantile(means, special.ndtr(shifted))
    return Interval(float(low), float(high))


def _of_equal_marks(mark: float, n: int, highest: int) -> Interval:
    span = highest - LOWEST_MARK
    points = round((mark - LOWEST_MARK) / span * n, 9)
    floor, ceiling = wilson(int(np.floor(points)), n), wilson(int(np.ceil(points)), n)
    return Interval(LOWEST_MARK + span * floor.low, LOWEST_MARK + span * ceiling.high)


def summary(distribution: Distribution, seed: int = 0, highest: int = HIGHEST_MARK) -> MarkSummary | Withheld:
    """All that is shown of a group's marks, or of its answers on another scale from 1 to ``highest``."""
    if distribution.n < SMALLEST_GROUP:
        return Withheld(distribution.n)
    counts = np.asarray(distribution.counts)
    mean = float(counts @ MARKS / distribution.n)
    lower, median, upper = (_quantile(distribution, share) for share in (0.25, 0.5, 0.75))
    width = FENCE * (upper - lower)
    outliers = tuple(
        (int(mark), count)
        for mark, count in zip(MARKS, distribution.counts, strict=True)
        if count and not lower - width <= mark <= upper + width
    )
    interval = mean_interval(distribution, seed, highest)
    return MarkSummary(Estimate(mean, interval, distribution.n), distribution, median, outliers)


def _quantile(distribution: Distribution, share: float) -> float:
    """The mark at this place of the sorted marks, the mean of two where it falls between them."""
    reached = np.cumsum(distribution.counts)
    place = share * distribution.n
    low = int(np.searchsorted(reached, place, side="left"))
    high = int(np.searchsorted(reached, place, side="right"))
    return float((MARKS[low] + MARKS[min(high, len(MARKS) - 1)]) / 2)


def by_group(marks: ArrayLike, groups: ArrayLike, seed: int = 0) -> Mapping[int, MarkSummary | Withheld]:
    """Summaries per topic, page, language, hour…; ``groups`` are codes, −1 is not recorded and left out."""
    codes = np.asarray(groups, dtype=np.int64)
    values = np.asarray(marks)
    return {int(code): summary(distribution_of(values[codes == code]), seed) for code in np.unique(codes[codes >= 0])}
