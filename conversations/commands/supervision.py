"""Supervisors' own commands, on the desk's socket and its HTTP door. For anybody else what they name is not there."""

from collections.abc import Sequence

from conversations.commands.desk import desk_commands
from conversations.commands.fast_path import ack, desk_ack, usable_body
from conversations.commands.sessions import DeskSession
from conversations.events import Struct
from conversations.frames import (
    MAX_WATCHED,
    AlertAcknowledge,
    ConversationReassign,
    ConversationTakeOver,
    ConversationUnwatch,
    ConversationWatch,
    OperatorsFetch,
    WhisperAdd,
)
from conversations.replies import DeskOperatorChoice, OperatorsReply, Watching
from conversations.selectors import inbox_entry
from conversations.services import alerting, supervising
from operators.models import QueueEntry
from operators.selectors import queue_row
from tenants.context import run_in_organisation, run_in_public
from tenants.errors import Invalid, NotFound


@desk_commands.handles(ConversationWatch)
async def watch(session: DeskSession, command: ConversationWatch) -> Sequence[Struct]:
    """First listen, then read (rule 6)."""
    organisation = session.supervising(command.organisation)
    if command.conversation not in session.watched:
        if len(session.watched) >= MAX_WATCHED:
            raise Invalid()
        await run_in_organisation(organisation, supervising.begin_watching, session.operator, command.conversation)
        session.watched[command.conversation] = organisation
        await session.listen()
    row = await run_in_public(queue_row, command.conversation)
    is_open = row is not None and row.state != QueueEntry.State.CLOSED
    return [Watching(conversation=command.conversation, entry=inbox_entry(row) if row and is_open else None)]


@desk_commands.handles(ConversationUnwatch)
async def unwatch(session: DeskSession, command: ConversationUnwatch) -> Sequence[Struct]:
    session.supervising(command.organisation)
    session.watched.pop(command.conversation, None)
    await session.listen()
    return []


@desk_commands.handles(WhisperAdd)
async def whisper(session: DeskSession, command: WhisperAdd) -> Sequence[Struct]:
    appended = await run_in_organisation(
        session.supervising(command.organisation),
        supervising.add_whisper,
        session.operator,
        command.conversation,
        command.cid,
        usable_body(command.body, False),
    )
    return [desk_ack(command.cid, appended)]


@desk_commands.handles(ConversationTakeOver)
async def take_over(session: DeskSession, command: ConversationTakeOver) -> Sequence[Struct]:
    appended = await run_in_organisation(
        session.supervising(command.organisation),
        supervising.take_over,
        session.operator,
        command.conversation,
        command.cid,
    )
    return [ack(command.cid, appended)]


@desk_commands.handles(ConversationReassign)
async def reassign(session: DeskSession, command: ConversationReassign) -> Sequence[Struct]:
    appended = await run_in_organisation(
        session.supervising(command.organisation),
        supervising.reassign,
        session.operator,
        command.conversation,
        command.cid,
        command.operator,
    )
    return [ack(command.cid, appended)]


@desk_commands.handles(AlertAcknowledge)
async def acknowledge(session: DeskSession, command: AlertAcknowledge) -> Sequence[Struct]:
    if not session.supervises:
        raise NotFound()
    await run_in_public(alerting.acknowledge, session.operator.id, session.operator.name, command.alert)
    return []


@desk_commands.handles(OperatorsFetch)
async def fetch_operators(session: DeskSession, command: OperatorsFetch) -> Sequence[Struct]:
    choices = await run_in_organisation(
        session.supervising(command.organisation), supervising.choices_in, command.conversation
    )
    return [
        OperatorsReply(
            conversation=command.conversation,
            operators=[
                DeskOperatorChoice(
                    id=one.id,
                    name=one.name,
                    state=one.state,
                    load=one.load,
                    capacity=one.capacity,
                    speaks_language=one.speaks_language,
                    is_trained=one.is_trained,
                    can_take=one.can_take,
                )
                for one in choices
            ],
        )
    ]
