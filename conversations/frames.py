"""Commands: what clients may say. What they are answered: ``replies``. Samples: docs/protocol.md."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from conversations.events import Page, Struct
from knowledgebase.content import MAX_POINTS

PROTOCOL = 1
MAX_FRAME_BYTES = 64 * 1024
MAX_BODY_CHARACTERS = 4000
MAX_ATTACHMENTS = 5
MAX_WATCHED = 20
MAX_REMARK_CHARACTERS = 1000

Body = Annotated[str, Meta(max_length=MAX_BODY_CHARACTERS)]
Slug = Annotated[str, Meta(max_length=40, pattern=r"^[\w-]*\Z")]
Sequence = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Mood = Annotated[int, Meta(ge=-2, le=2)]
Language = Annotated[str, Meta(max_length=8)]


class Command(Struct, frozen=True, tag_field="type"):
    """Something a client asks for."""


class VisitorHello(Command, frozen=True, tag="hello"):
    protocol: int
    website: Slug
    token: Annotated[str, Meta(max_length=200)] | None = None
    language: Language = ""
    conversation: UUID | None = None
    since: Sequence = 0
    page: Page = Page()


class DeskHello(Command, frozen=True, tag="hello"):
    """``watched``: what the page of a supervisor reads along, conversation → organisation."""

    protocol: int
    cursors: dict[UUID, tuple[Sequence, Sequence]] = {}
    watched: Annotated[dict[UUID, Slug], Meta(max_length=MAX_WATCHED)] = {}


class Heartbeat(Command, frozen=True, tag="heartbeat"):
    pass


class PageVisit(Command, frozen=True, tag="page.visit"):
    page: Page


class VisitorMessageSend(Command, frozen=True, tag="message.send"):
    cid: UUID
    body: Body
    attachments: Annotated[list[UUID], Meta(max_length=MAX_ATTACHMENTS)] = []
    topic: Slug | None = None


class VisitorMessageEdit(Command, frozen=True, tag="message.edit"):
    conversation: UUID
    cid: UUID
    target: Sequence
    body: Annotated[str, Meta(min_length=1, max_length=MAX_BODY_CHARACTERS)]


class VisitorMessageDelete(Command, frozen=True, tag="message.delete"):
    conversation: UUID
    cid: UUID
    target: Sequence


class VisitorEntriesFetch(Command, frozen=True, tag="entries.fetch"):
    conversation: UUID
    since: Sequence


class VisitorTypingSet(Command, frozen=True, tag="typing.set"):
    conversation: UUID
    typing: bool


class VisitorReadMark(Command, frozen=True, tag="read.mark"):
    conversation: UUID
    upto: Sequence


class TopicChoose(Command, frozen=True, tag="topic.choose"):
    conversation: UUID
    cid: UUID
    topic: Slug


class ConversationLeave(Command, frozen=True, tag="conversation.leave"):
    conversation: UUID
    cid: UUID


class ContactSend(Command, frozen=True, tag="contact.send"):
    """``may_ask``: the visitor agrees to be mailed how it was."""

    cid: UUID
    email: Annotated[str, Meta(min_length=3, max_length=254)]
    body: Body = ""
    name: Annotated[str, Meta(max_length=80)] = ""
    may_ask: bool = False


class OpeningFetch(Command, frozen=True, tag="opening.fetch"):
    pass


class HelpSearch(Command, frozen=True, tag="help.search"):
    """Which articles for visitors answer this?"""

    text: Annotated[str, Meta(min_length=1, max_length=500)]


class HelpRate(Command, frozen=True, tag="help.rate"):
    """Did this article help?"""

    cid: UUID
    article: UUID
    helped: bool


class DeskCommand(Command, frozen=True):
    """The desk's socket serves many organisations: each command names its own."""

    organisation: Slug
    conversation: UUID


class DeskMessageSend(DeskCommand, frozen=True, tag="message.send"):
    cid: UUID
    body: Body
    attachments: Annotated[list[UUID], Meta(max_length=MAX_ATTACHMENTS)] = []


class DeskMessageEdit(DeskCommand, frozen=True, tag="message.edit"):
    cid: UUID
    target: Sequence
    body: Annotated[str, Meta(min_length=1, max_length=MAX_BODY_CHARACTERS)]


class DeskMessageDelete(DeskCommand, frozen=True, tag="message.delete"):
    cid: UUID
    target: Sequence


class DeskEntriesFetch(DeskCommand, frozen=True, tag="entries.fetch"):
    since: Sequence
    desk_since: Sequence = 0


class DeskTypingSet(DeskCommand, frozen=True, tag="typing.set"):
    typing: bool


class DeskReadMark(DeskCommand, frozen=True, tag="read.mark"):
    upto: Sequence


class InboxFetch(Command, frozen=True, tag="inbox.fetch"):
    pass


class ConversationFetch(DeskCommand, frozen=True, tag="conversation.fetch"):
    pass


class ConversationTake(DeskCommand, frozen=True, tag="conversation.take"):
    cid: UUID


class ConversationClose(DeskCommand, frozen=True, tag="conversation.close"):
    """``lead`` and the moods, from −2 furious to 2 delighted, may be left out."""

    cid: UUID
    purpose: Slug
    lead: bool | None = None
    mood_start: Mood | None = None
    mood_end: Mood | None = None


class EndingCorrect(DeskCommand, frozen=True, tag="ending.correct"):
    """What was noted at closing, all of it anew. None: not said."""

    cid: UUID
    purpose: Slug
    lead: bool | None
    mood_start: Mood | None
    mood_end: Mood | None


class NoteAdd(DeskCommand, frozen=True, tag="note.add"):
    cid: UUID
    body: Annotated[str, Meta(min_length=1, max_length=MAX_BODY_CHARACTERS)]


class SpecialistsFetch(DeskCommand, frozen=True, tag="specialists.fetch"):
    pass


class ConversationEscalate(DeskCommand, frozen=True, tag="conversation.escalate"):
    """To ``specialist``, or without one to whoever comes first for ``topic`` (None: the conversation's own)."""

    cid: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    summary: Annotated[str, Meta(max_length=2000)] = ""
    specialist: UUID | None = None
    topic: Slug | None = None


class EscalationWithdraw(DeskCommand, frozen=True, tag="escalation.withdraw"):
    cid: UUID
    escalation: UUID


class ConversationWatch(DeskCommand, frozen=True, tag="conversation.watch"):
    """Supervisors read along: what is said and noted arrives as with one's own conversations."""


class ConversationUnwatch(DeskCommand, frozen=True, tag="conversation.unwatch"):
    pass


class WhisperAdd(DeskCommand, frozen=True, tag="whisper.add"):
    """A supervisor's words for the operator alone."""

    cid: UUID
    body: Annotated[str, Meta(min_length=1, max_length=MAX_BODY_CHARACTERS)]


class ConversationTakeOver(DeskCommand, frozen=True, tag="conversation.take_over"):
    cid: UUID


class ConversationReassign(DeskCommand, frozen=True, tag="conversation.reassign"):
    cid: UUID
    operator: UUID


class OperatorsFetch(DeskCommand, frozen=True, tag="operators.fetch"):
    """To whom a supervisor could give the conversation."""


class AlertAcknowledge(Command, frozen=True, tag="alert.acknowledge"):
    """A supervisor sees to it."""

    alert: UUID


class PresenceSet(Command, frozen=True, tag="presence.set"):
    """``reason`` and ``minutes`` are for a break."""

    state: Slug
    reason: Slug = ""
    minutes: Annotated[int, Meta(ge=1, le=480)] | None = None


class CardFetch(Command, frozen=True, tag="card.fetch"):
    organisation: Slug


class CardConfirm(Command, frozen=True, tag="card.confirm"):
    organisation: Slug
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]


class KnowledgeCommand(Command, frozen=True):
    """Asks an organisation's knowledge base. Nothing that is asked here keeps a message waiting."""

    organisation: Slug


class SuggestionsFetch(KnowledgeCommand, frozen=True, tag="suggestions.fetch"):
    """For the visitor's last turn, or for ``text``, which is what the operator has typed so far."""

    conversation: UUID
    text: Body | None = None


class ArticlesSearch(KnowledgeCommand, frozen=True, tag="articles.search"):
    """Without ``text``: what is used most."""

    text: Annotated[str, Meta(max_length=300)]
    language: Language
    conversation: UUID | None = None


class ArticleFetch(KnowledgeCommand, frozen=True, tag="article.fetch"):
    """``conversation``: for whom its reply is filled, and in which language it is wanted."""

    article: UUID
    conversation: UUID | None = None


class ArticleReport(KnowledgeCommand, frozen=True, tag="article.report"):
    """To the article's owner."""

    cid: UUID
    article: UUID
    kind: Literal["wrong", "outdated", "incomplete"]
    note: Annotated[str, Meta(max_length=MAX_REMARK_CHARACTERS)] = ""
    conversation: UUID | None = None


class SuggestionUse(DeskCommand, frozen=True, tag="suggestion.use"):
    """Sent right after the operator's message. ``seq`` is the turn's, ``rank`` from 1; None: found by searching.
    ``mentioned`` of ``points`` were ticked in it; ``points`` 0: the article asks for none."""

    seq: Sequence
    article: UUID
    rank: Annotated[int, Meta(ge=1, le=20)] | None = None
    points: Annotated[int, Meta(ge=0, le=MAX_POINTS)] = 0
    mentioned: Annotated[int, Meta(ge=0, le=MAX_POINTS)] = 0


class GapFlag(DeskCommand, frozen=True, tag="gap.flag"):
    """No article answers the turn ``seq``."""

    cid: UUID
    seq: Sequence
