"""Named reads of operators and the live queue. They return plain data."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from operators.models import Assignment, ClientCard, Operator, Posting, QueueEntry
from tenants.context import OrganisationRef
from tenants.models import Organisation
from tenants.selectors import organisation_ref

PRESENT_SECONDS = 45


@dataclass(frozen=True, slots=True)
class OperatorRef:
    id: UUID
    name: str
    capacity: int
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One operator's time with a conversation. ``end`` is empty, and ``ended_at`` None, while it lasts."""

    operator_id: UUID
    operator_name: str
    end: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue entry as plain data, with its organisation's short name."""

    conversation_id: UUID
    organisation_slug: str
    schema_name: str
    state: str
    operator_id: UUID | None
    language: str
    topic: str
    website_key: str
    last_seq: int
    last_desk_seq: int
    opened_at: datetime
    promise_kind: str
    promise_opened_at: datetime | None
    promise_warn_at: datetime | None
    promise_due_at: datetime | None
    pause_reason: str


def operators_by_id(operator_ids: Collection[UUID]) -> dict[UUID, OperatorRef]:
    """Those that exist. One query."""
    return {
        operator.pk: OperatorRef(operator.pk, operator.name, operator.capacity, tuple(operator.languages))
        for operator in Operator.objects.filter(pk__in=operator_ids)
    }


def organisations_served_by(operator_ids: Collection[UUID]) -> dict[UUID, list[OrganisationRef]]:
    """Operator → the active organisations they answer for, by name. One query."""
    postings = (
        Posting.objects.filter(operator_id__in=operator_ids, organisation__state=Organisation.State.ACTIVE)
        .select_related("organisation")
        .order_by("organisation__name")
    )
    served: dict[UUID, list[OrganisationRef]] = {}
    for posting in postings:
        served.setdefault(posting.operator_id, []).append(organisation_ref(posting.organisation))
    return served


def trained_postings() -> QuerySet[Posting]:
    """Postings whose operator has confirmed the organisation's newest client card, or that have none to confirm."""
    newest = ClientCard.objects.filter(organisation=OuterRef("organisation")).order_by("-version").values("version")[:1]
    return Posting.objects.annotate(newest_card=Subquery(newest)).filter(
        Q(newest_card__isnull=True) | Q(confirmed_version=F("newest_card"))
    )


def is_trained(operator_id: UUID, organisation: OrganisationRef) -> bool:
    """May this operator answer for the organisation now? One query."""
    return trained_postings().filter(operator_id=operator_id, organisation_id=organisation.id).exists()


def load_of(operator_id: UUID) -> int:
    """Conversations the operator holds now, over all organisations. One query."""
    return QueueEntry.objects.filter(operator_id=operator_id, state=QueueEntry.State.ASSIGNED).count()


def weight_held_by(operator_id: UUID) -> int:
    """What the operator holds now, in per cent of a place, over all organisations. One query."""
    held = QueueEntry.objects.filter(operator_id=operator_id, state=QueueEntry.State.ASSIGNED)
    return held.aggregate(weight=Coalesce(Sum("weight"), 0))["weight"]


def weight_of_conversation(conversation_id: UUID) -> int:
    """In per cent of a place. One query."""
    return QueueEntry.objects.values_list("weight", flat=True).get(pk=conversation_id)


def stretches_of(conversation_id: UUID) -> list[Stretch]:
    """Who held the conversation, newest first. One query."""
    rows = Assignment.objects.filter(conversation_id=conversation_id).order_by("-started_at")
    return [Stretch(*row) for row in rows.values_list("operator_id", "operator__name", "end", "ended_at")]


_ROW_FIELDS = [
    "conversation_id",
    "organisation__slug",
    "schema_name",
    "state",
    "operator_id",
    "language",
    "topic",
    "website_key",
    "last_seq",
    "last_desk_seq",
    "opened_at",
    "promise_kind",
    "promise_opened_at",
    "promise_warn_at",
    "promise_due_at",
    "pause_reason",
]


def inbox_of(
    operator_id: UUID, organisation_ids: Collection[UUID], *, anywhere: bool = False, watched: Collection[UUID] = ()
) -> list[QueueRow]:
    """Waiting conversations of these organisations, the operator's own in them (or ``anywhere``), and open ones that
    are ``watched``; most urgent first. One query."""
    own = Q(state=QueueEntry.State.ASSIGNED, operator_id=operator_id)
    rows = (
        QueueEntry.objects.filter(
            Q(state=QueueEntry.State.WAITING, organisation_id__in=organisation_ids)
            | (own if anywhere else own & Q(organisation_id__in=organisation_ids))
            | Q(pk__in=watched)
        )
        .exclude(state=QueueEntry.State.CLOSED)
        .order_by(Coalesce("promise_due_at", "opened_at"))
        .values_list(*_ROW_FIELDS)
    )
    return [QueueRow(*row) for row in rows]


def inbox_tops(
    operator_organisations: Mapping[UUID, Collection[UUID]], anywhere: Collection[UUID] = ()
) -> dict[UUID, dict[UUID, tuple[int, int]]]:
    """Operator → conversation → (``seq``, ``desk_seq``), for the inboxes of many operators at once; of those in
    ``anywhere`` also what they hold in other organisations. One query."""
    organisation_ids = {one for served in operator_organisations.values() for one in served}
    rows = QueueEntry.objects.filter(
        Q(state=QueueEntry.State.WAITING, organisation_id__in=organisation_ids)
        | Q(state=QueueEntry.State.ASSIGNED, operator_id__in=operator_organisations.keys())
    )
    columns = ("conversation_id", "organisation_id", "operator_id", "last_seq", "last_desk_seq")
    tops: dict[UUID, dict[UUID, tuple[int, int]]] = {operator_id: {} for operator_id in operator_organisations}
    for conversation_id, organisation_id, operator_id, seq, desk_seq in rows.values_list(*columns):
        for reader in [operator_id] if operator_id else operator_organisations:
            if organisation_id in operator_organisations[reader] or (operator_id and reader in anywhere):
                tops[reader][conversation_id] = (seq, desk_seq)
    return tops


def queue_row(conversation_id: UUID) -> QueueRow | None:
    """The live row of one conversation, if it still has one. One query."""
    row = QueueEntry.objects.filter(pk=conversation_id).values_list(*_ROW_FIELDS).first()
    return QueueRow(*row) if row else None


def tops_of(conversation_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Conversation → last ``seq``, for those that still have a live row. One query over all organisations."""
    return dict(QueueEntry.objects.filter(pk__in=list(conversation_ids)).values_list("pk", "last_seq"))


def desk_tops_of(conversation_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Conversation → (``seq``, ``desk_seq``), for those that are open. One query, none for none."""
    if not conversation_ids:
        return {}
    rows = QueueEntry.objects.filter(pk__in=conversation_ids).exclude(state=QueueEntry.State.CLOSED)
    return {pk: (seq, desk_seq) for pk, seq, desk_seq in rows.values_list("pk", "last_seq", "last_desk_seq")}


_DUE_WORK = """
WITH moment AS MATERIALIZED (
    SELECT public.platform_now() AS now
), with_room AS MATERIALIZED (
    SELECT DISTINCT organisation.schema_name
    FROM public.operators_presence present
    CROSS JOIN moment
    JOIN public.operators_operator o ON o.user_id = present.operator_id
    JOIN public.operators_posting p ON p.operator_id = o.user_id
    JOIN public.tenants_organisation organisation ON organisation.id = p.organisation_id
    CROSS JOIN LATERAL (
        SELECT max(version) AS version FROM public.operators_clientcard c WHERE c.organisation_id = p.organisation_id
    ) AS card
    WHERE present.state = 'available' AND present.seen_at > moment.now - make_interval(secs => %(present_seconds)s)
      AND (card.version IS NULL OR p.confirmed_version = card.version)
      AND o.capacity * 100 > (
          SELECT coalesce(sum(q.weight), 0) FROM public.operators_queueentry q
          WHERE q.operator_id = o.user_id AND q.state = 'assigned')
)
SELECT w.kind, w.schema_name, w.subject_id
FROM public.operators_duework w
CROSS JOIN moment
LEFT JOIN public.operators_queueentry subject ON subject.conversation_id = w.subject_id
WHERE w.kind = ANY (%(kinds)s) AND w.due_at <= moment.now
  AND (w.kind <> 'offer' OR w.schema_name IN (SELECT schema_name FROM with_room))
ORDER BY coalesce(subject.promise_due_at, subject.opened_at, w.due_at)
LIMIT %(limit)s
"""


def due_work(kinds: Collection[str], limit: int) -> list[tuple[str, str, UUID]]:
    """(kind, schema, subject) of work that is due: longest due first, and what is about a conversation by when its
    promise is due, so that whoever gets room gets what is most urgent. One query.

    Offers only of organisations for which somebody might have room: while everybody is busy the rest cost nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE_WORK, {"kinds": list(kinds), "present_seconds": PRESENT_SECONDS, "limit": limit})
        return cursor.fetchall()


def waiting_for(operator_id: UUID, limit: int = 5) -> list[tuple[str, UUID]]:
    """(schema, conversation) of what this operator could be offered, whose promise is due first in front. One query."""
    return list(
        QueueEntry.objects.filter(
            state=QueueEntry.State.WAITING,
            organisation__in=trained_postings().filter(operator_id=operator_id).values("organisation"),
        )
        .order_by(Coalesce("promise_due_at", "opened_at"))
        .values_list("schema_name", "conversation_id")[:limit]
    )
