"""All that is said of a selection's marks: read, analysed and kept for a few minutes.

It is reckoned when somebody asks, in the request's own thread: 20,000 ratings take two seconds, half of which numpy and
the database leave to other threads. One reckoning at a time keeps a crowd of managers from taking the whole processor.
"""

import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from ratings.analysis import (
    SMALLEST_GROUP,
    Distribution,
    DriverAnalysis,
    ExpectationGap,
    MarkSummary,
    NotEnoughData,
    Step,
    Trend,
    Withheld,
    analyse_drivers,
    by_group,
    distribution_of,
    expectation_gap,
    summary,
    trend,
)
from ratings.analysis.results import HIGHEST_MARK
from ratings.analysis.trend import FEWEST_PERIODS
from ratings.reports import SELECTED, parameters
from ratings.resolution import Resolution, first_contacts
from ratings.selection import Selection
from ratings.why.reading import GROUPINGS, MOST_RATINGS, Given, Rated, columns, given_in, newest_said, rated_in
from tenants.context import OrganisationRef

MOST_GROUPS = 12
MOST_SURPRISES = 10
MOST_LOWEST = 10
LOWEST_MARKS = (1, 2)
HIGHEST_ANSWER = 5
PERIOD_DAYS = (1, 2, 3, 7, 14, 28)
"""How long a trend's periods may be."""
MOST_PERIODS = 62
LARGE_ENOUGH = 0.9
"""Of its periods, so many must hold ratings enough."""
KEPT_SECONDS = 300
MOST_KEPT = 64
CONTACTS_AT_ONCE = 250
"""With a thousand, the garbage collector now and then kept other threads waiting for a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Group:
    """``key`` is as it is stored: a topic, an hour such as 09, a path."""

    key: str
    marks: MarkSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """The groups that are large enough, those with the most ratings first, hours in their order. ``withheld`` groups
    are too small and have ``withheld_ratings`` together; ``further`` ones are large enough and left out of the page."""

    name: str
    groups: tuple[Group, ...]
    withheld: int
    withheld_ratings: int
    not_recorded: int
    further: int

    @property
    def has_several(self) -> bool:
        """One group that holds everything says what the whole says."""
        return len(self.groups) > 1 or bool(self.withheld or self.not_recorded)


@dataclass(frozen=True, slots=True)
class FactorMean:
    """Answers to one question of the rating form, on a scale from 1 to 5."""

    factor: str
    answers: MarkSummary | Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstContacts:
    """Conversations by whether their question was solved at the first contact: as visitors said, and, of the others,
    as is inferred from whether they came back."""

    said: tuple[int, int, int]
    """Solved, partly, not."""
    inferred: tuple[int, int]
    """Solved, not."""
    not_known: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One conversation; ``expected`` is the mean mark of conversations like it."""

    conversation: str
    opened_at: datetime
    mark: int
    expected: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """``ratings`` are all of the selection, ``analysed`` the newest of them: means of groups, drivers and lists are of
    these, everything else is of all."""

    asked: int
    ratings: int
    analysed: int
    marks: MarkSummary | Withheld
    expectation: ExpectationGap | Withheld
    trend: Trend | NotEnoughData
    trend_days: int
    course: tuple[MarkSummary | Withheld, ...]
    """The periods of the trend, oldest first; the last one ends with the selection."""
    grouped: tuple[Grouped, ...]
    factors: tuple[FactorMean, ...]
    drivers: DriverAnalysis
    contacts: FirstContacts
    surprises: tuple[Listed, ...]
    lowest: tuple[Listed, ...]
    lowest_count: int

    @property
    def is_cut(self) -> bool:
        return self.analysed < self.ratings


_Key = tuple[UUID, Selection, int, int, tuple[object, ...]]
_kept: OrderedDict[_Key, tuple[float, Why]] = OrderedDict()
_keeping, _reckoning = threading.Lock(), threading.Lock()


def why_of(organisation: OrganisationRef, selection: Selection) -> Why:
    """What is said of the selection's marks, at most five minutes old and never older than the newest mark or answer.
    One query, and some more when it is reckoned anew."""
    promised = organisation.first_reply_seconds, organisation.follow_up_seconds
    key = (organisation.id, selection, *promised, newest_said(organisation))
    kept = _fresh(key)
    if kept is None:
        with _reckoning:
            kept = _fresh(key) or _keep(key, reckon(organisation, selection))
    return kept


def _fresh(key: _Key) -> Why | None:
    with _keeping:
        made_at, kept = _kept.get(key, (0.0, None))
        if kept is None or time.monotonic() - made_at > KEPT_SECONDS:
            return None
        _kept.move_to_end(key)
        return kept


def _keep(key: _Key, why: Why) -> Why:
    with _keeping:
        _kept[key] = time.monotonic(), why
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return why


def reckon(organisation: OrganisationRef, selection: Selection, most: int = MOST_RATINGS) -> Why:
    """The same, anew. Four queries, one more for every 250 conversations, and two seconds for 20,000 ratings."""
    given = given_in(organisation, selection)
    rated = rated_in(organisation, selection, most)
    drivers = analyse_drivers(rated.data, steps=steps_of(organisation), surprises=MOST_SURPRISES)
    days, periods = periods_of(given, selection)
    low = np.flatnonzero(np.isin(rated.data.mark, LOWEST_MARKS))
    return Why(
        asked=given.asked,
        ratings=given.ratings,
        analysed=len(rated.data),
        marks=summary(Distribution(given.marks)),
        expectation=expectation_gap(np.repeat(np.arange(3), given.expectations)),
        trend=trend(periods),
        trend_days=days,
        course=tuple(summary(one) for one in periods),
        grouped=tuple(grouped(rated, name) for name in GROUPINGS),
        factors=factor_means(rated),
        drivers=drivers,
        contacts=contacts_in(organisation, selection, most),
        surprises=tuple(_listed(rated, one.place, one.expected) for one in drivers.surprises),
        lowest=tuple(_listed(rated, int(place)) for place in low[:MOST_LOWEST]),
        lowest_count=len(low),
    )


def steps_of(organisation: OrganisationRef) -> dict[str, Step]:
    """A reply at the end of its promise beside one that took twice as long."""
    first, later = organisation.first_reply_seconds, organisation.follow_up_seconds
    return {
        "first_wait_seconds": Step(first, 2 * first),
        "worst_follow_up_seconds": Step(later, 2 * later),
    }


def periods_of(given: Given, selection: Selection) -> tuple[int, list[Distribution]]:
    """How many days a period has, and the marks of each, oldest first: the shortest periods most of which hold enough
    ratings. How the marks are plays no part in the choice. Days before the first whole period are left out."""
    lengths = [days for days in PERIOD_DAYS if FEWEST_PERIODS <= selection.days // days <= MOST_PERIODS]
    for days in lengths:
        found = _parted(given, selection, days)
        if sum(one.n >= SMALLEST_GROUP for one in found) >= LARGE_ENOUGH * len(found):
            return days, found
    days = lengths[-1] if lengths else 1
    return days, _parted(given, selection, days)


def _parted(given: Given, selection: Selection, days: int) -> list[Distribution]:
    count = selection.days // days
    sums = np.zeros((count, HIGHEST_MARK), dtype=np.int64)
    for day, counts in given.by_day.items():
        place = count - 1 - (selection.last - day).days // days
        if place >= 0:
            sums[place] += counts
    return [Distribution(tuple(int(one) for one in row)) for row in sums]


def grouped(rated: Rated, name: str) -> Grouped:
    codes, labels = rated.codes[name], rated.labels[name]
    sizes = np.bincount(codes[codes >= 0], minlength=len(labels))
    large = np.flatnonzero(sizes >= SMALLEST_GROUP)
    small = sizes[(sizes > 0) & (sizes < SMALLEST_GROUP)]
    shown = large if name == "hour" else large[np.argsort(-sizes[large], kind="stable")][:MOST_GROUPS]
    marks = by_group(rated.data.mark, np.where(np.isin(codes, shown), codes, -1))
    summaries = [(labels[code], marks[int(code)]) for code in shown]
    return Grouped(
        name=name,
        groups=tuple(Group(label, one) for label, one in summaries if isinstance(one, MarkSummary)),
        withheld=len(small),
        withheld_ratings=int(small.sum()),
        not_recorded=int(np.count_nonzero(codes < 0)),
        further=len(large) - len(shown),
    )


def factor_means(rated: Rated) -> tuple[FactorMean, ...]:
    found = []
    for factor, answers in rated.data.factors.items():
        counts = distribution_of(answers[~np.isnan(answers)])
        found.append(FactorMean(factor, summary(counts, highest=HIGHEST_ANSWER)))
    return tuple(found)


_CLOSED = f"""
SELECT c.id FROM conversations_conversation c
WHERE {SELECTED} AND c.closed_at IS NOT NULL ORDER BY c.opened_at DESC, c.id DESC LIMIT %(most)s
"""  # noqa: S608 (made of constants; what is asked for is given as parameters)


def contacts_in(organisation: OrganisationRef, selection: Selection, most: int) -> FirstContacts:
    """Of the ``most`` newest conversations that are over. One query, and one for every 250 of them."""
    closed = columns(_CLOSED, {**parameters(organisation, selection), "most": most})["id"]
    found: Counter[tuple[Resolution, bool]] = Counter()
    for start in range(0, len(closed), CONTACTS_AT_ONCE):
        portion = first_contacts(organisation, closed[start : start + CONTACTS_AT_ONCE])
        found.update((one.resolution, one.is_said) for one in portion.values())
    return FirstContacts(
        said=(found[Resolution.SOLVED, True], found[Resolution.PARTLY, True], found[Resolution.NOT_SOLVED, True]),
        inferred=(found[Resolution.SOLVED, False], found[Resolution.NOT_SOLVED, False]),
        not_known=found[Resolution.NOT_RECORDED, False],
    )


def _listed(rated: Rated, place: int, expected: float | None = None) -> Listed:
    return Listed(rated.conversations[place], rated.opened_at[place], int(rated.data.mark[place]), expected)
