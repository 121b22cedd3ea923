"""The visitor's socket."""

from typing import ClassVar
from uuid import UUID

from conversations.commands.fast_path import realtime
from conversations.commands.registry import Registry, decode_hello
from conversations.commands.sessions import VisitorSession
from conversations.commands.visitor import begin_visitor_session, visitor_commands
from conversations.consumers.base import NO_HELLO, NOT_HERE, CloseSocket, SocketConsumer
from conversations.consumers.heartbeats import heartbeats
from conversations.frames import VisitorHello
from conversations.services.announcing import page_group
from tenants.context import OrganisationRef
from tenants.errors import Invalid, NotFound


class WidgetConsumer(SocketConsumer):
    """One page of one visitor. The organisation is fixed by the host."""

    commands: ClassVar[Registry[VisitorSession]] = visitor_commands
    session: VisitorSession | None

    async def hello(self, text: str) -> None:
        organisation: OrganisationRef | None = self.scope["organisation"]
        if organisation is None:
            raise CloseSocket(NOT_HERE)
        self._organisation = organisation
        self._group: str | None = None
        self._sink = self.forward
        try:
            hello = decode_hello(text, VisitorHello)
        except Invalid:
            raise CloseSocket(NO_HELLO) from None
        self.hold_back()
        try:
            self.session, frames = await begin_visitor_session(organisation, hello, self._listen)
        except NotFound:
            raise CloseSocket(NOT_HERE) from None
        self.send_frames(frames)
        self.let_go()
        heartbeats().widgets.add(self)

    async def join(self, visitor_id: UUID, conversation_id: UUID) -> None:
        """Another page of this visitor began a conversation: this one follows."""
        if self.session is not None:
            await self._listen(conversation_id)
            self.session.visitor_id, self.session.conversation_id = visitor_id, conversation_id

    async def _listen(self, conversation_id: UUID) -> None:
        """Hears of this conversation, and of no other any more."""
        group = page_group(self._organisation.schema_name, conversation_id)
        if group == self._group:
            return
        self._stop_listening()
        self._group = group
        await realtime().subscribe(group, self._sink)

    def _stop_listening(self) -> None:
        if self._group is not None:
            realtime().unsubscribe(self._group, self._sink)
            self._group = None

    def left(self) -> None:
        if self.session is not None:
            heartbeats().widgets.discard(self)
        if getattr(self, "_group", None) is not None:
            self._stop_listening()
