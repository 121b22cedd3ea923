"""The operator's socket: one for all the organisations they answer for."""

from collections.abc import Hashable
from typing import ClassVar

from conversations.commands.desk import desk_commands, welcome
from conversations.commands.fast_path import realtime
from conversations.commands.registry import Registry, decode_hello
from conversations.commands.sessions import DeskSession, open_desk
from conversations.consumers.base import NO_HELLO, NOT_HERE, NOT_LOGGED_IN, CloseSocket, SocketConsumer
from conversations.consumers.heartbeats import heartbeats
from conversations.frames import Command, DeskCommand, DeskHello, KnowledgeCommand
from conversations.services.announcing import page_group, watch_group
from tenants.access import actor_of_session
from tenants.context import run_in_public
from tenants.errors import Invalid, NotFound
from tenants.hosts import Host, HostKind, header
from tenants.realtime import group_name


class DeskConsumer(SocketConsumer):
    """One page of one operator, as whoever the session cookie says."""

    commands: ClassVar[Registry[DeskSession]] = desk_commands
    session: DeskSession | None

    async def hello(self, text: str) -> None:
        host: Host = self.scope["host"]
        if host.kind is not HostKind.DESK:
            raise CloseSocket(NOT_HERE)
        self._sink = self.forward
        self._groups: set[str] = set()
        try:
            hello = decode_hello(text, DeskHello)
            session = await run_in_public(_authenticate, header(self.scope, b"cookie") or "", host)
        except Invalid:
            raise CloseSocket(NO_HELLO) from None
        except NotFound:
            raise CloseSocket(NOT_LOGGED_IN) from None
        session.watch(hello.watched)
        session.listen = self._listen_anew
        self.hold_back()
        await self._listen(session)
        self.send_frames(await welcome(session, hello))
        self.session = session
        self.let_go()
        heartbeats().desks.add(self)

    def lane(self, command: Command) -> Hashable:
        """One per conversation. What is asked of a client's knowledge has its own: it keeps no message waiting."""
        if isinstance(command, KnowledgeCommand):
            return command.organisation
        return command.conversation if isinstance(command, DeskCommand) else None

    async def refresh(self, fresh: DeskSession) -> None:
        """Takes over what is true now: name, capacity, for whom the operator answers, and whether they supervise."""
        if self.session is not None and fresh.supervises:
            fresh.watched = self.session.watched
        fresh.listen = self._listen_anew
        self.session = fresh
        await self._listen(fresh)

    def log_out(self) -> None:
        """The log-in or the role is gone."""
        self.close(NOT_LOGGED_IN)

    async def _listen(self, session: DeskSession) -> None:
        wanted = {group_name("operator", subject=session.operator.id)} | {
            group_name("organisation", schema=organisation.schema_name)
            for organisation in session.organisations.values()
        }
        for conversation, organisation in session.watched.items():
            wanted.add(page_group(organisation.schema_name, conversation))
            wanted.add(watch_group(organisation.schema_name, conversation))
        if session.supervises:
            wanted.add(group_name("supervisors"))
        for group in self._groups - wanted:
            realtime().unsubscribe(group, self._sink)
        added, self._groups = wanted - self._groups, wanted
        for group in added:
            await realtime().subscribe(group, self._sink)

    async def _listen_anew(self) -> None:
        """What the page watches has changed."""
        if self.session is not None:
            await self._listen(self.session)

    def left(self) -> None:
        if self.session is not None:
            heartbeats().desks.discard(self)
        for group in getattr(self, "_groups", ()):
            realtime().unsubscribe(group, self._sink)


def _authenticate(cookies: str, host: Host) -> DeskSession:
    return open_desk(actor_of_session(cookies, host))
