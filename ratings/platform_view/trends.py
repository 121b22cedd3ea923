"""Does a client's service get better or worse? Twelve weeks of kept promises and marks, with intervals, in a sentence.

Weekly sums come from the public rows. A share has Wilson's interval, a mean mark Student's, of the week's marks.
Whether there is a trend is Mann and Kendall's test over the weeks; of all tests on the page Holm's method keeps the
chance of any false "rising" or "falling" at one in twenty. What is too small to say anything says so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext, gettext_lazy

from ratings.analysis import special
from ratings.analysis.marks import Distribution, mean_and_variance, mean_interval
from ratings.analysis.results import (
    CONFIDENCE,
    ERROR_ALLOWED,
    HIGHEST_MARK,
    LOWEST_MARK,
    SMALLEST_GROUP,
    Interval,
    holm,
)
from ratings.analysis.shares import wilson
from ratings.analysis.trend import FEWEST_PERIODS, mann_kendall
from ratings.periods import span_of
from ratings.selectors import local_today
from tenants.models import Organisation, PeriodKind, ReportFigures

WEEKS = 12


class Course(StrEnum):
    """The order is the page's: what falls comes first."""

    FALLING = "falling"
    STEADY = "steady"
    RISING = "rising"
    UNKNOWN = "unknown"


ORDER = list(Course)


@dataclass(frozen=True, slots=True)
class Point:
    """One week. ``value`` and ``interval`` are None when there were fewer than ten."""

    starts_on: date
    n: int
    value: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Series:
    """One measure of one client. ``p`` is adjusted for all tests of the page; None when there are too few weeks."""

    name: str
    label: str | LazyText
    low: float
    high: float
    points: tuple[Point, ...]
    p: float | None = None
    direction: float = 0.0

    @property
    def used(self) -> int:
        return sum(point.value is not None for point in self.points)

    @property
    def course(self) -> Course:
        if self.p is None:
            return Course.UNKNOWN
        if self.p > ERROR_ALLOWED or self.direction == 0:
            return Course.STEADY
        return Course.RISING if self.direction > 0 else Course.FALLING


@dataclass(frozen=True, slots=True)
class Told:
    starts_on: date
    text: str


@dataclass(frozen=True, slots=True)
class ClientTrend:
    """The measures of one client, and what is said of them."""

    id: UUID
    name: str
    colour: str
    series: tuple[Series, ...]

    @property
    def course(self) -> Course:
        """Falling if anything falls, else rising if anything rises; unknown only when nothing can be said."""
        courses = {one.course for one in self.series}
        said = (Course.FALLING, Course.RISING, Course.STEADY)
        return next((course for course in said if course in courses), Course.UNKNOWN)

    @property
    def weeks(self) -> list[tuple["Told", ...]]:
        """The points of all measures, newest week first, as a table shows them."""
        told = [[Told(point.starts_on, point_text(one, point)) for point in one.points] for one in self.series]
        return list(zip(*told, strict=True))[::-1]

    @property
    def sentence(self) -> str:
        """In words: what rises or falls, and where from and to."""
        told = [_told(one) for one in self.series if one.course in (Course.FALLING, Course.RISING)]
        if told:
            return " ".join(told)
        if self.course == Course.UNKNOWN:
            weeks = max(one.used for one in self.series)
            return gettext(
                "Not enough data: %(weeks)s weeks with ten or more, %(needed)s are needed to speak of a trend."
            ) % {"weeks": weeks, "needed": FEWEST_PERIODS}
        return gettext("Steady: nothing rises or falls by more than chance alone would show.")


def _told(series: Series) -> str:
    values = [point for point in series.points if point.value is not None]
    first, last = values[0], values[-1]
    words = (
        gettext("%(figure)s fall, from %(first)s in the first week to %(last)s in the last.")
        if series.course == Course.FALLING
        else gettext("%(figure)s rise, from %(first)s in the first week to %(last)s in the last.")
    )
    return words % {
        "figure": series.label,
        "first": value_text(series, first.value),
        "last": value_text(series, last.value),
    }


def value_text(series: Series, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}%" if series.high == 100 else f"{value:.1f}"


def point_text(series: Series, point: Point) -> str:
    """The value with its interval and n; of too few only how many."""
    if point.value is None or point.interval is None:
        return f"– (n = {number_format(point.n)})"
    reach = f"{value_text(series, point.interval.low)}–{value_text(series, point.interval.high)}"
    return f"{value_text(series, point.value)} ({reach}, n = {number_format(point.n)})"


def client_trends() -> list[ClientTrend]:
    """Every client's last twelve weeks that are over, worst first. Three queries."""
    this_week = span_of(PeriodKind.WEEK, local_today(settings.PLATFORM_TIME_ZONE)).first
    mondays = [this_week - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]
    rows = ReportFigures.objects.filter(period_kind=PeriodKind.WEEK, starts_on__in=mondays)
    figures = {(row.organisation_id, row.starts_on): row.figures for row in rows}
    clients = Organisation.objects.filter(~Q(state=Organisation.State.ARCHIVED), kind=Organisation.Kind.CLIENT)
    found = [
        ClientTrend(
            client.pk, client.name, client.colour, _series([figures.get((client.pk, day)) for day in mondays], mondays)
        )
        for client in clients.order_by("name")
    ]
    return sorted(judged(found), key=lambda one: ORDER.index(one.course))


def judged(clients: Sequence[ClientTrend]) -> list[ClientTrend]:
    """With p-values adjusted over all measures of all clients."""
    tested = [one for client in clients for one in client.series if one.p is not None]
    adjusted = iter(holm([one.p for one in tested if one.p is not None]))
    return [
        replace(
            client,
            series=tuple(one if one.p is None else replace(one, p=next(adjusted)) for one in client.series),
        )
        for client in clients
    ]


def _series(weeks: Sequence[Mapping[str, Any] | None], mondays: Sequence[date]) -> tuple[Series, ...]:
    def shares(part: str, whole: str) -> tuple[Point, ...]:
        return tuple(
            _share_point(day, one.get(part) or 0, one.get(whole) or 0) if one else Point(day, 0, None, None)
            for day, one in zip(mondays, weeks, strict=True)
        )

    first, following = shares("first_replies_kept", "first_replies"), shares("follow_ups_kept", "follow_ups")
    marks = tuple(
        _mark_point(day, one.get("marks")) if one else Point(day, 0, None, None)
        for day, one in zip(mondays, weeks, strict=True)
    )
    return (
        _tested(Series("first", gettext_lazy("First replies in time"), 0, 100, first)),
        _tested(Series("following", gettext_lazy("Following replies in time"), 0, 100, following)),
        _tested(Series("marks", gettext_lazy("Mean marks"), 1, 10, marks)),
    )


def _tested(series: Series) -> Series:
    values = [(place, point.value) for place, point in enumerate(series.points) if point.value is not None]
    if len(values) < FEWEST_PERIODS:
        return series
    middle = sum(place for place, _value in values) / len(values)
    direction = sum((place - middle) * value for place, value in values)
    return replace(series, p=mann_kendall([value for _place, value in values]), direction=direction)


def _share_point(day: date, part: int, whole: int) -> Point:
    if whole < SMALLEST_GROUP:
        return Point(day, whole, None, None)
    found = wilson(part, whole)
    return Point(day, whole, 100 * part / whole, Interval(100 * found.low, 100 * found.high))


def _mark_point(day: date, counts: Sequence[int] | None) -> Point:
    """None: the week was counted before its marks were kept apart.

    Student 1908, "The probable error of a mean", Biometrika 6:1–25: the bootstrap of ``mean_interval`` is better for
    few and skewed marks, but over a thousand weeks it takes seconds. Marks that are all equal have that one's.
    """
    marks = Distribution(tuple(counts)) if counts else None
    if marks is None or marks.n < SMALLEST_GROUP:
        return Point(day, marks.n if marks else 0, None, None)
    mean, variance = mean_and_variance(marks)
    if variance == 0:
        return Point(day, marks.n, mean, mean_interval(marks, seed=0))
    half = float(special.stdtrit(marks.n - 1, 0.5 + CONFIDENCE / 2)) * math.sqrt(variance / marks.n)
    return Point(day, marks.n, mean, Interval(max(LOWEST_MARK, mean - half), min(HIGHEST_MARK, mean + half)))
