"""Deadlines that came: warned once, broken once, by whoever notices first."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from conversations.models import Conversation, Promise
from conversations.services.promises import strike_clock
from tenants.clock import clock_moved
from tenants.context import in_organisation
from tests.cast import globex, olga
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    clocks_of,
    desk_entries_of,
    entries_of,
    everything_about,
    in_threads,
    lay_conversation,
    lock_row,
    promises_of,
    queue_entry,
    separate_connection,
)

pytestmark = pytest.mark.usefixtures("noon")

BEFORE_WARNING, WARNED, BROKEN = (timedelta(seconds=seconds) for seconds in (11, 13, 21))


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
    assert (clock.warn_at, clock.next_at) == (None, promise.due_at)
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

    assert warnings_of(conversation) == ["promise.warned", "promise.broken"]
    [broken] = promises_of(globex(), conversation.id)
    assert (broken.outcome, broken.responsible_id, broken.settled_at) == ("broken", olga().id, None)
    assert broken.broken_at is not None
    assert timedelta(0) < broken.broken_at - broken.due_at < timedelta(seconds=10)
    told = desk_entries_of(globex(), conversation.id)[1].payload
    assert told == {"kind": "first", "due_at": promise.due_at.isoformat()}
    assert clocks_of(conversation.id) == []
    assert_consistent(globex(), conversation.id)


def test_a_sweep_that_comes_late_warns_and_breaks_in_one_go() -> None:
    conversation, promise = waiting_for_a_reply()

    with clock_moved(BROKEN):
        assert strike(conversation, promise.id)

    assert warnings_of(conversation) == ["promise.warned", "promise.broken"]
    assert clocks_of(conversation.id) == []


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
    assert warnings_of(conversation) == ["promise.warned", "promise.broken"]
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
