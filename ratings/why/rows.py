"""What the page's tables are made of: rows with a picture in each, in the language that is active."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format

from ratings.analysis import Estimate, share
from ratings.why.pictures import Axis, Dot
from ratings.why.words import share_interval, signed
from tenants.shares import share_percent

SIGNS = {"worse": "▼", "as_expected": "●", "better": "▲"}
NARROWEST_SIGNED = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table: what it is about, its picture, and the same in numbers. ``link`` narrows the page to it.
    ``is_named``: not to be put down to chance."""

    label: str
    dot: Dot
    value: str
    interval: str
    n: int
    note: str = ""
    link: str = ""
    is_named: bool = True
    width: float = 0.0
    """Of the bar, where the row has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Rows on one axis; ``reference`` is where the line stands that they are compared with. ``left_out`` says what is
    not shown, and why."""

    title: str
    rows: Sequence[Row]
    ticks: Sequence[tuple[str, float]]
    reference: float | None = None
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """A driver of which nothing is said, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One of several shares that make a whole: ``start`` and ``width`` in per cent of the bar. ``name`` is its look:
    better, as_expected, worse, or anything else."""

    name: str
    label: str
    percent: int
    interval: str
    count: int
    n: int
    start: float
    width: float

    @property
    def sign(self) -> str:
        """What tells it apart without its colour."""
        return SIGNS.get(self.name, "")

    @property
    def sign_at(self) -> float | None:
        """The middle of its part of the bar, if there is room."""
        return round(self.start + self.width / 2, 2) if self.width >= NARROWEST_SIGNED else None


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def shares_of(parts: Sequence[tuple[str, str, int]], n: int) -> list[Share]:
    """Empty below the smallest group."""
    found: list[Share] = []
    start = 0.0
    for name, label, count in parts:
        estimate = share(count, n)
        if not isinstance(estimate, Estimate):
            return []
        width = round(100 * estimate.value, 2)
        found.append(
            Share(
                name=name,
                label=label,
                percent=share_percent(count, n),
                interval=share_interval(estimate.interval),
                count=count,
                n=n,
                start=start,
                width=width,
            )
        )
        start = round(start + width, 2)
    return found


def ticks_of(axis: Axis, decimals: int, *, is_signed: bool = False) -> list[tuple[str, float]]:
    return [
        (signed(value, decimals) if is_signed else number_format(value, decimals), place)
        for value, place in axis.marked
    ]


def decimals_of(axis: Axis) -> int:
    return 0 if all(float(tick).is_integer() for tick in axis.ticks) else 1
