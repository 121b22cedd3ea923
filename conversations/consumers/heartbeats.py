"""One tick for all sockets of a process: every 4 s one query tells each page how far its sequence goes.

So the loss of the very last hint is repaired, and a desk learns of a lost assignment. The same tick writes the presence
of the operators whose desks were heard, and asks again who is still allowed to be here (rules 5, 22, 37).
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary, WeakSet

from conversations.commands.sessions import DeskSession, VisitorSession, desk_sessions
from conversations.events import AlertFact, Struct
from conversations.replies import DeskHeartbeat, FollowUpCountsFact, QueuePlace, VisitorHeartbeat
from conversations.selectors import conversations_of_tokens, follow_up_counts_fact, open_alert_facts, queue_frames
from operators.coaching import unread_by_operator
from operators.presence import record_beats
from operators.selectors import desk_tops_of, inbox_tops, tops_of
from tenants.access import actors_of_sessions
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation, run_in_public
from tenants.hosts import Host
from tenants.hours import Opening, opening_of

logger = logging.getLogger(__name__)


TICK_SECONDS = 4.0
SILENT_SECONDS = 45.0
HEARD_SECONDS = 20.0
OPENING_KEPT_SECONDS = 20.0
NORMAL_CLOSE = 1000

_opening_kept: dict[UUID, tuple[float, Opening]] = {}
_ticks: "WeakKeyDictionary[asyncio.AbstractEventLoop, Heartbeats]" = WeakKeyDictionary()


class _Socket(Protocol):
    """What the tick asks of every socket. ``heard_at`` is monotonic seconds."""

    heard_at: float
    scope: dict[str, Any]

    def send_frame(self, frame: Struct) -> None: ...

    def close(self, code: int) -> None: ...


class WidgetSocket(_Socket, Protocol):
    """A visitor's page."""

    session: VisitorSession | None

    async def join(self, visitor_id: UUID, conversation_id: UUID) -> None: ...


class DeskSocket(_Socket, Protocol):
    """An operator's page."""

    session: DeskSession | None

    async def refresh(self, fresh: DeskSession) -> None: ...

    def log_out(self) -> None: ...


Socket = TypeVar("Socket", WidgetSocket, DeskSocket)


@dataclass(frozen=True, slots=True)
class _WidgetTick:
    now: datetime
    openings: dict[UUID, Opening]
    tops: dict[UUID, int]
    places: dict[UUID, QueuePlace]
    begun: dict[tuple[str, UUID], tuple[UUID, UUID]]
    """(token, website) → (visitor, the conversation that another page of theirs began)."""


@dataclass(frozen=True, slots=True)
class _DeskTick:
    now: datetime
    sessions: dict[str, DeskSession]
    tops: dict[UUID, dict[UUID, tuple[int, int]]]
    watched: dict[UUID, tuple[int, int]]
    alerts: list[AlertFact]
    follow_ups: FollowUpCountsFact | None
    unread: dict[UUID, int]


class Heartbeats:
    """The tick of one event loop and the sockets it serves."""

    def __init__(self) -> None:
        self.widgets: WeakSet[WidgetSocket] = WeakSet()
        self.desks: WeakSet[DeskSocket] = WeakSet()
        self._task = asyncio.ensure_future(self._tick_for_ever())

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self._tick_widgets()
                await self._tick_desks()
            except Exception as error:  # the database is away: the next tick tries again
                logger.warning("A heartbeat was missed: %s", type(error).__name__)

    async def _tick_widgets(self) -> None:
        widgets = [(socket, socket.session) for socket in _still_heard(self.widgets) if socket.session is not None]
        if not widgets:
            return
        organisations = {session.organisation.id: session.organisation for _, session in widgets}
        conversations = {session.conversation_id for _, session in widgets if session.conversation_id is not None}
        tokens: dict[UUID, set[str]] = {}
        for _, session in widgets:
            if session.conversation_id is None:
                tokens.setdefault(session.organisation.id, set()).add(session.token)
        tick = await run_in_public(_read_widgets, list(organisations.values()), conversations, tokens)
        for socket, session in widgets:
            begun = tick.begun.get((session.token, session.website.id))
            if begun is not None and session.conversation_id is None:
                await socket.join(*begun)
            conversation = session.conversation_id
            opening = tick.openings[session.organisation.id]
            socket.send_frame(
                VisitorHeartbeat(
                    now=tick.now,
                    open=opening.open,
                    until=opening.until,
                    conversation=conversation,
                    last_seq=tick.tops.get(conversation) if conversation else None,
                    queue=tick.places.get(conversation) if conversation else None,
                )
            )

    async def _tick_desks(self) -> None:
        desks = [(socket, socket.session) for socket in _still_heard(self.desks) if socket.session is not None]
        if not desks:
            return
        heard = {session.operator.id for socket, session in desks if _is_heard(socket)}
        keys = {session.actor.session_key for _, session in desks}
        watched = {conversation for _, session in desks for conversation in session.watched}
        tick = await run_in_public(_read_desks, keys, desks[0][0].scope["host"], heard, watched)
        for socket, session in desks:
            fresh = tick.sessions.get(session.actor.session_key)
            if fresh is None:
                socket.log_out()
                continue
            await socket.refresh(fresh)
            read_along = {one: tick.watched[one] for one in fresh.watched if one in tick.watched}
            tops = tick.tops[fresh.operator.id] | read_along
            alerts = tick.alerts if fresh.supervises else []
            follow_ups = tick.follow_ups if fresh.supervises else None
            unread = tick.unread.get(fresh.operator.id, 0)
            beat = DeskHeartbeat(now=tick.now, tops=tops, alerts=alerts, follow_ups=follow_ups, unread=unread)
            socket.send_frame(beat)


def _still_heard(sockets: "Iterable[Socket]") -> "list[Socket]":
    """The sockets that have said hello; one that was silent too long is closed."""
    heard = []
    for socket in list(sockets):
        if socket.session is None:
            continue
        if time.monotonic() - socket.heard_at > SILENT_SECONDS:
            socket.close(NORMAL_CLOSE)
        else:
            heard.append(socket)
    return heard


def _is_heard(socket: DeskSocket) -> bool:
    return time.monotonic() - socket.heard_at < HEARD_SECONDS


def _read_widgets(
    organisations: list[OrganisationRef], conversations: set[UUID], tokens: dict[UUID, set[str]]
) -> _WidgetTick:
    """Three queries, and one for each organisation with a page that holds no conversation yet."""
    now = platform_now()
    begun: dict[tuple[str, UUID], tuple[UUID, UUID]] = {}
    for organisation in organisations:
        if organisation.id in tokens:
            begun |= in_organisation(organisation, conversations_of_tokens, tokens[organisation.id])
    conversations |= {conversation_id for _, conversation_id in begun.values()}
    return _WidgetTick(
        now=now,
        openings={organisation.id: _opening(organisation, now) for organisation in organisations},
        tops=tops_of(conversations) if conversations else {},
        places=queue_frames(conversations),
        begun=begun,
    )


def _opening(organisation: OrganisationRef, now: datetime) -> Opening:
    """Read anew every 20 s, and when the moment that was told has come. Two queries then."""
    kept = _opening_kept.get(organisation.id)
    if kept is None or kept[0] < time.monotonic() or _has_come(kept[1], now):
        kept = (time.monotonic() + OPENING_KEPT_SECONDS, opening_of(organisation, now))
        _opening_kept[organisation.id] = kept
    return kept[1]


def _has_come(opening: Opening, now: datetime) -> bool:
    change = opening.until or opening.next_opening
    return change is not None and change <= now


def _read_desks(keys: set[str], desk: Host, heard: set[UUID], watched: set[UUID]) -> _DeskTick:
    """Eight queries, however many desks there are: all of them live on one host. Four more with supervisors."""
    sessions = desk_sessions(actors_of_sessions(keys, desk).values())
    # Only of those who still are operators: one who was removed must not spoil the beat of everybody else.
    record_beats(heard & {session.operator.id for session in sessions.values()})
    served = {
        session.operator.id: {organisation.id for organisation in session.organisations.values()}
        for session in sessions.values()
    }
    supervisors = {session.operator.id for session in sessions.values() if session.supervises}
    return _DeskTick(
        now=platform_now(),
        sessions=sessions,
        tops=inbox_tops(served, supervisors),
        watched=desk_tops_of(watched),
        alerts=open_alert_facts() if supervisors else [],
        follow_ups=follow_up_counts_fact() if supervisors else None,
        unread=unread_by_operator(list(served)),
    )


def heartbeats() -> Heartbeats:
    """This event loop's tick, started with its first socket."""
    loop = asyncio.get_running_loop()
    if loop not in _ticks:
        _ticks[loop] = Heartbeats()
    return _ticks[loop]
