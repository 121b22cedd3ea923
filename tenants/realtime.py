"""The only door to fan-out: hints that something was committed, over Redis pub/sub.

A hint may be lost, doubled or late; heartbeats and gapless sequences repair that (rule 5). So publishing happens after
commit, may fail, is counted, and never fails the request (rule 11). One pub/sub connection per event loop; what is
published in one turn of the loop leaves in one pipeline; texts are encoded once, by the publisher.

:class:`RealtimeLayer` is a channel-layer backend, so ``get_channel_layer()`` hands it out and any Channels consumer may
use it. Our own consumers use :meth:`RealtimeLayer.subscribe`: a function called per text, instead of queued dicts.
"""

import asyncio
import contextlib
import functools
import json
import logging
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from django.db import connection, transaction

logger = logging.getLogger(__name__)

Sink = Callable[[str], None]

CONFIRMATION_SECONDS = 2.0
PULSE_SECONDS = 10.0
RECONNECT_SECONDS = (0.1, 2.0)
MAX_PENDING = 10_000
WARN_EVERY_SECONDS = 5.0

failures = {"publish": 0}
"""How many hints were lost since this process started."""
_warned_at = -WARN_EVERY_SECONDS


def group_name(kind: str, *, schema: str = "", subject: UUID | None = None) -> str:
    """Every group's name. ``conversation`` (schema, conversation): a visitor's pages. ``operator`` (operator): a desk.
    ``organisation`` (schema): the desks of everybody who answers for it. ``account`` (account): its live sockets.
    ``watch`` (schema, conversation): the desks that read along. ``supervisors``: the desks of all supervisors."""
    parts = {
        "conversation": (schema, subject),
        "operator": (subject,),
        "organisation": (schema,),
        "account": (subject,),
        "watch": (schema, subject),
        "supervisors": ("all",),
    }[kind]
    if not all(parts):
        raise ValueError(f"A {kind} group needs its schema or subject.")
    return ".".join((kind, *(str(part) for part in parts)))


class RealtimeLayer:
    """Fan-out by group. One instance per process; connections per event loop."""

    extensions = ["groups", "flush"]

    def __init__(self, url: str, **_config: Any) -> None:
        self._url = url
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopConnection] = WeakKeyDictionary()

    async def subscribe(self, group: str, sink: Sink) -> None:
        """Calls ``sink`` with every text published to ``group`` from now on. Returns once Redis has confirmed, or after
        2 s without it: then the subscription is made on reconnecting, and heartbeats carry the page until then."""
        await self._connection().subscribe(group, sink)

    def unsubscribe(self, group: str, sink: Sink) -> None:
        self._connection().unsubscribe(group, sink)

    def publish(self, groups: Iterable[str], text: str) -> None:
        """Sends ``text`` to each group, soon. Never raises, never waits."""
        self._connection().publish(groups, text)

    # The channel layer specification, on the same connection.

    async def new_channel(self, prefix: str = "specific") -> str:
        name = f"channel.{prefix}.{uuid.uuid4().hex}"
        await self._connection().open_channel(name)
        return name

    async def receive(self, channel: str) -> dict[str, Any]:
        connection = self._connection()
        try:
            return json.loads(await connection.channels[channel].get())
        except asyncio.CancelledError:
            connection.close_channel(channel)
            raise

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.publish([channel], json.dumps(message))

    async def group_add(self, group: str, channel: str) -> None:
        connection = self._connection()
        await connection.subscribe(group, connection.channels[channel].put_nowait)

    async def group_discard(self, group: str, channel: str) -> None:
        connection = self._connection()
        connection.unsubscribe(group, connection.channels[channel].put_nowait)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.publish([group], json.dumps(message))

    async def flush(self) -> None:
        connection = self._loops.pop(asyncio.get_running_loop(), None)
        if connection:
            await connection.close()

    close_pools = flush

    def _connection(self) -> "_LoopConnection":
        loop = asyncio.get_running_loop()
        if loop not in self._loops:
            self._loops[loop] = _LoopConnection(self._url)
        return self._loops[loop]


class _LoopConnection:
    """One event loop's subscriptions and pending publishes."""

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(
            url,
            socket_timeout=settings.REALTIME_SOCKET_TIMEOUT_SECONDS,
            socket_connect_timeout=settings.REDIS_CONNECT_TIMEOUT_SECONDS,
        )
        self._pubsub: Any = None
        self._sinks: dict[str, list[Sink]] = {}
        self._confirmations: dict[str, list[asyncio.Future[None]]] = {}
        self._pending: list[tuple[str, str]] = []
        self._flusher: asyncio.Task[None] | None = None
        self._own = f"process.{uuid.uuid4().hex}"
        self.channels: dict[str, asyncio.Queue[str]] = {}
        self._unsubscribing: set[asyncio.Task[None]] = set()
        self._tasks = [asyncio.ensure_future(self._read()), asyncio.ensure_future(self._pulse())]

    async def subscribe(self, group: str, sink: Sink) -> None:
        known = group in self._sinks and group not in self._confirmations
        self._sinks.setdefault(group, []).append(sink)
        if known:
            return
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._confirmations.setdefault(group, []).append(confirmed)
        try:
            async with asyncio.timeout(CONFIRMATION_SECONDS):
                if self._pubsub is not None:
                    await self._pubsub.subscribe(group)
                await confirmed
        except (TimeoutError, OSError, redis.RedisError):
            logger.warning("Redis did not confirm a subscription; heartbeats carry on without it.")

    def unsubscribe(self, group: str, sink: Sink) -> None:
        sinks = self._sinks.get(group, [])
        if sink in sinks:
            sinks.remove(sink)
        if not sinks and group in self._sinks:
            del self._sinks[group]
            if self._pubsub is not None:
                self._keep(asyncio.ensure_future(self._unsubscribe(group)))

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._unsubscribing.add(task)
        task.add_done_callback(self._unsubscribing.discard)

    async def _unsubscribe(self, group: str) -> None:
        try:
            if group not in self._sinks and self._pubsub is not None:
                await self._pubsub.unsubscribe(group)
        except (OSError, redis.RedisError):
            pass  # the reader reconnects and subscribes to what is wanted only

    def publish(self, groups: Iterable[str], text: str) -> None:
        if len(self._pending) >= MAX_PENDING:
            failures["publish"] += 1
            return
        self._pending.extend((group, text) for group in groups)
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.ensure_future(self._flush())

    async def _flush(self) -> None:
        while self._pending:
            batch, self._pending = self._pending, []
            pipeline = self._redis.pipeline(transaction=False)
            for group, text in batch:
                pipeline.publish(group, text)
            try:
                await pipeline.execute()
            except (OSError, redis.RedisError) as error:
                note_lost(len(batch), error)

    async def open_channel(self, name: str) -> None:
        self.channels[name] = asyncio.Queue()
        await self.subscribe(name, self.channels[name].put_nowait)

    def close_channel(self, name: str) -> None:
        queue = self.channels.pop(name, None)
        if queue is None:
            return
        for group in [group for group, sinks in self._sinks.items() if queue.put_nowait in sinks]:
            self.unsubscribe(group, queue.put_nowait)

    async def _read(self) -> None:
        """Reads for ever; after any failure subscribes anew to everything that is wanted."""
        while True:
            pubsub = self._redis.pubsub()
            try:
                await pubsub.subscribe(self._own, *self._sinks)
                self._pubsub = pubsub
                while True:
                    self._deliver(await pubsub.parse_response(block=True))
            except asyncio.CancelledError:
                raise
            except Exception as error:
                logger.warning("The connection to Redis was lost (%s); it is made again.", type(error).__name__)
                await asyncio.sleep(random.uniform(*RECONNECT_SECONDS))  # noqa: S311 - jitter
            finally:
                self._pubsub = None
                await _close_quietly(pubsub)

    def _deliver(self, response: Any) -> None:
        if not response:
            return
        kind, channel = response[0], response[1].decode()
        if kind == b"message":
            sinks = self._sinks.get(channel)
            if sinks:
                text = response[2].decode()
                for sink in tuple(sinks):
                    sink(text)
        elif kind == b"subscribe":
            for confirmation in self._confirmations.pop(channel, []):
                if not confirmation.done():
                    confirmation.set_result(None)

    async def _pulse(self) -> None:
        """Something always arrives, so that silence means a dead connection and the socket's timeout finds it."""
        while True:
            await asyncio.sleep(PULSE_SECONDS)
            self.publish([self._own], "")

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._redis.aclose()


async def _close_quietly(pubsub: Any) -> None:
    with contextlib.suppress(Exception):  # the connection is gone already: that is why we are here
        await pubsub.aclose()


@functools.cache
def _sync_redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=settings.REDIS_SOCKET_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.REDIS_CONNECT_TIMEOUT_SECONDS,
    )


Listener = Callable[[Sequence[tuple[str, str]]], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextlib.contextmanager
def published_to(listener: Listener) -> Iterator[None]:
    """What sync code publishes inside the block goes to ``listener``, and not to Redis: for simulations, whose desks
    are in the same process."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def publish_now(hints: Sequence[tuple[str, str]]) -> None:
    """Sends each text to its group from sync code, at once. Never raises; one round trip, however many they are."""
    listener = _listener.get()
    if listener is not None:
        listener(hints)
        return
    try:
        pipeline = _sync_redis().pipeline(transaction=False)
        for group, text in hints:
            pipeline.publish(group, text)
        pipeline.execute()
    except (OSError, redis.RedisError) as error:
        note_lost(len(hints), error)


class _OnCommit:
    """Hints of one transaction, or of one savepoint in it, that leave together."""

    def __init__(self, hints: Sequence[tuple[str, str]]) -> None:
        self.hints = list(hints)

    def __call__(self) -> None:
        publish_now(self.hints)


def publish_on_commit(hints: Sequence[tuple[str, str]]) -> None:
    """Sends (group, text) pairs once the current transaction has committed; at once when there is none. What one
    transaction publishes in a row is one round trip."""
    if not hints:
        return
    # Django keeps (savepoints, function, …): what is rolled back with a savepoint is not sent.
    for savepoints, last, *_ in connection.run_on_commit[-1:]:
        if isinstance(last, _OnCommit) and savepoints == set(connection.savepoint_ids):
            last.hints.extend(hints)
            return
    transaction.on_commit(_OnCommit(hints), robust=True)


def note_lost(hints: int, error: Exception) -> None:
    """Counts what was lost, and says so once in a while: while Redis is away there is one for every message."""
    global _warned_at
    failures["publish"] += hints
    if time.monotonic() - _warned_at > WARN_EVERY_SECONDS:
        _warned_at = time.monotonic()
        logger.warning("Hints are not published (%s); heartbeats repair that.", type(error).__name__)
