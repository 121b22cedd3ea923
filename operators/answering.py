"""Who is at it: a holder who types an answer is not silent, and one for whom many visitors wait is not free.

Neither touches a promise: that goes on, and is broken, whoever types.
"""

from datetime import timedelta
from uuid import UUID

from operators.models import QueueEntry
from tenants.clock import PlatformNow, platform_now
from tenants.context import OrganisationRef

NOTED_EVERY = timedelta(seconds=4)
"""A desk tells every two seconds that somebody types; so often it is written down."""
TYPING_LASTS = timedelta(seconds=8)


def note_typing(organisation: OrganisationRef, operator_id: UUID, conversation_id: UUID, is_typing: bool) -> bool:
    """Notes that the holder types while the visitor waits. False when the operator does not hold the conversation.
    One query, and a second one every few seconds."""
    held = QueueEntry.objects.filter(
        pk=conversation_id, organisation_id=organisation.id, operator_id=operator_id, state=QueueEntry.State.ASSIGNED
    )
    row = held.values_list("promise_opened_at", "typed_at").first()
    if row is None:
        return False
    opened_at, typed_at = row
    if is_typing and opened_at is not None and (typed_at is None or platform_now() - typed_at >= NOTED_EVERY):
        held.update(typed_at=PlatformNow())
    return True


def is_being_answered(conversation_id: UUID) -> bool:
    """Whether its holder typed a moment ago. One query."""
    return QueueEntry.objects.filter(pk=conversation_id, typed_at__gt=PlatformNow() - TYPING_LASTS).exists()


def visitors_waiting_for(operator_id: UUID) -> int:
    """How many visitors wait for an answer of this operator, over all organisations. One query."""
    return QueueEntry.objects.filter(
        operator_id=operator_id, state=QueueEntry.State.ASSIGNED, promise_opened_at__isnull=False
    ).count()
