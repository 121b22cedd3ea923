"""Rows for the tests of ratings: conversations as the journal leaves them, at instants of the test's choosing."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from conversations.models import Conversation, Promise, Visitor
from ratings.models import Answer, Ask, Rating
from tenants.context import OrganisationRef
from tenants.identifiers import uuid7

SITE = uuid7()


def a_conversation(
    _organisation: OrganisationRef,
    opened_at: datetime,
    *,
    visitor_id: UUID | None = None,
    asked: bool = True,
    **columns: Any,
) -> UUID:
    """A closed conversation. ``asked``: the visitor was asked for a mark. ``columns`` as they are to be stored."""
    closed_at = opened_at + timedelta(minutes=5)
    conversation = Conversation.objects.create(
        visitor_id=visitor_id or Visitor.objects.create().pk,
        opened_at=opened_at,
        **{
            "website_id": SITE,
            "website_key": "shop",
            "language": "en",
            "state": Conversation.State.CLOSED,
            "last_entry_at": closed_at,
            "closed_at": closed_at,
            "rating_requested_at": closed_at if asked else None,
            **columns,
        },
    )
    return conversation.pk


def a_promise(
    conversation_id: UUID, seq: int, kind: str, opened_at: datetime, outcome: str, waited: float | None
) -> None:
    """A turn of 20 s, answered after ``waited`` seconds, or never."""
    answered_at = opened_at + timedelta(seconds=waited) if waited is not None else None
    due_at = opened_at + timedelta(seconds=20)
    Promise.objects.create(
        conversation_id=conversation_id,
        kind=kind,
        opened_seq=seq,
        opened_at=opened_at,
        warn_at=opened_at,
        due_at=due_at,
        answered_at=answered_at,
        # One promise may be open per conversation; a broken one that is never answered was ended by the closing.
        settled_at=answered_at or (None if outcome == "" else due_at),
        waited_seconds=waited,
        outcome=outcome,
    )


def a_mark(conversation_id: UUID, mark: int, given_at: datetime, comment: str = "") -> None:
    Rating.objects.create(conversation_id=conversation_id, mark=mark, comment=comment, given_at=given_at)


def an_answer(ask: Ask, question: str, value: int | None, given_at: datetime) -> None:
    Answer.objects.create(ask=ask, question=question, value=value, given_at=given_at)


def an_ask(conversation_id: UUID, asked_at: datetime, questions: list[str], *, shown: bool = False) -> Ask:
    """That these questions were asked after the conversation, for 14 days, and shown at once or never."""
    return Ask.objects.create(
        way="thread" if shown else "",
        shown_at=asked_at if shown else None,
        conversation_id=conversation_id,
        language="en",
        questions=questions,
        asked_at=asked_at,
        open_until=asked_at + timedelta(days=14),
    )
