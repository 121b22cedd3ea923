"""A visitor's message that does not simply go into an open conversation: it begins or reopens one, or has files."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from conversations.errors import ClosedHours
from conversations.frames import Page
from conversations.journal import Appended, NewEntry
from conversations.models import Conversation, Entry
from conversations.selectors import REOPEN_SECONDS, latest_conversation
from conversations.services import automation
from conversations.services.announcing import announce_inbox, append_and_announce
from conversations.services.attachments import claim_attachments
from conversations.services.closing_time import watch_closing_time
from conversations.services.locks import lock_conversation, lock_visitor
from conversations.services.visitors import visitor_of_token
from knowledgebase.selectors import kind_of_topic, topic_choices
from knowledgebase.topic_recognition import recognise_topic
from operators.services import enqueue_conversation
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.hours import Opening, opening_of
from tenants.selectors import WebsiteRef


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorMessage:
    """A message with all that a new conversation needs to know. ``new_conversation_id`` is used if one begins."""

    token: str
    website: WebsiteRef
    page: Page
    language: str
    new_conversation_id: UUID
    cid: UUID
    body: str
    attachments: tuple[UUID, ...] = ()
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """Where the message went. ``needs_operator``: the conversation began or reopened and is to be offered."""

    visitor_id: UUID
    conversation_id: UUID
    message: Appended
    needs_operator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Destination:
    """Where a message goes, and the entries that stand before and after it there. ``begins``: it is to be offered."""

    conversation: Conversation
    before: list[NewEntry] = field(default_factory=list)
    after: list[NewEntry] = field(default_factory=list)
    begins: bool = False


def receive_message(organisation: OrganisationRef, sent: VisitorMessage) -> Received:
    """Puts the message where it belongs: the open conversation, the one closed under 15 minutes ago, or a new one.

    Locks visitor, conversation, queue. The same ``cid`` again, in whichever conversation it went, changes nothing.
    Raises ClosedHours when a new conversation is needed outside opening hours; nothing is stored then.
    """
    with transaction.atomic():
        visitor_id = visitor_of_token(organisation, sent.token, create=True)
        lock_visitor(visitor_id)
        known = _known(visitor_id, sent.cid)
        if known is not None:
            return Received(visitor_id, known.conversation_id, known, False)
        now = platform_now()
        destination = _destination(organisation, visitor_id, sent, now)
        conversation = destination.conversation
        facts = claim_attachments(organisation, conversation.id, Entry.Sender.VISITOR, visitor_id, sent.attachments)
        message = NewEntry(
            conversation_id=conversation.id,
            kind=Entry.Kind.MESSAGE_SENT,
            sender_kind=Entry.Sender.VISITOR,
            sender_id=visitor_id,
            cid=sent.cid,
            body=sent.body,
            attachments=facts,
        )
        answer = automation.opening_answer(organisation, conversation, sent.body, sent.cid, now)
        entries = [*destination.before, message, *answer, *destination.after]
        appended = append_and_announce(organisation, entries)
        if destination.begins:
            announce_inbox(organisation, conversation.id)
        return Received(visitor_id, conversation.id, appended[len(destination.before)], destination.begins)


def _known(visitor_id: UUID, cid: UUID) -> Appended | None:
    entry = Entry.objects.filter(cid=cid, sender_kind=Entry.Sender.VISITOR, sender_id=visitor_id).first()
    if entry is None:
        return None
    return Appended(entry.id, entry.seq, entry.at, False, entry.conversation_id, None, False)


def _destination(organisation: OrganisationRef, visitor_id: UUID, sent: VisitorMessage, now: datetime) -> _Destination:
    latest = latest_conversation(visitor_id, sent.website.id)
    if latest is not None:
        latest = lock_conversation(latest.id)
        if latest.closed_at is None:
            return _Destination(conversation=latest)
        if (now - latest.closed_at).total_seconds() < REOPEN_SECONDS:
            return _reopen(organisation, latest, visitor_id, now)
    return _begin(organisation, visitor_id, sent, latest, now)


def _reopen(organisation: OrganisationRef, conversation: Conversation, visitor_id: UUID, now: datetime) -> _Destination:
    conversation.state = Conversation.State.WAITING
    conversation.closed_at = None
    conversation.operator_id = None
    conversation.operator_name = ""
    conversation.save(update_fields=["state", "closed_at", "operator_id", "operator_name"])
    _enqueue(organisation, conversation, opening_of(organisation, now), now)
    reopened = NewEntry(
        conversation_id=conversation.id,
        kind=Entry.Kind.CONVERSATION_REOPENED,
        sender_kind=Entry.Sender.VISITOR,
        sender_id=visitor_id,
    )
    question = automation.topic_question(organisation, conversation)
    return _Destination(conversation=conversation, before=[reopened], after=question, begins=True)


def _begin(
    organisation: OrganisationRef,
    visitor_id: UUID,
    sent: VisitorMessage,
    previous: Conversation | None,
    now: datetime,
) -> _Destination:
    opening = opening_of(organisation, now)
    if not opening.open:
        raise ClosedHours(opening.next_opening)
    chosen = sent.topic if sent.topic in {one.slug for one in topic_choices(organisation, sent.language)} else None
    recognised = None if chosen else recognise_topic(organisation, sent.language, sent.body)
    conversation = Conversation.objects.create(
        id=sent.new_conversation_id,
        visitor_id=visitor_id,
        website_id=sent.website.id,
        website_key=sent.website.key,
        page_url=sent.page.url,
        page_title=sent.page.title,
        referrer=sent.page.referrer,
        language=sent.language,
        topic=chosen or recognised or "",
        previous=previous,
        opened_at=now,
        last_entry_at=now,
    )
    _enqueue(organisation, conversation, opening, now)
    about = automation.topic_recognised if recognised else automation.topic_question
    return _Destination(
        conversation=conversation,
        before=automation.greeting(organisation, conversation),
        after=about(organisation, conversation),
        begins=True,
    )


def _enqueue(organisation: OrganisationRef, conversation: Conversation, opening: Opening, now: datetime) -> None:
    enqueue_conversation(
        organisation,
        conversation.id,
        language=conversation.language,
        topic=conversation.topic,
        website_key=conversation.website_key,
        last_seq=conversation.last_seq,
        last_desk_seq=conversation.last_desk_seq,
        at=now,
        kind=kind_of_topic(organisation, conversation.topic),
    )
    watch_closing_time(organisation, conversation.id, opening, now)
