"""Follow-ups of all organisations, as supervisors find them. Public schema: ids, clocks and states.

The row that counts is the organisation's own; :mod:`ratings.services.following_up` writes both in one transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from operators.models import FollowUpStanding, FollowUpState
from tenants.clock import PlatformNow, platform_now

SHOWN_DONE = timedelta(days=7)
KEPT_DONE = timedelta(days=30)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class FollowUpCounts:
    """Nobody has taken ``open`` ones yet; ``late`` of all that are not done."""

    open: int
    late: int


@dataclass(frozen=True, slots=True)
class FollowUpLine:
    """One follow-up in the list of all clients."""

    id: UUID
    organisation: str
    organisation_name: str
    conversation_id: UUID
    reason: str
    reason_text: str
    mark: int | None
    state: str
    taken_by: UUID | None
    taken_by_name: str
    created_at: datetime
    due_at: datetime
    done_at: datetime | None
    is_late: bool


def follow_up_counts() -> FollowUpCounts:
    """Of all organisations, now. One query."""
    open_ones = FollowUpStanding.objects.exclude(state=FollowUpState.DONE)
    counted = open_ones.aggregate(
        open=Count("pk", filter=Q(state=FollowUpState.OPEN)), late=Count("pk", filter=Q(due_at__lt=PlatformNow()))
    )
    return FollowUpCounts(**counted)


def follow_up_lines() -> list[FollowUpLine]:
    """What is to be done, the most urgent first; then what was done within a week, the latest first. Three queries."""
    now = platform_now()
    rows = FollowUpStanding.objects.select_related("organisation")
    due = list(rows.exclude(state=FollowUpState.DONE).order_by("due_at")[:MOST_SHOWN])
    done = list(rows.filter(state=FollowUpState.DONE, done_at__gt=now - SHOWN_DONE).order_by("-done_at")[:MOST_SHOWN])
    return [_line(row, now) for row in [*due, *done]]


def _line(row: FollowUpStanding, now: datetime) -> FollowUpLine:
    return FollowUpLine(
        id=row.id,
        organisation=row.organisation.slug,
        organisation_name=row.organisation.name,
        conversation_id=row.conversation_id,
        reason=row.reason,
        reason_text=row.get_reason_display(),
        mark=row.mark,
        state=row.state,
        taken_by=row.taken_by,
        taken_by_name=row.taken_by_name,
        created_at=row.created_at,
        due_at=row.due_at,
        done_at=row.done_at,
        is_late=(row.done_at or now) > row.due_at,
    )


def forget_done_follow_ups() -> int:
    """Removes what was done a month ago from the list of all clients; the organisation keeps its own. How many."""
    return FollowUpStanding.objects.filter(state=FollowUpState.DONE, done_at__lt=platform_now() - KEPT_DONE).delete()[0]
