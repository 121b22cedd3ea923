"""A conversation ends once, whoever ends it, and nothing of it keeps ticking."""

from datetime import timedelta
from uuid import uuid4

import pytest

from conversations.errors import ConversationClosed, NotAssigned
from conversations.models import Conversation
from conversations.services.closing import close_conversation, leave_conversation
from operators.selectors import OperatorRef, load_of
from tenants.clock import clock_moved
from tenants.context import in_organisation
from tenants.errors import Invalid, NotFound
from tenants.selectors import automatic_texts
from tests.cast import acme, globex, olga, omar, visitor_of
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    clocks_of,
    conversation_row,
    desk_entries_of,
    due_work_of,
    entries_of,
    everything_about,
    kinds_of,
    lay_conversation,
    promises_of,
    queue_entry,
)

ENDING = [("message.sent", "automatic"), ("conversation.closed", "operator"), ("rating.requested", "automatic")]


def close(
    conversation: Conversation, operator: OperatorRef, *, cid: object = None, purpose: str = "information"
) -> int:
    return in_organisation(
        acme(),
        close_conversation,
        operator,
        conversation.id,
        cid or uuid4(),  # type: ignore[arg-type]
        purpose,
    ).seq


def leave(conversation: Conversation, visitor_id: object = None, cid: object = None) -> int:
    return in_organisation(
        acme(),
        leave_conversation,
        visitor_id or conversation.visitor_id,  # type: ignore[arg-type]
        conversation.id,
        cid or uuid4(),  # type: ignore[arg-type]
    ).seq


def test_the_operator_says_goodbye_closes_and_asks_for_a_rating() -> None:
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation), answered(conversation, olga()))

    assert close(conversation, olga(), purpose="advice") == 4

    goodbye, closing, _rating = entries_of(acme(), conversation.id)[2:]
    assert kinds_of(acme(), conversation.id)[2:] == ENDING
    assert goodbye.body == automatic_texts(acme(), "en")[1]
    assert (closing.payload, closing.sender_id, closing.sender_name) == ({"by": "operator"}, olga().id, "Olga")
    [purpose] = desk_entries_of(acme(), conversation.id)
    assert (purpose.kind, purpose.payload) == ("purpose.recorded", {"purpose": "advice"})
    row = conversation_row(acme(), conversation.id)
    assert (row.state, row.purpose, row.open_promise_id) == ("closed", "advice", None)
    assert row.closed_at is not None
    assert row.rating_requested_at is not None
    assert (queue_entry(conversation.id).state, clocks_of(conversation.id)) == ("closed", [])
    assert_consistent(acme(), conversation.id)


def test_a_visitor_leaves_even_while_nobody_has_come() -> None:
    conversation = lay_conversation(acme())
    append(acme(), asked(conversation))

    leave(conversation)

    assert kinds_of(acme(), conversation.id)[1:] == [ENDING[0], ("conversation.closed", "visitor"), ENDING[2]]
    assert entries_of(acme(), conversation.id)[2].payload == {"by": "visitor"}
    assert (due_work_of(conversation.id), clocks_of(conversation.id)) == ([], [])
    assert_consistent(acme(), conversation.id)


def test_a_closed_conversation_is_no_load_any_more() -> None:
    conversation = lay_conversation(acme(), operator=olga())
    before = load_of(olga().id)

    close(conversation, olga())

    assert load_of(olga().id) == before - 1


@pytest.mark.parametrize(
    ("by_visitor", "seconds", "outcome"),
    [(False, 10, "closed"), (True, 10, "abandoned"), (False, 21, "broken"), (True, 21, "broken")],
)
def test_a_turn_that_was_never_answered_ends_with_the_conversation(
    by_visitor: bool, seconds: int, outcome: str
) -> None:
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation))

    with clock_moved(timedelta(seconds=seconds)):
        if by_visitor:
            leave(conversation)
        else:
            close(conversation, olga())

    [promise] = promises_of(acme(), conversation.id)
    assert (promise.outcome, promise.answered_at) == (outcome, None)
    assert promise.settled_at is not None
    assert promise.waited_seconds == pytest.approx((promise.settled_at - promise.opened_at).total_seconds())
    assert (promise.broken_at is not None) is (outcome == "broken")
    assert (promise.responsible_id, promise.responsible_name) == (olga().id, "Olga")
    assert_consistent(acme(), conversation.id)


@pytest.mark.parametrize("by_visitor", [True, False])
def test_the_same_cid_again_is_the_same(by_visitor: bool) -> None:
    conversation, cid = lay_conversation(acme(), operator=olga()), uuid4()

    def end() -> int:
        return leave(conversation, cid=cid) if by_visitor else close(conversation, olga(), cid=cid)

    first = end()
    before = everything_about(acme(), conversation.id)

    assert end() == first
    assert everything_about(acme(), conversation.id) == before


def test_a_conversation_ends_once() -> None:  # rule 45
    conversation = lay_conversation(acme(), operator=olga())
    close(conversation, olga(), purpose="problem")
    before = everything_about(acme(), conversation.id)

    with pytest.raises(ConversationClosed):
        close(conversation, olga(), purpose="other")
    with pytest.raises(ConversationClosed):
        leave(conversation)

    assert everything_about(acme(), conversation.id) == before


def test_only_the_operator_who_holds_it_closes_it() -> None:  # rule 45
    held, waiting = lay_conversation(acme(), operator=olga()), lay_conversation(acme())
    before = [everything_about(acme(), one.id) for one in (held, waiting)]

    for conversation in (held, waiting):
        with pytest.raises(NotAssigned):
            close(conversation, omar())

    assert [everything_about(acme(), one.id) for one in (held, waiting)] == before


def test_a_purpose_that_does_not_exist_is_refused() -> None:  # rule 45
    conversation = lay_conversation(acme(), operator=olga())
    before = everything_about(acme(), conversation.id)

    with pytest.raises(Invalid):
        close(conversation, olga(), purpose="boredom")

    assert everything_about(acme(), conversation.id) == before


def test_somebody_elses_conversation_cannot_be_left() -> None:  # rules 17, 45
    conversation, other = lay_conversation(acme(), operator=olga()), visitor_of(acme())
    before = everything_about(acme(), conversation.id)

    with pytest.raises(NotFound):
        leave(conversation, other.id)
    with pytest.raises(NotFound):
        in_organisation(globex(), leave_conversation, conversation.visitor_id, conversation.id, uuid4())

    assert everything_about(acme(), conversation.id) == before
