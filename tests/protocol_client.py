"""One end of a real socket, for tests: speaks docs/protocol.md, keeps every frame, and catches up as a page does."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import msgspec
from django.conf import settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from chatplatform.replay.platform import Platform
from chatplatform.replay.thread import Thread
from tests.cast import DESK, logged_in
from tests.servers import WebServer

Frame = dict[str, Any]

PATIENCE_SECONDS = 30.0
WIDGET_PATH, DESK_PATH = "/socket/widget/", "/socket/desk/"
WEBSITES = {"acme": "acme-shop", "globex": "globex-bank"}


def new_cid() -> str:
    return str(uuid4())


def dial(
    port: int,
    host: str,
    path: str,
    *,
    origin: str | None = "",
    headers: list[tuple[str, str]] | None = None,
    **options: Any,
) -> connect:
    """A handshake with 127.0.0.1 for ``host``; an empty ``origin`` means the host's own."""
    own = f"http://{host}:{port}" if origin == "" else origin
    address: dict[str, Any] = {} if "sock" in options else {"host": "127.0.0.1", "port": port}
    return connect(
        f"ws://{host}:{port}{path}",
        **address,
        origin=Origin(own) if own is not None else None,
        additional_headers=headers or [],
        compression=None,
        proxy=None,
        ping_interval=None,
        open_timeout=PATIENCE_SECONDS,
        close_timeout=2,
        max_size=None,
        **options,
    )


def violation(server: WebServer) -> int:
    """The close code after repeated violations: autobahn, in daphne, lets no application say 1008."""
    return 1008 if "uvicorn" in server.process.command else 3008


def desk_cookie(email: str, host: str = DESK) -> str:
    """The Cookie header of somebody who has logged in on this host."""
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={logged_in(email, host).cookies[name].value}"


class Line:
    """A connected socket. ``frames`` holds everything heard, in order; ``threads`` what a page would show of it."""

    def __init__(self, socket: ClientConnection, organisation: str) -> None:
        self.socket = socket
        self.organisation = organisation
        self.frames: list[Frame] = []
        self.threads: dict[str, Thread] = {}
        self.close_code: int | None = None
        self.follows = True
        self._heard = asyncio.Event()
        self._reader = asyncio.ensure_future(self._read())

    async def send(self, kind: str, /, **fields: Any) -> None:
        await self.socket.send(msgspec.json.encode({"type": kind, **fields}), text=True)

    async def ask(self, kind: str, /, **fields: Any) -> Frame:
        """Sends a command and waits for its ack or error."""
        cid = fields.setdefault("cid", new_cid())
        start = len(self.frames)
        await self.send(kind, **fields)
        return await self.until(lambda frame: frame.get("cid") == cid and frame["type"] in ("ack", "error"), start)

    async def say(self, body: str, **fields: Any) -> Frame:
        return await self.ask("message.send", body=body, **fields)

    async def until(self, condition: Callable[[Frame], bool] | str, start: int = 0) -> Frame:
        """The first frame from ``start`` on of which the condition (or type name) holds. Fails after 15 s."""
        wanted = (lambda frame: frame["type"] == condition) if isinstance(condition, str) else condition
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            for frame in self.frames[start:]:
                if wanted(frame):
                    return frame
            start = max(start, len(self.frames))
            if self.close_code is not None:
                raise AssertionError(f"The socket was closed with {self.close_code}; heard: {self.kinds()}")
            await self._wait(deadline)

    async def settled(self, condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
        """Waits until the condition holds after some frame."""
        deadline = time.monotonic() + seconds
        while not condition():
            await self._wait(deadline)

    async def shows(self, conversation: str, seq: int, seconds: float = PATIENCE_SECONDS) -> None:
        """Waits until this page has everything up to ``seq``."""
        await self.settled(lambda: self.thread(conversation).cursor[0] >= seq, seconds)

    async def closed(self, seconds: float = PATIENCE_SECONDS) -> int:
        await asyncio.wait_for(asyncio.shield(self._reader), seconds)
        assert self.close_code is not None
        return self.close_code

    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.frames]

    def bodies(self, conversation: str) -> list[str]:
        thread = self.threads.get(conversation)
        return [fact["body"] for fact in thread.facts if fact["type"] == "message.sent"] if thread else []

    def thread(self, conversation: str) -> Thread:
        return self.threads.setdefault(conversation, Thread(conversation, self.organisation))

    async def close(self) -> None:
        await self.socket.close()
        await self._reader

    async def _wait(self, deadline: float) -> None:
        self._heard.clear()
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await self._heard.wait()
        except TimeoutError:
            raise AssertionError(f"Waited in vain; heard: {self.kinds()}") from None

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                frame = msgspec.json.decode(text)
                self.frames.append(frame)
                if frame["type"] == "heartbeat":
                    await self.send("heartbeat")
                if self.follows:
                    await self._follow(frame)
                self._heard.set()
        except ConnectionClosed:
            pass
        self.close_code = self.socket.close_code
        self._heard.set()

    async def _follow(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "entries":
            thread = self.thread(frame["conversation"])
            thread.top = max(thread.top, frame["last_seq"])
            for fact in [*frame["entries"], *frame["desk_entries"]]:
                thread.take(fact)
            if not frame["complete"]:
                await self.fetch(thread)
        elif "sender" in frame:
            thread = self.thread(frame["conversation"])
            thread.take(frame)
            if thread.is_behind:
                await self.fetch(thread)
        elif kind == "reset":
            thread = self.thread(frame["conversation"])
            thread.reset()
            await self.fetch(thread)
        elif kind == "heartbeat":
            tops = frame.get("tops") or {}
            if frame.get("last_seq") is not None:
                tops = {frame["conversation"]: [frame["last_seq"], 0]}
            for conversation, (top, desk_top) in tops.items():
                thread = self.thread(conversation)
                thread.top = max(thread.top, top)
                if thread.is_behind or thread.cursor[1] < desk_top:
                    await self.fetch(thread)

    async def fetch(self, thread: Thread) -> None:
        seq, desk_seq = thread.cursor
        desk = {"organisation": thread.organisation, "desk_since": desk_seq} if self.is_desk else {}
        await self.send("entries.fetch", conversation=thread.conversation, since=seq, **desk)

    @property
    def is_desk(self) -> bool:
        return self.socket.request is not None and self.socket.request.path == DESK_PATH


def visitor_hello(organisation: str, **fields: Any) -> Frame:
    page = {"url": f"http://{organisation}-shop.localhost/tents", "title": "Tents", "referrer": ""}
    hello = {"token": None, "language": "en", "conversation": None, "since": 0, "page": page}
    return {"type": "hello", "protocol": 1, "website": WEBSITES[organisation], **hello, **fields}


@asynccontextmanager
async def widget(server: WebServer | int, organisation: str = "acme", **hello: Any) -> AsyncIterator[Line]:
    """A visitor's page, after its welcome."""
    port = server if isinstance(server, int) else server.port
    async with dial(port, f"{organisation}.localhost", WIDGET_PATH) as socket:
        line = Line(socket, organisation)
        await socket.send(msgspec.json.encode(visitor_hello(organisation, **hello)), text=True)
        try:
            await line.until("welcome")
            yield line
        finally:
            await line.close()


@asynccontextmanager
async def desk(
    server: WebServer | int,
    cookie: str,
    organisation: str = "acme",
    cursors: dict[str, Any] | None = None,
    **hello: Any,
) -> AsyncIterator[Line]:
    """An operator's page, after its welcome. ``organisation`` is whose conversations it fetches."""
    port = server if isinstance(server, int) else server.port
    async with dial(port, DESK, DESK_PATH, headers=[("Cookie", cookie)]) as socket:
        line = Line(socket, organisation)
        first = {"type": "hello", "protocol": 1, "cursors": cursors or {}, **hello}
        await socket.send(msgspec.json.encode(first), text=True)
        try:
            await line.until("welcome")
            yield line
        finally:
            await line.close()


def token_of(line: Line) -> str:
    return next(frame["token"] for frame in line.frames if frame["type"] == "welcome")


async def take(line: Line, conversation: str) -> Frame:
    """The operator takes a conversation; fails if they do not get it."""
    ack = await line.ask("conversation.take", organisation=line.organisation, conversation=conversation)
    assert ack["type"] == "ack", ack
    return ack


async def reply(line: Line, conversation: str, body: str, **fields: Any) -> Frame:
    return await line.say(body, organisation=line.organisation, conversation=conversation, attachments=[], **fields)


async def visitor_door(
    server: WebServer, organisation: str, hello: Frame, commands: list[Frame]
) -> tuple[int, list[Frame]]:
    """(status, frames) of one request to the widget's HTTP door."""
    return await _door(server, f"{organisation}.localhost", "/api/widget/commands", hello, commands, {})


async def desk_door(server: WebServer, cookie: str, commands: list[Frame], **more: Any) -> tuple[int, list[Frame]]:
    """(status, frames) of one request to the desk's HTTP door, with the CSRF token a page would have."""
    secret = "x" * 32
    headers = {"Cookie": f"{cookie}; {settings.CSRF_COOKIE_NAME}={secret}", "X-CSRFToken": secret}
    hello = {"type": "hello", "protocol": 1, "cursors": {}, **more}
    return await _door(server, DESK, "/api/desk/commands", hello, commands, headers)


async def _door(
    server: WebServer, host: str, path: str, hello: Frame, commands: list[Frame], headers: dict[str, str]
) -> tuple[int, list[Frame]]:
    body = msgspec.json.encode({"hello": hello, "commands": commands})
    platform = Platform.at(server.address)
    headers = {"Content-Type": "application/json", **headers}
    response, answer = await asyncio.to_thread(platform.request, host, "POST", path, body, headers)
    try:
        return response.status, msgspec.json.decode(answer)["frames"]
    except (msgspec.MsgspecError, KeyError):
        raise AssertionError(f"{path} answered {response.status}: {answer[:500]!r}") from None
