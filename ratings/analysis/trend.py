"""Does the mark go up or down over periods, and did it change since the last one?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ratings.analysis import special
from ratings.analysis.marks import Distribution, mean_and_variance
from ratings.analysis.results import (
    CONFIDENCE,
    ERROR_ALLOWED,
    SMALLEST_GROUP,
    Estimate,
    Interval,
    NotEnoughData,
    Withheld,
    two_sided_p,
)
from ratings.analysis.shares import Difference

# The normal approximation of Kendall's S is good from eight periods on (Kendall 1975, section 4.8).
FEWEST_PERIODS = 8


@dataclass(frozen=True, slots=True)
class Trend:
    """``slope`` is marks per period, its n all ratings. ``p`` is Mann and Kendall's. Periods that are too small, or had
    no rating, keep their place in time and are counted in ``withheld``."""

    slope: Estimate
    p: float
    periods: int
    withheld: int

    @property
    def is_significant(self) -> bool:
        return self.p <= ERROR_ALLOWED


def trend(periods: Sequence[Distribution]) -> Trend | NotEnoughData:
    """Equally long periods, oldest first.

    Whether there is one: Mann 1945, "Nonparametric tests against trend", Econometrica 13:245–259, with Kendall's 1975
    variance under ties (Rank Correlation Methods, 4th ed.) and his correction for continuity. How steep: least squares
    weighted by n (Aitken 1936), whose interval takes the scatter *between* periods, from Student's t.
    """
    places = np.array([place for place, one in enumerate(periods) if one.n >= SMALLEST_GROUP], dtype=np.float64)
    used = [one for one in periods if one.n >= SMALLEST_GROUP]
    if len(used) < FEWEST_PERIODS:
        return NotEnoughData("periods", len(used), FEWEST_PERIODS)
    means = np.array([mean_and_variance(one)[0] for one in used])
    sizes = np.array([one.n for one in used], dtype=np.float64)
    middle = sizes @ places / sizes.sum()
    around = places - middle
    squares = sizes @ around**2
    slope = float((sizes * around) @ means / squares)
    left = means - sizes @ means / sizes.sum() - slope * around
    error = math.sqrt(float(sizes @ left**2) / (len(used) - 2) / float(squares))
    half = float(special.stdtrit(len(used) - 2, 0.5 + CONFIDENCE / 2)) * error
    interval = Interval(slope - half, slope + half)
    return Trend(Estimate(slope, interval, int(sizes.sum())), mann_kendall(means), len(used), len(periods) - len(used))


def mann_kendall(values: Sequence[float] | np.typing.NDArray[np.float64]) -> float:
    """The two-sided p-value; see ``trend``. 1 when all values are equal."""
    series = np.asarray(values, dtype=np.float64)
    n = len(series)
    score = float(np.sign(np.subtract.outer(series, series))[np.tril_indices(n, -1)].sum())
    ties = np.unique(series, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - float(np.sum(ties * (ties - 1) * (2 * ties + 5)))) / 18
    if variance <= 0:
        return 1.0
    return two_sided_p(max(abs(score) - 1, 0.0) / math.sqrt(variance))


def mean_difference(before: Distribution, now: Distribution) -> Difference | Withheld | NotEnoughData:
    """Two periods' means, whose spreads may differ.

    Welch 1947, "The generalization of Student's problem when several different population variances are involved",
    Biometrika 34:28–35, degrees of freedom after Satterthwaite 1946.
    """
    if min(before.n, now.n) < SMALLEST_GROUP:
        return Withheld(min(before.n, now.n))
    (mean_before, variance_before), (mean_now, variance_now) = mean_and_variance(before), mean_and_variance(now)
    parts = variance_before / before.n, variance_now / now.n
    if sum(parts) == 0:
        return NotEnoughData("different marks", 1, 2)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (before.n - 1) + parts[1] ** 2 / (now.n - 1))
    error, value = math.sqrt(sum(parts)), mean_now - mean_before
    half = float(special.stdtrit(freedom, 0.5 + CONFIDENCE / 2)) * error
    p = float(2 * special.stdtr(freedom, -abs(value) / error))
    return Difference(value, Interval(value - half, value + half), p, before.n, now.n)
