"""A plain message into an open conversation: journal, ack, hint. No thread, no ORM (DESIGN: a message's journey)."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, cast
from uuid import UUID

from channels.layers import get_channel_layer

from conversations.events import MessageSent, Sender, Struct, encode
from conversations.journal import Appended, NewEntry, journal
from conversations.replies import Ack
from conversations.services.announcing import desk_group, page_group
from tenants.errors import Invalid
from tenants.realtime import RealtimeLayer

logger = logging.getLogger(__name__)

_unwaited: "set[asyncio.Future[object]]" = set()


def realtime() -> RealtimeLayer:
    """The process's fan-out."""
    return cast(RealtimeLayer, get_channel_layer())


def usable_body(body: str, has_attachments: bool) -> str:
    """The text as it is stored. Raises Invalid for an empty one without files, and for what no database keeps."""
    if "\x00" in body or not (body.strip() or has_attachments):
        raise Invalid()
    return body


async def append_message(
    schema_name: str, conversation_id: UUID, sender: Sender, cid: UUID, body: str
) -> tuple[Appended, Struct]:
    """Appends and, once committed, announces. Returns what the journal said and the ack."""
    entry = NewEntry(
        conversation_id=conversation_id,
        kind="message.sent",
        sender_kind=sender.kind,
        sender_id=sender.id,
        sender_name=sender.name,
        cid=cid,
        body=body,
    )
    appended = await (await journal()).append(schema_name, entry)
    if appended.is_new:
        fact = MessageSent(
            conversation=conversation_id,
            seq=appended.seq,
            id=appended.id,
            at=appended.at,
            sender=sender,
            cid=cid,
            body=body,
            attachments=[],
        )
        realtime().publish(
            (page_group(schema_name, conversation_id), desk_group(schema_name, appended.operator_id)), encode(fact)
        )
    return appended, ack(cid, appended)


def after_the_reply(work: Coroutine[Any, Any, object]) -> None:
    """Does ``work`` once the command that runs now has been answered: what nobody waits for. It may fail, and is then
    logged; it must not matter."""
    task = asyncio.ensure_future(work)
    _unwaited.add(task)
    task.add_done_callback(_forget)


def _forget(task: "asyncio.Future[object]") -> None:
    _unwaited.discard(task)
    if not task.cancelled() and task.exception() is not None:
        logger.warning("Something after a reply failed: %s", type(task.exception()).__name__)


def ack(cid: UUID, appended: Appended) -> Ack:
    """The answer to what was appended to the sequence visitors see."""
    return Ack(
        cid=cid,
        conversation=appended.conversation_id,
        id=appended.id,
        seq=appended.seq,
        desk_seq=None,
        at=appended.at,
    )


def desk_ack(cid: UUID, appended: Appended) -> Ack:
    """The answer to what was appended to the sequence only staff see."""
    return Ack(
        cid=cid,
        conversation=appended.conversation_id,
        id=appended.id,
        seq=None,
        desk_seq=appended.seq,
        at=appended.at,
    )
