"""The journal: the only writer of a conversation's stream. One piece of SQL (``journal_sql``), two thin doors.

- :func:`append_now` (sync) runs inside the caller's transaction, through Django's connection: services, tasks, admin.
- :class:`Journal` (async) is the hot path: messages waiting at the same moment share one transaction and one commit,
  over all organisations, on the process's own pool. A conversation that somebody else holds goes alone on another
  connection and stalls nobody; when a batch fails its messages are tried one by one, so that a bad one fails alone.

Both answer with :class:`Appended`. A message is committed when the async door returns (rule 1).
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.conf import settings
from django.db import connection
from psycopg_pool import AsyncConnectionPool

from conversations import journal_sql
from conversations.errors import ConversationClosed, NotAssigned
from tenants.errors import NotFound, Unavailable
from tenants.identifiers import uuid7

logger = logging.getLogger(__name__)

BATCH_MESSAGES = 200
LOCK_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_SECONDS = 10
# Plans are kept, and most are made while an organisation's tables are still empty: a scan of the whole table would
# look cheap then, and grow slower with every message. Every step has an index for one row at a time.
PLANS = (
    "-c plan_cache_mode=force_generic_plan -c jit=off"
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
)

_ENCODER = msgspec.json.Encoder()


@dataclass(slots=True, kw_only=True)
class NewEntry:
    """What a caller wants appended. ``cid`` makes it idempotent per conversation and sender."""

    conversation_id: UUID
    kind: str
    sender_kind: str
    sender_id: UUID | None = None
    sender_name: str = ""
    cid: UUID | None = None
    target: int | None = None
    body: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    payload: dict[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid7)

    def as_row(self, at: datetime, number_name: str, number: int) -> dict[str, Any]:
        """The stored row's columns, for ``events``."""
        row = {name: getattr(self, name) for name in self.__slots__}
        return {**row, "at": at, number_name: number}


@dataclass(frozen=True, slots=True)
class Appended:
    """``seq`` is ``desk_seq`` for a desk entry. ``is_new`` is false when the ``cid`` was known: then the values, even
    ``conversation_id``, are the old row's. ``operator_id`` holds the conversation; ``has_reply`` says whether a person
    had answered before."""

    id: UUID
    seq: int
    at: datetime
    is_new: bool
    conversation_id: UUID
    operator_id: UUID | None
    has_reply: bool


def append_now(schema_name: str, entries: Sequence[NewEntry]) -> list[Appended]:
    """Appends inside the current transaction, waiting for the conversations' locks.

    Raises NotFound, ConversationClosed or NotAssigned; the caller's transaction is then to be rolled back.
    """
    return _append_sync("append", schema_name, entries)


def append_desk_now(schema_name: str, entries: Sequence[NewEntry]) -> list[Appended]:
    """As :func:`append_now`, in the sequence that only staff see."""
    return _append_sync("append_desk", schema_name, entries)


def _append_sync(statement: str, schema_name: str, entries: Sequence[NewEntry]) -> list[Appended]:
    if not entries:
        return []
    if not connection.in_atomic_block:
        raise RuntimeError("append_now() belongs inside transaction.atomic().")
    with connection.cursor() as cursor:
        ids = sorted({entry.conversation_id for entry in entries})
        cursor.execute(journal_sql.statement("lock", schema_name), [ids])
        cursor.execute(journal_sql.statement(statement, schema_name), [_parameters(entries)])
        return [_result(row) for row in cursor.fetchall()]


def _parameters(entries: Iterable[NewEntry]) -> str:
    return _ENCODER.encode(
        [
            {
                "ord": position,
                "conversation_id": entry.conversation_id,
                "id": entry.id,
                "kind": entry.kind,
                "sender_kind": entry.sender_kind,
                "sender_id": entry.sender_id,
                "sender_name": entry.sender_name,
                "cid": entry.cid,
                "target": entry.target,
                "body": entry.body,
                "attachments": entry.attachments,
                "payload": entry.payload,
                "promise_id": uuid7() if entry.kind == "message.sent" and entry.sender_kind == "visitor" else None,
            }
            for position, entry in enumerate(entries)
        ]
    ).decode()


def _result(row: tuple[Any, ...]) -> Appended:
    _, outcome, entry_id, seq, at, conversation_id, operator_id, has_reply = row
    if outcome == "closed":
        raise ConversationClosed()
    if outcome == "not_assigned":
        raise NotAssigned()
    if outcome == "unlocked":
        raise NotFound()
    return Appended(entry_id, seq, at, outcome == "appended", conversation_id, operator_id, bool(has_reply))


@dataclass(slots=True)
class _Waiting:
    schema_name: str
    entry: NewEntry
    done: "asyncio.Future[Appended]"

    @property
    def lane(self) -> tuple[str, UUID]:
        return self.schema_name, self.entry.conversation_id


class Journal:
    """The async door of one event loop. ``open()`` before use, ``close()`` at the end."""

    def __init__(self, conninfo: str, pool_size: int) -> None:
        self._pool = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=pool_size,
            open=False,
            timeout=5,
            kwargs={
                "autocommit": True,
                "prepare_threshold": 0,
                # search_path is empty: a name that is not qualified fails instead of finding another tenant's table
                "options": f"-c search_path= {PLANS}"
                f" -c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s",
                "connect_timeout": 5,
            },
            configure=_configure,
        )
        # One connection is kept for batches, whatever waits for a lock alone.
        self._alone = asyncio.Semaphore(pool_size - 1)
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        # What waits for a conversation's lock, in order: later messages queue behind, they do not race for the lock.
        self._lanes: dict[tuple[str, UUID], deque[_Waiting]] = {}
        self._lonely: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        """Finishes what is waiting, then closes the pool."""
        while self._writer is not None and not self._writer.done():
            await asyncio.wait([self._writer])
        if self._lonely:
            await asyncio.wait(self._lonely)
        await self._pool.close()

    async def append(self, schema_name: str, entry: NewEntry) -> Appended:
        """Appends one entry; committed on return.

        Raises NotFound, ConversationClosed, NotAssigned, or Unavailable when the database did not answer (nothing may
        be assumed then: the same ``cid`` is to be sent again).
        """
        done: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(schema_name, entry, done)
        if not self._joins_lane(waiting):
            self._waiting.append(waiting)
            if self._writer is None or self._writer.done():
                self._writer = asyncio.ensure_future(self._write())
        return await done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = _next_batch(self._waiting)
            try:
                async with self._pool.connection() as connection:
                    rows = await _append_batch(connection, batch)
            except Exception as error:  # whatever it was, each message learns its own outcome alone
                logger.warning("A batch of %d was tried one by one: %s", len(batch), type(error).__name__)
                for waiting in batch:
                    self._send_alone(waiting)
            else:
                for waiting, row in zip(batch, rows, strict=True):
                    if row[1] == "unlocked":
                        self._send_alone(waiting)
                    else:
                        _resolve(waiting, row)
            self._waiting = [waiting for waiting in self._waiting if not self._joins_lane(waiting)]

    def _joins_lane(self, waiting: _Waiting) -> bool:
        lane = self._lanes.get(waiting.lane)
        if lane is None:
            return False
        lane.append(waiting)
        return True

    def _send_alone(self, waiting: _Waiting) -> None:
        if self._joins_lane(waiting):
            return
        self._lanes[waiting.lane] = deque([waiting])
        task = asyncio.ensure_future(self._empty_lane(waiting.lane))
        self._lonely.add(task)
        task.add_done_callback(self._lonely.discard)

    async def _empty_lane(self, name: tuple[str, UUID]) -> None:
        lane = self._lanes[name]
        while lane:
            await self._write_alone(lane.popleft())
        del self._lanes[name]

    async def _write_alone(self, waiting: _Waiting) -> None:
        try:
            async with self._alone, self._pool.connection() as connection:
                rows = await _append_alone(connection, waiting)
        except Exception as error:
            logger.warning("A message could not be stored: %s", type(error).__name__)
            if not waiting.done.done():
                waiting.done.set_exception(Unavailable())
            return
        _resolve(waiting, rows)


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    connection.prepared_max = 2000


def _next_batch(waiting: list[_Waiting]) -> tuple[list[_Waiting], list[_Waiting]]:
    """What may share a transaction, and the rest. Per conversation all entries of a batch come from one sender, so
    that one turn is opened or settled; a ``cid`` twice in one batch waits and is then found as known."""
    batch: list[_Waiting] = []
    rest: list[_Waiting] = []
    senders: dict[UUID, tuple[str, UUID | None]] = {}
    cids: set[tuple[UUID, UUID | None]] = set()
    held_back: set[UUID] = set()
    for item in waiting:
        entry = item.entry
        sender = (entry.sender_kind, entry.sender_id)
        key = (entry.conversation_id, entry.cid)
        if (
            len(batch) >= BATCH_MESSAGES
            or entry.conversation_id in held_back
            or senders.setdefault(entry.conversation_id, sender) != sender
            or (entry.cid is not None and key in cids)
        ):
            held_back.add(entry.conversation_id)  # what follows in this conversation waits too: order is kept
            rest.append(item)
            continue
        cids.add(key)
        batch.append(item)
    batch.sort(key=lambda item: item.schema_name)
    return batch, rest


async def _append_batch(connection: psycopg.AsyncConnection[Any], batch: list[_Waiting]) -> list[tuple[Any, ...]]:
    """One pipeline, one commit. Rows in the order of ``batch``, which is sorted by schema."""
    schemas: dict[str, list[NewEntry]] = {}
    for item in batch:
        schemas.setdefault(item.schema_name, []).append(item.entry)
    cursors = []
    async with connection.pipeline():
        await connection.execute("BEGIN")
        for schema_name, entries in schemas.items():
            ids = sorted({entry.conversation_id for entry in entries})
            await connection.execute(journal_sql.statement("lock_free", schema_name), [ids])
            cursors.append(
                await connection.execute(journal_sql.statement("append", schema_name), [_parameters(entries)])
            )
        await connection.execute("COMMIT")
    return [row for cursor in cursors for row in await cursor.fetchall()]


async def _append_alone(connection: psycopg.AsyncConnection[Any], waiting: _Waiting) -> tuple[Any, ...]:
    async with connection.transaction():
        await connection.execute(journal_sql.statement("lock", waiting.schema_name), [[waiting.entry.conversation_id]])
        cursor = await connection.execute(
            journal_sql.statement("append", waiting.schema_name), [_parameters([waiting.entry])]
        )
        row = await cursor.fetchone()
    if row is None:
        raise RuntimeError("APPEND answers with one row per entry.")
    return row


def _resolve(waiting: _Waiting, row: tuple[Any, ...]) -> None:
    if waiting.done.done():  # the socket went away; the message is stored all the same
        return
    try:
        waiting.done.set_result(_result(row))
    except Exception as error:
        waiting.done.set_exception(error)


_journals: dict[asyncio.AbstractEventLoop, Journal] = {}
_opening = asyncio.Lock()


async def journal() -> Journal:
    """This event loop's journal, opened on first use."""
    loop = asyncio.get_running_loop()
    found = _journals.get(loop)
    if found is None:
        async with _opening:
            found = _journals.get(loop)
            if found is None:
                found = Journal(_conninfo(), settings.JOURNAL_POOL_SIZE)
                await found.open()
                _journals[loop] = found
    return found


async def close_journal() -> None:
    """Closes this loop's journal, if there is one."""
    found = _journals.pop(asyncio.get_running_loop(), None)
    if found is not None:
        with contextlib.suppress(Exception):
            await found.close()


def _conninfo() -> str:
    database = settings.DATABASES["default"]
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return psycopg.conninfo.make_conninfo(**{names[key]: str(database[key]) for key in names if database.get(key)})
