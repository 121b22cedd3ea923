"""A conversation ends: by its operator, with a purpose, or by the visitor. The visitor is asked for a rating."""

from uuid import UUID

from django.db import transaction

from conversations.errors import ConversationClosed, NotAssigned
from conversations.journal import Appended, NewEntry
from conversations.models import Conversation, Entry
from conversations.services import automation
from conversations.services.announcing import (
    announce_inbox,
    append_and_announce,
    appended_before,
)
from conversations.services.endings import NOTHING_NOTED, Noted, note_ending
from conversations.services.escalation_steps import withdraw_at_closing
from conversations.services.locks import lock_conversation
from conversations.services.promises import end_open_promise
from conversations.services.rating_requests import request_payload
from operators.selectors import OperatorRef
from operators.services import end_conversation
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid, NotFound


def close_conversation(
    organisation: OrganisationRef,
    operator: OperatorRef,
    conversation_id: UUID,
    cid: UUID,
    purpose: str,
    noted: Noted = NOTHING_NOTED,
    *,
    of_anybody: bool = False,
) -> Appended:
    """The operator closes their own conversation; a supervisor that ``of_anybody``. Locks conversation, promise, queue;
    safe to repeat. What is not ``noted`` stays as it was noted before a reopening.

    Raises NotAssigned, ConversationClosed, Invalid (purpose) or NotFound.
    """
    if purpose not in Conversation.Purpose.values:
        raise Invalid()
    sender = (Entry.Sender.OPERATOR, operator.id, operator.name)
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        known = appended_before(conversation_id, sender[0], operator.id, cid)
        if known is not None:
            return known
        if conversation.operator_id != operator.id and not of_anybody:
            raise NotAssigned()
        conversation.purpose = purpose
        closed = _close(organisation, conversation, sender, cid)
        note_ending(organisation, operator, conversation, cid, noted)
        return closed


def leave_conversation(organisation: OrganisationRef, visitor_id: UUID, conversation_id: UUID, cid: UUID) -> Appended:
    """The visitor ends their conversation. Locks as :func:`close_conversation`. Raises NotFound, ConversationClosed."""
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        if conversation.visitor_id != visitor_id:
            raise NotFound()
        known = appended_before(conversation_id, Entry.Sender.VISITOR, visitor_id, cid)
        return known or _close(organisation, conversation, (Entry.Sender.VISITOR, visitor_id, ""), cid)


def close_by_itself(organisation: OrganisationRef, conversation: Conversation) -> Appended:
    """Ends a conversation that nobody ended. The caller holds it; locks promise, queue. A visitor to whom no person
    ever replied is not asked how it was. Raises ConversationClosed."""
    asks_rating = conversation.first_replied_at is not None
    return _close(organisation, conversation, (Entry.Sender.SYSTEM, None, ""), None, asks_rating=asks_rating)


def _close(
    organisation: OrganisationRef,
    conversation: Conversation,
    sender: tuple[str, UUID | None, str],
    cid: UUID | None,
    *,
    asks_rating: bool = True,
) -> Appended:
    if conversation.state == Conversation.State.CLOSED:
        raise ConversationClosed()
    now = platform_now()
    end_open_promise(organisation, conversation, sender[0])
    withdraw_at_closing(organisation, conversation, now)
    conversation.state = Conversation.State.CLOSED
    conversation.closed_at = now
    if asks_rating:
        conversation.rating_requested_at = conversation.rating_requested_at or now
    conversation.open_promise_id = None
    conversation.save(update_fields=["state", "closed_at", "rating_requested_at", "open_promise_id", "purpose"])
    end_conversation(conversation.id, now)
    closing = NewEntry(
        conversation_id=conversation.id,
        kind=Entry.Kind.CONVERSATION_CLOSED,
        sender_kind=sender[0],
        sender_id=sender[1],
        sender_name=sender[2],
        cid=cid,
        payload={"by": str(sender[0])},
    )
    before, after = [], []
    if asks_rating:
        before = automation.goodbye(organisation, conversation)
        after = [
            NewEntry(
                conversation_id=conversation.id,
                kind=Entry.Kind.RATING_REQUESTED,
                sender_kind=Entry.Sender.AUTOMATIC,
                sender_name=organisation.name,
                payload=request_payload(organisation, conversation, now),
            )
        ]
    appended = append_and_announce(organisation, [*before, closing, *after])
    announce_inbox(organisation, conversation.id)
    return appended[len(before)]
