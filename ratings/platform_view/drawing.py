"""Small multiples: one measure of one client over the weeks, drawn to the scale that all clients share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ratings.platform_view.trends import ClientTrend, Point, Series, point_text, value_text

# Units of the drawing; the page stretches it.
WIDTH, HEIGHT, EDGE = 220.0, 72.0, 6.0
STEPS = {100: 10, 10: 1}


@dataclass(frozen=True, slots=True)
class Dot:
    """One week: where it stands, how far its interval reaches, and what it says."""

    x: float
    y: float
    upper: float
    lower: float
    point: Point
    text: str


@dataclass(frozen=True, slots=True)
class Small:
    """``lines`` join weeks that follow each other; one without a value is a gap. ``low`` and ``high`` are the scale."""

    series: Series
    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    low: str
    high: str
    first: str
    last: str

    @property
    def is_empty(self) -> bool:
        return not self.dots


def small_multiples(clients: Sequence[ClientTrend]) -> list[tuple[ClientTrend, list[Small]]]:
    """Each client with its drawings, in the order given."""
    scales = {}
    for place in range(len(clients[0].series) if clients else 0):
        column = [client.series[place] for client in clients]
        scales[column[0].name] = _scale(column)
    return [(client, [_drawn(one, scales[one.name]) for one in client.series]) for client in clients]


def _scale(column: Sequence[Series]) -> tuple[float, float]:
    """From the step below the lowest interval of any client up to the measure's end."""
    top = column[0].high
    step = STEPS[round(top)]
    lowest = [point.interval.low for series in column for point in series.points if point.interval is not None]
    floor = math.floor(min(lowest, default=column[0].low) / step) * step
    return max(column[0].low, min(floor, top - 2 * step)), top


def _drawn(series: Series, scale: tuple[float, float]) -> Small:
    low, high = scale
    pitch = (WIDTH - 2 * EDGE) / max(1, len(series.points) - 1)

    def height(value: float) -> float:
        return round(EDGE + (HEIGHT - 2 * EDGE) * (high - value) / (high - low), 1)

    dots: list[Dot] = []
    lines: list[list[str]] = []
    line: list[str] = []
    for place, point in enumerate(series.points):
        if point.value is None or point.interval is None:
            lines, line = [*lines, line], []
            continue
        x = round(EDGE + place * pitch, 1)
        upper, lower = height(point.interval.high), height(point.interval.low)
        dots.append(Dot(x, height(point.value), upper, lower, point, point_text(series, point)))
        line.append(f"{x},{dots[-1].y}")
    lines.append(line)
    return Small(
        series=series,
        dots=tuple(dots),
        lines=tuple(" ".join(one) for one in lines if len(one) > 1),
        low=value_text(series, low),
        high=value_text(series, high),
        first=dots[0].text if dots else "–",
        last=dots[-1].text if dots else "–",
    )
