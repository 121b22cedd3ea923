"""What a report says, without saying how it looks. Plain data; labels become words in the reader's language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.utils.functional import Promise as LazyText

from ratings.periods import Span

SMALL_GROUP = 10
"""Below so many, nothing is concluded from a share or a mean, and its difference is withheld."""


class Unit(StrEnum):
    COUNT = "count"
    PERCENT = "percent"
    SECONDS = "seconds"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it is shown everywhere: already rounded. None when there was nothing to count."""

    value: float | int | None
    unit: Unit
    n: int | None = None
    """How many it is a share or a mean of; None for what is itself a count, and for waits."""
    squared_error: float | None = None
    """Of a mean: its squared standard error, for comparing it; None where single values were not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of a report. ``name`` is for machines and stays the same in every language and version."""

    name: str
    label: str | LazyText
    now: Amount
    before: Amount | None
    """The same in the period before; None when that has no report."""
    difference: Amount | None
    """``now`` less ``before``, of the numbers as they are shown; None when one is missing or its group is small."""
    promised_seconds: int | None = None
    goal: float | None = None
    """What is to be beaten, in the figure's own unit."""


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    label: str | LazyText
    figures: tuple[Figure, ...]


class Tone(StrEnum):
    WORSE = "worse"
    BETTER = "better"
    NOTE = "note"


Written = Mapping[str, Amount | int | str | LazyText]
"""What is written into a sentence, by name."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with ``%(name)s`` in them, and what to write there."""

    words: str | LazyText
    amounts: Written


@dataclass(frozen=True, slots=True)
class Essential:
    """What changed, why probably, what to do. The last two only where the numbers say so."""

    code: str
    tone: Tone
    what: Sentence
    why: Sentence | None = None
    advice: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One period of the chart: replies that were due."""

    starts_on: date
    kept: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDocument:
    """One version of one report, beside the period before it."""

    report_id: UUID
    organisation: str
    slug: str
    colour: str
    time_zone: str
    span: Span
    version: int
    is_current: bool
    built_at: datetime
    first_reply_seconds: int
    follow_up_seconds: int
    has_before: bool
    essentials: tuple[Essential, ...]
    sections: tuple[Section, ...]
    course: tuple[Step, ...]
    """This period and those of its kind before it that have a report; oldest first."""

    def figures(self) -> Iterator[tuple[Section, Figure]]:
        for section in self.sections:
            for figure in section.figures:
                yield section, figure

    def figure(self, name: str) -> Figure:
        return next(figure for _section, figure in self.figures() if figure.name == name)

    @property
    def file_stem(self) -> str:
        """``acme-day-2026-11-22``"""
        return f"{self.slug}-{self.span.kind.value}-{self.span.first.isoformat()}"
