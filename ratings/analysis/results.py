"""What an analysis may answer: an estimate with its interval, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ratings.analysis import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CONFIDENCE = 0.95
# Below this many ratings a figure says more about who answered than about the service, and could give a person away.
SMALLEST_GROUP = 10
LOWEST_MARK, HIGHEST_MARK = 1, 10
# The whole page may name a false driver, for all purposes together or for one, in one analysis of twenty. Each of the
# two families has half of that (Bonferroni 1936); within a family Holm 1979 spends it.
ERROR_ALLOWED = 0.05
ERROR_PER_FAMILY = ERROR_ALLOWED / 2


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true value lies in 95 of 100 repetitions."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Estimate:
    """``n`` is the number of ratings behind it."""

    value: float
    interval: Interval
    n: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """A group too small to publish."""

    n: int
    needed: int = SMALLEST_GROUP


@dataclass(frozen=True, slots=True)
class NotEnoughData:
    """``of`` says what there are ``have`` of, where ``needed`` are needed."""

    of: str
    have: int
    needed: int


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """Nobody stored it, so nothing is said of it."""


@dataclass(frozen=True, slots=True)
class NotSeparable:
    """This driver moves together with another one: the data cannot tell which of the two moves the mark."""

    partner: str


def two_sided_z(confidence: float = CONFIDENCE) -> float:
    """1.96 for 95 %."""
    return float(special.ndtri(0.5 + confidence / 2))


def two_sided_p(z: float) -> float:
    """How likely a value this far out is by chance, under the normal distribution."""
    return float(2 * special.ndtr(-abs(z)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values that keep the chance of any false finding among all of them at the level they are compared
    with, whatever depends on whatever.

    Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6:65–70.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)) if len(p) else p
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return [float(one) for one in adjusted]
