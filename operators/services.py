"""State changes of operators and the live queue."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, FloatField, Value, When
from django.db.models.functions import Least, Power

from operators.models import (
    Assignment,
    Clock,
    ConversationKind,
    DueWork,
    KindWeight,
    Operator,
    Posting,
    QueueEntry,
)
from operators.selectors import OperatorRef
from tenants.clock import PlatformNow, platform_now
from tenants.context import OrganisationRef
from tenants.models import User

RETRY_SECONDS = 1.0
MOST_DOUBLINGS = 20
ORDINARY_WEIGHT = 100
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
    kind: str = ConversationKind.QUESTION,
) -> None:
    """Puts a new or reopened conversation into the live queue, with the work of offering it. In a transaction.

    A reopened one keeps its kind and weight.
    """
    QueueEntry.objects.update_or_create(
        conversation_id=conversation_id,
        defaults={"state": QueueEntry.State.WAITING, "operator": None, "closed_at": None, "offered_at": None},
        create_defaults={
            "organisation_id": organisation.id,
            "schema_name": organisation.schema_name,
            "kind": kind,
            "weight": weight_of_kind(kind),
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


def plan_closing(organisation: OrganisationRef, conversation_id: UUID, due_at: datetime) -> None:
    """When the hours end for a waiting conversation. In the caller's transaction."""
    DueWork.objects.update_or_create(
        schema_name=organisation.schema_name,
        kind=DueWork.Kind.CLOSING,
        subject_id=conversation_id,
        defaults={"due_at": due_at, "attempts": 0},
    )


def recheck_closing(organisation_id: UUID) -> None:
    """The hours changed: the sweep looks at every waiting conversation of this organisation anew. Two queries."""
    waiting = QueueEntry.objects.filter(organisation_id=organisation_id, state=QueueEntry.State.WAITING)
    now = platform_now()
    DueWork.objects.bulk_create(
        [
            DueWork(schema_name=schema_name, kind=DueWork.Kind.CLOSING, subject_id=conversation_id, due_at=now)
            for conversation_id, schema_name in waiting.order_by("pk").values_list("pk", "schema_name")
        ],
        update_conflicts=True,
        unique_fields=["schema_name", "kind", "subject_id"],
        update_fields=["due_at"],
    )


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
    """Closes the queue entry: no deadline, no offer, no promise, no holder is left. In the caller's transaction."""
    QueueEntry.objects.filter(pk=conversation_id).update(
        state=QueueEntry.State.CLOSED,
        closed_at=at,
        promise_kind="",
        promise_opened_at=None,
        promise_warn_at=None,
        promise_due_at=None,
        pause_reason="",
    )
    DueWork.objects.filter(kind__in=DueWork.OF_WAITING, subject_id=conversation_id).delete()
    Clock.objects.filter(conversation_id=conversation_id).delete()
    Assignment.objects.filter(conversation_id=conversation_id, ended_at__isnull=True).update(
        end=Assignment.End.CLOSED, ended_at=at
    )


def note_topic(conversation_id: UUID, topic: str, kind: str) -> None:
    """Keeps the chosen topic where the inbox sees it, and what the topic makes of the conversation.

    The holder's load follows. It may then pass their capacity: nobody is sent away for having chosen a topic, but
    nothing more is offered to them until there is room again.
    """
    weight = weight_of_kind(kind)
    entry = QueueEntry.objects.filter(pk=conversation_id)
    entry.update(topic=topic)
    if entry.exclude(kind=ConversationKind.ESCALATED).update(kind=kind, weight=weight):
        _note_on_stretch(conversation_id, kind, weight)


def note_kind(conversation_id: UUID, kind: str) -> None:
    """Changes what the conversation asks of its operator: with a specialist, or back. The holder's load follows."""
    weight = weight_of_kind(kind)
    QueueEntry.objects.filter(pk=conversation_id).update(kind=kind, weight=weight)
    _note_on_stretch(conversation_id, kind, weight)


def _note_on_stretch(conversation_id: UUID, kind: str, weight: int) -> None:
    """A stretch in which a specialist was asked stays one, whatever follows in it."""
    was_escalated = When(kind=ConversationKind.ESCALATED, then=F("kind"))
    Assignment.objects.filter(conversation_id=conversation_id, ended_at__isnull=True).update(
        kind=Case(was_escalated, default=Value(kind)), weight=weight
    )


def weight_of_kind(kind: str) -> int:
    """In per cent of a place; 100 unless the platform says otherwise. One query."""
    found = KindWeight.objects.filter(pk=kind).values_list("weight", flat=True).first()
    return found if found is not None else ORDINARY_WEIGHT


def remove_closed_entries() -> int:
    """Removes queue entries that nobody can reopen any more. Returns how many."""
    return QueueEntry.objects.filter(state=QueueEntry.State.CLOSED, closed_at__lt=PlatformNow() - KEEP_CLOSED).delete()[
        0
    ]
