"""Named reads of conversations. Inside an organisation's schema unless they say otherwise; they return frames."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from conversations.events import (
    AlertFact,
    Fact,
    InboxEntry,
    Person,
    PresenceNow,
    PromiseState,
    TopicFact,
    fact_from_row,
    staff_fact_from_row,
)
from conversations.frames import Page
from conversations.models import Conversation, DeskEntry, Entry, Visitor
from conversations.replies import (
    Card,
    CardStanding,
    CardText,
    ConversationReply,
    DeskOperator,
    DeskOrganisation,
    DeskWelcome,
    Entries,
    FollowUpCountsFact,
    Inbox,
    Opening,
    QueuePlace,
    RatingState,
    VisitorConversation,
    VisitorFacts,
)
from conversations.tokens import token_hash
from knowledgebase.selectors import topic_choices
from operators.alerts import AlertRef, open_alerts
from operators.cards import CardStanding as Standing
from operators.cards import CardText as CardWords
from operators.cards import card_of_version, card_standings, newest_card
from operators.coaching import unread_by_operator
from operators.follow_ups import follow_up_counts
from operators.models import Assignment
from operators.places import queue_places
from operators.presence import PresenceRef, presence_of
from operators.selectors import OperatorRef, QueueRow, Stretch, inbox_of
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.hours import opening_of
from tenants.models import CalendarKind

ENTRIES_PER_FETCH = 500
REOPEN_SECONDS = 15 * 60

_ENTRY_COLUMNS = [field.attname for field in Entry._meta.concrete_fields]
_DESK_ENTRY_COLUMNS = [field.attname for field in DeskEntry._meta.concrete_fields]


def opening_frame(organisation: OrganisationRef, now: datetime, kind: str = CalendarKind.DESK) -> Opening:
    """Open now, until when, or when next, and which special day is the reason. Two queries."""
    opening = opening_of(organisation, now, kind)
    return Opening(
        open=opening.open,
        until=opening.until,
        next_opening=opening.next_opening,
        time_zone=opening.time_zone,
        label=opening.label,
    )


def latest_conversation(visitor_id: UUID, website_id: UUID) -> Conversation | None:
    """The visitor's open conversation on this website, else the last closed one. One query."""
    return Conversation.objects.filter(visitor_id=visitor_id, website_id=website_id).order_by("-opened_at").first()


def queue_frames(conversation_ids: Collection[UUID]) -> dict[UUID, QueuePlace]:
    """Conversation → its place in the queue, for those of these that wait. Public schema; one query."""
    places = queue_places(conversation_ids)
    return {id_: QueuePlace(position=place.position, seconds=place.seconds) for id_, place in places.items()}


def last_helper(conversation: Conversation, stretches: Collection[Stretch]) -> UUID | None:
    """Who last helped this visitor: the operator who had the conversation before it was reopened, else who had their
    latest earlier one that was answered. ``stretches`` are this conversation's, newest first. One query."""
    for stretch in stretches:
        if stretch.end == Assignment.End.CLOSED and conversation.first_replied_at is not None:
            return stretch.operator_id
    earlier = Conversation.objects.filter(
        visitor_id=conversation.visitor_id, operator_id__isnull=False, first_replied_at__isnull=False
    ).exclude(pk=conversation.id)
    return earlier.order_by("-opened_at").values_list("operator_id", flat=True).first()


def conversations_of_tokens(
    _organisation: OrganisationRef, tokens: Collection[str]
) -> dict[tuple[str, UUID], tuple[UUID, UUID]]:
    """(token, website) → (visitor, latest conversation there), for those who have one by now. One query."""
    hashes = {token_hash(token): token for token in tokens}
    rows = (
        Conversation.objects.filter(visitor__tokens__in=list(hashes))
        .order_by("opened_at")
        .values_list("visitor__tokens__token_hash", "website_id", "visitor_id", "id")
    )
    return {
        (hashes[bytes(hashed)], website_id): (visitor_id, conversation_id)
        for hashed, website_id, visitor_id, conversation_id in rows
        if bytes(hashed) in hashes
    }


def visitor_conversation(conversation: Conversation, now: datetime) -> VisitorConversation:
    """What the widget is told of a conversation beside its entries. One query."""
    return VisitorConversation(
        id=conversation.id,
        state=conversation.state,
        operator=_operator(conversation),
        topic=conversation.topic or None,
        language=conversation.language,
        last_seq=conversation.last_seq,
        can_reopen=conversation.closed_at is not None
        and (now - conversation.closed_at).total_seconds() < REOPEN_SECONDS,
        rating=_rating(conversation),
    )


def _operator(conversation: Conversation) -> Person | None:
    if conversation.operator_id is None:
        return None
    return Person(id=conversation.operator_id, name=conversation.operator_name)


def _rating(conversation: Conversation) -> RatingState | None:
    if conversation.rating_requested_at is None:
        return None
    given = (
        Entry.objects.filter(conversation=conversation, kind=Entry.Kind.RATING_GIVEN)
        .order_by("-seq")
        .values_list("payload", flat=True)
        .first()
    )
    return RatingState(mark=given["mark"], comment=given["comment"]) if given else RatingState(mark=None, comment="")


def visible_entries(conversation: Conversation, since: int) -> Entries:
    """Facts a visitor may see after ``since``, at most 500. One query."""
    facts = _facts(conversation, since)
    return Entries(
        conversation=conversation.id,
        since=since,
        entries=facts,  # type: ignore[arg-type]
        last_seq=conversation.last_seq,
        complete=_is_complete(facts, since, conversation.last_seq),
    )


def desk_entries(conversation: Conversation, since: int, desk_since: int) -> Entries:
    """Both sequences after their cursors, at most 500 of each. Two queries."""
    facts = _facts(conversation, since)
    rows = DeskEntry.objects.filter(
        conversation=conversation, desk_seq__gt=desk_since, desk_seq__lte=conversation.last_desk_seq
    ).values(*_DESK_ENTRY_COLUMNS)[:ENTRIES_PER_FETCH]
    staff_facts = [staff_fact_from_row(row) for row in rows]
    desk_complete = len(staff_facts) == max(conversation.last_desk_seq - desk_since, 0)
    return Entries(
        conversation=conversation.id,
        since=since,
        entries=facts,  # type: ignore[arg-type]
        last_seq=conversation.last_seq,
        complete=_is_complete(facts, since, conversation.last_seq) and desk_complete,
        desk_since=desk_since,
        desk_entries=staff_facts,  # type: ignore[arg-type]
        last_desk_seq=conversation.last_desk_seq,
    )


def _facts(conversation: Conversation, since: int) -> list[Fact]:
    rows = Entry.objects.filter(conversation=conversation, seq__gt=since, seq__lte=conversation.last_seq).values(
        *_ENTRY_COLUMNS
    )
    return [fact_from_row(row) for row in rows[:ENTRIES_PER_FETCH]]


def _is_complete(facts: Collection[Fact], since: int, last_seq: int) -> bool:
    return len(facts) == max(last_seq - since, 0)


def conversation_reply(organisation: OrganisationRef, conversation: Conversation) -> ConversationReply:
    """What staff know of a conversation beside its entries. One query."""
    visitor = Visitor.objects.get(pk=conversation.visitor_id)
    return ConversationReply(
        conversation=conversation.id,
        organisation=organisation.slug,
        state=conversation.state,
        operator=_operator(conversation),
        visitor=VisitorFacts(id=visitor.id, name=visitor.name, email=visitor.email),
        website=conversation.website_key,
        page=Page(url=conversation.page_url, title=conversation.page_title, referrer=conversation.referrer),
        language=conversation.language,
        topic=conversation.topic or None,
        purpose=conversation.purpose,
        lead=conversation.lead,
        mood_start=conversation.mood_start,
        mood_end=conversation.mood_end,
        opened_at=conversation.opened_at,
        closed_at=conversation.closed_at,
        previous=conversation.previous_id,
        last_seq=conversation.last_seq,
        last_desk_seq=conversation.last_desk_seq,
    )


def inbox_entry(row: QueueRow) -> InboxEntry:
    """A queue row as the desk reads it."""
    promise = None
    if row.promise_opened_at and row.promise_warn_at and row.promise_due_at:
        promise = PromiseState(
            kind=row.promise_kind,
            opened_at=row.promise_opened_at,
            warn_at=row.promise_warn_at,
            due_at=row.promise_due_at,
        )
    return InboxEntry(
        conversation=row.conversation_id,
        organisation=row.organisation_slug,
        state=row.state,
        operator=row.operator_id,
        language=row.language,
        topic=row.topic or None,
        website=row.website_key,
        last_seq=row.last_seq,
        last_desk_seq=row.last_desk_seq,
        opened_at=row.opened_at,
        promise=promise,
        paused=row.pause_reason or None,
    )


def inbox_reply(
    operator: OperatorRef, organisation_ids: Collection[UUID], supervises: bool, watched: Collection[UUID]
) -> Inbox:
    """The operator's inbox; a supervisor's has what they hold anywhere and what they watch. Public; two queries."""
    rows = inbox_of(operator.id, organisation_ids, anywhere=supervises, watched=watched)
    return Inbox(now=platform_now(), inbox=[inbox_entry(row) for row in rows])


def presence_frame(presence: PresenceRef) -> PresenceNow:
    """A presence as the desk reads it."""
    return PresenceNow(state=presence.state, reason=presence.reason, until=presence.until, since=presence.since)


def desk_welcome(
    operator: OperatorRef,
    organisations: Collection[OrganisationRef],
    gone_since: datetime | None = None,
    *,
    supervised: Collection[OrganisationRef] = (),
    watched: Collection[UUID] = (),
) -> DeskWelcome:
    """All a desk starts from. Public schema, and the schema of each organisation that the operator answers for, for its
    topics: two queries each. Those only ``supervised`` cost none."""
    answered = {organisation.id for organisation in organisations}
    standings = card_standings(operator.id, answered)
    inbox = inbox_reply(operator, answered, bool(supervised), watched)
    others = [organisation for organisation in supervised if organisation.id not in answered]
    return DeskWelcome(
        now=inbox.now,
        supervises=bool(supervised),
        operator=DeskOperator(
            id=operator.id,
            name=operator.name,
            capacity=operator.capacity,
            presence=presence_frame(presence_of(operator.id)),
            gone_since=gone_since,
        ),
        organisations=[
            DeskOrganisation(
                slug=organisation.slug,
                name=organisation.name,
                colour=organisation.colour,
                languages=list(organisation.languages),
                first_reply_seconds=organisation.first_reply_seconds,
                follow_up_seconds=organisation.follow_up_seconds,
                warn_percent=organisation.warn_percent,
                reoffer_seconds=organisation.reoffer_seconds,
                topics=in_organisation(organisation, _topic_facts) if organisation.id in answered else [],
                card=_standing(standings.get(organisation.id)),
                answers=organisation.id in answered,
            )
            for organisation in [*organisations, *others]
        ],
        inbox=inbox.inbox,
        alerts=open_alert_facts() if supervised else [],
        follow_ups=follow_up_counts_fact() if supervised else None,
        unread=unread_by_operator([operator.id]).get(operator.id, 0),
    )


def follow_up_counts_fact() -> FollowUpCountsFact:
    """Of all organisations. Public schema; one query."""
    counts = follow_up_counts()
    return FollowUpCountsFact(open=counts.open, late=counts.late)


def alert_fact(alert: AlertRef) -> AlertFact:
    """An open alert as supervisors read it."""
    return AlertFact(
        id=alert.id,
        kind=alert.kind,
        organisation=alert.organisation,
        operator=Person(id=alert.operator_id, name=alert.operator_name) if alert.operator_id else None,
        value=alert.value,
        threshold=alert.threshold,
        raised_at=alert.raised_at,
        seen_by=alert.seen_by,
    )


def open_alert_facts() -> list[AlertFact]:
    """What is open now, the latest first. Public schema; one query."""
    return [alert_fact(alert) for alert in open_alerts()]


def _standing(standing: Standing | None) -> CardStanding | None:
    return CardStanding(version=standing.version, confirmed=standing.confirmed) if standing else None


def card_reply(operator: OperatorRef, organisation: OrganisationRef) -> Card:
    """The client's newest card as this operator reads it. Public schema; three queries. Raises NotFound without one."""
    card = newest_card(organisation.id)
    standing = card_standings(operator.id, [organisation.id]).get(organisation.id)
    if card is None or standing is None:
        raise NotFound()
    before = None
    if standing.confirmed is not None and standing.confirmed != card.version:
        before = card_of_version(organisation.id, standing.confirmed)
    return Card(
        organisation=organisation.slug,
        version=card.version,
        published_at=card.published_at,
        text=_card_text(card.text),
        confirmed=standing.confirmed,
        before=_card_text(before.text) if before else None,
    )


def _card_text(words: CardWords) -> CardText:
    return CardText(tone=words.tone, dos=words.dos, donts=words.donts, specialists=words.specialists)


def _topic_facts(organisation: OrganisationRef) -> list[TopicFact]:
    return [
        TopicFact(slug=choice.slug, label=choice.label)
        for choice in topic_choices(organisation, organisation.languages[0])
    ]
