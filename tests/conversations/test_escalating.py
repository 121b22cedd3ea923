"""A question goes to one specialist after the other, to the desk, or becomes a contact request. Each step once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from conversations.errors import AlreadyEscalated, NoSpecialist, NotAssigned
from conversations.models import (
    Conversation,
    Specialist,
)
from conversations.services import escalating
from conversations.services.closing import close_conversation, leave_conversation
from operators.models import Clock
from operators.selectors import OperatorRef
from tenants.clock import clock_moved, platform_now
from tenants.context import in_organisation
from tenants.errors import Invalid, NotFound
from tenants.models import AuditRecord
from tests.cast import globex
from tests.conversations.escalation_scene import (
    Held,
    escalate,
    held_question,
    mails,
    moves,
    opened,
    requests_of,
    steps_of,
    strike,
    visible,
)
from tests.conversations.scene import (
    append,
    asked,
    conversation_row,
    desk_entries_of,
    entries_of,
    everything_about,
    in_threads,
    promises_of,
    queue_entry,
)

Hire = Callable[..., OperatorRef]
ACCEPT = timedelta(minutes=15)
ANSWER = timedelta(minutes=240)


@pytest.fixture
def held(hire: Hire, specialists: list[Specialist]) -> Held:
    """A question of a visitor, at an operator."""
    return held_question(hire(globex()))


def test_the_holder_asks_and_the_visitor_is_told_whom_and_by_when(held: Held) -> None:
    conversation, operator = held
    before = platform_now()

    escalate(held)

    [step] = steps_of(conversation)
    asked_fact = entries_of(globex(), conversation.id)[-1]
    assert (asked_fact.kind, asked_fact.payload["specialist"]) == ("specialist.asked", "Greta")
    assert asked_fact.payload["by"] == step.accept_by.isoformat()
    assert before + ACCEPT <= step.accept_by <= platform_now() + ACCEPT
    assert conversation_row(globex(), conversation.id).pause_reason == "escalated"
    assert queue_entry(conversation.id).kind == "escalated"
    [clock] = Clock.objects.filter(pk=step.id)
    assert (clock.kind, clock.due_at, clock.next_at) == ("escalation", step.accept_by, clock.warn_at)
    assert clock.warn_at is not None
    assert abs((clock.warn_at - step.asked_at).total_seconds() - 540) < 1
    [mail] = [one for one in mails() if one.subject_id == step.id]
    assert (mail.kind, mail.recipient, mail.state) == ("specialist_asked", "greta@globex.example", "waiting")
    assert moves(conversation) == [("asked", "Greta")]
    audited = AuditRecord.objects.filter(action="escalation.asked", subject_id=str(step.id))
    assert [one.actor_id for one in audited] == [operator.id]


def test_asking_again_with_the_same_cid_changes_nothing(held: Held) -> None:
    cid = uuid4()
    first = escalate(held, cid)
    before = everything_about(globex(), held[0].id)

    again = escalate(held, cid)

    assert (again.id, again.at, again.mail_id) == (first.id, first.at, None)
    assert everything_about(globex(), held[0].id) == before
    with pytest.raises(AlreadyEscalated):
        escalate(held)
    assert everything_about(globex(), held[0].id) == before


def test_only_the_holder_may_and_only_specialists_there_are(hire: Hire, held: Held) -> None:
    conversation, _ = held
    before = everything_about(globex(), conversation.id)

    with pytest.raises(NotAssigned):
        escalate((conversation, hire(globex())))
    with pytest.raises(NotFound):
        escalate(held, specialist_id=uuid4())
    in_organisation(globex(), lambda _: Specialist.objects.update(is_active=False))
    with pytest.raises(NoSpecialist):
        escalate(held)

    assert everything_about(globex(), conversation.id) == before
    assert steps_of(conversation) == []


def test_a_topic_chooses_who_is_asked(held: Held) -> None:
    escalate(held, topic="transfer")

    assert [step.specialist_name for step in steps_of(held[0])] == ["Gus"]


def test_accepting_tells_the_visitor_by_when_and_happens_once(held: Held) -> None:
    conversation, _ = held
    escalate(held)
    guest = opened(steps_of(conversation)[0])

    in_organisation(globex(), escalating.accept_question, guest)
    in_organisation(globex(), escalating.accept_question, guest)

    [step] = steps_of(conversation)
    assert visible(conversation).count("specialist.accepted") == 1
    assert step.accepted_at is not None
    assert step.answer_by == step.accepted_at + ANSWER
    assert (step.escalation.state, moves(conversation)[-1]) == ("accepted", ("accepted", "Greta"))
    assert Clock.objects.get(pk=step.id).due_at == step.answer_by


def test_an_answer_stands_in_the_thread_once_and_finishing_gives_the_conversation_back(
    held: Held,
) -> None:
    conversation, operator = held
    escalate(held)
    guest = opened(steps_of(conversation)[0])
    with pytest.raises(Invalid):
        in_organisation(globex(), escalating.finish_question, guest)
    cid = uuid4()

    first = in_organisation(globex(), escalating.answer_question, guest, cid, "From 12 on, with your signature.")
    again = in_organisation(globex(), escalating.answer_question, guest, cid, "From 12 on, with your signature.")
    in_organisation(globex(), escalating.finish_question, guest)

    said = [one for one in entries_of(globex(), conversation.id) if one.sender_kind == "specialist"]
    assert [(one.kind, one.sender_name) for one in said] == [
        ("specialist.accepted", "Greta"),
        ("message.sent", "Greta"),
    ]
    assert (again.id, again.seq, again.is_new) == (first.id, first.seq, False)
    [step] = steps_of(conversation)
    assert (step.outcome, step.escalation.state) == ("answered", "answered")
    row = conversation_row(globex(), conversation.id)
    assert (row.pause_reason, row.state, row.operator_id) == ("", "assigned", operator.id)
    assert queue_entry(conversation.id).kind == "question"
    assert not Clock.objects.filter(pk=step.id).exists()
    with pytest.raises(NotFound):
        in_organisation(globex(), escalating.accept_question, guest)


def test_while_a_specialist_is_asked_the_promise_stands_still_and_then_runs_on_with_what_was_left(
    held: Held,
) -> None:
    conversation, operator = held
    [before] = promises_of(globex(), conversation.id)
    with clock_moved(timedelta(seconds=5)):
        escalated = escalate(held)
    assert not Clock.objects.filter(pk=before.id).exists()
    with clock_moved(timedelta(minutes=5)):
        append(globex(), asked(conversation, "And is it free?"))
    assert len(promises_of(globex(), conversation.id)) == 1

    with clock_moved(timedelta(minutes=10)):
        in_organisation(globex(), escalating.withdraw_escalation, operator, conversation.id, escalated.id)

    [after] = promises_of(globex(), conversation.id)
    assert (after.outcome, after.pause_reason) == ("", "escalated")
    assert abs((after.due_at - before.due_at).total_seconds() - 595) < 2
    assert Clock.objects.get(pk=after.id).due_at == after.due_at


def test_a_specialists_answer_settles_the_turn(held: Held) -> None:
    conversation, _ = held
    escalate(held)
    [step] = steps_of(conversation)

    in_organisation(globex(), escalating.answer_question, opened(step), uuid4(), "From 12 on.")

    [turn] = promises_of(globex(), conversation.id)
    assert (turn.outcome, turn.responsible_id, turn.responsible_name) == ("kept", step.specialist_id, "Greta")
    assert turn.waited_seconds is not None
    assert turn.waited_seconds < 20


def test_a_specialist_who_answered_and_says_no_more_has_answered(held: Held) -> None:
    conversation, _ = held
    escalate(held)
    [step] = steps_of(conversation)
    in_organisation(globex(), escalating.answer_question, opened(step), uuid4(), "From 12 on.")

    assert Clock.objects.get(pk=step.id).warn_at is not None  # else supervisors would be told of silence
    with clock_moved(ACCEPT - timedelta(seconds=5)):
        assert not strike(step)
    with clock_moved(ACCEPT + timedelta(seconds=5)):
        assert strike(step)
        assert not strike(step)

    assert [one.outcome for one in steps_of(conversation)] == ["answered"]
    assert visible(conversation).count("specialist.returned") == 0


def test_declining_asks_the_substitute_and_then_the_desk_goes_on(held: Held) -> None:
    conversation, operator = held
    escalate(held)

    in_organisation(globex(), escalating.decline_question, opened(steps_of(conversation)[0]), "On holiday.")
    first, second = steps_of(conversation)
    assert (first.outcome, second.specialist_name, second.number) == ("declined", "Gus", 2)
    in_organisation(globex(), escalating.decline_question, opened(second), "")

    assert visible(conversation)[-3:] == ["specialist.asked", "specialist.asked", "specialist.returned"]
    assert moves(conversation) == [
        ("asked", "Greta"),
        ("declined", "Greta"),
        ("asked", "Gus"),
        ("declined", "Gus"),
        ("returned", "Gus"),
    ]
    notes = [one for one in desk_entries_of(globex(), conversation.id) if one.kind == "note.added"]
    assert [(one.sender_kind, one.sender_name, one.body) for one in notes] == [("specialist", "Greta", "On holiday.")]
    row = conversation_row(globex(), conversation.id)
    assert (row.pause_reason, row.operator_id) == ("", operator.id)
    assert requests_of(conversation) == []


def test_silence_reminds_once_then_asks_the_next_and_never_the_same_one_twice(
    held: Held,
) -> None:
    conversation, _ = held
    escalate(held, specialist_id=steps_second_specialist())
    [step] = steps_of(conversation)
    assert step.specialist_name == "Gus"

    with clock_moved(timedelta(minutes=10)):
        assert strike(step)
        assert not strike(step)
    reminders = [one for one in mails() if one.subject_id == step.id and one.kind == "specialist_reminded"]
    assert len(reminders) == 1
    with clock_moved(ACCEPT + timedelta(seconds=1)):
        assert strike(step)
        assert not strike(step)
        substitute = steps_of(conversation)[1]
        assert substitute.specialist_name == "Greta"
        assert substitute.accept_by > step.accept_by
    with clock_moved(2 * ACCEPT + timedelta(seconds=5)):
        assert strike(substitute)

    assert [one.outcome for one in steps_of(conversation)] == ["silent", "silent"]
    assert moves(conversation)[-1] == ("returned", "Greta")


def steps_second_specialist() -> UUID:
    return in_organisation(globex(), lambda _: Specialist.objects.get(name="Gus", is_active=True).id)


def test_when_nobody_holds_it_the_question_is_kept_for_whoever_was_asked_first(
    held: Held,
) -> None:
    conversation, _ = held
    escalate(held)
    in_organisation(
        globex(),
        lambda _: Conversation.objects.filter(pk=conversation.id).update(
            state="waiting", operator_id=None, operator_name=""
        ),
    )
    for _ in range(2):
        in_organisation(globex(), escalating.decline_question, opened(steps_of(conversation)[-1]), "")

    [request] = requests_of(conversation)
    assert request.owner is not None
    assert (request.reason, request.owner.name) == ("escalation", "Greta")
    assert "Son, 12." in request.body
    assert "How do I get a card for my son?" in request.body
    assert visible(conversation)[-2:] == ["question.kept", "conversation.closed"]
    kept = entries_of(globex(), conversation.id)[-2]
    assert (kept.kind, kept.payload["reason"]) == ("question.kept", "escalation")
    assert request.answer_by is not None
    assert kept.payload["by"] == request.answer_by.isoformat()
    assert moves(conversation)[-1] == ("kept", "Greta")
    assert [one.recipient for one in mails() if one.subject_id == request.id] == ["greta@globex.example"]


def test_a_promised_call_back_is_told_kept_and_owned(held: Held) -> None:
    conversation, _ = held
    escalate(held)
    guest = opened(steps_of(conversation)[0])
    for wrong in (platform_now(), platform_now() + timedelta(days=31)):
        with pytest.raises(Invalid):
            in_organisation(globex(), escalating.promise_call_back, guest, wrong)
    by = platform_now() + timedelta(hours=20)

    in_organisation(globex(), escalating.promise_call_back, guest, by)

    [step] = steps_of(conversation)
    assert (step.outcome, step.escalation.state, step.escalation.call_back_at) == ("call_back", "call_back", by)
    promised = entries_of(globex(), conversation.id)[-1]
    assert (promised.kind, promised.payload) == ("callback.promised", {"specialist": "Greta", "by": by.isoformat()})
    [request] = requests_of(conversation)
    assert (request.owner_id, request.answer_by) == (step.specialist_id, by)
    assert conversation_row(globex(), conversation.id).pause_reason == ""


@pytest.mark.parametrize("by", ["operator", "visitor"])
def test_closing_withdraws_and_the_link_is_dead(held: Held, by: str) -> None:
    conversation, operator = held
    escalate(held)
    [step] = steps_of(conversation)
    guest = opened(step)

    if by == "operator":
        in_organisation(globex(), close_conversation, operator, conversation.id, uuid4(), "advice")
    else:
        in_organisation(globex(), leave_conversation, conversation.visitor_id, conversation.id, uuid4())

    [step] = steps_of(conversation)
    assert (step.outcome, step.escalation.state) == ("withdrawn", "withdrawn")
    assert conversation_row(globex(), conversation.id).pause_reason == ""
    assert not Clock.objects.filter(pk=step.id).exists()
    before = everything_about(globex(), conversation.id)
    with pytest.raises(NotFound):
        in_organisation(globex(), escalating.answer_question, guest, uuid4(), "Too late")
    assert everything_about(globex(), conversation.id) == before


def test_the_holder_takes_it_back_once(hire: Hire, held: Held) -> None:
    conversation, operator = held
    escalated = escalate(held)
    withdraw = escalating.withdraw_escalation

    with pytest.raises(NotAssigned):
        in_organisation(globex(), withdraw, hire(globex()), conversation.id, escalated.id)
    first = in_organisation(globex(), withdraw, operator, conversation.id, escalated.id)
    again = in_organisation(globex(), withdraw, operator, conversation.id, escalated.id)

    assert (again.id, again.at) == (first.id, first.at)
    assert visible(conversation).count("specialist.returned") == 1
    assert moves(conversation) == [("asked", "Greta"), ("withdrawn", "Greta")]
    with pytest.raises(NotFound):
        in_organisation(globex(), withdraw, operator, conversation.id, uuid4())


def test_strikes_and_a_specialist_at_the_same_moment_move_it_once(held: Held, noon: timedelta) -> None:  # rule 21
    conversation, _ = held
    escalate(held)
    [step] = steps_of(conversation)
    guest = opened(step)

    def decline() -> bool:
        try:
            in_organisation(globex(), escalating.decline_question, guest, "")
        except NotFound:
            return False
        return True

    done = in_threads(
        [lambda: strike(step), lambda: strike(step), decline, decline], moved=noon + ACCEPT + timedelta(seconds=5)
    )

    assert done.count(True) == 1
    assert [one.specialist_name for one in steps_of(conversation)] == ["Greta", "Gus"]
    assert visible(conversation).count("specialist.asked") == 2
