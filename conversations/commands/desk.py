"""The desk's commands, the same over sockets and HTTP. Each names its organisation, checked against live postings."""

from collections.abc import Sequence
from uuid import UUID

from conversations.access import conversation_at_desk
from conversations.commands.fast_path import ack, append_message, desk_ack, realtime, usable_body
from conversations.commands.registry import Registry
from conversations.commands.sessions import DeskSession
from conversations.events import PresenceChanged, Sender, Struct, TypingChanged, encode
from conversations.frames import (
    CardConfirm,
    CardFetch,
    ConversationClose,
    ConversationFetch,
    ConversationTake,
    DeskEntriesFetch,
    DeskHello,
    DeskMessageDelete,
    DeskMessageEdit,
    DeskMessageSend,
    DeskReadMark,
    DeskTypingSet,
    EndingCorrect,
    Heartbeat,
    InboxFetch,
    NoteAdd,
    PresenceSet,
)
from conversations.models import Conversation
from conversations.replies import ConversationReply, Entries, Reset
from conversations.selectors import (
    card_reply,
    conversation_reply,
    desk_entries,
    desk_welcome,
    inbox_reply,
    presence_frame,
)
from conversations.services import writing
from conversations.services.announcing import page_group
from conversations.services.cards import confirm_client_card
from conversations.services.closing import close_conversation
from conversations.services.endings import Noted, correct_ending
from conversations.services.offering import take_conversation
from conversations.services.supervising import close_for_operator
from conversations.tasks import enqueue_waiting_offers
from operators.answering import note_typing
from operators.models import Presence
from operators.presence import record_beats, set_presence, unheard_since
from tenants.context import OrganisationRef, in_organisation, run_in_organisation, run_in_public
from tenants.errors import NotFound
from tenants.realtime import group_name

desk_commands: Registry[DeskSession] = Registry()


async def welcome(session: DeskSession, hello: DeskHello) -> list[Struct]:
    """Answers ``hello``: the inbox, then what the page has missed of the conversations it holds."""
    return await run_in_public(_welcome, session, hello)


def _welcome(session: DeskSession, hello: DeskHello) -> list[Struct]:
    gone_since = unheard_since(session.operator.id)
    record_beats([session.operator.id])
    welcomed = desk_welcome(
        session.operator,
        list(session.organisations.values()),
        gone_since,
        supervised=list(session.supervised.values()),
        watched=list(session.watched),
    )
    frames: list[Struct] = [welcomed]
    for row in welcomed.inbox:
        cursor = hello.cursors.get(row.conversation)
        if cursor is not None and cursor != (row.last_seq, row.last_desk_seq):
            organisation = session.serving(row.organisation)
            frames.append(in_organisation(organisation, _entries, row.conversation, *cursor))
    enqueue_waiting_offers(session.operator.id)
    return frames


def _entries(_organisation: OrganisationRef, conversation_id: UUID, since: int, desk_since: int) -> Entries | Reset:
    conversation = conversation_at_desk(conversation_id)
    if since > conversation.last_seq or desk_since > conversation.last_desk_seq:
        return Reset(conversation=conversation_id)
    return desk_entries(conversation, since, desk_since)


@desk_commands.handles(Heartbeat)
async def hear(_session: DeskSession, _command: Heartbeat) -> Sequence[Struct]:
    return []


@desk_commands.handles(DeskMessageSend)
async def send_message(session: DeskSession, command: DeskMessageSend) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    body = usable_body(command.body, bool(command.attachments))
    if command.attachments:
        appended = await run_in_organisation(
            organisation,
            writing.send_operator_files,
            session.operator,
            command.conversation,
            command.cid,
            body,
            tuple(command.attachments),
        )
        return [ack(command.cid, appended)]
    sender = Sender(kind="operator", id=session.operator.id, name=session.operator.name)
    _, reply = await append_message(organisation.schema_name, command.conversation, sender, command.cid, body)
    return [reply]


@desk_commands.handles(DeskMessageEdit)
async def edit_message(session: DeskSession, command: DeskMessageEdit) -> Sequence[Struct]:
    appended = await run_in_organisation(
        session.serving(command.organisation),
        writing.edit_message,
        ("operator", session.operator.id, session.operator.name),
        command.conversation,
        command.cid,
        command.target,
        usable_body(command.body, False),
    )
    return [ack(command.cid, appended)]


@desk_commands.handles(DeskMessageDelete)
async def delete_message(session: DeskSession, command: DeskMessageDelete) -> Sequence[Struct]:
    appended = await run_in_organisation(
        session.serving(command.organisation),
        writing.delete_message,
        ("operator", session.operator.id, session.operator.name),
        command.conversation,
        command.cid,
        command.target,
    )
    return [ack(command.cid, appended)]


@desk_commands.handles(DeskEntriesFetch)
async def fetch_entries(session: DeskSession, command: DeskEntriesFetch) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    return [await run_in_organisation(organisation, _entries, command.conversation, command.since, command.desk_since)]


@desk_commands.handles(ConversationFetch)
async def fetch_conversation(session: DeskSession, command: ConversationFetch) -> Sequence[Struct]:
    return [await run_in_organisation(session.serving(command.organisation), _conversation, command.conversation)]


def _conversation(organisation: OrganisationRef, conversation_id: UUID) -> ConversationReply:
    return conversation_reply(organisation, conversation_at_desk(conversation_id))


@desk_commands.handles(InboxFetch)
async def fetch_inbox(session: DeskSession, _command: InboxFetch) -> Sequence[Struct]:
    organisation_ids = [organisation.id for organisation in session.organisations.values()]
    return [
        await run_in_public(inbox_reply, session.operator, organisation_ids, session.supervises, list(session.watched))
    ]


@desk_commands.handles(DeskTypingSet)
async def set_typing(session: DeskSession, command: DeskTypingSet) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    if not await run_in_public(note_typing, organisation, session.operator.id, command.conversation, command.typing):
        raise NotFound()
    changed = TypingChanged(
        conversation=command.conversation, side="operator", name=session.operator.name, typing=command.typing
    )
    realtime().publish([page_group(organisation.schema_name, command.conversation)], encode(changed))
    return []


def _check_held(_organisation: OrganisationRef, operator_id: UUID, conversation_id: UUID) -> None:
    if not Conversation.objects.filter(pk=conversation_id, operator_id=operator_id).exists():
        raise NotFound()


@desk_commands.handles(DeskReadMark)
async def mark_read(session: DeskSession, command: DeskReadMark) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    await run_in_organisation(organisation, _check_held, session.operator.id, command.conversation)
    sender = ("operator", session.operator.id, session.operator.name)
    await run_in_organisation(organisation, writing.mark_read, sender, command.conversation, command.upto)
    return []


@desk_commands.handles(ConversationTake)
async def take(session: DeskSession, command: ConversationTake) -> Sequence[Struct]:
    appended = await run_in_organisation(
        session.serving(command.organisation),
        take_conversation,
        session.operator,
        command.conversation,
        command.cid,
    )
    return [ack(command.cid, appended)]


@desk_commands.handles(ConversationClose)
async def close(session: DeskSession, command: ConversationClose) -> Sequence[Struct]:
    appended = await run_in_organisation(
        session.serving(command.organisation),
        close_for_operator if session.supervises else close_conversation,
        session.operator,
        command.conversation,
        command.cid,
        command.purpose,
        Noted(command.lead, command.mood_start, command.mood_end),
    )
    await run_in_public(enqueue_waiting_offers, session.operator.id)
    return [ack(command.cid, appended)]


@desk_commands.handles(EndingCorrect)
async def correct(session: DeskSession, command: EndingCorrect) -> Sequence[Struct]:
    appended = await run_in_organisation(
        session.serving(command.organisation),
        correct_ending,
        session.operator,
        command.conversation,
        command.cid,
        command.purpose,
        Noted(command.lead, command.mood_start, command.mood_end),
        of_anybody=session.supervises,
    )
    return [desk_ack(command.cid, appended)]


@desk_commands.handles(NoteAdd)
async def add_note(session: DeskSession, command: NoteAdd) -> Sequence[Struct]:
    appended = await run_in_organisation(
        session.serving(command.organisation),
        writing.add_note,
        session.operator,
        command.conversation,
        command.cid,
        usable_body(command.body, False),
    )
    return [desk_ack(command.cid, appended)]


@desk_commands.handles(PresenceSet)
async def change_presence(session: DeskSession, command: PresenceSet) -> Sequence[Struct]:
    chosen = await run_in_public(set_presence, session.operator.id, command.state, command.reason, command.minutes)
    if chosen.state == Presence.State.AVAILABLE:
        await run_in_public(enqueue_waiting_offers, session.operator.id)
    changed = PresenceChanged(operator=session.operator.id, presence=presence_frame(chosen))
    realtime().publish([group_name("operator", subject=session.operator.id)], encode(changed))
    return [changed]


@desk_commands.handles(CardFetch)
async def fetch_card(session: DeskSession, command: CardFetch) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    return [await run_in_public(card_reply, session.operator, organisation)]


@desk_commands.handles(CardConfirm)
async def confirm_card(session: DeskSession, command: CardConfirm) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    confirmed = await run_in_public(confirm_client_card, session.operator.id, organisation, command.version)
    await run_in_public(enqueue_waiting_offers, session.operator.id)
    return [confirmed]
