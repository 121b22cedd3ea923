"""What supervisors see of all clients at one moment: numbers, and the conversations behind each. Public schema.

Today is the platform's day, midnight to midnight in ``PLATFORM_TIME_ZONE``, whatever the clients' own zones. A turn
counts on the day it began. A share is of turns that are decided, kept or broken; what nobody answered because the
visitor left or the conversation was closed is counted apart.
"""

import threading
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from operators.selectors import PRESENT_SECONDS
from tenants.clock import platform_now
from tenants.errors import NotFound

KEPT_SECONDS = 1.0
GONE = "gone"


@dataclass(frozen=True, slots=True)
class Share:
    """``kept`` of ``total`` decided turns."""

    kept: int
    total: int


@dataclass(frozen=True, slots=True)
class Shares:
    first: Share
    follow_up: Share
    all: Share


@dataclass(frozen=True, slots=True)
class Live:
    """Open conversations now. ``waiting``: nobody holds them. ``running``: a visitor waits for an answer, held or not;
    of these ``warned`` are past their warning and ``overdue`` past due. ``waits_since``: since when the longest does.
    """

    waiting: int = 0
    held: int = 0
    running: int = 0
    warned: int = 0
    overdue: int = 0
    waits_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClientLine:
    slug: str
    name: str
    colour: str
    live: Live
    kept: Share


@dataclass(frozen=True, slots=True)
class OperatorLine:
    """``state`` is ``gone`` when nothing was heard for 45 s. ``held`` conversations over all clients, ``load`` the same
    weighed, in per cent of one place; ``held_here`` those of the client shown."""

    id: UUID
    name: str
    state: str
    reason: str
    since: datetime | None
    until: datetime | None
    seen_at: datetime | None
    held: int
    held_here: int
    load: int
    capacity: int


@dataclass(frozen=True, slots=True)
class HalfHour:
    """Turns that began in these 30 minutes: ``begun`` first ones, then how all of them went."""

    starts_at: datetime
    begun: int
    kept: int
    broken: int
    ended: int


@dataclass(frozen=True, slots=True)
class Wallboard:
    now: datetime
    time_zone: str
    day_started_at: datetime
    organisation: str | None
    live: Live
    kept: Shares
    clients: list[ClientLine]
    operators: list[OperatorLine]
    half_hours: list[HalfHour]


@dataclass(frozen=True, slots=True)
class _Client:
    id: UUID
    slug: str
    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class _Queue:
    organisation_id: UUID
    operator_id: UUID | None
    live: Live
    weight: int


@dataclass(frozen=True, slots=True)
class _Turns:
    """Of one client all day, or of one half hour of everybody: the other is None."""

    organisation_id: UUID | None
    starts_at: datetime | None
    kind: str
    kept: int
    broken: int
    ended: int


@dataclass(frozen=True, slots=True)
class _Person:
    line: OperatorLine
    organisation_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Board:
    """One reading over all clients, to be shown whole or for one of them."""

    now: datetime
    day_started_at: datetime
    clients: list[_Client]
    queue: list[_Queue]
    turns: list[_Turns]
    people: list[_Person]


_CLIENTS = "SELECT id, slug, name, colour FROM tenants_organisation WHERE state = 'active' ORDER BY name"

_QUEUE = """
SELECT organisation_id, operator_id,
       count(*) FILTER (WHERE state = 'waiting') AS waiting,
       count(*) FILTER (WHERE state = 'assigned') AS held,
       count(promise_opened_at) AS running,
       count(*) FILTER (WHERE promise_warn_at <= %(now)s AND promise_due_at > %(now)s) AS warned,
       count(*) FILTER (WHERE promise_due_at <= %(now)s) AS overdue,
       min(promise_opened_at) AS waits_since,
       coalesce(sum(weight) FILTER (WHERE state = 'assigned'), 0)::int AS weight
FROM operators_queueentry WHERE state <> 'closed' GROUP BY organisation_id, operator_id
"""

# By client, and by half hour; not by both, which would be thousands of rows for a chart of 48 bars.
_TURNS = """
SELECT organisation_id, date_bin('30 minutes', opened_at, %(day)s) AS starts_at, kind,
       count(*) FILTER (WHERE outcome = 'kept') AS kept,
       count(*) FILTER (WHERE outcome = 'broken') AS broken,
       count(*) FILTER (WHERE outcome NOT IN ('kept', 'broken')) AS ended
FROM operators_turnrecord
WHERE opened_at >= %(day)s AND opened_at <= %(now)s
  AND organisation_id IN (SELECT id FROM tenants_organisation WHERE state = 'active')
GROUP BY GROUPING SETS ((organisation_id, kind), (starts_at, kind))
"""

_TURNS_OF_CLIENT = """
SELECT organisation_id, date_bin('30 minutes', opened_at, %(day)s) AS starts_at, kind,
       count(*) FILTER (WHERE outcome = 'kept') AS kept,
       count(*) FILTER (WHERE outcome = 'broken') AS broken,
       count(*) FILTER (WHERE outcome NOT IN ('kept', 'broken')) AS ended
FROM operators_turnrecord
WHERE organisation_id = %(organisation)s AND opened_at >= %(day)s AND opened_at <= %(now)s
GROUP BY organisation_id, starts_at, kind
"""

# Whoever was heard today, and whoever holds something, heard or not.
_PEOPLE = """
SELECT o.user_id, o.name, o.capacity, p.state, p.reason, p.since, p.until, p.seen_at,
       ARRAY(SELECT organisation_id FROM operators_posting WHERE operator_id = o.user_id) AS organisation_ids
FROM operators_operator o
JOIN tenants_user u ON u.id = o.user_id AND u.is_active
JOIN tenants_staffrole r ON r.user_id = o.user_id AND r.role = 'operator'
LEFT JOIN operators_presence p ON p.operator_id = o.user_id
WHERE p.seen_at >= %(day)s
   OR EXISTS (SELECT 1 FROM operators_queueentry q WHERE q.operator_id = o.user_id AND q.state = 'assigned')
ORDER BY o.name, o.user_id
"""


def day_start(now: datetime) -> datetime:
    """When the platform's day began that ``now`` lies in."""
    zone = ZoneInfo(settings.PLATFORM_TIME_ZONE)
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def read_board() -> Board:
    """One reading of all clients. Five queries, whatever their number."""
    now = platform_now()
    day = day_start(now)
    moment = {"now": now, "day": day}
    queue = [
        _Queue(row.pop("organisation_id"), row.pop("operator_id"), weight=row.pop("weight"), live=Live(**row))
        for row in _rows(_QUEUE, moment)
    ]
    held: dict[UUID | None, list[_Queue]] = {}
    for entry in queue:
        held.setdefault(entry.operator_id, []).append(entry)
    return Board(
        now=now,
        day_started_at=day,
        clients=[_Client(**row) for row in _rows(_CLIENTS, {})],
        queue=queue,
        turns=[_Turns(**row) for row in _rows(_TURNS, moment)],
        people=[_person(row, held.get(row["user_id"], []), now) for row in _rows(_PEOPLE, moment)],
    )


def _person(row: dict[str, Any], own: Collection[_Queue], now: datetime) -> _Person:
    is_heard = row["seen_at"] is not None and row["seen_at"] > now - timedelta(seconds=PRESENT_SECONDS)
    held = sum(entry.live.held for entry in own)
    return _Person(
        OperatorLine(
            id=row["user_id"],
            name=row["name"],
            state=row["state"] if is_heard else GONE,
            reason=row["reason"] or "",
            since=row["since"] if is_heard else row["seen_at"],
            until=row["until"],
            seen_at=row["seen_at"],
            held=held,
            held_here=held,
            load=sum(entry.weight for entry in own),
            capacity=row["capacity"],
        ),
        frozenset(row["organisation_ids"]) | {entry.organisation_id for entry in own},
    )


def _rows(statement: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


_reading = threading.Lock()
_kept: tuple[float, Board] | None = None


def recent_board() -> Board:
    """As :func:`read_board`, at most a second old: however many screens ask a process, it reads once a second."""
    global _kept
    with _reading:
        if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
            _kept = (time.monotonic(), read_board())
        return _kept[1]


def wallboard_of(board: Board, slug: str | None) -> Wallboard:
    """The board of all clients, without a query; or of one, whose half hours cost one.

    Raises NotFound for a client that is not there.
    """
    shown = {client.id for client in board.clients if slug is None or client.slug == slug}
    if slug is not None and not shown:
        raise NotFound()
    queue = [entry for entry in board.queue if entry.organisation_id in shown]
    turns = [one for one in board.turns if one.organisation_id in shown]
    queue_of: dict[UUID, list[_Queue]] = {}
    for entry in board.queue:
        queue_of.setdefault(entry.organisation_id, []).append(entry)
    turns_of: dict[UUID | None, list[_Turns]] = {}
    for one in board.turns:
        turns_of.setdefault(one.organisation_id, []).append(one)
    return Wallboard(
        now=board.now,
        time_zone=settings.PLATFORM_TIME_ZONE,
        day_started_at=board.day_started_at,
        organisation=slug,
        live=_live(queue),
        kept=Shares(
            first=_share(one for one in turns if one.kind == "first"),
            follow_up=_share(one for one in turns if one.kind == "follow_up"),
            all=_share(turns),
        ),
        clients=[
            ClientLine(
                client.slug,
                client.name,
                client.colour,
                _live(queue_of.get(client.id, [])),
                _share(turns_of.get(client.id, [])),
            )
            for client in board.clients
        ],
        operators=_operators(board, queue, shown if slug else None),
        half_hours=_half_hours(board, _turns_of_client(board, *shown) if slug else turns_of.get(None, [])),
    )


def _turns_of_client(board: Board, organisation_id: UUID) -> list[_Turns]:
    moment = {"organisation": organisation_id, "now": board.now, "day": board.day_started_at}
    return [_Turns(**row) for row in _rows(_TURNS_OF_CLIENT, moment)]


def _live(queue: Iterable[_Queue]) -> Live:
    parts = [entry.live for entry in queue]
    return Live(
        waiting=sum(part.waiting for part in parts),
        held=sum(part.held for part in parts),
        running=sum(part.running for part in parts),
        warned=sum(part.warned for part in parts),
        overdue=sum(part.overdue for part in parts),
        waits_since=min((part.waits_since for part in parts if part.waits_since), default=None),
    )


def _share(turns: Iterable[_Turns]) -> Share:
    counted = list(turns)
    kept = sum(one.kept for one in counted)
    return Share(kept, kept + sum(one.broken for one in counted))


def _operators(board: Board, queue: Collection[_Queue], shown: set[UUID] | None) -> list[OperatorLine]:
    held_here: dict[UUID | None, int] = {}
    for entry in queue:
        held_here[entry.operator_id] = held_here.get(entry.operator_id, 0) + entry.live.held
    return [
        replace(person.line, held_here=held_here.get(person.line.id, 0))
        for person in board.people
        if shown is None or person.organisation_ids & shown
    ]


def _half_hours(board: Board, turns: Iterable[_Turns]) -> list[HalfHour]:
    """From midnight to now, without a hole."""
    counted: dict[datetime | None, list[_Turns]] = {}
    for one in turns:
        counted.setdefault(one.starts_at, []).append(one)
    lines = []
    # In absolute time: a local midnight plus hours would jump on the days the clock changes.
    starts_at = board.day_started_at.astimezone(board.now.tzinfo)
    while starts_at <= board.now:
        here = counted.get(starts_at, [])
        lines.append(
            HalfHour(
                starts_at=starts_at,
                begun=sum(one.kept + one.broken + one.ended for one in here if one.kind == "first"),
                kept=sum(one.kept for one in here),
                broken=sum(one.broken for one in here),
                ended=sum(one.ended for one in here),
            )
        )
        starts_at += timedelta(minutes=30)
    return lines
