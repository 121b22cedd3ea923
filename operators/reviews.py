"""Quality reviews of all organisations, as supervisors and operators find them; and which conversations are sampled.
Public schema: ids, clocks and scores.

The row that counts is the organisation's own; :mod:`ratings.services.reviewing` writes both in one transaction.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from operators.models import ReviewStanding
from tenants.clock import platform_now

WEEK = timedelta(days=7)
SHOWN_WEEKS = 8
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class SampledConversation:
    """One that is to be reviewed, and whose it was at its end."""

    schema_name: str
    conversation_id: UUID
    operator_id: UUID
    operator_name: str


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One review in the list of all clients. ``score`` in per cent, None while it is not done."""

    id: UUID
    organisation: str
    organisation_name: str
    conversation_id: UUID
    operator_id: UUID
    operator_name: str
    week: date
    reviewer_name: str
    score: float | None
    has_critical_error: bool
    done_at: datetime | None
    seen_at: datetime | None


def week_before(now: datetime) -> date:
    """The Monday of the last week that is over, in the platform's time zone."""
    today = now.astimezone(ZoneInfo(settings.PLATFORM_TIME_ZONE)).date()
    return today - timedelta(days=today.weekday()) - WEEK


# The order is random and always the same: a hash over the week and the conversation. Whoever closed a conversation last
# in that week is reviewed for it. One that was sampled for another week is left out, so that none is reviewed twice.
_SAMPLE = """
WITH closed AS (
    SELECT DISTINCT ON (a.conversation_id) a.conversation_id, a.operator_id, a.organisation_id
    FROM public.operators_assignment a
    WHERE a."end" = 'closed' AND a.ended_at >= %(begins)s AND a.ended_at < %(ends)s
    ORDER BY a.conversation_id, a.ended_at DESC
), drawn AS (
    SELECT c.*, row_number() OVER (
        PARTITION BY c.operator_id ORDER BY md5(%(week)s || c.conversation_id::text), c.conversation_id) AS place
    FROM closed c
    WHERE NOT EXISTS (SELECT 1 FROM public.operators_reviewstanding r
                      WHERE r.conversation_id = c.conversation_id AND r.week <> %(week)s::date)
)
SELECT o.schema_name, d.conversation_id, d.operator_id, p.name
FROM drawn d
JOIN public.tenants_organisation o ON o.id = d.organisation_id AND o.state = 'active' AND o.kind = 'client'
JOIN public.operators_operator p ON p.user_id = d.operator_id
WHERE d.place <= %(number)s
ORDER BY o.schema_name, d.conversation_id
"""


def conversations_to_review(week: date, number: int) -> list[SampledConversation]:
    """``number`` of each operator's conversations that ended in the week, evenly at random and the same however often
    it is asked. One query."""
    zone = ZoneInfo(settings.PLATFORM_TIME_ZONE)
    bounds: dict[str, Any] = {
        "week": week.isoformat(),
        "begins": datetime.combine(week, time(), tzinfo=zone),
        "ends": datetime.combine(week + WEEK, time(), tzinfo=zone),
        "number": number,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, bounds)
        return [SampledConversation(*row) for row in cursor.fetchall()]


def review_lines() -> list[ReviewLine]:
    """What is to be done, the oldest week first; then what was done in eight weeks, the latest first. Two queries and
    one for the time."""
    now = platform_now()
    rows = ReviewStanding.objects.select_related("organisation", "operator")
    to_do = list(rows.filter(done_at=None).order_by("week", "operator__name", "id")[:MOST_SHOWN])
    done = list(rows.filter(done_at__gt=now - SHOWN_WEEKS * WEEK).order_by("-done_at")[:MOST_SHOWN])
    return [_line(row) for row in [*to_do, *done]]


def reviews_of(operator_id: UUID) -> list[ReviewLine]:
    """This operator's own that are done, the latest first. One query."""
    rows = ReviewStanding.objects.select_related("organisation", "operator").filter(operator=operator_id)
    return [_line(row) for row in rows.filter(done_at__isnull=False).order_by("-done_at")[:MOST_SHOWN]]


def _line(row: ReviewStanding) -> ReviewLine:
    return ReviewLine(
        id=row.id,
        organisation=row.organisation.slug,
        organisation_name=row.organisation.name,
        conversation_id=row.conversation_id,
        operator_id=row.operator_id,
        operator_name=row.operator.name,
        week=row.week,
        reviewer_name=row.reviewer_name,
        score=row.score,
        has_critical_error=row.has_critical_error,
        done_at=row.done_at,
        seen_at=row.seen_at,
    )


def note_review_seen(operator_id: UUID, review_id: UUID) -> None:
    """The operator has read a review of theirs that is done; the first time counts."""
    unseen = ReviewStanding.objects.filter(pk=review_id, operator=operator_id, done_at__isnull=False, seen_at=None)
    unseen.update(seen_at=platform_now())
