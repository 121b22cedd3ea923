"""The widget's commands, the same over sockets and HTTP."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from conversations.access import conversation_of_visitor
from conversations.commands.fast_path import ack, after_the_reply, append_message, realtime, usable_body
from conversations.commands.registry import Registry
from conversations.commands.sessions import VisitorSession
from conversations.errors import ConversationClosed
from conversations.events import Sender, Struct, TypingChanged, encode
from conversations.frames import (
    ContactSend,
    ConversationLeave,
    Heartbeat,
    OpeningFetch,
    Page,
    PageVisit,
    TopicChoose,
    VisitorEntriesFetch,
    VisitorHello,
    VisitorMessageDelete,
    VisitorMessageEdit,
    VisitorMessageSend,
    VisitorReadMark,
    VisitorTypingSet,
)
from conversations.models import Conversation
from conversations.replies import Ack, Entries, OpeningReply, QueuePlace, Reset, VisitorWelcome
from conversations.selectors import (
    latest_conversation,
    opening_frame,
    queue_frames,
    visible_entries,
    visitor_conversation,
)
from conversations.services import writing
from conversations.services.announcing import desk_group
from conversations.services.automation import answer_opening_question
from conversations.services.closing import leave_conversation
from conversations.services.instant_answers import answer_first_question, may_be_answered
from conversations.services.starting import Received, VisitorMessage, receive_message
from conversations.services.visitors import KnownVisitor, recognise_visitor
from conversations.tasks import enqueue_offer, enqueue_waiting_offers
from knowledgebase.opening_questions import asks_for_opening_hours
from operators.selectors import queue_row
from tenants.clock import platform_now
from tenants.context import OrganisationRef, run_in_organisation, run_in_public
from tenants.identifiers import uuid7
from tenants.selectors import WebsiteRef, website_by_key

visitor_commands: Registry[VisitorSession] = Registry()


async def begin_visitor_session(
    organisation: OrganisationRef, hello: VisitorHello, listen: Callable[[UUID], Awaitable[None]] | None = None
) -> tuple[VisitorSession, list[Struct]]:
    """Answers ``hello``: who this is, what is open, and what the page has missed. Raises NotFound (website)."""
    website, known, conversation_id = await run_in_organisation(organisation, _arrive, hello)
    session = VisitorSession(
        organisation=organisation,
        website=website,
        token=known.token,
        language=hello.language if hello.language in organisation.languages else organisation.languages[0],
        page=_cut(hello.page),
        visitor_id=known.visitor_id,
        conversation_id=conversation_id,
    )
    if listen is not None:
        session.listen = listen
    if conversation_id is not None:
        await session.listen(conversation_id)
    return session, await run_in_organisation(organisation, _welcome, session, hello)


def _arrive(organisation: OrganisationRef, hello: VisitorHello) -> tuple[WebsiteRef, KnownVisitor, UUID | None]:
    website = website_by_key(organisation, hello.website)
    known = recognise_visitor(organisation, hello.token)
    latest = latest_conversation(known.visitor_id, website.id) if known.visitor_id else None
    return website, known, latest.id if latest else None


def _welcome(organisation: OrganisationRef, session: VisitorSession, hello: VisitorHello) -> list[Struct]:
    now = platform_now()
    conversation = (
        conversation_of_visitor(session.visitor_id, session.conversation_id) if session.conversation_id else None
    )
    if conversation and session.page.url and session.page.url != conversation.page_url:
        writing.note_page(organisation, conversation.id, session.page)
    frames: list[Struct] = [
        VisitorWelcome(
            now=now,
            token=session.token,
            opening=opening_frame(organisation, now),
            conversation=visitor_conversation(conversation, now) if conversation else None,
            queue=_place(conversation) if conversation else None,
        )
    ]
    continues = conversation is not None and hello.conversation == conversation.id
    if hello.conversation is not None and not (continues and conversation and hello.since <= conversation.last_seq):
        frames.append(Reset(conversation=hello.conversation))
        continues = False
    if conversation is not None:
        since = hello.since if continues else 0
        if since < conversation.last_seq:
            frames.append(visible_entries(conversation, since))
    return frames


def _place(conversation: Conversation) -> QueuePlace | None:
    if conversation.state != Conversation.State.WAITING:
        return None
    return queue_frames([conversation.id]).get(conversation.id)


def _cut(page: Page) -> Page:
    """The page's own words at the lengths we keep."""
    return Page(
        url=page.url[:2000].replace("\x00", ""),
        title=page.title[:300].replace("\x00", ""),
        referrer=page.referrer[:2000].replace("\x00", ""),
    )


@visitor_commands.handles(Heartbeat)
async def hear(_session: VisitorSession, _command: Heartbeat) -> Sequence[Struct]:
    return []


@visitor_commands.handles(VisitorMessageSend)
async def send_message(session: VisitorSession, command: VisitorMessageSend) -> Sequence[Struct]:
    session.allowance.spend()
    body = usable_body(command.body, bool(command.attachments))
    if session.conversation_id is not None and session.visitor_id is not None and not command.attachments:
        sender = Sender(kind="visitor", id=session.visitor_id, name="")
        try:
            appended, reply = await append_message(
                session.organisation.schema_name, session.conversation_id, sender, command.cid, body
            )
        except ConversationClosed:
            return await _receive(session, command, body)
        if appended.is_new and not appended.has_reply:
            if asks_for_opening_hours(body):
                _by_itself(session, answer_opening_question, session.conversation_id, body, command.cid)
            elif may_be_answered(body, appended.seq):
                _by_itself(session, answer_first_question, session.conversation_id, body)
        return [reply]
    return await _receive(session, command, body)


def _by_itself(session: VisitorSession, answer: Callable[..., None], *question: Any) -> None:
    """What automation knows, it says once the message is acked: nobody waits for it."""
    after_the_reply(run_in_organisation(session.organisation, answer, *question))


async def _receive(session: VisitorSession, command: VisitorMessageSend, body: str) -> Sequence[Struct]:
    """The message may begin a conversation: then hear of it, and only then tell the page all of it (rule 6)."""
    before = session.conversation_id
    received: Received = await run_in_organisation(
        session.organisation,
        receive_message,
        VisitorMessage(
            token=session.token,
            website=session.website,
            page=session.page,
            language=session.language,
            new_conversation_id=uuid7(),
            cid=command.cid,
            body=body,
            attachments=tuple(command.attachments),
            topic=command.topic,
        ),
    )
    if received.needs_operator:
        enqueue_offer(session.organisation.schema_name, received.conversation_id)
        if may_be_answered(body, received.message.seq):
            _by_itself(session, answer_first_question, received.conversation_id, body)
    session.visitor_id = received.visitor_id
    if received.conversation_id == before:
        return [ack(command.cid, received.message)]
    await session.listen(received.conversation_id)
    session.conversation_id = received.conversation_id
    entries = await run_in_organisation(session.organisation, _entries, session.visitor_id, received.conversation_id, 0)
    return [entries, ack(command.cid, received.message)]


def _entries(
    _organisation: OrganisationRef, visitor_id: UUID | None, conversation_id: UUID, since: int
) -> Entries | Reset:
    conversation = conversation_of_visitor(visitor_id, conversation_id)
    if since > conversation.last_seq:
        return Reset(conversation=conversation_id)
    return visible_entries(conversation, since)


@visitor_commands.handles(VisitorEntriesFetch)
async def fetch_entries(session: VisitorSession, command: VisitorEntriesFetch) -> Sequence[Struct]:
    return [
        await run_in_organisation(
            session.organisation, _entries, session.visitor_id, command.conversation, command.since
        )
    ]


@visitor_commands.handles(VisitorMessageEdit)
async def edit_message(session: VisitorSession, command: VisitorMessageEdit) -> Sequence[Struct]:
    session.allowance.spend()
    appended = await run_in_organisation(
        session.organisation,
        writing.edit_message,
        ("visitor", session.own(command.conversation), ""),
        command.conversation,
        command.cid,
        command.target,
        usable_body(command.body, False),
    )
    return [ack(command.cid, appended)]


@visitor_commands.handles(VisitorMessageDelete)
async def delete_message(session: VisitorSession, command: VisitorMessageDelete) -> Sequence[Struct]:
    session.allowance.spend()
    appended = await run_in_organisation(
        session.organisation,
        writing.delete_message,
        ("visitor", session.own(command.conversation), ""),
        command.conversation,
        command.cid,
        command.target,
    )
    return [ack(command.cid, appended)]


@visitor_commands.handles(VisitorTypingSet)
async def set_typing(session: VisitorSession, command: VisitorTypingSet) -> Sequence[Struct]:
    session.own(command.conversation)
    session.allowance.spend()
    row = await run_in_public(queue_row, command.conversation)
    if row is not None:
        changed = TypingChanged(conversation=command.conversation, side="visitor", name="", typing=command.typing)
        realtime().publish([desk_group(session.organisation.schema_name, row.operator_id)], encode(changed))
    return []


@visitor_commands.handles(VisitorReadMark)
async def mark_read(session: VisitorSession, command: VisitorReadMark) -> Sequence[Struct]:
    session.allowance.spend()
    sender = ("visitor", session.own(command.conversation), "")
    await run_in_organisation(session.organisation, writing.mark_read, sender, command.conversation, command.upto)
    return []


@visitor_commands.handles(TopicChoose)
async def choose_topic(session: VisitorSession, command: TopicChoose) -> Sequence[Struct]:
    session.allowance.spend()
    appended = await run_in_organisation(
        session.organisation,
        writing.choose_topic,
        session.own(command.conversation),
        command.conversation,
        command.cid,
        command.topic,
    )
    return [ack(command.cid, appended)]


@visitor_commands.handles(ConversationLeave)
async def leave(session: VisitorSession, command: ConversationLeave) -> Sequence[Struct]:
    appended = await run_in_organisation(
        session.organisation,
        leave_conversation,
        session.own(command.conversation),
        command.conversation,
        command.cid,
    )
    if appended.operator_id is not None:
        after_the_reply(run_in_public(enqueue_waiting_offers, appended.operator_id))
    return [ack(command.cid, appended)]


@visitor_commands.handles(ContactSend)
async def send_contact_request(session: VisitorSession, command: ContactSend) -> Sequence[Struct]:
    session.allowance.spend()
    request = await run_in_organisation(
        session.organisation,
        writing.leave_contact_request,
        token=session.token,
        website=session.website,
        page=session.page,
        language=session.language,
        cid=command.cid,
        name=command.name.replace("\x00", ""),
        email=command.email,
        body=command.body.replace("\x00", "").strip(),
        may_ask=command.may_ask,
    )
    session.visitor_id = request.visitor_id
    return [Ack(cid=command.cid, conversation=None, id=request.id, seq=None, desk_seq=None, at=request.created_at)]


@visitor_commands.handles(OpeningFetch)
async def fetch_opening(session: VisitorSession, _command: OpeningFetch) -> Sequence[Struct]:
    return [OpeningReply(opening=await run_in_organisation(session.organisation, _opening))]


def _opening(organisation: OrganisationRef) -> Any:
    return opening_frame(organisation, platform_now())


@visitor_commands.handles(PageVisit)
async def visit_page(session: VisitorSession, command: PageVisit) -> Sequence[Struct]:
    session.page = _cut(command.page)
    if session.conversation_id is not None:
        session.allowance.spend()
        await run_in_organisation(session.organisation, writing.note_page, session.conversation_id, session.page)
    return []
