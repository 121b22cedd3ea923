"""Who holds conversations and is no longer there (rule 22). Nobody says goodbye: presence and permission tell."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from operators.models import Operator, Posting, Presence, QueueEntry
from operators.selectors import PRESENT_SECONDS
from tenants.clock import platform_now
from tenants.models import StaffRole

# Whoever was given a conversation a moment ago was there.
HELD_SECONDS = 1.0
AT_WORK = [Presence.State.AVAILABLE, Presence.State.BUSY]


def unanswered_and_left(limit: int) -> list[tuple[str, UUID]]:
    """(schema, conversation) of visitors who wait for somebody who is not there, most urgent first. Two queries, over
    the conversations that somebody holds."""
    rows = _left().order_by("promise_due_at").values_list("schema_name", "conversation_id")
    return list(rows[:limit])


def is_unanswered_and_left(conversation_id: UUID) -> bool:
    """Whether it is so now. Two queries."""
    return _left().filter(pk=conversation_id).exists()


def _left() -> QuerySet[QueueEntry]:
    """Not there is who was not heard of for 45 s, has been away or on a break for as long, or may no longer answer for
    the organisation; supervisors may for all of them."""
    now = platform_now()
    long_ago = now - timedelta(seconds=PRESENT_SECONDS)
    roles = StaffRole.objects.filter(user=OuterRef("pk"))
    posted = Posting.objects.filter(operator=OuterRef("pk"), organisation=OuterRef(OuterRef("organisation")))
    there = Operator.objects.filter(
        Q(Exists(roles.filter(role=StaffRole.Role.SUPERVISOR)))
        | Q(Exists(roles.filter(role=StaffRole.Role.OPERATOR)), Exists(posted)),
        Q(presence__state__in=AT_WORK) | Q(presence__since__gt=long_ago),
        pk=OuterRef("operator"),
        user__is_active=True,
        presence__seen_at__gt=long_ago,
    )
    return QueueEntry.objects.filter(
        ~Exists(there),
        state=QueueEntry.State.ASSIGNED,
        promise_due_at__isnull=False,
        offered_at__lt=now - timedelta(seconds=HELD_SECONDS),
    )
