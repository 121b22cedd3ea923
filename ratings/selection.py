"""Which conversations a page of figures is about: a period and what narrows it, as one value that is a shareable link.

All numbers of a page are counted over the same selection, and each leads to the conversations behind it.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from ratings.periods import Kind, span_of

MOST_DAYS = 732
"""Two years: more is a matter for an export."""
USUAL_DAYS = 30
NARROWING = ("website", "language", "topic", "purpose")


class Compare(StrEnum):
    """Beside what a period is shown."""

    BEFORE = "before"
    YEAR = "year"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The conversations of the organisation's local days from ``first`` to ``last``, both included; an empty string
    narrows nothing."""

    first: date
    last: date
    website: str = ""
    language: str = ""
    topic: str = ""
    purpose: str = ""

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days < MOST_DAYS:
            raise ValueError(f"A period has 1 to {MOST_DAYS} days: {self.first} to {self.last}.")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_narrowed(self) -> bool:
        return any(getattr(self, name) for name in NARROWING)

    def before(self) -> "Selection":
        """The period that ends where this one begins: whole months before whole months, else as many days."""
        last = self.first - timedelta(days=1)
        first = last - timedelta(days=self.days - 1)
        if self._is_whole_months():
            months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
            first = months_earlier(self.first, months)
        return replace(self, first=first, last=last)

    def year_before(self) -> "Selection":
        """The same dates a year earlier; the 29th of February becomes the 28th."""
        return replace(self, first=months_earlier(self.first, 12), last=months_earlier(self.last, 12))

    def compared(self, compare: Compare) -> "Selection | None":
        """What it is shown beside."""
        return {Compare.BEFORE: self.before, Compare.YEAR: self.year_before, Compare.NONE: lambda: None}[compare]()

    def _is_whole_months(self) -> bool:
        return self.first.day == 1 and self.last == span_of(Kind.MONTH, self.last).last

    def query(self, **more: str) -> str:
        """As a link carries it; ``more`` beside it. Empty fields are left out."""
        values = {one.name: str(getattr(self, one.name)) for one in fields(self)}
        return urlencode({name: value for name, value in {**values, **more}.items() if value})


def usual(today: date) -> Selection:
    """The last 30 days that are over."""
    return Selection(first=today - timedelta(days=USUAL_DAYS), last=today - timedelta(days=1))


def selection_of(query: Mapping[str, str], today: date) -> tuple[Selection, list[str]]:
    """The selection of a link, and the names of the fields that had to be put right: a date that is none, a period that
    is turned around, too long or begins in the future."""
    wrong = []
    dates: dict[str, date] = {}
    for name in ("first", "last"):
        try:
            if query.get(name):
                dates[name] = date.fromisoformat(query[name])
        except ValueError:
            wrong.append(name)
    last = dates.get("last", max(today - timedelta(days=1), dates.get("first", today - timedelta(days=1))))
    first = dates.get("first", last - timedelta(days=USUAL_DAYS - 1))
    if first > today:
        wrong.append("first")
        first, last = today, today
    if first > last:
        wrong.append("first")
        first, last = last, first
    if (last - first).days >= MOST_DAYS:
        wrong.append("first")
        first = last - timedelta(days=MOST_DAYS - 1)
    return Selection(first=first, last=last, **{name: query.get(name, "")[:40] for name in NARROWING}), wrong


def months_earlier(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
