"""State changes of operators and the live queue."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, FloatField, Value
from django.db.models.functions import Least, Power

from operators.errors import AtCapacity
from operators.models import Clock, DueWork, Operator, Posting, QueueEntry
from operators.selectors import Candidate, OperatorRef, candidates_for, load_of
from tenants.clock import PlatformNow
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.models import User

RETRY_SECONDS = 1.0
MOST_DOUBLINGS = 20
KEEP_CLOSED = timedelta(minutes=20)


def register_operator(
    user: User, *, name: str, languages: Sequence[str], capacity: int, organisations: Sequence[OrganisationRef]
) -> OperatorRef:
    """Makes the account an operator, posted to these organisations at least. The same call again changes nothing."""
    with transaction.atomic():
        operator, _ = Operator.objects.get_or_create(
            user=user, defaults={"name": name, "languages": list(languages), "capacity": capacity}
        )
        for organisation in organisations:
            Posting.objects.get_or_create(operator=operator, organisation_id=organisation.id)
    return OperatorRef(operator.pk, operator.name, operator.capacity, tuple(operator.languages))


def enqueue_conversation(
    organisation: OrganisationRef,
    conversation_id: UUID,
    *,
    language: str,
    topic: str,
    website_key: str,
    last_seq: int,
    last_desk_seq: int,
    at: datetime,
) -> None:
    """Puts a new or reopened conversation into the live queue, with the work of offering it. In a transaction."""
    QueueEntry.objects.update_or_create(
        conversation_id=conversation_id,
        defaults={"state": QueueEntry.State.WAITING, "operator": None, "closed_at": None, "offered_at": None},
        create_defaults={
            "organisation_id": organisation.id,
            "schema_name": organisation.schema_name,
            "language": language,
            "topic": topic,
            "website_key": website_key,
            "opened_at": at,
            "last_seq": last_seq,
            "last_desk_seq": last_desk_seq,
        },
    )
    DueWork.objects.update_or_create(
        schema_name=organisation.schema_name,
        kind=DueWork.Kind.OFFER,
        subject_id=conversation_id,
        defaults={"due_at": at, "attempts": 0},
    )


@contextmanager
def operator_with_room(operator_id: UUID) -> Iterator[OperatorRef]:
    """Locks the operator's row, counts its load under that lock, and keeps both to the end of the transaction.

    Raises AtCapacity or NotFound; the lock is then released, so that nobody ever holds two operators.
    """
    with transaction.atomic():
        operator = Operator.objects.select_for_update().filter(pk=operator_id).first()
        if operator is None:
            raise NotFound()
        if load_of(operator_id) >= operator.capacity:
            raise AtCapacity()
        yield OperatorRef(operator.pk, operator.name, operator.capacity, tuple(operator.languages))


def pick_operator(organisation: OrganisationRef, conversation_id: UUID, language: str) -> tuple[Candidate, int] | None:
    """Takes the best operator who still has room, and marks the queue entry as theirs: (who, among how many).

    In the caller's transaction, which holds the conversation. Locks one operator. None when nobody is free.
    """
    candidates = candidates_for(organisation, language)
    for candidate in candidates:
        try:
            with operator_with_room(candidate.operator.id):
                hold_conversation(conversation_id, candidate.operator.id)
        except (AtCapacity, NotFound):
            continue
        return candidate, len(candidates)
    return None


def hold_conversation(conversation_id: UUID, operator_id: UUID) -> None:
    """Marks the queue entry as this operator's and drops the work of offering it. Inside ``operator_with_room``."""
    now = PlatformNow()
    QueueEntry.objects.filter(pk=conversation_id).update(
        state=QueueEntry.State.ASSIGNED, operator_id=operator_id, offered_at=now
    )
    Operator.objects.filter(pk=operator_id).update(last_offered_at=now)
    DueWork.objects.filter(kind=DueWork.Kind.OFFER, subject_id=conversation_id).delete()


def postpone_offer(conversation_id: UUID) -> None:
    """An offer that was due came to nothing: the sweep tries again in a second, after what has waited longer."""
    due = DueWork.objects.filter(kind=DueWork.Kind.OFFER, subject_id=conversation_id, due_at__lte=PlatformNow())
    due.update(due_at=PlatformNow() + timedelta(seconds=RETRY_SECONDS), attempts=F("attempts") + 1)


def postpone_work(schema_name: str, kind: str, subject_id: UUID, longest_seconds: float) -> None:
    """Work that was due came to nothing: tried again after 1 s, 2 s, 4 s …, at the latest after ``longest_seconds``.

    Work that postponed itself meanwhile is left alone.
    """
    due = DueWork.objects.filter(schema_name=schema_name, kind=kind, subject_id=subject_id, due_at__lte=PlatformNow())
    doubled = Power(Value(2.0), Least(F("attempts"), Value(MOST_DOUBLINGS)))
    seconds = Least(doubled * RETRY_SECONDS, Value(longest_seconds), output_field=FloatField())
    due.update(due_at=PlatformNow() + Value(timedelta(seconds=1)) * seconds, attempts=F("attempts") + 1)


def end_conversation(conversation_id: UUID, at: datetime) -> None:
    """Closes the queue entry: no deadline, no offer, no promise is left. In the caller's transaction."""
    QueueEntry.objects.filter(pk=conversation_id).update(
        state=QueueEntry.State.CLOSED,
        closed_at=at,
        promise_kind="",
        promise_opened_at=None,
        promise_warn_at=None,
        promise_due_at=None,
    )
    DueWork.objects.filter(kind=DueWork.Kind.OFFER, subject_id=conversation_id).delete()
    Clock.objects.filter(conversation_id=conversation_id).delete()


def note_topic(conversation_id: UUID, topic: str) -> None:
    """Keeps the chosen topic where the inbox sees it."""
    QueueEntry.objects.filter(pk=conversation_id).update(topic=topic)


def remove_closed_entries() -> int:
    """Removes queue entries that nobody can reopen any more. Returns how many."""
    return QueueEntry.objects.filter(state=QueueEntry.State.CLOSED, closed_at__lt=PlatformNow() - KEEP_CLOSED).delete()[
        0
    ]
