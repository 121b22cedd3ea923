"""Conversations to test with: begun as a visitor begins them, or laid where only the journal is looked at."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
from django.conf import settings
from django.db import connection, transaction

from conversations.frames import Page
from conversations.journal import Appended, NewEntry, append_now
from conversations.models import Conversation, DeskEntry, Entry, Promise, Visitor
from conversations.services.starting import Received, VisitorMessage, receive_message
from operators.assigning import hold_conversation
from operators.models import Clock, DueWork, Posting, Presence, QueueEntry, TurnRecord
from operators.presence import record_beats
from operators.selectors import OperatorRef
from operators.services import enqueue_conversation, register_operator
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.identifiers import uuid7
from tenants.models import StaffRole
from tenants.selectors import website_by_key
from tenants.services import create_account
from tests.cast import VisitorHere

T = TypeVar("T")

WEBSITES = {"acme": "acme-shop", "globex": "globex-bank"}
PAGE = Page(url="https://acme-shop.example/tents", title="Tents", referrer="https://search.example/")
AHEAD = timedelta(hours=1)
# Only reached when something hangs: the machine may be busy with other tests.
BEGIN_SECONDS, WORK_SECONDS = 60.0, 120.0


def coming_noon() -> timedelta:
    """How far ahead the next noon in Amsterdam is that is over an hour away: both organisations are open then, and what
    is due then is not yet due for sweeps and workers that other tests left running."""
    now = datetime.now(ZoneInfo("Europe/Amsterdam"))
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    while noon - now < AHEAD:
        noon += timedelta(days=1)
    return noon - now


def in_threads(works: Sequence[Callable[[], T]], *, moved: timedelta = timedelta(), at_once: int = 6) -> list[T]:
    """The answers of all works, begun together on connections of their own whose clocks are moved alike."""
    started = threading.Barrier(min(at_once, len(works)))

    def run(work: Callable[[], T], waits: bool) -> T:
        try:
            with clock_moved(moved):
                if waits:
                    started.wait(BEGIN_SECONDS)
                    waits = False
                return work()
        except BaseException:
            if waits:
                started.abort()  # the others need not wait for one that never comes
            raise
        finally:
            connection.close()

    with ThreadPoolExecutor(at_once) as pool:
        waiting = [pool.submit(run, work, position < at_once) for position, work in enumerate(works)]
        errors = [one.exception(WORK_SECONDS) for one in waiting]
    # Of several the cause, instead of those who waited for it.
    for error in sorted(filter(None, errors), key=lambda one: isinstance(one, threading.BrokenBarrierError)):
        raise error
    return [one.result() for one in waiting]


def separate_connection() -> psycopg.Connection[tuple[object, ...]]:
    """A connection that is nobody else's, to hold a lock with."""
    database = settings.DATABASES["default"]
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    known = {names[key]: str(database[key]) for key in names if database.get(key)}
    return psycopg.connect(psycopg.conninfo.make_conninfo(**known))


def lock_row(holder: psycopg.Connection[tuple[object, ...]], organisation: OrganisationRef, id_: UUID) -> None:
    """Holds the conversation's row until the connection's transaction ends."""
    table = psycopg.sql.Identifier(organisation.schema_name, "conversations_conversation")
    holder.execute(psycopg.sql.SQL("SELECT 1 FROM {} WHERE id = %s FOR UPDATE").format(table), [id_])


def hire_operator(
    *organisations: OrganisationRef,
    name: str = "Olga",
    capacity: int = 4,
    languages: Sequence[str] = ("en",),
    is_present: bool = True,
) -> OperatorRef:
    """A new operator, posted to these organisations and heard of just now, by this thread's clock."""
    user = create_account(f"{name.lower()}-{uuid4()}@desk.example", name, None, staff_roles=[StaffRole.Role.OPERATOR])
    operator = register_operator(user, name=name, languages=languages, capacity=capacity, organisations=organisations)
    if is_present:
        record_beats([operator.id])
    return operator


def dismiss_operators(operator_ids: Sequence[UUID]) -> None:
    """They get nothing of what other tests offer."""
    Presence.objects.filter(pk__in=operator_ids).delete()
    Posting.objects.filter(operator_id__in=operator_ids).delete()


def empty_queue() -> None:
    """What earlier tests left takes no places of this test's operators, and none before its visitors.

    A sweep or a worker that they started may still run; of what is deleted here it finds nothing to do.
    """
    Clock.objects.all().delete()
    DueWork.objects.all().delete()
    QueueEntry.objects.all().delete()


def lay_conversation(
    organisation: OrganisationRef,
    *,
    operator: OperatorRef | None = None,
    visitor_id: UUID | None = None,
    last_entry_at: datetime | None = None,
) -> Conversation:
    """An open conversation without entries, waiting or held by the operator; its offer is due in an hour only."""

    def lay(_organisation: OrganisationRef) -> Conversation:
        now = platform_now()
        visitor = Visitor.objects.get(pk=visitor_id) if visitor_id else Visitor.objects.create()
        with transaction.atomic():
            conversation = Conversation.objects.create(
                visitor=visitor,
                website_id=uuid4(),
                website_key=WEBSITES[organisation.slug],
                language="en",
                state=Conversation.State.ASSIGNED if operator else Conversation.State.WAITING,
                operator_id=operator.id if operator else None,
                operator_name=operator.name if operator else "",
                opened_at=now,
                last_entry_at=last_entry_at or now,
            )
            enqueue_conversation(
                organisation,
                conversation.id,
                language="en",
                topic="",
                website_key=conversation.website_key,
                last_seq=0,
                last_desk_seq=0,
                at=now + AHEAD,
            )
            if operator:
                hold_conversation(conversation.id, operator.id)
        return conversation

    return in_organisation(organisation, lay)


def asked(conversation: Conversation, body: str = "Is it waterproof?", cid: UUID | None = None) -> NewEntry:
    """A message of the conversation's visitor."""
    return NewEntry(
        conversation_id=conversation.id,
        kind="message.sent",
        sender_kind="visitor",
        sender_id=conversation.visitor_id,
        cid=cid or uuid4(),
        body=body,
    )


def answered(
    conversation: Conversation, operator: OperatorRef, body: str = "It is: 4,000 mm.", cid: UUID | None = None
) -> NewEntry:
    """A message of an operator."""
    return NewEntry(
        conversation_id=conversation.id,
        kind="message.sent",
        sender_kind="operator",
        sender_id=operator.id,
        sender_name=operator.name,
        cid=cid or uuid4(),
        body=body,
    )


def said_by_itself(conversation: Conversation) -> NewEntry:
    """An automatic message."""
    return NewEntry(
        conversation_id=conversation.id,
        kind="message.sent",
        sender_kind="automatic",
        sender_name="Acme Outdoor",
        cid=uuid4(),
        body="Yes, we are open now.",
    )


def append(organisation: OrganisationRef, *entries: NewEntry) -> list[Appended]:
    """Through the sync door, committed."""

    def write(_organisation: OrganisationRef) -> list[Appended]:
        with transaction.atomic():
            return append_now(organisation.schema_name, entries)

    return in_organisation(organisation, write)


def receive(
    visitor: VisitorHere,
    body: str = "Is it waterproof?",
    *,
    cid: UUID | None = None,
    language: str = "en",
    topic: str | None = None,
) -> Received:
    """The visitor's message, as the widget's doors hand it on when it does not simply go into an open conversation."""
    website = website_by_key(visitor.organisation, WEBSITES[visitor.organisation.slug])
    return in_organisation(
        visitor.organisation,
        receive_message,
        VisitorMessage(
            token=visitor.token,
            website=website,
            page=PAGE,
            language=language,
            new_conversation_id=uuid7(),
            cid=cid or uuid4(),
            body=body,
            topic=topic,
        ),
    )


def conversation_row(organisation: OrganisationRef, conversation_id: UUID) -> Conversation:
    return in_organisation(organisation, lambda _: Conversation.objects.get(pk=conversation_id))


def entries_of(organisation: OrganisationRef, conversation_id: UUID) -> list[Entry]:
    """In the order of ``seq``."""
    return in_organisation(organisation, lambda _: list(Entry.objects.filter(conversation_id=conversation_id)))


def kinds_of(organisation: OrganisationRef, conversation_id: UUID) -> list[tuple[str, str]]:
    """(kind, sender's kind) in the order of ``seq``."""
    return [(entry.kind, entry.sender_kind) for entry in entries_of(organisation, conversation_id)]


def desk_entries_of(organisation: OrganisationRef, conversation_id: UUID) -> list[DeskEntry]:
    """In the order of ``desk_seq``."""
    return in_organisation(organisation, lambda _: list(DeskEntry.objects.filter(conversation_id=conversation_id)))


def promises_of(organisation: OrganisationRef, conversation_id: UUID) -> list[Promise]:
    """In the order in which they were opened."""
    return in_organisation(organisation, lambda _: list(Promise.objects.filter(conversation_id=conversation_id)))


def queue_entry(conversation_id: UUID) -> QueueEntry:
    return QueueEntry.objects.get(pk=conversation_id)


def clocks_of(conversation_id: UUID) -> list[Clock]:
    return list(Clock.objects.filter(conversation_id=conversation_id))


def due_work_of(conversation_id: UUID) -> list[DueWork]:
    return list(DueWork.objects.filter(subject_id=conversation_id))


def everything_about(organisation: OrganisationRef, conversation_id: UUID) -> dict[str, list[Any]]:
    """Every row that belongs to the conversation: equal before and after a refusal."""

    def read(_organisation: OrganisationRef) -> dict[str, list[Any]]:
        return {
            "conversation": list(Conversation.objects.filter(pk=conversation_id).values()),
            "entries": list(Entry.objects.filter(conversation_id=conversation_id).values()),
            "desk_entries": list(DeskEntry.objects.filter(conversation_id=conversation_id).values()),
            "promises": list(Promise.objects.filter(conversation_id=conversation_id).values()),
            "queue": list(QueueEntry.objects.filter(pk=conversation_id).values()),
            "clocks": list(Clock.objects.filter(conversation_id=conversation_id).values()),
            "due_work": list(DueWork.objects.filter(subject_id=conversation_id).values()),
        }

    return in_organisation(organisation, read)


def assert_consistent(organisation: OrganisationRef, conversation_id: UUID) -> None:
    """What must hold of a conversation's rows in both schemas after whatever happened to it."""
    conversation = conversation_row(organisation, conversation_id)
    entries = entries_of(organisation, conversation_id)
    open_promises = [one for one in promises_of(organisation, conversation_id) if one.settled_at is None]
    row = queue_entry(conversation_id)

    assert [entry.seq for entry in entries] == list(range(1, conversation.last_seq + 1))
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert [one.desk_seq for one in desk_entries_of(organisation, conversation_id)] == list(
        range(1, conversation.last_desk_seq + 1)
    )
    assert (row.last_seq, row.last_desk_seq) == (conversation.last_seq, conversation.last_desk_seq)
    assert row.state == conversation.state
    assert len(open_promises) <= 1
    assert conversation.open_promise_id == (open_promises[0].id if open_promises else None)
    running = [one for one in open_promises if one.paused_from is None]
    shown = (row.promise_kind, row.promise_opened_at, row.promise_warn_at, row.promise_due_at)
    assert shown == next(
        ((one.kind, one.opened_at, one.warn_at, one.due_at) for one in running), ("", None, None, None)
    )
    paused = [one for one in open_promises if one.paused_from is not None]
    assert row.pause_reason == (paused[0].pause_reason if paused else conversation.pause_reason)
    # A first turn's clock outlives the breach: a silent holder is asked about until somebody answers.
    ticking = [
        one.id
        for one in open_promises
        if (one.kind == "first" or one.outcome != Promise.Outcome.BROKEN)
        and (one.paused_from is None or one.resumes_at is not None)
    ]
    clocks = clocks_of(conversation_id)
    assert [clock.id for clock in clocks] == ticking
    for clock in clocks:
        steps = [at for at in (clock.warn_at, clock.reoffer_at, clock.due_at) if at is not None]
        assert clock.next_at == (min(steps) if running else paused[0].resumes_at)
    recorded = {one.id: one for one in TurnRecord.objects.filter(conversation_id=conversation_id)}
    assert {
        key: (one.kind, one.outcome, one.operator_id, one.opened_at, one.settled_at, one.waited_seconds)
        for key, one in recorded.items()
    } == {
        one.id: (one.kind, one.outcome, one.responsible_id, one.opened_at, one.settled_at, one.waited_seconds)
        for one in promises_of(organisation, conversation_id)
        if one.outcome
    }
