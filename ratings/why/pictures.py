"""Where things lie in the pictures, in per cent of their width, so that nothing is distorted when the page stretches
them. Every picture stands in a table or beside one that says the same in numbers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ratings.analysis import Distribution, Estimate, Interval

MARGIN = 3.0
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
MOST_TICKS = 5
NARROWEST = 0.1
BAR_WIDTH = 7.0
TALLEST_BAR = 76.0
LOWEST_EDGE = 88.0
"""Above it stand the bars, below it the marks."""


@dataclass(frozen=True, slots=True)
class Axis:
    """From ``low`` to ``high``, with whole multiples of a step as ``ticks``."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(MARGIN + (100 - 2 * MARGIN) * share, 2)

    @property
    def marked(self) -> tuple[tuple[float, float], ...]:
        """Each tick's value and place."""
        return tuple((tick, self.place(tick)) for tick in self.ticks)


@dataclass(frozen=True, slots=True)
class Dot:
    """A value and its interval, as places."""

    low: float
    at: float
    high: float


@dataclass(frozen=True, slots=True)
class Bar:
    """How often a mark was given: a bar of this height, its foot on ``LOWEST_EDGE``."""

    mark: int
    count: int
    x: float
    middle: float
    y: float
    height: float

    @property
    def label_y(self) -> float:
        return self.y - 2.5


def axis_over(intervals: Iterable[Interval], least: float, most: float) -> Axis:
    """Round ends around all intervals, within the scale."""
    intervals = list(intervals)
    low = max(min((one.low for one in intervals), default=least), least)
    high = min(max((one.high for one in intervals), default=most), most)
    step = _step(max(high - low, NARROWEST))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if first == last:
        first, last = (first - 1, last) if (last + 1) * step > most else (first, last + 1)
    ticks = [round(place * step, 6) for place in range(first, last + 1)]
    ends = max(ticks[0], least), min(ticks[-1], most)
    return Axis(*ends, tuple(tick for tick in ticks if ends[0] <= tick <= ends[1]))


def axis_around_nought(intervals: Iterable[Interval]) -> Axis:
    """As far to the left as to the right, so that more and less look alike."""
    reach = max((max(abs(one.low), abs(one.high)) for one in intervals), default=1.0)
    step = _step(2 * max(reach, NARROWEST))
    steps = math.ceil(max(reach, NARROWEST) / step - 1e-9)
    return Axis(-steps * step, steps * step, tuple(round(place * step, 6) for place in range(-steps, steps + 1)))


def _step(width: float) -> float:
    return next((step for step in STEPS if width / step <= MOST_TICKS), STEPS[-1] * math.ceil(width / 25))


def dot(axis: Axis, value: float, interval: Interval) -> Dot:
    return Dot(axis.place(interval.low), axis.place(value), axis.place(interval.high))


def bars(distribution: Distribution) -> Sequence[Bar]:
    tallest = max(*distribution.counts, 1)
    found = []
    for place, count in enumerate(distribution.counts):
        height = round(TALLEST_BAR * count / tallest, 2)
        middle = 10.0 * place + 5
        found.append(Bar(place + 1, count, middle - BAR_WIDTH / 2, middle, LOWEST_EDGE - height, height))
    return found


@dataclass(frozen=True, slots=True)
class Point:
    """One period's mean and its interval, as places from the left and from the top. ``line`` leads to the next period
    that has one."""

    x: float
    y: float
    low: float
    high: float
    line: tuple[float, float] | None = None


def course(axis: Axis, means: Sequence[Estimate | None]) -> list[Point]:
    """Periods without a mean keep their place and break the line."""
    width = 100 / max(len(means), 1)
    found = []
    for place, one in enumerate(means):
        if one is None:
            continue
        x = round(width * (place + 0.5), 2)
        y, low, high = (round(100 - axis.place(value), 2) for value in (one.value, one.interval.low, one.interval.high))
        following = means[place + 1] if place + 1 < len(means) else None
        line = None if following is None else (round(x + width, 2), round(100 - axis.place(following.value), 2))
        found.append(Point(x, y, low, high, line))
    return found
