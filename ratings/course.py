"""How a selection's figures went from day to day; over more days from week to week or month to month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ratings.periods import Kind, Span, span_of
from ratings.reports import DUE, SELECTED, parameters
from ratings.selection import Selection
from ratings.selectors import rows
from tenants.context import OrganisationRef

MOST_DAYS_APART = 62
MOST_WEEKS_APART = 53

_COURSE = f"""
WITH day AS MATERIALIZED (
    SELECT c.id, date_trunc(%(step)s, c.opened_at AT TIME ZONE %(zone)s)::date AS starts_on, c.rating_requested_at
    FROM conversations_conversation c WHERE {SELECTED}
), turn AS (
    SELECT day.starts_on,
           count(*) FILTER (WHERE p.kind = 'first') AS first_replies,
           count(*) FILTER (WHERE p.kind = 'first' AND p.outcome = 'kept') AS first_replies_kept,
           count(*) FILTER (WHERE p.kind = 'follow_up') AS follow_ups,
           count(*) FILTER (WHERE p.kind = 'follow_up' AND p.outcome = 'kept') AS follow_ups_kept
    FROM conversations_promise p JOIN day ON day.id = p.conversation_id WHERE {DUE} GROUP BY 1
), marks AS (
    SELECT day.starts_on, count(*) AS given, sum(r.mark) AS mark_sum
    FROM ratings_rating r JOIN day ON day.id = r.conversation_id GROUP BY 1
), talks AS (
    SELECT starts_on, count(*) AS conversations, count(rating_requested_at) AS asked FROM day GROUP BY 1
)
SELECT talks.starts_on, talks.conversations, talks.asked AS ratings_asked,
       coalesce(turn.first_replies, 0) AS first_replies, coalesce(turn.first_replies_kept, 0) AS first_replies_kept,
       coalesce(turn.follow_ups, 0) AS follow_ups, coalesce(turn.follow_ups_kept, 0) AS follow_ups_kept,
       coalesce(marks.given, 0) AS ratings_given, coalesce(marks.mark_sum, 0) AS mark_sum
FROM talks LEFT JOIN turn USING (starts_on) LEFT JOIN marks USING (starts_on)
"""  # noqa: S608 (made of constants; what is asked for is given as parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Counts of one day, week or month, as far as it lies in the selection."""

    starts_on: date
    conversations: int = 0
    first_replies: int = 0
    first_replies_kept: int = 0
    follow_ups: int = 0
    follow_ups_kept: int = 0
    ratings_asked: int = 0
    ratings_given: int = 0
    mark_sum: int = 0

    @property
    def kept(self) -> int:
        return self.first_replies_kept + self.follow_ups_kept

    @property
    def late(self) -> int:
        return self.first_replies + self.follow_ups - self.kept


def step_of(selection: Selection) -> Kind:
    """Of what the course is made, so that it stays readable."""
    if selection.days <= MOST_DAYS_APART:
        return Kind.DAY
    return Kind.WEEK if selection.days <= 7 * MOST_WEEKS_APART else Kind.MONTH


def course_of(organisation: OrganisationRef, selection: Selection) -> Sequence[Point]:
    """One point per day, week or month of the selection, oldest first; empty ones too. One query."""
    kind = step_of(selection)
    given: dict[str, Any] = {
        **parameters(organisation, selection),
        "step": kind.value,
        "zone": organisation.time_zone,
    }
    counted = {row["starts_on"]: Point(**row) for row in rows(_COURSE, given)}
    spans = list(_spans(kind, selection))
    return [counted.get(span.first, Point(starts_on=span.first)) for span in spans]


def _spans(kind: Kind, selection: Selection) -> list[Span]:
    spans = [span_of(kind, selection.first)]
    while spans[-1].last < selection.last:
        spans.append(span_of(kind, spans[-1].last + timedelta(days=1)))
    return spans
