"""An operator who vanished keeps nobody waiting: what a visitor waits for goes to somebody else, exactly once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from conversations.models import Conversation
from conversations.services.sweeping import sweep_once
from conversations.services.taking_back import take_back_if_left
from operators.models import Assignment, Clock, Operator, Posting, Presence, QueueEntry
from operators.presence import record_beats, set_presence
from operators.selectors import OperatorRef
from tenants.clock import clock_moved
from tenants.context import in_organisation
from tenants.models import StaffRole, User
from tests.cast import globex
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    conversation_row,
    desk_entries_of,
    everything_about,
    in_threads,
    kinds_of,
    lay_conversation,
    lock_row,
    separate_connection,
)

Hire = Callable[..., OperatorRef]
LONG_AFTER = timedelta(seconds=46)


@pytest.fixture(autouse=True)
def _nothing_else_is_left(noon: timedelta) -> None:
    QueueEntry.objects.exclude(state=QueueEntry.State.CLOSED).update(promise_due_at=None)
    Clock.objects.all().delete()


def follow_up_of(operator: OperatorRef) -> Conversation:
    """The operator has answered once, and the visitor wrote again just now."""
    conversation = lay_conversation(globex(), operator=operator)
    append(globex(), asked(conversation))
    append(globex(), answered(conversation, operator))
    append(globex(), asked(conversation))
    return conversation


def take_back(conversation: Conversation) -> bool:
    return in_organisation(globex(), take_back_if_left, conversation.id)


def stretches_of(conversation: Conversation) -> list[tuple[str, str]]:
    return list(Assignment.objects.filter(conversation_id=conversation.id).values_list("start", "end"))


def goes_silent(operator: OperatorRef) -> None:
    """Nothing more is heard: the server or the computer died."""


def goes_away(operator: OperatorRef) -> None:
    set_presence(operator.id, Presence.State.AWAY)


def takes_a_break(operator: OperatorRef) -> None:
    set_presence(operator.id, Presence.State.ON_BREAK, Presence.Reason.MEAL)


@pytest.mark.parametrize("leaves", [goes_silent, goes_away, takes_a_break])
def test_who_is_gone_for_45_seconds_loses_what_a_visitor_waits_for(
    hire: Hire, leaves: Callable[[OperatorRef], None]
) -> None:  # rule 22
    operator = hire(globex())
    conversation = follow_up_of(operator)
    leaves(operator)
    with clock_moved(timedelta(seconds=40)):
        colleague = hire(globex())
        if leaves is not goes_silent:
            record_beats([operator.id])
        before = everything_about(globex(), conversation.id)
        assert not take_back(conversation)
        assert everything_about(globex(), conversation.id) == before

    with clock_moved(LONG_AFTER):
        assert take_back(conversation)
        assert not take_back(conversation)

    assert conversation_row(globex(), conversation.id).operator_id == colleague.id
    assert [one.kind for one in desk_entries_of(globex(), conversation.id)] == ["offer.withdrawn", "offer.made"]
    assert desk_entries_of(globex(), conversation.id)[0].payload["reason"] == "gone"
    assert stretches_of(conversation) == [("offered", "gone"), ("offered", "")]
    assert_consistent(globex(), conversation.id)


def test_busy_is_there(hire: Hire) -> None:
    operator = hire(globex())
    conversation = follow_up_of(operator)
    set_presence(operator.id, Presence.State.BUSY)
    with clock_moved(LONG_AFTER):
        hire(globex())
        record_beats([operator.id])

        assert not take_back(conversation)


def loses_the_posting(operator: OperatorRef) -> None:
    Posting.objects.filter(operator_id=operator.id).delete()


def loses_the_role(operator: OperatorRef) -> None:
    StaffRole.objects.filter(user_id=operator.id).delete()


def is_locked_out(operator: OperatorRef) -> None:
    User.objects.filter(pk=operator.id).update(is_active=False)


@pytest.mark.parametrize("loses", [loses_the_posting, loses_the_role, is_locked_out])
def test_who_may_no_longer_answer_loses_it_at_once(hire: Hire, loses: Callable[[OperatorRef], None]) -> None:
    operator, colleague = hire(globex(), capacity=1), None
    conversation = follow_up_of(operator)
    colleague = hire(globex())
    loses(operator)

    with clock_moved(timedelta(seconds=2)):
        assert take_back(conversation)

    assert conversation_row(globex(), conversation.id).operator_id == colleague.id


def test_a_supervisor_who_took_it_over_needs_no_posting(hire: Hire) -> None:
    supervisor = hire()
    StaffRole.objects.filter(user_id=supervisor.id).update(role=StaffRole.Role.SUPERVISOR)
    conversation = follow_up_of(supervisor)
    hire(globex())

    with clock_moved(timedelta(seconds=2)):
        assert not take_back(conversation)


def test_while_nobody_else_is_there_it_waits_in_the_queue_and_the_visitor_sees_it(hire: Hire) -> None:
    conversation = follow_up_of(hire(globex()))

    with clock_moved(LONG_AFTER):
        assert take_back(conversation)

        row = conversation_row(globex(), conversation.id)
        assert (row.state, row.operator_id) == ("waiting", None)
        assert kinds_of(globex(), conversation.id)[-1] == ("conversation.assigned", "system")
        colleague = hire(globex())
        sweep_once()
    assert conversation_row(globex(), conversation.id).operator_id == colleague.id
    assert_consistent(globex(), conversation.id)


def test_a_visitor_who_does_not_wait_stays_with_the_operator_until_they_write(hire: Hire) -> None:
    operator = hire(globex())
    conversation = follow_up_of(operator)
    append(globex(), answered(conversation, operator))

    with clock_moved(timedelta(hours=1)):
        colleague = hire(globex())
        sweep_once()
        assert conversation_row(globex(), conversation.id).operator_id == operator.id
        append(globex(), asked(conversation))
        sweep_once()
    assert conversation_row(globex(), conversation.id).operator_id == colleague.id


def test_several_sweeps_take_it_back_once(hire: Hire, noon: timedelta) -> None:  # rule 22
    conversations = [follow_up_of(hire(globex())) for _ in range(4)]
    with clock_moved(LONG_AFTER):
        colleague = hire(globex(), capacity=50)

    in_threads([sweep_once] * 4, moved=noon + LONG_AFTER)
    with clock_moved(LONG_AFTER + timedelta(seconds=1)):
        sweep_once()

    for conversation in conversations:
        assert conversation_row(globex(), conversation.id).operator_id == colleague.id
        kinds = [one.kind for one in desk_entries_of(globex(), conversation.id)]
        assert kinds.count("offer.withdrawn") == kinds.count("offer.made") == 1
    assert Operator.objects.get(pk=colleague.id).queue_entries.count() == 4


def test_a_conversation_that_somebody_is_at_is_left_for_the_next_sweep(hire: Hire) -> None:
    conversation = follow_up_of(hire(globex()))
    with clock_moved(LONG_AFTER), separate_connection() as holder:
        lock_row(holder, globex(), conversation.id)
        assert not take_back(conversation)

        holder.rollback()
        assert take_back(conversation)
