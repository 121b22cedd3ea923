"""Replies: what a command is answered with, and heartbeats. Samples: docs/protocol.md."""

from datetime import date, datetime
from uuid import UUID

from conversations.events import (
    AlertFact,
    InboxEntry,
    Page,
    Person,
    PresenceNow,
    StaffFact,
    Struct,
    TopicFact,
    VisibleFact,
)


class Reply(Struct, frozen=True, tag_field="type"):
    """What a command is answered with."""


class Opening(Struct, frozen=True):
    """``until`` while open (None: for at least two weeks), ``next_opening`` while closed (None: not known), ``label``
    when today's special day is why it is closed."""

    open: bool
    until: datetime | None
    next_opening: datetime | None
    time_zone: str
    label: str


class OpeningReply(Reply, frozen=True, tag="opening"):
    opening: Opening


class HelpArticle(Struct, frozen=True):
    """What a visitor may read of an article, ready to be read: nothing in it is left to be filled in."""

    article: UUID
    title: str
    reply: str


class VisitorHelp(Reply, frozen=True, tag="help"):
    """The best first, at most three. ``text`` is what was asked for; ``is_sure`` whether the first one surely answers
    it."""

    text: str
    articles: list[HelpArticle]
    is_sure: bool


class RatingState(Struct, frozen=True):
    """``mark`` is None until it was given."""

    mark: int | None
    comment: str


class VisitorConversation(Struct, frozen=True):
    id: UUID
    state: str
    operator: Person | None
    topic: str | None
    language: str
    last_seq: int
    can_reopen: bool
    rating: RatingState | None


class QueuePlace(Struct, frozen=True):
    """``position`` from 1; ``seconds`` until somebody is likely there, None when too little was measured to say."""

    position: int
    seconds: int | None


class VisitorWelcome(Reply, frozen=True, tag="welcome"):
    """``queue`` while the conversation waits for somebody."""

    now: datetime
    token: str
    opening: Opening
    conversation: VisitorConversation | None
    queue: QueuePlace | None


class DeskOperator(Struct, frozen=True):
    """``gone_since``: when the desk was last heard, if it counted as gone until this welcome."""

    id: UUID
    name: str
    capacity: int
    presence: PresenceNow
    gone_since: datetime | None


class CardStanding(Struct, frozen=True):
    """The client's newest card, and the version that this operator confirmed last. Unequal: no new conversations."""

    version: int
    confirmed: int | None


class DeskOrganisation(Struct, frozen=True):
    """``card`` is None for a client without one: then there is nothing to confirm. ``answers``: this operator does;
    of other clients, which supervisors see as well, neither topics nor card are told."""

    slug: str
    name: str
    colour: str
    languages: list[str]
    first_reply_seconds: int
    follow_up_seconds: int
    warn_percent: int
    reoffer_seconds: int
    topics: list[TopicFact]
    card: CardStanding | None
    answers: bool


class FollowUpCountsFact(Struct, frozen=True):
    """``open``: nobody has taken them. ``late``: of all that are not done."""

    open: int
    late: int


class DeskWelcome(Reply, frozen=True, tag="welcome"):
    """``supervises``: the page may watch, whisper, take over, reassign and close. ``follow_ups`` are for supervisors;
    ``unread``: what was written to this operator about their work."""

    now: datetime
    supervises: bool
    operator: DeskOperator
    organisations: list[DeskOrganisation]
    inbox: list[InboxEntry]
    alerts: list[AlertFact]
    follow_ups: FollowUpCountsFact | None
    unread: int


class Ack(Reply, frozen=True, tag="ack"):
    """Sent after the commit, never before."""

    cid: UUID
    conversation: UUID | None
    id: UUID
    seq: int | None
    desk_seq: int | None
    at: datetime


class ErrorReply(Reply, frozen=True, tag="error"):
    code: str
    message: str
    cid: UUID | None = None
    retry: bool = False
    retry_after: float | None = None


class Entries(Reply, frozen=True, tag="entries"):
    conversation: UUID
    since: int
    entries: list[VisibleFact]
    last_seq: int
    complete: bool
    desk_since: int | None = None
    desk_entries: list[StaffFact] = []
    last_desk_seq: int | None = None


class Reset(Reply, frozen=True, tag="reset"):
    conversation: UUID


class Watching(Reply, frozen=True, tag="watching"):
    """From here on the page hears of the conversation. ``entry`` is its inbox row, None once it is closed."""

    conversation: UUID
    entry: InboxEntry | None


class DeskOperatorChoice(Struct, frozen=True):
    """``state`` is ``gone`` for one not heard for 45 s; ``load`` in places, of ``capacity``; ``can_take`` this
    conversation: trained, available or busy, and with room."""

    id: UUID
    name: str
    state: str
    load: float
    capacity: int
    speaks_language: bool
    is_trained: bool
    can_take: bool


class OperatorsReply(Reply, frozen=True, tag="operators"):
    """Everybody who answers for the client, best first."""

    conversation: UUID
    operators: list[DeskOperatorChoice]


class Inbox(Reply, frozen=True, tag="inbox"):
    now: datetime
    inbox: list[InboxEntry]


class CardText(Struct, frozen=True):
    """What the platform's administrators or the client's managers wrote."""

    tone: str
    dos: str
    donts: str
    specialists: str


class Card(Reply, frozen=True, tag="card"):
    """A client's newest card. ``confirmed`` is the version this operator confirmed last, ``before`` its text where that
    is another version: what has changed since can be shown."""

    organisation: str
    version: int
    published_at: datetime
    text: CardText
    confirmed: int | None
    before: CardText | None


class VisitorFacts(Struct, frozen=True):
    id: UUID
    name: str
    email: str


class ConversationReply(Reply, frozen=True, tag="conversation"):
    conversation: UUID
    organisation: str
    state: str
    operator: Person | None
    visitor: VisitorFacts
    website: str
    page: Page
    language: str
    topic: str | None
    purpose: str
    lead: bool | None
    mood_start: int | None
    mood_end: int | None
    opened_at: datetime
    closed_at: datetime | None
    previous: UUID | None
    last_seq: int
    last_desk_seq: int


class SpecialistFacts(Struct, frozen=True):
    """``topics`` empty: all. ``position``: the lowest is asked first."""

    id: UUID
    name: str
    topics: list[str]
    position: int


class EscalationState(Struct, frozen=True):
    """The escalation that runs: whom it is with, and their deadline. ``state``: asked, accepted."""

    id: UUID
    state: str
    specialist: str
    topic: str | None
    reason: str
    summary: str
    asked_at: datetime
    by: datetime


class DeskSpecialists(Reply, frozen=True, tag="specialists"):
    """``opening``: the specialists' hours. ``accept_by``: until when somebody asked now would have to accept;
    ``answer_by``: until when, accepting at the last moment, to answer."""

    conversation: UUID
    specialists: list[SpecialistFacts]
    topics: list[TopicFact]
    opening: Opening
    accept_by: datetime
    answer_by: datetime
    escalation: EscalationState | None


class VisitorHeartbeat(Reply, frozen=True, tag="heartbeat"):
    """``until``: closing time while open (None: for at least two weeks). ``queue`` while the conversation waits."""

    now: datetime
    open: bool
    until: datetime | None
    conversation: UUID | None
    last_seq: int | None
    queue: QueuePlace | None


class DeskHeartbeat(Reply, frozen=True, tag="heartbeat"):
    """``alerts`` and ``follow_ups``: what is open, for supervisors only. ``unread`` as in ``welcome``."""

    now: datetime
    tops: dict[UUID, tuple[int, int]]
    alerts: list[AlertFact]
    follow_ups: FollowUpCountsFact | None
    unread: int


class BecauseFact(Struct, frozen=True):
    """Why an article matched: in ``field`` (title, question, text), by which words of what was asked; ``question`` is
    the known question that it resembles, empty when it was none."""

    field: str
    words: list[str]
    question: str


class SuggestedArticle(Struct, frozen=True):
    """``reply`` is ready to be inserted; what ``missing`` names could not be filled and stands in it as it was.
    ``confidence`` 0 to 1: how likely this is the answer. ``is_overdue``: its review is; ``is_expired``: its last day
    is over, and only a search still finds it."""

    article: UUID
    language: str
    title: str
    reply: str
    missing: list[str]
    points: list[str]
    because: BecauseFact
    confidence: float
    is_overdue: bool
    is_expired: bool


class DeskSuggestions(Reply, frozen=True, tag="suggestions"):
    """Best first, at most three. ``seq``: of the turn's first message, 0 before the visitor said anything.
    ``notices``: what holds for now."""

    conversation: UUID
    seq: int
    suggestions: list[SuggestedArticle]
    notices: list[str]


class DeskArticles(Reply, frozen=True, tag="articles"):
    """Best first, at most twenty. ``organisation``: whose; what is found for one is never shown for another."""

    organisation: str
    articles: list[SuggestedArticle]


class RelatedArticle(Struct, frozen=True):
    article: UUID
    title: str


class ArticleFileFact(Struct, frozen=True):
    """``size`` in bytes."""

    id: UUID
    name: str
    content_type: str
    size: int


class DeskArticle(Reply, frozen=True, tag="article"):
    """``long_text`` is Markdown for the operator. ``topic`` is a label, ``owner`` a name, both may be empty."""

    article: UUID
    language: str
    title: str
    reply: str
    missing: list[str]
    points: list[str]
    is_overdue: bool
    is_expired: bool
    long_text: str
    related: list[RelatedArticle]
    source: str
    owner: str
    topic: str
    version: int
    valid_until: date | None
    review_on: date | None
    files: list[ArticleFileFact]


class DeskSuggestionNoted(Reply, frozen=True, tag="suggestion.noted"):
    conversation: UUID
    seq: int
    article: UUID


class DeskArticleNoted(Reply, frozen=True, tag="article.noted"):
    cid: UUID
    article: UUID


class DeskGapNoted(Reply, frozen=True, tag="gap.noted"):
    cid: UUID
    conversation: UUID
    seq: int
