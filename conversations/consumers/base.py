"""What both sockets share: frames in, frames out, bounds, and order.

Commands about one conversation run in order, those about others beside them, so that one slow conversation stalls no
other. What is announced is forwarded as the text it came as. A client that reads too slowly, floods or keeps sending
nonsense is closed.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from channels.consumer import AsyncConsumer

from conversations.commands.registry import Registry, error_frame
from conversations.events import Struct, encode
from conversations.frames import Command, Heartbeat
from tenants.errors import Invalid, ServiceError, Unavailable

logger = logging.getLogger(__name__)

HELLO_SECONDS = 10.0
MAX_OUTBOX_TEXTS = 200
MAX_OUTBOX_CHARACTERS = 512 * 1024
MAX_VIOLATIONS_PER_MINUTE = 10
MAX_RUNNING_COMMANDS = 64

NORMAL, VIOLATION, OVERLOADED = 1000, 1008, 1013
NO_HELLO, NOT_LOGGED_IN, NOT_HERE = 4400, 4401, 4404
PRIVATE_CODES = 2000


class CloseSocket(Exception):
    """Ends the socket with this close code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class SocketConsumer(AsyncConsumer):
    """One socket. Subclasses say hello and name their commands."""

    commands: ClassVar[Registry[Any]]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Channels' own dispatch hops to a shared thread for every event; a socket on the hot path cannot afford it."""
        self.scope = scope
        self.session: Any = None
        self.heard_at = time.monotonic()
        self._send = send
        self._outbox: deque[str] = deque()
        self._outbox_characters = 0
        self._has_output = asyncio.Event()
        self._held_back: list[str] | None = None
        self._lanes: dict[Hashable, asyncio.Task[None]] = {}
        self._running = 0
        self._violations: deque[float] = deque()
        self._close_code: int | None = None
        message = await receive()
        if message["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        writer = asyncio.ensure_future(self._write())
        self._reader = asyncio.ensure_future(self._read(receive))
        try:
            # A writer that ends has closed the socket, or has found nobody there any more.
            await asyncio.wait([self._reader, writer], return_when=asyncio.FIRST_COMPLETED)
            if self._reader.done() and not self._reader.cancelled():
                self._reader.result()
        except CloseSocket as closing:
            self._close_code = closing.code
        except asyncio.CancelledError:
            self._close_code = None
            raise
        finally:
            self._reader.cancel()
            self.left()
            for lane in self._lanes.values():
                lane.cancel()
            await self._finish(writer)

    async def hello(self, text: str) -> None:
        """Begins the session from the first frame. Raises CloseSocket."""
        raise NotImplementedError

    def left(self) -> None:
        """The socket is going: unsubscribe."""
        raise NotImplementedError

    # In

    async def _read(self, receive: Any) -> None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                first = await receive()
                if first["type"] == "websocket.disconnect":
                    return
                await self.hello(first.get("text") or "")
        except TimeoutError:
            raise CloseSocket(NO_HELLO) from None
        except CloseSocket:
            raise
        except Exception as error:  # the database is away, or ours is the fault: the page tries again
            logger.exception("A hello failed: %s", type(error).__name__)
            raise CloseSocket(OVERLOADED) from None
        while self._close_code is None:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            self.heard_at = time.monotonic()
            self._take(message.get("text"))
        raise CloseSocket(self._close_code)

    def _take(self, text: str | None) -> None:
        try:
            command = self.commands.decode(text or "")
        except Invalid as error:
            self._violate()
            self.send_frame(error_frame(error))
            return
        if isinstance(command, Heartbeat):
            return
        if self._running >= MAX_RUNNING_COMMANDS:
            raise CloseSocket(VIOLATION)
        self._running += 1
        lane = self.lane(command)
        self._lanes[lane] = asyncio.ensure_future(self._run(command, lane, self._lanes.get(lane)))

    def lane(self, command: Command) -> Hashable:
        """Commands of one lane run in order. A widget has one lane: its one conversation."""
        return None

    async def _run(self, command: Command, lane: Hashable, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            self.send_frames(await self.commands.run(self.session, command))
        except ServiceError as error:
            self.send_frame(error_frame(error, getattr(command, "cid", None)))
        except Exception:
            logger.exception("A command failed: %s", command.__struct_config__.tag)
            self.send_frame(error_frame(Unavailable(), getattr(command, "cid", None)))
        finally:
            self._running -= 1
            if self._lanes.get(lane) is asyncio.current_task():
                del self._lanes[lane]

    def _violate(self) -> None:
        now = time.monotonic()
        self._violations.append(now)
        while self._violations[0] < now - 60:
            self._violations.popleft()
        if len(self._violations) >= MAX_VIOLATIONS_PER_MINUTE:
            raise CloseSocket(VIOLATION)

    # Out

    def hold_back(self) -> None:
        """Keeps what is announced aside until :meth:`let_go`: subscribe, then fetch, then this (rule 6)."""
        self._held_back = []

    def let_go(self) -> None:
        held, self._held_back = self._held_back or [], None
        for text in held:
            self.forward(text)

    def forward(self, text: str) -> None:
        """Sends an announced frame as it came. The sink of every subscription."""
        if self._close_code is not None:
            return
        if self._held_back is not None and len(self._held_back) < MAX_OUTBOX_TEXTS:
            self._held_back.append(text)
            return
        self._outbox.append(text)
        self._outbox_characters += len(text)
        if len(self._outbox) > MAX_OUTBOX_TEXTS or self._outbox_characters > MAX_OUTBOX_CHARACTERS:
            self.close(OVERLOADED)
        self._has_output.set()

    def send_frame(self, frame: Struct) -> None:
        held, self._held_back = self._held_back, None
        self.forward(encode(frame))
        self._held_back = held

    def send_frames(self, frames: Sequence[Struct]) -> None:
        for frame in frames:
            self.send_frame(frame)

    def close(self, code: int) -> None:
        """Closes the socket soon, from wherever. What is still unsent is dropped, and nothing more is read: a client
        that never reads would not let the writer come to the close."""
        if self._close_code is None:
            self._close_code = code
            self._outbox.clear()
            self._has_output.set()
            self._reader.cancel()

    async def _write(self) -> None:
        while True:
            await self._has_output.wait()
            self._has_output.clear()
            while self._outbox:
                text = self._outbox.popleft()
                self._outbox_characters -= len(text)
                await self._send({"type": "websocket.send", "text": text})
            if self._close_code is not None:
                await self._send_close(self._close_code)
                return

    async def _send_close(self, code: int) -> None:
        try:
            await self._send({"type": "websocket.close", "code": code})
        except Exception:  # under daphne an application may close with 1000 and 3000 to 4999 only
            await self._send({"type": "websocket.close", "code": code + PRIVATE_CODES})

    async def _finish(self, writer: "asyncio.Task[None]") -> None:
        """Lets the last frames (an error, the close) out, but waits for nobody who does not read."""
        if self._close_code is not None:
            self._has_output.set()
            await asyncio.wait([writer], timeout=1)
        writer.cancel()
        await asyncio.gather(writer, self._reader, return_exceptions=True)
