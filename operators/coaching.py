"""What supervisors write to an operator about their work. Public schema: staff's own words, and nobody else's.

The operator reads it, says so by opening it, and may answer once. Supervisors see whether it was read.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from operators.errors import AlreadyAnswered
from operators.models import CoachingNote, Operator
from tenants.clock import platform_now
from tenants.errors import Invalid, NotFound
from tenants.models import Organisation, StaffRole
from tenants.services import record_audit

MAX_CHARACTERS = 4000
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class CoachingLine:
    """``organisation`` (slug) and ``conversation_id`` say which conversation it is about, if any."""

    id: UUID
    operator_id: UUID
    operator_name: str
    author_name: str
    body: str
    organisation: str
    organisation_name: str
    conversation_id: UUID | None
    written_at: datetime
    read_at: datetime | None
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class CoachedOperator:
    id: UUID
    name: str


def coached_operators() -> list[CoachedOperator]:
    """To whom a supervisor can write: everybody who answers visitors, by name. One query."""
    operators = Operator.objects.filter(user__is_active=True, user__staff_roles__role=StaffRole.Role.OPERATOR)
    return [CoachedOperator(*row) for row in operators.order_by("name", "pk").values_list("pk", "name")]


def write_coaching_note(
    author_id: UUID,
    author_name: str,
    operator_id: UUID,
    body: str,
    organisation: str = "",
    conversation_id: UUID | None = None,
) -> UUID:
    """A supervisor's words to an operator, perhaps about a conversation of that organisation (slug); the note's id.

    In the caller's transaction. Raises NotFound (no such operator or organisation) or Invalid (no words).
    """
    words = body.strip()
    if not words or len(words) > MAX_CHARACTERS or "\x00" in words:
        raise Invalid()
    if not any(one.id == operator_id for one in coached_operators()):
        raise NotFound()
    client = Organisation.objects.filter(slug=organisation).first() if organisation else None
    if organisation and client is None:
        raise NotFound()
    note = CoachingNote.objects.create(
        operator_id=operator_id,
        author_id=author_id,
        author_name=author_name,
        body=words,
        organisation=client,
        conversation_id=conversation_id if client else None,
    )
    record_audit(client.pk if client else None, author_id, "coaching.written", str(note.id))
    return note.id


def coaching_of(operator_id: UUID) -> list[CoachingLine]:
    """What was written to this operator, the latest first. One query."""
    return [_line(note) for note in _notes().filter(operator=operator_id)[:MOST_SHOWN]]


def coaching_written() -> list[CoachingLine]:
    """All of it, for supervisors, the latest first. One query."""
    return [_line(note) for note in _notes()[:MOST_SHOWN]]


def _notes() -> QuerySet[CoachingNote]:
    return CoachingNote.objects.select_related("operator", "organisation").order_by("-written_at", "-id")


def _line(note: CoachingNote) -> CoachingLine:
    return CoachingLine(
        id=note.id,
        operator_id=note.operator_id,
        operator_name=note.operator.name,
        author_name=note.author_name,
        body=note.body,
        organisation=note.organisation.slug if note.organisation else "",
        organisation_name=note.organisation.name if note.organisation else "",
        conversation_id=note.conversation_id,
        written_at=note.written_at,
        read_at=note.read_at,
        answer=note.answer,
        answered_at=note.answered_at,
    )


def mark_coaching_read(operator_id: UUID, note_id: UUID) -> None:
    """The operator has read it; the first time counts. Locks the note. Raises NotFound for what was not written to
    them."""
    with transaction.atomic():
        note = _own(operator_id, note_id)
        if note.read_at is None:
            note.read_at = platform_now()
            note.save(update_fields=["read_at"])
            record_audit(None, operator_id, "coaching.read", str(note_id))


def answer_coaching(operator_id: UUID, note_id: UUID, answer: str) -> None:
    """The operator's one answer, which says that it was read as well. Locks the note. Raises NotFound, Invalid (no
    words) or AlreadyAnswered."""
    words = answer.strip()
    if not words or len(words) > MAX_CHARACTERS or "\x00" in words:
        raise Invalid()
    with transaction.atomic():
        note = _own(operator_id, note_id)
        if note.answered_at is not None:
            raise AlreadyAnswered()
        note.answer, note.answered_at = words, platform_now()
        note.read_at = note.read_at or note.answered_at
        note.save(update_fields=["answer", "answered_at", "read_at"])
        record_audit(None, operator_id, "coaching.answered", str(note_id))


def _own(operator_id: UUID, note_id: UUID) -> CoachingNote:
    note = CoachingNote.objects.select_for_update().filter(pk=note_id, operator=operator_id).first()
    if note is None:
        raise NotFound()
    return note


_UNREAD = """
SELECT operator_id, count(*)::int FROM (
    SELECT operator_id FROM public.operators_coachingnote WHERE read_at IS NULL AND operator_id = ANY(%(operators)s)
    UNION ALL
    SELECT operator_id FROM public.operators_reviewstanding
    WHERE done_at IS NOT NULL AND seen_at IS NULL AND operator_id = ANY(%(operators)s)
) unread GROUP BY operator_id
"""


def unread_by_operator(operator_ids: list[UUID]) -> dict[UUID, int]:
    """Operator → notes and reviews of theirs that they have not read; who has read everything is left out. One
    query."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD, {"operators": operator_ids})
        return dict(cursor.fetchall())
