"""What an operator notes at the end is kept, can be put right for a while, and no visitor ever learns of it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from conversations.errors import EndingStands, NotAssigned
from conversations.models import Conversation
from conversations.services.closing import close_conversation
from conversations.services.endings import NOTHING_NOTED, Noted, correct_ending
from operators.selectors import OperatorRef
from tenants.clock import clock_moved
from tenants.context import in_organisation
from tenants.errors import Invalid, NotFound
from tests.cast import acme, globex, olga, omar
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    conversation_row,
    desk_entries_of,
    entries_of,
    everything_about,
    lay_conversation,
)

ANGRY_LEAD = Noted(lead=True, mood_start=-2, mood_end=1)


def closed(noted: Noted = NOTHING_NOTED) -> Conversation:
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation), answered(conversation, olga()))
    in_organisation(acme(), close_conversation, olga(), conversation.id, uuid4(), "information", noted)
    return conversation


def correct(
    conversation_id: UUID,
    noted: Noted = ANGRY_LEAD,
    *,
    operator: OperatorRef | None = None,
    purpose: str = "complaint",
    cid: UUID | None = None,
    of_anybody: bool = False,
) -> int:
    return in_organisation(
        acme(),
        correct_ending,
        operator or olga(),
        conversation_id,
        cid or uuid4(),
        purpose,
        noted,
        of_anybody=of_anybody,
    ).seq


def noted_of(conversation_id: UUID) -> tuple[str, bool | None, int | None, int | None]:
    row = conversation_row(acme(), conversation_id)
    return row.purpose, row.lead, row.mood_start, row.mood_end


def test_what_is_noted_at_closing_is_kept_and_told_to_staff_alone() -> None:
    conversation = closed(ANGRY_LEAD)

    assert noted_of(conversation.id) == ("information", True, -2, 1)
    purpose, ending = desk_entries_of(acme(), conversation.id)
    assert purpose.kind == "purpose.recorded"
    assert (ending.kind, ending.payload) == ("ending.recorded", {"lead": True, "mood_start": -2, "mood_end": 1})
    assert not any("mood" in str(entry.payload) for entry in entries_of(acme(), conversation.id))
    assert_consistent(acme(), conversation.id)


def test_nothing_needs_to_be_noted() -> None:
    conversation = closed()

    assert noted_of(conversation.id) == ("information", None, None, None)
    assert [entry.kind for entry in desk_entries_of(acme(), conversation.id)] == ["purpose.recorded"]


def test_a_correction_says_everything_anew() -> None:
    conversation = closed(ANGRY_LEAD)

    correct(conversation.id, Noted(lead=None, mood_start=0, mood_end=None))

    assert noted_of(conversation.id) == ("complaint", None, 0, None)
    kinds = [entry.kind for entry in desk_entries_of(acme(), conversation.id)]
    assert kinds == ["purpose.recorded", "ending.recorded", "ending.recorded", "purpose.recorded"]


def test_the_same_correction_twice_is_one() -> None:
    conversation, cid = closed(), uuid4()

    assert correct(conversation.id, cid=cid) == correct(conversation.id, cid=cid)

    assert [entry.kind for entry in desk_entries_of(acme(), conversation.id)].count("ending.recorded") == 1


def test_after_fifteen_minutes_it_stands() -> None:
    conversation = closed(ANGRY_LEAD)
    before = everything_about(acme(), conversation.id)

    with clock_moved(timedelta(minutes=15, seconds=5)), pytest.raises(EndingStands):
        correct(conversation.id)

    assert everything_about(acme(), conversation.id) == before


def test_a_colleague_corrects_nothing_and_a_supervisor_may() -> None:
    conversation = closed()

    with pytest.raises(NotAssigned):
        correct(conversation.id, operator=omar())
    assert noted_of(conversation.id) == ("information", None, None, None)

    correct(conversation.id, operator=omar(), of_anybody=True)
    assert noted_of(conversation.id) == ("complaint", True, -2, 1)


def test_an_open_conversation_another_purpose_and_another_organisation_are_refused() -> None:
    conversation = lay_conversation(acme(), operator=olga())

    with pytest.raises(Invalid):
        correct(conversation.id)
    with pytest.raises(Invalid):
        correct(closed().id, purpose="nonsense")
    with pytest.raises(NotFound):
        in_organisation(globex(), correct_ending, olga(), conversation.id, uuid4(), "other", ANGRY_LEAD)


def test_the_database_knows_five_moods() -> None:
    conversation = closed()

    def spoil(_organisation: object) -> None:
        with transaction.atomic():
            Conversation.objects.filter(pk=conversation.id).update(mood_end=3)

    with pytest.raises(IntegrityError, match="conversations_mood_end"):
        in_organisation(acme(), spoil)
