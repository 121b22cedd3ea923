"""What is said of a driver."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ratings.analysis import special
from ratings.analysis.contrasts import Contrasts
from ratings.analysis.encoding import Encoding
from ratings.analysis.importance import Importance
from ratings.analysis.rated import Purpose
from ratings.analysis.results import (
    CONFIDENCE,
    ERROR_PER_FAMILY,
    Estimate,
    Interval,
    NotEnoughData,
    NotRecorded,
    NotSeparable,
)

PURPOSE = "purpose"


@dataclass(frozen=True, slots=True)
class Effect:
    """How many marks more, on average, when the driver is ``better`` than when it is ``worse``, all else as it was.

    Of the purpose: everybody as if they had ``better``, against everybody as they were (``worse`` is None).
    """

    better: float
    worse: float | None
    marks: Estimate


@dataclass(frozen=True, slots=True)
class Apart:
    """The effect among one purpose alone. ``p_adjusted`` is within all effects apart."""

    effect: Effect
    p_adjusted: float

    @property
    def is_named(self) -> bool:
        return self.p_adjusted <= ERROR_PER_FAMILY


@dataclass(frozen=True, slots=True)
class DriverResult:
    """``effects`` has one entry, but for the purpose one per purpose. ``p`` is of all of them at once.

    ``importance`` is None for a factor question and for a driver that few ratings have."""

    driver: str
    effects: tuple[Effect, ...]
    p: float
    p_adjusted: float
    importance: Importance | None
    apart: Mapping[Purpose, Apart | NotEnoughData] = field(default_factory=dict)

    @property
    def is_named(self) -> bool:
        """Surely no accident: the chance of naming any false one is ``ERROR_PER_FAMILY``."""
        return self.p_adjusted <= ERROR_PER_FAMILY


Outcome = DriverResult | NotEnoughData | NotRecorded | NotSeparable


@dataclass(frozen=True, slots=True)
class Surprise:
    """A rating far from the mean mark of conversations like it. ``place`` is its row."""

    place: int
    mark: int
    expected: float


@dataclass(frozen=True, slots=True)
class DriverAnalysis:
    """``n`` ratings have all drivers that most ratings have; ``left_out`` lack one of them. ``surprises`` come farthest
    first; they are part of every figure."""

    drivers: Mapping[str, Outcome]
    n: int
    left_out: int
    explained: float | None
    surprises: tuple[Surprise, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The most important ones first; those without an importance last."""
        found = [one for one in self.drivers.values() if isinstance(one, DriverResult) and one.is_named]
        return tuple(one.driver for one in sorted(found, key=lambda one: one.importance.rank if one.importance else 99))


def effect_of(encoding: Encoding, found: Contrasts, number: int) -> Effect:
    return Effect(encoding.step.better, encoding.step.worse, estimate_of(found, number))


def estimate_of(found: Contrasts, number: int) -> Estimate:
    value = float(found.values[number])
    half = float(
        special.stdtrit(found.freedom[number], 0.5 + CONFIDENCE / 2) * np.sqrt(found.covariance[number, number])
    )
    return Estimate(value, Interval(value - half, value + half), found.n)


def p_of(found: Contrasts, number: int) -> float:
    """Of a contrast on being nought."""
    error = float(np.sqrt(found.covariance[number, number]))
    if error == 0:
        return 1.0
    return float(2 * special.stdtr(found.freedom[number], -abs(found.values[number]) / error))


def joint_p(found: Contrasts, first: int) -> float:
    """Of all contrasts from this one on being nought, one of which follows from the others: Wald 1943, with the degrees
    of freedom of the contrast that has fewest."""
    values, covariance = found.values[first:], found.covariance[first:, first:]
    statistic = float(values @ np.linalg.pinv(covariance, hermitian=True, rcond=1e-6) @ values)
    free = len(values) - 1
    return float(special.fdtrc(free, found.freedom[first:].min(), statistic / free))
