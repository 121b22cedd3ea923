"""A waiting conversation gets its operator. The Celery task, the sweep and the desk's "take" all come through here."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from conversations.errors import AlreadyTaken, ConversationClosed
from conversations.journal import Appended, NewEntry
from conversations.models import Conversation, DeskEntry, Entry
from conversations.services.announcing import (
    announce_inbox,
    append_and_announce,
    append_for_desk_and_announce,
    appended_before,
)
from conversations.services.locks import lock_conversation, lock_conversation_if_free
from operators.selectors import OperatorRef, load_of
from operators.services import hold_conversation, operator_with_room, pick_operator, postpone_offer
from tenants.context import OrganisationRef


def offer_conversation(organisation: OrganisationRef, conversation_id: UUID) -> UUID | None:
    """Assigns a waiting conversation to the best free operator, and says to whom; None when nobody is free now.

    Locks conversation, queue, one operator. Safe to run twice and from two processes: exactly one operator gets it.
    Raises NotFound.
    """
    with transaction.atomic():
        return _offer(organisation, lock_conversation(conversation_id))


def offer_conversation_if_free(organisation: OrganisationRef, conversation_id: UUID) -> UUID | None:
    """As :func:`offer_conversation`, but None at once when somebody else is at this conversation (or it is gone)."""
    with transaction.atomic():
        conversation = lock_conversation_if_free(conversation_id)
        return _offer(organisation, conversation) if conversation else None


def _offer(organisation: OrganisationRef, conversation: Conversation) -> UUID | None:
    if conversation.state != Conversation.State.WAITING:
        return conversation.operator_id
    picked = pick_operator(organisation, conversation.id, conversation.language)
    if picked is None:
        postpone_offer(conversation.id)
        return None
    candidate, candidates = picked
    reasons = {
        "load": candidate.load,
        "capacity": candidate.operator.capacity,
        "candidates": candidates,
        "idle_seconds": candidate.idle_seconds,
        "speaks_language": candidate.speaks_language,
    }
    _assign(organisation, conversation, candidate.operator, None, reasons)
    return candidate.operator.id


def take_conversation(
    organisation: OrganisationRef, operator: OperatorRef, conversation_id: UUID, cid: UUID
) -> Appended:
    """The operator takes a waiting conversation. Locks as :func:`offer_conversation`.

    Raises AlreadyTaken, AtCapacity, ConversationClosed or NotFound.
    """
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        known = appended_before(conversation_id, Entry.Sender.SYSTEM, None, cid)
        if known is not None:
            return known
        if conversation.state == Conversation.State.CLOSED:
            raise ConversationClosed()
        if conversation.state == Conversation.State.ASSIGNED and conversation.operator_id != operator.id:
            raise AlreadyTaken()
        if conversation.state == Conversation.State.WAITING:
            with operator_with_room(operator.id):
                load = load_of(operator.id)
                hold_conversation(conversation_id, operator.id)
            reasons = {
                "load": load,
                "capacity": operator.capacity,
                "candidates": 1,
                "idle_seconds": None,
                "speaks_language": conversation.language in operator.languages,
            }
            return _assign(organisation, conversation, operator, cid, reasons)
        [again] = append_and_announce(organisation, [_assignment(conversation, operator, cid)])
        return again


def _assign(
    organisation: OrganisationRef,
    conversation: Conversation,
    operator: OperatorRef,
    cid: UUID | None,
    reasons: Mapping[str, object],
) -> Appended:
    conversation.state = Conversation.State.ASSIGNED
    conversation.operator_id = operator.id
    conversation.operator_name = operator.name
    conversation.save(update_fields=["state", "operator_id", "operator_name"])
    [assigned] = append_and_announce(organisation, [_assignment(conversation, operator, cid)])
    append_for_desk_and_announce(
        organisation,
        [
            NewEntry(
                conversation_id=conversation.id,
                kind=DeskEntry.Kind.OFFER_MADE,
                sender_kind=Entry.Sender.SYSTEM,
                payload={"operator": {"id": str(operator.id), "name": operator.name}, "reasons": reasons},
            )
        ],
    )
    announce_inbox(organisation, conversation.id)
    return assigned


def _assignment(conversation: Conversation, operator: OperatorRef, cid: UUID | None) -> NewEntry:
    return NewEntry(
        conversation_id=conversation.id,
        kind=Entry.Kind.CONVERSATION_ASSIGNED,
        sender_kind=Entry.Sender.SYSTEM,
        cid=cid,
        payload={"operator": {"id": str(operator.id), "name": operator.name}},
    )
