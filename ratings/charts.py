"""The drawings of the client's pages, as numbers: the templates only write them down."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

# Units of the drawing; the page stretches it.
CHART_HEIGHT = 100
BAR_PITCH = 20
BAR_WIDTH = 14
SPARK_WIDTH, SPARK_HEIGHT = 100, 24


class Counted(Protocol):
    @property
    def kept(self) -> int: ...
    @property
    def late(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Replies of one day (or week, or month), in time below and late on top. ``is_counted`` is False for one that
    nobody counted yet."""

    day: date
    x: int
    is_counted: bool
    kept: int
    late: int
    kept_height: float
    late_height: float
    kept_y: float
    late_y: float

    @property
    def due(self) -> int:
        return self.kept + self.late


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """``top`` is the number of replies at the chart's upper edge."""

    bars: list[Bar]
    top: int
    width: int
    height: int = CHART_HEIGHT
    bar_width: int = BAR_WIDTH

    @property
    def is_empty(self) -> bool:
        return not any(bar.due for bar in self.bars)


def chart(days: Sequence[date], counted: Mapping[date, Counted]) -> Chart:
    """Replies that were due on each of these days: in time, and too late."""
    top = max([1, *(one.kept + one.late for one in counted.values())])
    bars = [_bar(day, position, counted.get(day), top) for position, day in enumerate(days)]
    return Chart(bars=bars, top=top, width=len(days) * BAR_PITCH)


def _bar(day: date, position: int, counted: Counted | None, top: int) -> Bar:
    kept, late = (counted.kept, counted.late) if counted else (0, 0)
    kept_height, late_height = kept * CHART_HEIGHT / top, late * CHART_HEIGHT / top
    return Bar(
        day=day,
        x=position * BAR_PITCH + (BAR_PITCH - BAR_WIDTH) // 2,
        is_counted=counted is not None,
        kept=kept,
        late=late,
        kept_height=round(kept_height, 2),
        late_height=round(late_height, 2),
        kept_y=round(CHART_HEIGHT - kept_height, 2),
        late_y=round(CHART_HEIGHT - kept_height - late_height, 2),
    )


def spark(values: Sequence[float | None], bottom: float | None = None, top: float | None = None) -> str:
    """An SVG path through the values, broken where there is none; from the lowest to the highest unless said. Empty
    for fewer than two values."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low = min(known) if bottom is None else bottom
    high = max(known) if top is None else top
    return " ".join(_strokes(values, low, (high - low) or 1, SPARK_WIDTH / max(1, len(values) - 1)))


def _strokes(values: Sequence[float | None], low: float, span: float, pitch: float) -> Iterator[str]:
    is_drawing = False
    for position, value in enumerate(values):
        if value is None:
            is_drawing = False
            continue
        y = SPARK_HEIGHT - 2 - (value - low) / span * (SPARK_HEIGHT - 4)
        x = round(position * pitch, 1)
        # A lone value between two gaps is a short dash.
        yield f"{'L' if is_drawing else 'M'}{x:g} {y:.1f}" + ("" if is_drawing else f"h{min(0.5, pitch):g}")
        is_drawing = True
