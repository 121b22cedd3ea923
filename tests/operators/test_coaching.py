"""A supervisor's words reach one operator, who reads and answers once; nobody else comes near them."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from operators.coaching import (
    answer_coaching,
    coached_operators,
    coaching_of,
    coaching_written,
    mark_coaching_read,
    unread_by_operator,
    write_coaching_note,
)
from operators.errors import AlreadyAnswered
from operators.models import CoachingNote
from operators.selectors import OperatorRef
from tenants.errors import Invalid, NotFound
from tenants.models import AuditRecord
from tests.cast import acme
from tests.conversations.scene import dismiss_operators, hire_operator

SAM = uuid4()


@pytest.fixture
def nora(platform_database: None) -> Iterator[OperatorRef]:
    CoachingNote.objects.all().delete()
    operator = hire_operator(acme(), name="Nora", is_present=False)
    yield operator
    CoachingNote.objects.all().delete()
    dismiss_operators([operator.id])


def written(nora: OperatorRef, body: str = " That was kind. ", conversation_id: UUID | None = None) -> UUID:
    return write_coaching_note(SAM, "Sam", nora.id, body, "acme" if conversation_id else "", conversation_id)


def test_a_note_is_for_one_operator_and_shows_whether_it_was_read(nora: OperatorRef) -> None:
    conversation_id = uuid4()
    note_id = written(nora, conversation_id=conversation_id)

    [line] = coaching_of(nora.id)
    assert (line.id, line.body, line.author_name, line.read_at) == (note_id, "That was kind.", "Sam", None)
    assert (line.organisation, line.conversation_id) == ("acme", conversation_id)
    assert coaching_of(uuid4()) == []
    assert unread_by_operator([nora.id, uuid4()]) == {nora.id: 1}

    mark_coaching_read(nora.id, note_id)
    [line] = coaching_written()
    first = line.read_at
    assert first is not None
    mark_coaching_read(nora.id, note_id)
    assert coaching_written()[0].read_at == first
    assert unread_by_operator([nora.id]) == {}


def test_it_is_answered_once_which_says_it_was_read(nora: OperatorRef) -> None:
    note_id = written(nora)

    answer_coaching(nora.id, note_id, " Thank you ")
    with pytest.raises(AlreadyAnswered):
        answer_coaching(nora.id, note_id, "And again")

    [line] = coaching_written()
    assert (line.answer, line.read_at) == ("Thank you", line.answered_at)
    audited = AuditRecord.objects.filter(subject_id=str(note_id)).order_by("at").values_list("action", flat=True)
    assert list(audited) == ["coaching.written", "coaching.answered"]


def test_nobody_reads_or_answers_for_another(nora: OperatorRef) -> None:
    note_id = written(nora)

    with pytest.raises(NotFound):
        mark_coaching_read(uuid4(), note_id)
    with pytest.raises(NotFound):
        answer_coaching(uuid4(), note_id, "x")
    with pytest.raises(NotFound):
        mark_coaching_read(nora.id, uuid4())

    note = CoachingNote.objects.get()
    assert (note.read_at, note.answer, note.answered_at) == (None, "", None)


@pytest.mark.parametrize("body", ["", "   ", "x" * 4001, "a\x00b"])
def test_words_that_are_none_are_refused(nora: OperatorRef, body: str) -> None:
    with pytest.raises(Invalid):
        written(nora, body)
    note_id = written(nora)
    with pytest.raises(Invalid):
        answer_coaching(nora.id, note_id, body)

    assert CoachingNote.objects.get().answer == ""


def test_only_somebody_who_answers_visitors_is_written_to(nora: OperatorRef) -> None:
    assert nora.id in {one.id for one in coached_operators()}

    with pytest.raises(NotFound):
        write_coaching_note(SAM, "Sam", uuid4(), "Well done")
    with pytest.raises(NotFound):
        write_coaching_note(SAM, "Sam", nora.id, "Well done", "no-such-client", uuid4())

    assert not CoachingNote.objects.exists()
