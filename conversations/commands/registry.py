"""Which command is handled by what. Sockets and HTTP decode and dispatch through the same two registries.

An app above this one adds its own commands with ``visitor_commands.handles(...)`` when it is ready.
"""

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from conversations.events import Struct
from conversations.frames import MAX_FRAME_BYTES, PROTOCOL, Command, DeskHello, VisitorHello
from conversations.replies import ErrorReply
from tenants.errors import Invalid, ServiceError

Session = TypeVar("Session")
Handler = Callable[[Any, Any], Awaitable[Sequence[Struct]]]
Decoded = TypeVar("Decoded")
Hello = TypeVar("Hello", VisitorHello, DeskHello)
SpecificCommand = TypeVar("SpecificCommand", bound=Command)


class Registry(Generic[Session]):
    """Commands of one kind of client."""

    def __init__(self) -> None:
        self._handlers: dict[type[Command], Handler] = {}
        self._decoder: msgspec.json.Decoder[Command] | None = None

    def handles(
        self, command: type[SpecificCommand]
    ) -> Callable[
        [Callable[[Session, SpecificCommand], Awaitable[Sequence[Struct]]]],
        Callable[[Session, SpecificCommand], Awaitable[Sequence[Struct]]],
    ]:
        """Decorates ``async handler(session, command) -> frames``."""

        def register(
            handler: Callable[[Session, SpecificCommand], Awaitable[Sequence[Struct]]],
        ) -> Callable[[Session, SpecificCommand], Awaitable[Sequence[Struct]]]:
            if command in self._handlers:
                raise ValueError(f"{command.__name__} already has a handler.")
            self._handlers[command] = handler
            self._decoder = None
            return handler

        return register

    def decode(self, text: str | bytes) -> Command:
        """The command in one frame. Raises Invalid for whatever is not exactly one."""
        if self._decoder is None:
            union: Any = tuple(self._handlers)
            kinds = union[0]
            for kind in union[1:]:
                kinds = kinds | kind
            self._decoder = msgspec.json.Decoder(kinds)
        return _decode(text, self._decoder)

    async def run(self, session: Session, command: Command) -> Sequence[Struct]:
        """Handles a decoded command. Raises ServiceError."""
        return await self._handlers[type(command)](session, command)


def decode_hello(text: str | bytes, kind: type[Hello]) -> Hello:
    """The first frame of a socket. Raises Invalid for anything but a hello of the protocol we speak."""
    hello = _decode(text, _decoder(kind))
    if hello.protocol != PROTOCOL:
        raise Invalid()
    return hello


@functools.cache
def _decoder(kind: type[Hello]) -> msgspec.json.Decoder[Hello]:
    return msgspec.json.Decoder(kind)


def _decode(text: str | bytes, decoder: msgspec.json.Decoder[Decoded]) -> Decoded:
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_FRAME_BYTES:
        raise Invalid()
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Invalid() from error


def error_frame(error: ServiceError, cid: UUID | None = None) -> ErrorReply:
    """The refusal as the client reads it."""
    return ErrorReply(
        code=error.code, message=str(error.message), cid=cid, retry=error.retry, retry_after=error.retry_after
    )
