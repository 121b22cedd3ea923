"""Whatever happens to a conversation in whatever order, its rows agree with each other and with a small model."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conversations.errors import ConversationClosed, NotAssigned
from conversations.journal import Appended, NewEntry
from conversations.services.closing import close_conversation, leave_conversation
from conversations.services.offering import take_conversation
from conversations.services.striking import strike_clock
from operators.selectors import OperatorRef
from tenants.clock import clock_moved, platform_now
from tenants.context import in_organisation
from tenants.errors import ServiceError
from tests.cast import VisitorHere, globex, visitor_of
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    clocks_of,
    conversation_row,
    dismiss_operators,
    entries_of,
    hire_operator,
    promises_of,
    receive,
    said_by_itself,
)

FIRST, FOLLOW_UP = 20, 30


@dataclass
class Turn:
    """What the model knows of one promise."""

    kind: str
    opened_at: datetime
    is_broken: bool = False
    outcome: str = ""
    waited: float | None = None
    ended: bool = False

    @property
    def due_at(self) -> datetime:
        return self.opened_at + timedelta(seconds=FIRST if self.kind == "first" else FOLLOW_UP)


class ConversationLife(RuleBasedStateMachine):
    """One conversation from its first message on. The clock moves in steps and stands nearly still between them."""

    operators: tuple[OperatorRef, OperatorRef]

    @initialize()
    def begin(self) -> None:
        self.organisation = globex()
        self.visitor: VisitorHere = visitor_of(self.organisation)
        self.elapsed = timedelta()
        self.sent: list[tuple[NewEntry, Appended]] = []
        self.state, self.has_reply = "waiting", False
        self.holder: OperatorRef | None = None
        begun = receive(self.visitor, "Hello")
        self.conversation = conversation_row(self.organisation, begun.conversation_id)
        self.seq = self.conversation.last_seq
        self.turns = [Turn("first", begun.message.at)]

    def open_turn(self) -> Turn | None:
        return self.turns[-1] if self.turns and not self.turns[-1].outcome else None

    @rule(seconds=st.sampled_from([1.0, 7.3, 13.1, 31.7]))
    def time_passes(self, seconds: float) -> None:
        self.elapsed += timedelta(seconds=seconds)

    @rule(burst=st.integers(1, 3))
    def the_visitor_asks(self, burst: int) -> None:
        entries = [asked(self.conversation, f"question {number}") for number in range(burst)]
        with clock_moved(self.elapsed):
            if self.state == "closed":
                with pytest.raises(ConversationClosed):
                    append(self.organisation, *entries)
                return
            appended = append(self.organisation, *entries)
        self.expect(entries, appended)
        if self.open_turn() is None:
            self.turns.append(Turn("follow_up" if self.has_reply else "first", appended[0].at))

    @rule(by_holder=st.booleans())
    def an_operator_answers(self, by_holder: bool) -> None:
        others = [one for one in self.operators if self.holder is None or one.id != self.holder.id]
        operator = self.holder if by_holder and self.holder else others[0]
        entry = answered(self.conversation, operator)
        with clock_moved(self.elapsed):
            if self.state != "assigned" or operator != self.holder:
                with pytest.raises(ConversationClosed if self.state == "closed" else NotAssigned):
                    append(self.organisation, entry)
                return
            [appended] = append(self.organisation, entry)
        self.expect([entry], [appended])
        self.has_reply = True
        if turn := self.open_turn():
            turn.outcome = "broken" if turn.is_broken or appended.at > turn.due_at else "kept"
            turn.waited = (appended.at - turn.opened_at).total_seconds()

    @rule()
    def automation_speaks(self) -> None:
        entry = said_by_itself(self.conversation)
        with clock_moved(self.elapsed):
            self.expect([entry], append(self.organisation, entry))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def something_is_sent_again(self, data: st.DataObject) -> None:
        entry, first = data.draw(st.sampled_from(self.sent), label="entry")
        with clock_moved(self.elapsed):
            [again] = append(
                self.organisation,
                NewEntry(
                    conversation_id=entry.conversation_id,
                    kind=entry.kind,
                    sender_kind=entry.sender_kind,
                    sender_id=entry.sender_id,
                    cid=entry.cid,
                    body="sent again",
                ),
            )
        assert (again.id, again.seq, again.at, again.is_new) == (first.id, first.seq, first.at, False)

    @rule()
    def the_sweep_comes_by(self) -> None:
        with clock_moved(self.elapsed):
            for clock in clocks_of(self.conversation.id):
                in_organisation(self.organisation, strike_clock, self.conversation.id, clock.id)
            now = platform_now()
        turn = self.open_turn()
        if turn is not None and now >= turn.due_at:
            turn.is_broken = True

    @rule(who=st.integers(0, 1))
    def an_operator_takes_it(self, who: int) -> None:
        operator, waits = self.operators[who], self.state == "waiting"
        with clock_moved(self.elapsed):
            try:
                in_organisation(self.organisation, take_conversation, operator, self.conversation.id, uuid4())
            except ServiceError:
                assert (not waits and operator != self.holder) or self.state == "closed"
                return
        self.seq += 1
        self.state, self.holder = "assigned", operator

    @rule(by_visitor=st.booleans())
    def somebody_ends_it(self, by_visitor: bool) -> None:
        with clock_moved(self.elapsed):
            if self.state == "closed" or (self.holder is None and not by_visitor):
                return
            if by_visitor:
                closed = self.end(leave_conversation, self.visitor.id)
            else:
                closed = self.end(close_conversation, self.holder, "information")
        self.state = "closed"
        self.seq += 3  # goodbye, closing, rating
        if turn := self.open_turn():
            is_late = turn.is_broken or closed.at > turn.due_at
            turn.outcome = "broken" if is_late else "abandoned" if by_visitor else "closed"
            turn.ended = True

    def end(self, service: object, actor: object, *more: object) -> Appended:
        return in_organisation(self.organisation, service, actor, self.conversation.id, uuid4(), *more)  # type: ignore[arg-type]

    @precondition(lambda self: self.state == "closed" and self.elapsed < timedelta(minutes=14))
    @rule()
    def the_visitor_comes_back(self) -> None:
        with clock_moved(self.elapsed):
            received = receive(self.visitor, "One more thing")
        assert received.conversation_id == self.conversation.id
        row = conversation_row(self.organisation, self.conversation.id)
        assert row.last_seq in (self.seq + 2, self.seq + 3)  # reopening, message; the topic if it never was asked
        self.seq, self.state, self.holder = row.last_seq, "waiting", None
        self.turns.append(Turn("follow_up" if self.has_reply else "first", received.message.at))

    def expect(self, entries: list[NewEntry], appended: list[Appended]) -> None:
        assert [one.seq for one in appended] == list(range(self.seq + 1, self.seq + 1 + len(entries)))
        assert all(one.is_new for one in appended)
        self.seq += len(entries)
        self.sent += zip(entries, appended, strict=True)

    @invariant()
    def rows_agree_with_each_other(self) -> None:
        assert_consistent(self.organisation, self.conversation.id)

    @invariant()
    def rows_agree_with_the_model(self) -> None:
        row = conversation_row(self.organisation, self.conversation.id)
        promises = promises_of(self.organisation, self.conversation.id)

        assert (row.last_seq, row.state) == (self.seq, self.state)
        assert row.operator_id == (self.holder.id if self.holder else None)
        assert (row.first_replied_at is not None) is self.has_reply
        assert [(one.kind, one.opened_at, one.due_at) for one in promises] == [
            (turn.kind, turn.opened_at, turn.due_at) for turn in self.turns
        ]
        assert [one.outcome for one in promises] == [
            turn.outcome or ("broken" if turn.is_broken else "") for turn in self.turns
        ]
        for one, turn in zip(promises, self.turns, strict=True):
            ended = (one.settled_at - one.opened_at).total_seconds() if turn.ended and one.settled_at else None
            assert one.waited_seconds == (ended if turn.ended else turn.waited)

    def teardown(self) -> None:
        cids: list[UUID] = [entry.cid for entry in entries_of(self.organisation, self.conversation.id) if entry.cid]
        assert len(cids) == len(set(cids))


def test_any_order_of_events_keeps_the_rows_and_the_model_equal(noon: timedelta) -> None:  # rules 2, 3, 12
    operators = [hire_operator(globex(), name=name, capacity=500, is_present=False) for name in ("Olga", "Omar")]

    class Life(ConversationLife):
        pass

    Life.operators = (operators[0], operators[1])
    try:
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=10,
                stateful_step_count=25,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        dismiss_operators([one.id for one in operators])
