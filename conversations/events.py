"""Facts: one frozen struct per thing that happened, past tense. Their samples are in docs/protocol.md.

Two families that share no base and no table: what a visitor may see (``seq``) and what only staff see (``desk_seq``).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Struct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, keyword-only, strict."""


class Sender(Struct, frozen=True):
    """``kind``: visitor, operator, specialist, automatic, system."""

    kind: str
    id: UUID | None
    name: str


class Person(Struct, frozen=True):
    id: UUID
    name: str


class AttachmentFact(Struct, frozen=True):
    """``size`` in bytes, ``width`` and ``height`` in pixels."""

    id: UUID
    name: str
    content_type: str
    size: int
    width: int
    height: int


class TopicFact(Struct, frozen=True):
    slug: str
    label: str


class Fact(Struct, frozen=True, tag_field="type"):
    """In the sequence that the visitor and the desk share."""

    conversation: UUID
    seq: int
    id: UUID
    at: datetime
    sender: Sender


class MessageSent(Fact, frozen=True, omit_defaults=True, tag="message.sent"):
    """``article`` is only there when automation answered with that article for visitors."""

    cid: UUID | None
    body: str
    attachments: list[AttachmentFact]
    article: UUID | None = None


class MessageEdited(Fact, frozen=True, tag="message.edited"):
    target: int
    body: str


class MessageDeleted(Fact, frozen=True, tag="message.deleted"):
    target: int


class ReadMarked(Fact, frozen=True, tag="read.marked"):
    upto: int


class TopicAsked(Fact, frozen=True, tag="topic.asked"):
    topics: list[TopicFact]


class TopicChosen(Fact, frozen=True, tag="topic.chosen"):
    topic: str
    label: str


class ConversationAssigned(Fact, frozen=True, tag="conversation.assigned"):
    operator: Person | None


class ConversationClosed(Fact, frozen=True, tag="conversation.closed"):
    by: str


class ConversationReopened(Fact, frozen=True, tag="conversation.reopened"):
    pass


class SpecialistAsked(Fact, frozen=True, tag="specialist.asked"):
    """``by``: until when this specialist is expected to accept; None: not known."""

    specialist: str
    by: datetime | None


class SpecialistAccepted(Fact, frozen=True, tag="specialist.accepted"):
    """``by``: until when the answer is expected."""

    specialist: str
    by: datetime | None


class SpecialistReturned(Fact, frozen=True, tag="specialist.returned"):
    """No specialist is asked any more: the desk goes on."""


class CallbackPromised(Fact, frozen=True, tag="callback.promised"):
    specialist: str
    by: datetime | None


class QuestionKept(Fact, frozen=True, tag="question.kept"):
    """The question became a contact request. ``reason``: closing_time, escalation. ``by``: when it is answered."""

    reason: str
    by: datetime | None


class QuestionFact(Struct, frozen=True):
    """``answers`` from the least to the most, in words; an answer is its place among them, from 1."""

    question: str
    text: str
    answers: list[str]


class RatingRequested(Fact, frozen=True, omit_defaults=True, tag="rating.requested"):
    """The mark is asked first, then ``questions`` in this order, then the comment. ``until``: when it may be given."""

    until: datetime | None = None
    questions: list[QuestionFact] = []


class RatingGiven(Fact, frozen=True, tag="rating.given"):
    mark: int
    comment: str


class RatingAnswered(Fact, frozen=True, tag="rating.answered"):
    """``answer`` None: skipped."""

    question: str
    answer: int | None


VisibleFact = (
    MessageSent
    | MessageEdited
    | MessageDeleted
    | ReadMarked
    | TopicAsked
    | TopicChosen
    | ConversationAssigned
    | ConversationClosed
    | ConversationReopened
    | SpecialistAsked
    | SpecialistAccepted
    | SpecialistReturned
    | CallbackPromised
    | QuestionKept
    | RatingRequested
    | RatingGiven
    | RatingAnswered
)


class DeskFact(Struct, frozen=True, tag_field="type"):
    """In the sequence that only staff see."""

    conversation: UUID
    desk_seq: int
    id: UUID
    at: datetime
    sender: Sender


class NoteAdded(DeskFact, frozen=True, tag="note.added"):
    cid: UUID | None
    body: str


class OfferReasons(Struct, frozen=True):
    """The chosen operator at that moment. ``load`` in places taken before this conversation, of ``capacity``;
    ``waiting`` how many of those visitors waited for an answer just then;
    ``idle_seconds`` since the last offer (None: never had one); ``candidates`` how many could have been chosen;
    ``decided_by`` the first criterion of the rule in which the next best differed; ``attempt`` counts the offers since
    the conversation began or was reopened, ``previous`` had it before. What older offers did not keep is empty.
    """

    load: float
    capacity: int
    candidates: int
    idle_seconds: float | None
    speaks_language: bool
    helped_before: bool = False
    taken_last_hour: int = 0
    waiting: int = 0
    level: int | None = None
    rule: str = ""
    decided_by: str = ""
    attempt: int = 1
    previous: Person | None = None


class OfferMade(DeskFact, frozen=True, tag="offer.made"):
    operator: Person
    reasons: OfferReasons


class OfferWithdrawn(DeskFact, frozen=True, tag="offer.withdrawn"):
    """``reason``: silent (no reply in time), gone (no longer there), reassigned, taken_over."""

    operator: Person
    reason: str


class WhisperAdded(DeskFact, frozen=True, tag="whisper.added"):
    """A supervisor's words for the operator."""

    cid: UUID | None
    body: str


class PromiseWarned(DeskFact, frozen=True, tag="promise.warned"):
    kind: str
    due_at: datetime


class PromiseBroken(DeskFact, frozen=True, tag="promise.broken"):
    kind: str
    due_at: datetime


class PromisePaused(DeskFact, frozen=True, tag="promise.paused"):
    """``reason``: outside_hours, escalated. ``resumes_at`` None: nobody knows yet."""

    reason: str
    resumes_at: datetime | None


class PromiseResumed(DeskFact, frozen=True, tag="promise.resumed"):
    reason: str
    due_at: datetime


class SupervisorAlerted(DeskFact, frozen=True, tag="supervisor.alerted"):
    """``kind``: no_reply (the holder is silent and nobody else could take it), nobody_free (nobody holds it)."""

    kind: str


class PurposeRecorded(DeskFact, frozen=True, tag="purpose.recorded"):
    purpose: str


class EndingRecorded(DeskFact, frozen=True, tag="ending.recorded"):
    """What the operator noted at the end. ``lead`` and both moods (−2 furious … 2 delighted) None: not said."""

    lead: bool | None
    mood_start: int | None
    mood_end: int | None


class EscalationMoved(DeskFact, frozen=True, tag="escalation.moved"):
    """``state``: asked, accepted, declined, silent, answered, call_back, returned, kept, withdrawn, or unreachable when
    the mail could not be delivered. ``by``: the deadline that runs from here."""

    escalation: UUID
    state: str
    specialist: str
    by: datetime | None


StaffFact = (
    NoteAdded
    | OfferMade
    | OfferWithdrawn
    | PromiseWarned
    | PromisePaused
    | PromiseResumed
    | PromiseBroken
    | SupervisorAlerted
    | WhisperAdded
    | PurposeRecorded
    | EndingRecorded
    | EscalationMoved
)


class TypingChanged(Struct, frozen=True, tag_field="type", tag="typing.changed"):
    """Not in any sequence: forgotten after 6 s."""

    conversation: UUID
    side: str
    name: str
    typing: bool


class Page(Struct, frozen=True):
    """Where the visitor is, in the page's own words. Longer texts are cut, not refused: they are not the visitor's."""

    url: str = ""
    title: str = ""
    referrer: str = ""


class PageVisited(Struct, frozen=True, tag_field="type", tag="page.visited"):
    """Not in any sequence: the visitor walked on."""

    conversation: UUID
    page: Page


class PresenceNow(Struct, frozen=True):
    """What an operator chose: ``reason`` and ``until`` (the planned end) belong to a break."""

    state: str
    reason: str
    until: datetime | None
    since: datetime


class PresenceChanged(Struct, frozen=True, tag_field="type", tag="presence.changed"):
    operator: UUID
    presence: PresenceNow


class CardChanged(Struct, frozen=True, tag_field="type", tag="card.changed"):
    """A client's card has a new version: whoever answers for it confirms again."""

    organisation: str
    version: int


class CardConfirmed(Struct, frozen=True, tag_field="type", tag="card.confirmed"):
    """The operator confirmed a card, on one of their pages."""

    operator: UUID
    organisation: str
    version: int


class AlertFact(Struct, frozen=True):
    """A threshold that is crossed: of a client (``organisation``) or of an ``operator``. The unit of ``value`` and
    ``threshold`` is the kind's. ``seen_by``: the supervisor who sees to it."""

    id: UUID
    kind: str
    organisation: str | None
    operator: Person | None
    value: float
    threshold: float
    raised_at: datetime
    seen_by: UUID | None


class AlertRaised(Struct, frozen=True, tag_field="type", tag="alert.raised"):
    alert: AlertFact


class AlertEnded(Struct, frozen=True, tag_field="type", tag="alert.ended"):
    alert: UUID


class AlertSeen(Struct, frozen=True, tag_field="type", tag="alert.seen"):
    alert: UUID
    by: Person


class FollowUpFact(Struct, frozen=True):
    """Somebody should come back to this visitor. ``reason``: low_mark (``mark``), angry_end."""

    id: UUID
    organisation: str
    conversation: UUID
    reason: str
    mark: int | None
    due_at: datetime


class FollowUpRaised(Struct, frozen=True, tag_field="type", tag="follow_up.raised"):
    follow_up: FollowUpFact


class CoachingWritten(Struct, frozen=True, tag_field="type", tag="coaching.written"):
    """There is something about their own work for this operator to read: a note, or a review that is done."""

    operator: UUID
    author: str


class PromiseState(Struct, frozen=True):
    """The open promise of an inbox row."""

    kind: str
    opened_at: datetime
    warn_at: datetime
    due_at: datetime


class InboxEntry(Struct, frozen=True):
    """A row of the desk's inbox: ids, clocks and states. While ``paused`` says why, no promise runs."""

    conversation: UUID
    organisation: str
    state: str
    operator: UUID | None
    language: str
    topic: str | None
    website: str
    last_seq: int
    last_desk_seq: int
    opened_at: datetime
    promise: PromiseState | None
    paused: str | None = None


class InboxChanged(Struct, frozen=True, tag_field="type", tag="inbox.changed"):
    entry: InboxEntry


_ENCODER = msgspec.json.Encoder()
_FACTS: dict[str, type[Fact]] = {cls.__struct_config__.tag: cls for cls in VisibleFact.__args__}
_STAFF_FACTS: dict[str, type[DeskFact]] = {cls.__struct_config__.tag: cls for cls in StaffFact.__args__}


def encode(frame: Struct) -> str:
    """The frame's text, made once and forwarded to every socket."""
    return _ENCODER.encode(frame).decode()


def fact_from_row(row: dict[str, Any]) -> Fact:
    """The fact of an ``Entry`` given as a dict of its columns. A deleted message has an empty body."""
    cls = _FACTS[row["kind"]]
    own: dict[str, Any] = dict(row["payload"])
    if cls is MessageSent:
        own |= {"cid": row["cid"], "body": row["body"], "attachments": row["attachments"]}
    elif cls is MessageEdited:
        own = {"target": row["target"], "body": row["body"]}
    elif cls is MessageDeleted:
        own = {"target": row["target"]}
    return msgspec.convert({**own, **_shared(row), "seq": row["seq"], "type": str(row["kind"])}, cls, strict=False)


def staff_fact_from_row(row: dict[str, Any]) -> DeskFact:
    """The fact of a ``DeskEntry`` given as a dict of its columns."""
    cls = _STAFF_FACTS[row["kind"]]
    own: dict[str, Any] = dict(row["payload"])
    if cls in (NoteAdded, WhisperAdded):
        own = {"cid": row["cid"], "body": row["body"]}
    return msgspec.convert(
        {**own, **_shared(row), "desk_seq": row["desk_seq"], "type": str(row["kind"])}, cls, strict=False
    )


def _shared(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "conversation": row["conversation_id"],
        "id": row["id"],
        "at": row["at"],
        "sender": {"kind": str(row["sender_kind"]), "id": row["sender_id"], "name": row["sender_name"]},
    }
