"""From a number on the wallboard to the conversations behind it. Public schema: ids, clocks and states."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from operators.models import Operator, QueueEntry, TurnRecord
from operators.wallboard import day_start
from tenants.clock import platform_now
from tenants.errors import NotFound
from tenants.models import Organisation

SHOWN = 200
HALF_HOUR = timedelta(minutes=30)
DECIDED = ("kept", "broken")


class Number(StrEnum):
    """What can be opened: all but ``turns`` are open conversations."""

    WAITING = "waiting"
    HELD = "held"
    RUNNING = "running"
    WARNED = "warned"
    OVERDUE = "overdue"
    TURNS = "turns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which number, and what narrows it. ``kind``, ``outcome`` and ``half_hour`` are about turns only; without an
    outcome those that were decided."""

    number: Number
    organisation: str | None = None
    operator: UUID | None = None
    kind: str | None = None
    outcome: str | None = None
    half_hour: datetime | None = None


@dataclass(frozen=True, slots=True)
class Named:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class TurnLine:
    kind: str
    outcome: str
    opened_at: datetime
    waited_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationLine:
    """``state`` is ``closed`` also when its live row is gone. Of an open one: since when its visitor waits, and until
    when an answer was promised. Of a turn: how it went, and who was responsible."""

    conversation: UUID
    organisation: str
    organisation_name: str
    colour: str
    state: str
    operator: Named | None
    opened_at: datetime | None
    waits_since: datetime | None
    due_at: datetime | None
    turn: TurnLine | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The first 200 of ``total``: the longest wait first, of turns the latest."""

    total: int
    conversations: list[ConversationLine]


def conversations_behind(question: Question) -> Answer:
    """The conversations behind a number, now. Four queries. Raises NotFound for a client that is not there."""
    organisation = None
    if question.organisation is not None:
        organisation = Organisation.objects.filter(state=Organisation.State.ACTIVE, slug=question.organisation).first()
        if organisation is None:
            raise NotFound()
    if question.number is Number.TURNS:
        return _turns(question, organisation)
    return _open(question, organisation)


def _open(question: Question, organisation: Organisation | None) -> Answer:
    now = platform_now()
    wanted = {
        Number.WAITING: Q(state=QueueEntry.State.WAITING),
        Number.HELD: Q(state=QueueEntry.State.ASSIGNED),
        Number.RUNNING: Q(promise_opened_at__isnull=False),
        Number.WARNED: Q(promise_warn_at__lte=now, promise_due_at__gt=now),
        Number.OVERDUE: Q(promise_due_at__lte=now),
    }[question.number]
    rows = QueueEntry.objects.filter(wanted, organisation__state=Organisation.State.ACTIVE).exclude(
        state=QueueEntry.State.CLOSED
    )
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    if question.operator is not None:
        rows = rows.filter(operator_id=question.operator)
    shown = rows.select_related("organisation", "operator").order_by(
        F("promise_opened_at").asc(nulls_last=True), "opened_at"
    )
    return Answer(rows.count(), [_live_line(row) for row in shown[:SHOWN]])


def _live_line(row: QueueEntry) -> ConversationLine:
    return ConversationLine(
        conversation=row.conversation_id,
        organisation=row.organisation.slug,
        organisation_name=row.organisation.name,
        colour=row.organisation.colour,
        state=row.state,
        operator=Named(row.operator.pk, row.operator.name) if row.operator else None,
        opened_at=row.opened_at,
        waits_since=row.promise_opened_at,
        due_at=row.promise_due_at,
        turn=None,
    )


def _turns(question: Question, organisation: Organisation | None) -> Answer:
    now = platform_now()
    records: QuerySet[TurnRecord] = TurnRecord.objects.filter(
        opened_at__gte=day_start(now), opened_at__lte=now, organisation__state=Organisation.State.ACTIVE
    )
    if organisation is not None:
        records = records.filter(organisation=organisation)
    if question.kind is not None:
        records = records.filter(kind=question.kind)
    if question.outcome == "ended":
        records = records.exclude(outcome__in=DECIDED)
    else:
        records = records.filter(outcome__in=[question.outcome] if question.outcome else DECIDED)
    if question.half_hour is not None:
        records = records.filter(opened_at__gte=question.half_hour, opened_at__lt=question.half_hour + HALF_HOUR)
    if question.operator is not None:
        records = records.filter(operator_id=question.operator)
    shown = list(records.select_related("organisation").order_by("-opened_at")[:SHOWN])
    return Answer(records.count(), _turn_lines(shown))


def _turn_lines(records: Sequence[TurnRecord]) -> list[ConversationLine]:
    live: dict[Any, QueueEntry] = {
        row.conversation_id: row
        for row in QueueEntry.objects.filter(pk__in={record.conversation_id for record in records})
    }
    names = dict(Operator.objects.filter(pk__in={record.operator_id for record in records}).values_list("pk", "name"))
    lines = []
    for record in records:
        row = live.get(record.conversation_id)
        responsible = record.operator_id
        lines.append(
            ConversationLine(
                conversation=record.conversation_id,
                organisation=record.organisation.slug,
                organisation_name=record.organisation.name,
                colour=record.organisation.colour,
                state=row.state if row else QueueEntry.State.CLOSED,
                operator=Named(responsible, names[responsible]) if responsible in names else None,
                opened_at=row.opened_at if row else None,
                waits_since=row.promise_opened_at if row else None,
                due_at=row.promise_due_at if row else None,
                turn=TurnLine(record.kind, record.outcome, record.opened_at, record.waited_seconds),
            )
        )
    return lines
