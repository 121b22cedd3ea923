"""Conversations of the past, as the journal leaves them: what was asked, and what was answered, one pair per turn."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from conversations.models import Conversation, Entry, Promise, Visitor
from knowledgebase.models import Suggested
from tenants.context import OrganisationRef
from tenants.identifiers import uuid7

SITE = uuid7()
OPERATOR = uuid7()
TURN = timedelta(seconds=40)


def a_talk(
    _organisation: OrganisationRef,
    at: datetime,
    turns: Sequence[tuple[str, str]],
    *,
    language: str = "en",
    used: Sequence[int] = (),
) -> UUID:
    """A closed conversation; ``used``: for which of its turns, from 0, an article was used. An answer of "" is
    none. Several messages of one side are parted by a line end."""
    conversation = Conversation.objects.create(
        visitor=Visitor.objects.create(),
        website_id=SITE,
        website_key="shop",
        language=language,
        state=Conversation.State.CLOSED,
        opened_at=at,
        last_entry_at=at,
        closed_at=at,
    )
    seq = 0
    for number, (question, answer) in enumerate(turns):
        asked_at = at + number * TURN
        opened_seq = seq + 1
        for body in question.splitlines():
            seq += 1
            _message(conversation.pk, seq, Entry.Sender.VISITOR, body, asked_at)
        answered_at = asked_at + timedelta(seconds=10)
        Promise.objects.create(
            conversation=conversation,
            kind=Promise.Kind.FOLLOW_UP if number else Promise.Kind.FIRST,
            opened_seq=opened_seq,
            opened_at=asked_at,
            warn_at=asked_at,
            due_at=answered_at,
            answered_at=answered_at if answer else None,
            answered_seq=seq + 1 if answer else None,
            settled_at=answered_at,
            outcome=Promise.Outcome.KEPT if answer else Promise.Outcome.ABANDONED,
        )
        for body in answer.splitlines():
            seq += 1
            _message(conversation.pk, seq, Entry.Sender.OPERATOR, body, answered_at)
        if number in used:
            Suggested.objects.create(
                conversation_id=conversation.pk,
                seq=opened_seq,
                language=language,
                outcome=Suggested.Outcome.USED,
                at=asked_at,
            )
    return conversation.pk


def _message(conversation_id: UUID, seq: int, sender_kind: str, body: str, at: datetime) -> None:
    Entry.objects.create(
        conversation_id=conversation_id,
        seq=seq,
        kind=Entry.Kind.MESSAGE_SENT,
        sender_kind=sender_kind,
        sender_id=OPERATOR if sender_kind == Entry.Sender.OPERATOR else uuid4(),
        cid=uuid4(),
        body=body,
        at=at,
    )
