"""Frames of the specialists' guest page: what it may ask for and what it is answered. Samples: docs/protocol.md."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from conversations.frames import MAX_BODY_CHARACTERS, Command
from conversations.replies import Reply


class QuestionAccept(Command, frozen=True, tag="question.accept"):
    """Again changes nothing. Answering or promising a call-back accepts as well."""


class QuestionDecline(Command, frozen=True, tag="question.decline"):
    """``note`` is read by the desk, not by the visitor."""

    note: Annotated[str, Meta(max_length=500)] = ""


class GuestMessageSend(Command, frozen=True, tag="message.send"):
    cid: UUID
    body: Annotated[str, Meta(min_length=1, max_length=MAX_BODY_CHARACTERS)]


class CallbackPromise(Command, frozen=True, tag="callback.promise"):
    by: datetime


class QuestionFinish(Command, frozen=True, tag="question.finish"):
    """All is said: the conversation goes on at the desk."""


class GuestOpened(Reply, frozen=True, tag="guest.opened"):
    """The link is spent. ``secret`` is this browser's alone and is never told again."""

    secret: str


class GuestLinkRequested(Reply, frozen=True, tag="link.requested"):
    """What everybody is answered who asks for a new link."""


class GuestQuestion(Reply, frozen=True, tag="question"):
    """``state``: asked, accepted, answered (a message was sent, more may follow) or over; ``outcome``: how it ended.

    When it is over there is nothing more to read: ``reason``, ``summary`` and ``visitor`` are empty.
    """

    now: datetime
    conversation: UUID
    organisation: str
    specialist: str
    asked_by: str
    asked_at: datetime
    topic: str | None
    reason: str
    summary: str
    visitor: str
    state: str
    outcome: str
    accept_by: datetime
    answer_by: datetime | None
    time_zone: str
    last_seq: int
