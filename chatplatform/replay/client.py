"""One end of the protocol: a socket that is made again whenever it breaks, acks awaited, holes fetched."""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Origin

from chatplatform.replay.platform import Platform
from chatplatform.replay.thread import Fact, Thread

Frame = dict[str, Any]

SILENCE_SECONDS = 12.0
RECONNECT_SECONDS = (0.5, 2.0)  # docs/protocol.md allows 30: a measurement does not wait that long
RESEND_SECONDS = 10.0
RETRY_SECONDS = 1.0
_FORBIDDEN = 403


class Refused(Exception):
    """The platform refused a command, or this client, for good. ``code`` is the error's or the close code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class End(Protocol):
    """What makes a visitor of a client, or an operator."""

    def hello(self) -> Frame: ...

    def fetch(self, thread: Thread) -> Frame | None:
        """The ``entries.fetch`` for what ``thread`` lacks; None when it is no business of this end."""

    async def heard(self, frame: Frame) -> None:
        """A frame that is neither an ack nor about a sequence."""

    async def changed(self, thread: Thread, facts: list[Fact], at: float) -> None:
        """``facts`` were applied, in order; they arrived at ``at`` (perf_counter)."""


@dataclass(slots=True)
class Counters:
    """What all clients of a run went through together."""

    reconnects: int = 0
    resends: int = 0
    rate_limited: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    ack_seconds: list[float] = field(default_factory=list)


@dataclass(slots=True)
class _Unacked:
    command: Frame
    sent_at: float
    done: asyncio.Future[Frame]
    was_sent: bool = False


class Client:
    """``run()`` serves until ``close()``. Nothing is said on a connection before its welcome."""

    def __init__(
        self, platform: Platform, site: str, path: str, end: End, counters: Counters, *, cookie: str = ""
    ) -> None:
        self._platform = platform
        self._site = site
        self._path = path
        self._end = end
        self._counters = counters
        self._headers = {"Cookie": cookie} if cookie else {}
        self._socket: ClientConnection | None = None
        self._unacked: dict[str, _Unacked] = {}
        self._closing = False
        self._attempts = 0
        self.threads: dict[str, Thread] = {}

    async def run(self) -> None:
        """Connects, and again after every loss. Raises Refused when the platform says not to."""
        while not self._closing:
            try:
                async with self._connected() as socket:
                    await self._serve(socket)
            except ConnectionClosed as error:
                code = error.rcvd.code if error.rcvd else 0
                if 4000 <= code < 5000:
                    raise Refused(str(code)) from error
            except InvalidStatus as error:
                if error.response.status_code == _FORBIDDEN:
                    raise Refused("403") from error
            except (OSError, TimeoutError, WebSocketException):
                pass
            finally:
                self._socket = None
            if not self._closing:
                self._counters.reconnects += 1
                await asyncio.sleep(self._jitter())

    def _jitter(self) -> float:
        shortest, longest = RECONNECT_SECONDS
        self._attempts += 1
        return random.uniform(0, min(longest, shortest * 2 ** min(self._attempts, 8)))  # noqa: S311 - no secret

    async def close(self) -> None:
        self._closing = True
        if self._socket is not None:
            await self._socket.close()

    async def send(self, frame: Frame) -> None:
        """Sends if connected. What must arrive goes through :meth:`ask`."""
        if self._socket is not None:
            with suppress(ConnectionClosed):  # run() connects again
                await self._socket.send(msgspec.json.encode(frame), text=True)

    async def ask(self, command: Frame) -> Frame:
        """Sends a command with a ``cid`` until it is acked, and returns the ack. Raises Refused."""
        waiting = _Unacked(command, time.perf_counter(), asyncio.get_running_loop().create_future())
        self._unacked[command["cid"]] = waiting
        try:
            await self._send(waiting)
            while not (await asyncio.wait([waiting.done], timeout=RESEND_SECONDS))[0]:
                await self._send(waiting)
            return waiting.done.result()
        finally:
            del self._unacked[command["cid"]]

    async def _send(self, waiting: _Unacked) -> None:
        if self._socket is not None:
            self._counters.resends += waiting.was_sent
            waiting.was_sent = True
            await self.send(waiting.command)

    def thread(self, conversation: str, organisation: str) -> Thread:
        if conversation not in self.threads:
            self.threads[conversation] = Thread(conversation, organisation)
        return self.threads[conversation]

    async def catch_up(self, thread: Thread) -> None:
        fetch = self._end.fetch(thread)
        if fetch is not None:
            await self.send(fetch)

    def _connected(self) -> connect:
        return connect(
            self._platform.socket_url(self._site, self._path),
            host=self._platform.host,
            port=self._platform.port,
            origin=Origin(self._platform.origin(self._site)),
            additional_headers=self._headers,
            compression=None,
            proxy=None,
            open_timeout=SILENCE_SECONDS,
            ping_interval=None,
            close_timeout=2,
        )

    async def _serve(self, socket: ClientConnection) -> None:
        await socket.send(msgspec.json.encode(self._end.hello()), text=True)
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                text = await socket.recv()
            frame = msgspec.json.decode(text)
            if frame["type"] == "welcome":
                self._socket, self._attempts = socket, 0
            await self._take(frame, time.perf_counter())

    async def _take(self, frame: Frame, at: float) -> None:
        kind = frame["type"]
        if kind == "ack":
            self._acked(frame, at)
        elif kind == "error":
            self._refused(frame)
        elif kind == "entries":
            await self._take_entries(frame, at)
        elif "sender" in frame:
            thread = self._thread_of(frame)
            await self._apply(thread, [frame], at)
            if thread.is_behind:
                await self.catch_up(thread)
        elif kind == "reset":
            thread = self._thread_of(frame)
            thread.reset()
            await self.catch_up(thread)
        else:
            if kind == "heartbeat":
                await self.send({"type": "heartbeat"})
                await self._compare_tops(frame)
            elif kind == "welcome":
                for waiting in list(self._unacked.values()):
                    await self._send(waiting)
            await self._end.heard(frame)

    def _thread_of(self, frame: Frame) -> Thread:
        return self.thread(frame["conversation"], "")

    async def _take_entries(self, frame: Frame, at: float) -> None:
        thread = self._thread_of(frame)
        thread.top = max(thread.top, frame["last_seq"])
        await self._apply(thread, [*frame["entries"], *frame["desk_entries"]], at)
        if not frame["complete"]:
            await self.catch_up(thread)

    async def _apply(self, thread: Thread, facts: list[Fact], at: float) -> None:
        applied = [due for fact in facts for due in thread.take(fact)]
        await self._end.changed(thread, applied, at)

    async def _compare_tops(self, frame: Frame) -> None:
        tops = frame.get("tops") or {}
        if frame.get("last_seq") is not None:
            tops = {frame["conversation"]: [frame["last_seq"], 0]}
        for conversation, (top, desk_top) in tops.items():
            thread = self.threads.get(conversation)
            if thread is None:
                continue
            thread.top = max(thread.top, top)
            if thread.is_behind or thread.cursor[1] < desk_top:
                await self.catch_up(thread)

    def _acked(self, frame: Frame, at: float) -> None:
        waiting = self._unacked.get(frame["cid"])
        if waiting is not None and not waiting.done.done():
            if waiting.command["type"] == "message.send":
                self._counters.ack_seconds.append(at - waiting.sent_at)
            waiting.done.set_result(frame)

    def _refused(self, frame: Frame) -> None:
        self._counters.rate_limited += frame["code"] == "rate_limited"
        waiting = self._unacked.get(frame["cid"] or "")
        if waiting is None or waiting.done.done():
            return
        if frame["retry"]:
            delay = frame["retry_after"] or RETRY_SECONDS
            asyncio.get_running_loop().call_later(delay, self._try_again, frame["cid"])
        else:
            waiting.done.set_exception(Refused(frame["code"]))

    def _try_again(self, cid: str) -> None:
        waiting = self._unacked.get(cid)
        if waiting is not None and not waiting.done.done():
            self._sending = asyncio.ensure_future(self._send(waiting))
