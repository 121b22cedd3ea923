"""What supervisors do in conversations of others: watch, whisper, take over, reassign, close. Each is audited."""

from uuid import UUID

from django.db import transaction

from conversations.access import conversation_at_desk
from conversations.errors import CannotTake
from conversations.journal import Appended
from conversations.models import Conversation, DeskEntry, Entry
from conversations.services.announcing import appended_before
from conversations.services.closing import close_conversation
from conversations.services.endings import NOTHING_NOTED, Noted
from conversations.services.locks import lock_conversation
from conversations.services.offering import assign_conversation
from conversations.services.writing import add_staff_words
from operators.errors import AtCapacity
from operators.models import Assignment
from operators.selectors import OperatorRef, queue_row, weight_of_conversation
from operators.supervision import OperatorChoice, choices_for
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.services import record_audit


def begin_watching(organisation: OrganisationRef, supervisor: OperatorRef, conversation_id: UUID) -> None:
    """Notes that the supervisor reads along from now on. Raises NotFound."""
    conversation_at_desk(conversation_id)
    record_audit(organisation.id, supervisor.id, "conversation.watched", str(conversation_id))


def add_whisper(
    organisation: OrganisationRef, supervisor: OperatorRef, conversation_id: UUID, cid: UUID, body: str
) -> Appended:
    """Words for the operator alone, in the sequence that only staff see. Locks the conversation; safe to repeat.

    Raises NotFound.
    """
    with transaction.atomic():
        appended = add_staff_words(organisation, DeskEntry.Kind.WHISPER_ADDED, supervisor, conversation_id, cid, body)
        if appended.is_new:
            record_audit(organisation.id, supervisor.id, "conversation.whispered", str(conversation_id))
        return appended


def take_over(organisation: OrganisationRef, supervisor: OperatorRef, conversation_id: UUID, cid: UUID) -> Appended:
    """The supervisor answers from here on, whoever did before. The visitor sees the new name and nothing else.

    Locks conversation, queue, operator; safe to repeat. Raises ConversationClosed, AtCapacity or NotFound.
    """
    return _assign(organisation, supervisor, conversation_id, cid, supervisor, Assignment.Start.TAKEN_OVER)


def reassign(
    organisation: OrganisationRef, supervisor: OperatorRef, conversation_id: UUID, cid: UUID, operator_id: UUID
) -> Appended:
    """Gives the conversation to somebody who is posted, trained, there and has room.

    Locks as :func:`take_over`; safe to repeat. Raises CannotTake, ConversationClosed or NotFound.
    """
    chosen = next(
        (one for one in choices_in(organisation, conversation_id) if one.id == operator_id and one.can_take), None
    )
    if chosen is None:
        known = appended_before(conversation_id, Entry.Sender.SYSTEM, None, cid)
        if known is None:
            raise CannotTake()
        return known
    operator = OperatorRef(chosen.id, chosen.name, chosen.capacity, ())
    try:
        return _assign(organisation, supervisor, conversation_id, cid, operator, Assignment.Start.REASSIGNED)
    except AtCapacity as error:
        raise CannotTake() from error


def _assign(
    organisation: OrganisationRef,
    supervisor: OperatorRef,
    conversation_id: UUID,
    cid: UUID,
    operator: OperatorRef,
    start: Assignment.Start,
) -> Appended:
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        known = appended_before(conversation_id, Entry.Sender.SYSTEM, None, cid)
        if known is not None:
            return known
        assigned = assign_conversation(organisation, conversation, operator, start, cid)
        record_audit(organisation.id, supervisor.id, f"conversation.{start}", str(conversation_id))
        return assigned


def close_for_operator(
    organisation: OrganisationRef,
    supervisor: OperatorRef,
    conversation_id: UUID,
    cid: UUID,
    purpose: str,
    noted: Noted = NOTHING_NOTED,
) -> Appended:
    """Closes a conversation, whoever holds it. Locks and errors as ``close_conversation``, but for NotAssigned."""
    with transaction.atomic():
        before = lock_conversation(conversation_id)
        closed = close_conversation(organisation, supervisor, conversation_id, cid, purpose, noted, of_anybody=True)
        if before.state != Conversation.State.CLOSED and before.operator_id != supervisor.id:
            record_audit(organisation.id, supervisor.id, "conversation.closed_for_operator", str(conversation_id))
        return closed


def choices_in(organisation: OrganisationRef, conversation_id: UUID) -> list[OperatorChoice]:
    """Everybody who answers for this client, with their load, best first for this conversation. Three queries.

    Raises NotFound, also for a conversation that is no longer live.
    """
    row = queue_row(conversation_at_desk(conversation_id).id)
    if row is None:
        raise NotFound()
    return choices_for(organisation, row.language, weight_of_conversation(conversation_id))
