"""How a driver enters the model: as a curve, as steps, or as yes and no."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from ratings.analysis.results import Floats, NotEnoughData

# Fewest conversations that must differ from the driver's most frequent value before its effect can be told.
FEWEST_DIFFERENT = 50
MOST_STEPS = 3
MOST_LEVELS = 7
# Where the knots of a natural spline lie, as quantiles, from so many ratings on. The short rows are Harrell's (2015,
# Regression Modeling Strategies, table 2.3); his seven are too few at the upper end, where waits are rare and long.
KNOTS = (
    (5_000, (0.02, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.98)),
    (2_000, (0.05, 0.275, 0.5, 0.725, 0.95)),
    (0, (0.1, 0.5, 0.9)),
)
SECONDS_OFFSET = 1.0


class Kind(Enum):
    WAIT = "seconds"  # a natural cubic spline of the logarithm; 0 (nobody waited) has a level of its own
    SCALE = "scale"  # a level per value when there are few, otherwise a cubic curve
    STEPS = "steps"  # 1, 2, 3 or more, each with its own level
    YES_NO = "yes or no"


@dataclass(frozen=True, slots=True)
class Step:
    """What is compared: the mark when the driver is ``better`` with the mark when it is ``worse``."""

    better: float
    worse: float


@dataclass(frozen=True, slots=True)
class Driver:
    """``name`` is a field of ``RatedConversations`` or a factor question. Without ``step`` the data's quartiles are."""

    name: str
    kind: Kind
    step: Step | None = None
    is_factor: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """A driver's columns, centred and made uncorrelated by constants that were read off the data once. The columns of a
    spline are nearly the same otherwise, and what keeps coefficients in bounds would flatten the curve."""

    driver: Driver
    step: Step
    raw: Callable[[Floats], Floats]
    centre: Floats
    whiten: Floats

    @property
    def size(self) -> int:
        return len(self.centre)

    def columns(self, values: Floats) -> Floats:
        """(columns, rows)."""
        columns = self.raw(values)
        columns -= self.centre[:, None]
        return np.asarray(self.whiten @ columns)

    @property
    def ends(self) -> Floats:
        """(columns, 2): better and worse."""
        return self.columns(np.array([self.step.better, self.step.worse], dtype=np.float64))

    @property
    def direction(self) -> Floats:
        """What the step changes in the columns."""
        ends = self.ends
        return np.asarray(ends[:, 0] - ends[:, 1])


def encode(driver: Driver, values: Floats) -> Encoding | NotEnoughData:
    """``values`` are all recorded ones of the rows that will be analysed, or a sample of them."""
    lacking = lacks_variety(values, FEWEST_DIFFERENT)
    if lacking is not None:
        return lacking
    step = step_of(driver, values)
    if step.better == step.worse:
        return NotEnoughData("different quartiles", 1, 2)
    raw = _raw(driver.kind, values)
    columns = raw(values)
    centre = columns.mean(axis=1)
    scale = columns.std(axis=1)
    scale = np.where(scale > 0, scale, 1.0)
    standard = (columns - centre[:, None]) / scale[:, None]
    correlation = standard @ standard.T / len(values) + 1e-10 * np.eye(len(standard))
    whiten = np.linalg.inv(np.linalg.cholesky(correlation)) / scale
    return Encoding(driver, step, raw, centre, whiten)


def lacks_variety(values: Floats, fewest: int) -> NotEnoughData | None:
    """Nothing can be told of a driver that hardly ever differs."""
    counts = np.unique(values, return_counts=True)[1]
    different = len(values) - int(counts.max()) if len(values) else 0
    return None if different >= fewest else NotEnoughData("conversations that differ", different, fewest)


def step_of(driver: Driver, values: Floats) -> Step:
    """The named step where the data reach it, else from one quartile to the other (better is the higher one, for waits
    and steps the lower one); where these are equal, between the ends of the middle 90 %."""
    low, high = np.quantile(values, [0.01, 0.99])
    if driver.step is not None and all(low <= end <= high for end in (driver.step.better, driver.step.worse)):
        return driver.step
    first, third = np.quantile(values, [0.25, 0.75], method="nearest")
    if first == third:
        first, third = np.quantile(values, [0.05, 0.95], method="nearest")
    is_less_better = driver.kind in (Kind.WAIT, Kind.STEPS)
    return Step(float(first), float(third)) if is_less_better else Step(float(third), float(first))


def _raw(kind: Kind, values: Floats) -> Callable[[Floats], Floats]:
    if kind is Kind.YES_NO or len(distinct := np.unique(values)) == 2:
        return lambda one: one[None].copy()
    if kind is Kind.STEPS:
        return _levels(np.minimum(values, MOST_STEPS))
    if kind is Kind.SCALE and len(distinct) <= MOST_LEVELS:
        return _levels(values)
    if kind is Kind.SCALE:
        middle = float(values.mean())
        return lambda one: _cubic(one, middle)
    return _wait_columns(values)


def _levels(values: Floats) -> Callable[[Floats], Floats]:
    """A column per value but the lowest: reached or not. Values that are rare go with the next lower one."""
    found, counts = np.unique(values, return_counts=True)
    limits, enough = [], 0
    for level, count in zip(found[::-1], counts[::-1], strict=True):
        enough += int(count)
        if enough >= FEWEST_DIFFERENT and level > found[0]:
            limits.append(level)
            enough = 0
    at = np.array(limits[::-1])
    return lambda one: (one[None] >= at[:, None]).astype(np.float64)


def _wait_columns(values: Floats) -> Callable[[Floats], Floats]:
    waited = np.log(values[values > 0] + SECONDS_OFFSET)
    quantiles = next(quantiles for rows, quantiles in KNOTS if len(values) >= rows)
    knots = np.unique(np.quantile(waited, quantiles))
    zeros = len(values) - len(waited)

    def columns(one: Floats) -> Floats:
        spline = natural_spline(np.where(one > 0, np.log(one + SECONDS_OFFSET), knots[0]), knots)
        return np.concatenate([spline, (one <= 0)[None]]) if zeros >= FEWEST_DIFFERENT else spline

    return columns


def natural_spline(x: Floats, knots: Floats) -> Floats:
    """(knots − 1, rows): x itself, and cubic pieces that are straight beyond the outer knots. With two knots only x.

    Stone and Koo 1985; written as in Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, (5.4).
    """
    if len(knots) < 3:
        return x[None].copy()
    span = knots[-1] - knots[0]
    t, at = (x - knots[0]) / span, (knots - knots[0]) / span
    columns = np.empty((len(knots) - 1, len(x)))
    columns[0] = t
    last = _cubed(t - at[-1])
    before_last = (_cubed(t - at[-2]) - last) / (at[-1] - at[-2])
    for place in range(len(knots) - 2):
        columns[place + 1] = (_cubed(t - at[place]) - last) / (at[-1] - at[place]) - before_last
    return columns


def _cubic(x: Floats, middle: float) -> Floats:
    around = x - middle
    squared = around * around
    return np.stack([x, squared, squared * around])


def _cubed(x: Floats) -> Floats:
    above = np.maximum(x, 0.0)
    return above * above * above
