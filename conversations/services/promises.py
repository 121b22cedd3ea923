"""Deadlines that came: the operator is warned, then the promise is broken. Each once, whoever notices first."""

from uuid import UUID

from django.db import transaction

from conversations.journal import NewEntry
from conversations.models import DeskEntry, Entry, Promise
from conversations.services.announcing import append_for_desk_and_announce
from conversations.services.locks import lock_conversation_if_free
from operators.models import Clock
from tenants.clock import platform_now
from tenants.context import OrganisationRef


def strike_clock(organisation: OrganisationRef, conversation_id: UUID, clock_id: UUID) -> bool:
    """Does what this clock's time has come for. Locks conversation, promise, clock; false when another is at it.

    Safe to run from several sweeps: under the lock, a clock that was settled or struck meanwhile is left alone.
    """
    with transaction.atomic():
        conversation = lock_conversation_if_free(conversation_id)
        if conversation is None:
            return False
        clock = Clock.objects.select_for_update().filter(pk=clock_id).first()
        now = platform_now()
        if clock is None or clock.next_at > now:
            return False
        promise = Promise.objects.select_for_update().filter(pk=clock_id).first()
        if promise is None:  # its conversation was erased
            clock.delete()
            return False
        kinds = []
        if clock.warn_at is not None and clock.warn_at <= now:
            promise.warned_at = now
            clock.warn_at = None
            clock.next_at = clock.due_at or clock.next_at
            kinds.append(DeskEntry.Kind.PROMISE_WARNED)
        if clock.due_at is not None and clock.due_at <= now:
            promise.outcome, promise.broken_at = Promise.Outcome.BROKEN, now
            promise.responsible_id = conversation.operator_id
            promise.responsible_name = conversation.operator_name
            clock.delete()
            kinds.append(DeskEntry.Kind.PROMISE_BROKEN)
        else:
            clock.save(update_fields=["warn_at", "next_at"])
        promise.save(update_fields=["warned_at", "outcome", "broken_at", "responsible_id", "responsible_name"])
        append_for_desk_and_announce(
            organisation,
            [
                NewEntry(
                    conversation_id=conversation_id,
                    kind=kind,
                    sender_kind=Entry.Sender.SYSTEM,
                    payload={"kind": promise.kind, "due_at": promise.due_at.isoformat()},
                )
                for kind in kinds
            ],
        )
        return True
