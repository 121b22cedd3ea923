"""Days, weeks and months on an organisation's own calendar. Weeks begin on Monday (ISO 8601)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import formats
from django.utils.translation import gettext

from tenants.models import PeriodKind as Kind

# How far back a missed night, or a rating that came late, still makes a report.
CATCH_UP_DAYS = {Kind.DAY: 14, Kind.WEEK: 35, Kind.MONTH: 62}


@dataclass(frozen=True, slots=True)
class Span:
    """The local days from ``first`` to ``last``, both included."""

    kind: Kind
    first: date
    last: date


def span_of(kind: str, day: date) -> Span:
    """The day, week or month in which ``day`` lies."""
    if kind == Kind.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Span(Kind.WEEK, monday, monday + timedelta(days=6))
    if kind == Kind.MONTH:
        return Span(Kind.MONTH, day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
    return Span(Kind.DAY, day, day)


def spans_over(kind: Kind, since: date, today: date) -> list[Span]:
    """The spans that have ended before ``today``, from the one in which ``since`` lies; oldest first."""
    spans = []
    span = span_of(kind, since)
    while span.last < today:
        spans.append(span)
        span = span_of(kind, span.last + timedelta(days=1))
    return spans


def title(span: Span) -> str:
    """As a heading, in the language of the page."""
    if span.kind == Kind.WEEK:
        year, week, _weekday = span.first.isocalendar()
        first, last = (formats.date_format(day, "DATE_FORMAT") for day in (span.first, span.last))
        words = gettext("Week %(week)s of %(year)s: %(first)s to %(last)s")
        return words % {"week": week, "year": year, "first": first, "last": last}
    if span.kind == Kind.MONTH:
        return formats.date_format(span.first, "YEAR_MONTH_FORMAT")
    return formats.date_format(span.first, gettext("l j F Y"))
