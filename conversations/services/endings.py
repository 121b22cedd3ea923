"""What operators note when a conversation ends: its purpose, whether it is a lead, and the visitor's mood. Only staff
ever see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from conversations.errors import EndingStands, NotAssigned
from conversations.journal import Appended, NewEntry
from conversations.models import Conversation, DeskEntry, Entry
from conversations.services.announcing import append_for_desk_and_announce
from conversations.services.locks import lock_conversation
from operators.selectors import OperatorRef
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid

CORRECTABLE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Noted:
    """What may be left out. Moods from −2 (furious) to 2 (delighted); None: not said."""

    lead: bool | None = None
    mood_start: int | None = None
    mood_end: int | None = None


NOTHING_NOTED = Noted()

Follows = Callable[[OrganisationRef, Conversation], object]
_following: list[Follows] = []


def follows_endings(follows: Follows) -> None:
    """From now on ``follows(organisation, conversation)`` runs whenever an ending was noted or corrected: in that
    transaction, under the conversation's lock. For the app above this one, which names itself when ready."""
    _following[:] = [follows]


def note_ending(
    organisation: OrganisationRef, operator: OperatorRef, conversation: Conversation, cid: UUID, noted: Noted
) -> None:
    """With the closing, in its transaction: the purpose that the conversation got, and what else was noted. The caller
    holds the conversation."""
    entries = [_entry(operator, conversation, DeskEntry.Kind.PURPOSE_RECORDED, {"purpose": conversation.purpose}, cid)]
    if noted != NOTHING_NOTED:
        noted = Noted(
            conversation.lead if noted.lead is None else noted.lead,
            conversation.mood_start if noted.mood_start is None else noted.mood_start,
            conversation.mood_end if noted.mood_end is None else noted.mood_end,
        )
        entries.append(_ending(operator, conversation, noted))
        _keep(conversation, noted)
    append_for_desk_and_announce(organisation, entries)
    _follow(organisation, conversation)


def correct_ending(
    organisation: OrganisationRef,
    operator: OperatorRef,
    conversation_id: UUID,
    cid: UUID,
    purpose: str,
    noted: Noted,
    *,
    of_anybody: bool = False,
) -> Appended:
    """Puts all that was noted anew, for 15 minutes after the end. Locks the conversation; safe to repeat.

    Raises NotFound, NotAssigned (somebody else held it, unless ``of_anybody``), Invalid (purpose, or it is not closed)
    or EndingStands.
    """
    if purpose not in Conversation.Purpose.values:
        raise Invalid()
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        if conversation.operator_id != operator.id and not of_anybody:
            raise NotAssigned()
        known = DeskEntry.objects.filter(
            conversation=conversation, sender_kind=Entry.Sender.OPERATOR, sender_id=operator.id, cid=cid
        ).first()
        if known is not None:
            return Appended(known.id, known.desk_seq, known.at, False, conversation_id, None, True)
        if conversation.closed_at is None:
            raise Invalid()
        if platform_now() - conversation.closed_at > CORRECTABLE:
            raise EndingStands()
        entries = [_ending(operator, conversation, noted, cid)]
        if purpose != conversation.purpose:
            payload = {"purpose": purpose}
            entries.append(_entry(operator, conversation, DeskEntry.Kind.PURPOSE_RECORDED, payload))
        conversation.purpose = purpose
        _keep(conversation, noted)
        appended = append_for_desk_and_announce(organisation, entries)[0]
        _follow(organisation, conversation)
        return appended


def _keep(conversation: Conversation, noted: Noted) -> None:
    conversation.lead, conversation.mood_start, conversation.mood_end = noted.lead, noted.mood_start, noted.mood_end
    conversation.save(update_fields=["purpose", "lead", "mood_start", "mood_end"])


def _follow(organisation: OrganisationRef, conversation: Conversation) -> None:
    for follows in _following:
        follows(organisation, conversation)


def _ending(operator: OperatorRef, conversation: Conversation, noted: Noted, cid: UUID | None = None) -> NewEntry:
    payload = {"lead": noted.lead, "mood_start": noted.mood_start, "mood_end": noted.mood_end}
    return _entry(operator, conversation, DeskEntry.Kind.ENDING_RECORDED, payload, cid)


def _entry(
    operator: OperatorRef, conversation: Conversation, kind: str, payload: dict[str, Any], cid: UUID | None = None
) -> NewEntry:
    return NewEntry(
        conversation_id=conversation.id,
        kind=kind,
        sender_kind=Entry.Sender.OPERATOR,
        sender_id=operator.id,
        sender_name=operator.name,
        cid=cid,
        payload=payload,
    )
