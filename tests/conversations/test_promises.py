"""Deadlines that came: warned once, broken once, by whoever notices first."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from conversations.journal import NewEntry
from conversations.models import Conversation, Promise
from conversations.services.striking import strike_clock, strike_clocks
from operators.answering import note_typing
from operators.models import Assignment, TurnRecord
from operators.selectors import OperatorRef
from tenants.clock import clock_moved
from tenants.context import in_organisation
from tests.cast import acme, globex, olga, omar
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    clocks_of,
    conversation_row,
    desk_entries_of,
    entries_of,
    everything_about,
    in_threads,
    lay_conversation,
    lock_row,
    promises_of,
    queue_entry,
    said_by_itself,
    separate_connection,
)

pytestmark = pytest.mark.usefixtures("noon")

Hire = Callable[..., OperatorRef]
BEFORE_WARNING, WARNED, SILENT, BROKEN = (timedelta(seconds=seconds) for seconds in (11, 13, 16, 21))
A_MOMENT = timedelta(seconds=1)

ALL_OF_IT = ["promise.warned", "supervisor.alerted", "promise.broken"]
"""Of a first turn whose holder stays silent while nobody else is there."""


def waiting_for_a_reply() -> tuple[Conversation, Promise]:
    """A first turn: warned after 12 s (60 %), due after 20 s."""
    conversation = lay_conversation(globex(), operator=olga())
    append(globex(), asked(conversation))
    [promise] = promises_of(globex(), conversation.id)
    return conversation, promise


def strike(conversation: Conversation, clock_id: UUID) -> bool:
    return in_organisation(globex(), strike_clock, conversation.id, clock_id)


def warnings_of(conversation: Conversation) -> list[str]:
    return [entry.kind for entry in desk_entries_of(globex(), conversation.id)]


def test_a_clock_whose_time_has_not_come_does_nothing() -> None:
    conversation, promise = waiting_for_a_reply()
    before = everything_about(globex(), conversation.id)

    with clock_moved(BEFORE_WARNING):
        assert not strike(conversation, promise.id)

    assert everything_about(globex(), conversation.id) == before


def test_the_operator_is_warned_once_and_the_deadline_stays() -> None:
    conversation, promise = waiting_for_a_reply()

    with clock_moved(WARNED):
        assert strike(conversation, promise.id)
        assert not strike(conversation, promise.id)

    assert warnings_of(conversation) == ["promise.warned"]
    [clock] = clocks_of(conversation.id)
    assert (clock.warn_at, clock.due_at, clock.next_at) == (None, promise.due_at, clock.reoffer_at)
    [warned] = promises_of(globex(), conversation.id)
    assert warned.warned_at is not None
    assert warned.outcome == ""
    assert queue_entry(conversation.id).promise_due_at == promise.due_at
    assert_consistent(globex(), conversation.id)


def test_a_promise_is_broken_once_and_how_late_that_was_noticed_is_kept() -> None:
    conversation, promise = waiting_for_a_reply()
    with clock_moved(WARNED):
        strike(conversation, promise.id)

    with clock_moved(BROKEN):
        assert strike(conversation, promise.id)
        assert not strike(conversation, promise.id)

    assert warnings_of(conversation) == ALL_OF_IT
    [broken] = promises_of(globex(), conversation.id)
    assert (broken.outcome, broken.responsible_id, broken.settled_at) == ("broken", olga().id, None)
    assert broken.broken_at is not None
    assert timedelta(0) < broken.broken_at - broken.due_at < timedelta(seconds=10)
    told = desk_entries_of(globex(), conversation.id)[-1].payload
    assert told == {"kind": "first", "due_at": promise.due_at.isoformat()}
    [clock] = clocks_of(conversation.id)
    assert (clock.warn_at, clock.due_at, clock.next_at) == (None, None, clock.reoffer_at)
    assert_consistent(globex(), conversation.id)


def test_a_sweep_that_comes_late_warns_and_breaks_in_one_go() -> None:
    conversation, promise = waiting_for_a_reply()

    with clock_moved(BROKEN):
        assert strike(conversation, promise.id)

    assert warnings_of(conversation) == ALL_OF_IT
    assert_consistent(globex(), conversation.id)


def test_a_visitor_who_hears_nothing_learns_nothing_of_warnings() -> None:
    conversation, promise = waiting_for_a_reply()
    before = entries_of(globex(), conversation.id)

    with clock_moved(BROKEN):
        strike(conversation, promise.id)

    assert entries_of(globex(), conversation.id) == before


def test_sweeps_that_come_at_once_warn_once_and_break_once(noon: timedelta) -> None:  # rule 21
    conversation, promise = waiting_for_a_reply()
    organisation = globex()

    def strike_it() -> bool:
        return in_organisation(organisation, strike_clock, conversation.id, promise.id)

    warned = in_threads([strike_it] * 6, moved=noon + WARNED)
    broken = in_threads([strike_it] * 6, moved=noon + BROKEN)

    assert (warned.count(True), broken.count(True)) == (1, 1)
    assert warnings_of(conversation) == ALL_OF_IT
    assert_consistent(organisation, conversation.id)


def test_a_turn_that_was_answered_meanwhile_is_left_alone() -> None:
    conversation, promise = waiting_for_a_reply()
    append(globex(), answered(conversation, olga()))
    before = everything_about(globex(), conversation.id)

    with clock_moved(BROKEN):
        assert not strike(conversation, promise.id)

    assert everything_about(globex(), conversation.id) == before


def test_a_broken_promise_stays_broken_and_its_whole_waiting_time_is_stored_when_answered() -> None:
    conversation, promise = waiting_for_a_reply()
    with clock_moved(BROKEN):
        strike(conversation, promise.id)
    [broken] = promises_of(globex(), conversation.id)

    with clock_moved(timedelta(seconds=60)):
        [reply] = append(globex(), answered(conversation, olga()))

    [settled] = promises_of(globex(), conversation.id)
    assert (settled.outcome, settled.broken_at) == ("broken", broken.broken_at)
    assert settled.waited_seconds == (reply.at - promise.opened_at).total_seconds() > 60
    assert queue_entry(conversation.id).promise_due_at is None
    assert_consistent(globex(), conversation.id)


def test_more_questions_after_a_broken_promise_open_no_second_one() -> None:
    conversation, promise = waiting_for_a_reply()
    with clock_moved(BROKEN):
        strike(conversation, promise.id)
        append(globex(), asked(conversation))

    assert [one.id for one in promises_of(globex(), conversation.id)] == [promise.id]
    assert_consistent(globex(), conversation.id)


def test_a_conversation_that_somebody_holds_is_left_for_the_next_sweep() -> None:
    conversation, promise = waiting_for_a_reply()
    with clock_moved(BROKEN), separate_connection() as holder:
        lock_row(holder, globex(), conversation.id)
        assert not strike(conversation, promise.id)

        holder.rollback()
        assert strike(conversation, promise.id)


def test_a_clock_that_never_was_does_nothing() -> None:
    conversation, _ = waiting_for_a_reply()

    with clock_moved(BROKEN):
        assert not strike(conversation, uuid4())
    assert warnings_of(conversation) == []


def test_a_silent_holders_first_reply_goes_to_somebody_else_before_it_is_broken(hire: Hire) -> None:
    conversation, promise = waiting_for_a_reply()
    with clock_moved(WARNED):
        strike(conversation, promise.id)
    colleague = hire(globex())

    with clock_moved(SILENT):
        assert strike(conversation, promise.id)
        assert not strike(conversation, promise.id)

    assert warnings_of(conversation) == ["promise.warned", "offer.withdrawn", "offer.made"]
    assert conversation_row(globex(), conversation.id).operator_id == colleague.id
    [clock] = clocks_of(conversation.id)
    assert clock.due_at == clock.next_at == promise.due_at
    assert clock.reoffer_at is not None
    assert clock.reoffer_at - promise.opened_at > SILENT + timedelta(seconds=globex().reoffer_seconds) - A_MOMENT
    assert_consistent(globex(), conversation.id)


def test_a_holder_who_types_keeps_it_until_typing_goes_on_for_too_long(hire: Hire) -> None:
    conversation, promise = waiting_for_a_reply()
    hire(globex())

    for seconds in (16, 19, 22):
        with clock_moved(timedelta(seconds=seconds)):
            assert note_typing(globex(), olga().id, conversation.id, True)
            strike(conversation, promise.id)
    assert conversation_row(globex(), conversation.id).operator_id == olga().id
    assert warnings_of(conversation) == ["promise.warned", "promise.broken"]  # the promise does not stand still

    with clock_moved(timedelta(seconds=4 * globex().reoffer_seconds + 1)):
        colleague = hire(globex())
        assert note_typing(globex(), olga().id, conversation.id, True)
        assert strike(conversation, promise.id)
    assert conversation_row(globex(), conversation.id).operator_id == colleague.id


def test_a_holder_who_stopped_typing_is_silent(hire: Hire) -> None:
    conversation, promise = waiting_for_a_reply()
    colleague = hire(globex())
    with clock_moved(timedelta(seconds=5)):
        note_typing(globex(), olga().id, conversation.id, True)

    with clock_moved(SILENT):
        strike(conversation, promise.id)

    assert conversation_row(globex(), conversation.id).operator_id == colleague.id


def test_only_the_holder_types_and_only_while_the_visitor_waits() -> None:
    conversation, _ = waiting_for_a_reply()

    assert not note_typing(globex(), omar().id, conversation.id, True)
    assert not note_typing(acme(), olga().id, conversation.id, True)
    assert note_typing(globex(), olga().id, conversation.id, False)
    assert queue_entry(conversation.id).typed_at is None
    assert note_typing(globex(), olga().id, conversation.id, True)
    first = queue_entry(conversation.id).typed_at
    assert first is not None
    assert note_typing(globex(), olga().id, conversation.id, True)
    assert queue_entry(conversation.id).typed_at == first  # written down every few seconds only


def test_until_it_is_broken_it_goes_only_to_somebody_for_whom_fewer_visitors_wait(hire: Hire) -> None:
    holder, colleague = hire(globex()), hire(globex(), name="Omar")
    conversation = lay_conversation(globex(), operator=holder)
    append(globex(), asked(conversation))
    append(globex(), asked(lay_conversation(globex(), operator=colleague)))
    [promise] = promises_of(globex(), conversation.id)

    with clock_moved(SILENT):
        strike(conversation, promise.id)
    assert conversation_row(globex(), conversation.id).operator_id == holder.id
    assert warnings_of(conversation) == ["promise.warned", "supervisor.alerted"]

    with clock_moved(SILENT + timedelta(seconds=globex().reoffer_seconds)):
        strike(conversation, promise.id)
    assert conversation_row(globex(), conversation.id).operator_id == colleague.id


def test_when_nobody_else_is_there_supervisors_hear_of_it_once_and_routing_goes_on_trying(hire: Hire) -> None:
    conversation, promise = waiting_for_a_reply()
    for seconds in (16, 32, 48):
        with clock_moved(timedelta(seconds=seconds)):
            assert strike(conversation, promise.id)
    alerts = [one.payload for one in desk_entries_of(globex(), conversation.id) if one.kind == "supervisor.alerted"]
    assert alerts == [{"kind": "no_reply"}]

    with clock_moved(timedelta(seconds=64)):
        colleague = hire(globex())
        assert strike(conversation, promise.id)

    assert warnings_of(conversation) == [*ALL_OF_IT, "offer.withdrawn", "offer.made"]
    assert conversation_row(globex(), conversation.id).operator_id == colleague.id
    assert_consistent(globex(), conversation.id)


def test_a_conversation_that_nobody_holds_is_told_to_supervisors_and_stays_in_the_queue() -> None:
    conversation = lay_conversation(globex())
    append(globex(), asked(conversation))
    [promise] = promises_of(globex(), conversation.id)

    for seconds in (16, 32):
        with clock_moved(timedelta(seconds=seconds)):
            assert strike(conversation, promise.id)

    told = [(one.kind, one.payload.get("kind")) for one in desk_entries_of(globex(), conversation.id)]
    assert told == [("promise.warned", "first"), ("supervisor.alerted", "nobody_free"), ("promise.broken", "first")]
    assert conversation_row(globex(), conversation.id).state == "waiting"
    assert_consistent(globex(), conversation.id)


def test_a_following_turn_stays_with_its_operator_and_its_clock_ends_with_the_breach(hire: Hire) -> None:
    conversation, _ = waiting_for_a_reply()
    append(
        globex(),
        answered(conversation, olga()),
    )
    append(globex(), asked(conversation))
    hire(globex())
    follow_up = promises_of(globex(), conversation.id)[-1]
    assert [clock.reoffer_at for clock in clocks_of(conversation.id)] == [None]

    with clock_moved(timedelta(seconds=31)):
        assert strike(conversation, follow_up.id)

    assert warnings_of(conversation) == ["promise.warned", "promise.broken"]
    assert clocks_of(conversation.id) == []
    assert conversation_row(globex(), conversation.id).operator_id == olga().id
    assert_consistent(globex(), conversation.id)


@pytest.mark.parametrize(
    ("stretches", "responsible"),
    [
        ([("olga", 0, None)], "olga"),
        ([("olga", 0, 15), ("omar", 15, None)], "olga"),
        ([("olga", 0, 8), ("omar", 8, None)], "omar"),
        ([("olga", 0, 6), ("omar", 6, 13), ("olga", 13, None)], "olga"),
        ([("olga", 11, None)], None),
        ([("olga", 9, None)], "olga"),
        ([], None),
    ],
)
@pytest.mark.parametrize("answered_late", [False, True])
def test_responsible_for_a_broken_turn_is_who_held_it_longest_and_nobody_if_it_mostly_waited(
    stretches: list[tuple[str, int, int | None]], responsible: str | None, answered_late: bool
) -> None:
    people = {"olga": olga(), "omar": omar()}
    conversation, promise = waiting_for_a_reply()
    Assignment.objects.filter(conversation_id=conversation.id).delete()
    for name, start, end in stretches:
        Assignment.objects.create(
            conversation_id=conversation.id,
            organisation_id=globex().id,
            operator_id=people[name].id,
            start=Assignment.Start.OFFERED,
            started_at=promise.opened_at + timedelta(seconds=start),
            ended_at=promise.opened_at + timedelta(seconds=end) if end is not None else None,
        )

    with clock_moved(timedelta(seconds=40)):
        if answered_late:
            append(globex(), answered(conversation, olga()))
        else:
            strike(conversation, promise.id)

    [broken] = promises_of(globex(), conversation.id)
    expected = people[responsible] if responsible else None
    assert broken.outcome == "broken"
    assert (broken.responsible_id, broken.responsible_name) == (
        (expected.id, expected.name) if expected else (None, "")
    )
    assert_consistent(globex(), conversation.id)


def test_a_kept_turn_is_put_down_to_whom_answered_and_counted_at_once() -> None:
    conversation, promise = waiting_for_a_reply()
    assert list(TurnRecord.objects.filter(conversation_id=conversation.id)) == []

    with clock_moved(timedelta(seconds=15)):
        [reply] = append(globex(), answered(conversation, olga()))

    record = TurnRecord.objects.get(pk=promise.id)
    assert (record.outcome, record.operator_id, record.organisation_id) == ("kept", olga().id, globex().id)
    assert (record.kind, record.opened_at, record.settled_at) == ("first", promise.opened_at, reply.at)
    assert record.waited_seconds == (reply.at - promise.opened_at).total_seconds()


def test_a_broken_turn_is_counted_when_it_breaks_and_completed_when_it_is_answered() -> None:
    conversation, promise = waiting_for_a_reply()

    with clock_moved(BROKEN):
        strike(conversation, promise.id)
    record = TurnRecord.objects.get(pk=promise.id)
    assert (record.outcome, record.settled_at, record.waited_seconds) == ("broken", None, None)
    with clock_moved(timedelta(seconds=60)):
        [reply] = append(globex(), answered(conversation, olga()))

    record = TurnRecord.objects.get(pk=promise.id)
    assert (record.outcome, record.settled_at) == ("broken", reply.at)
    assert record.waited_seconds == (reply.at - promise.opened_at).total_seconds()


def test_a_burst_is_one_turn_and_automatic_texts_settle_nothing() -> None:
    conversation, promise = waiting_for_a_reply()
    with clock_moved(timedelta(seconds=10)):
        append(globex(), asked(conversation), said_by_itself(conversation), asked(conversation))

    [still] = promises_of(globex(), conversation.id)
    assert (still.id, still.due_at, still.outcome) == (promise.id, promise.due_at, "")
    assert conversation_row(globex(), conversation.id).first_replied_at is None
    assert_consistent(globex(), conversation.id)


def test_a_specialists_answer_keeps_the_promise() -> None:
    conversation, _ = waiting_for_a_reply()
    stan = NewEntry(
        conversation_id=conversation.id,
        kind="message.sent",
        sender_kind="specialist",
        sender_id=uuid4(),
        sender_name="Stan",
        cid=uuid4(),
        body="Up to 4,000 mm.",
    )

    with clock_moved(timedelta(seconds=10)):
        [reply] = append(globex(), stan)

    [kept] = promises_of(globex(), conversation.id)
    assert (kept.outcome, kept.answered_at, kept.answered_seq) == ("kept", reply.at, reply.seq)
    assert (kept.responsible_id, kept.responsible_name) == (stan.sender_id, "Stan")
    assert conversation_row(globex(), conversation.id).first_replied_at == reply.at
    assert_consistent(globex(), conversation.id)


def test_clocks_of_one_organisation_are_struck_together_and_what_must_be_offered_alone() -> None:
    turns = [waiting_for_a_reply() for _ in range(3)]
    subjects = [(conversation.id, promise.id) for conversation, promise in turns]

    with clock_moved(WARNED):
        assert in_organisation(globex(), strike_clocks, subjects) == 3
        assert in_organisation(globex(), strike_clocks, subjects) == 0
    with clock_moved(BROKEN):
        in_organisation(globex(), strike_clocks, subjects)
        assert [warnings_of(conversation) for conversation, _ in turns] == [["promise.warned"]] * 3
        assert [strike(conversation, promise.id) for conversation, promise in turns] == [True] * 3

    assert [warnings_of(conversation) for conversation, _ in turns] == [ALL_OF_IT] * 3
