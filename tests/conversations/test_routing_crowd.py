"""A crowd at once: 100 first messages and 20 operators with three places each. Then the same with real processes; twice
as many are measured in bench/crowd.py."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from conversations import tasks
from conversations.services.offering import offer_conversation
from operators.models import Assignment, DueWork, QueueEntry
from operators.presence import record_beats
from operators.selectors import OperatorRef
from tenants.context import OrganisationRef, in_organisation
from tests import servers
from tests.cast import acme, globex, visitor_of
from tests.conversations.scene import (
    assert_consistent,
    dismiss_operators,
    empty_queue,
    hire_operator,
    in_threads,
    receive,
)
from tests.desk_people import open_all_day
from tests.servers import Started

Hire = Callable[..., OperatorRef]

CAPACITY = 3
PATIENCE_SECONDS = 120.0


@pytest.fixture(autouse=True)
def _nothing_else_waits(platform_database: None) -> None:
    empty_queue()


def assert_each_in_one_pair_of_hands(
    conversations: dict[UUID, OrganisationRef], operators: list[OperatorRef], *, checked: int
) -> None:
    """Every place taken and none twice, one stretch each, and the rest waiting with the work of offering them."""
    rows = {row.conversation_id: row for row in QueueEntry.objects.filter(pk__in=conversations)}
    held = Counter(row.operator_id for row in rows.values() if row.state == "assigned")
    waiting = [row.conversation_id for row in rows.values() if row.state == "waiting"]

    assert held == {one.id: CAPACITY for one in operators}
    assert len(waiting) == len(conversations) - CAPACITY * len(operators)
    assert DueWork.objects.filter(kind="offer", subject_id__in=waiting).count() == len(waiting)
    stretches = Assignment.objects.filter(conversation_id__in=conversations)
    assert {(one.conversation_id, one.operator_id) for one in stretches} == {
        (row.conversation_id, row.operator_id) for row in rows.values() if row.operator_id
    }
    assert stretches.count() == CAPACITY * len(operators)
    for conversation_id in list(conversations)[:checked]:
        assert_consistent(conversations[conversation_id], conversation_id)


def test_a_hundred_first_messages_at_once_fill_twenty_operators_and_nobody_twice(hire: Hire, noon: timedelta) -> None:
    organisations = [acme(), globex()]
    operators = [hire(*organisations, capacity=CAPACITY) for _ in range(20)]

    def ask(number: int) -> tuple[UUID, OrganisationRef]:
        if number % 10 == 0:  # on a busy machine this takes longer than presence lasts
            record_beats([one.id for one in operators])
        organisation = organisations[number % 2]
        conversation_id = receive(visitor_of(organisation), "Hello, who is there?").conversation_id
        in_organisation(organisation, offer_conversation, conversation_id)
        return conversation_id, organisation

    begun = dict(in_threads([partial(ask, number) for number in range(100)], moved=noon))

    assert_each_in_one_pair_of_hands(begun, operators, checked=20)


@pytest.fixture
def crew() -> Iterator[list[OperatorRef]]:
    """Eight operators, present by the real time."""
    hired = [hire_operator(globex(), capacity=CAPACITY) for _ in range(8)]
    yield hired
    dismiss_operators([one.id for one in hired])


@pytest.fixture
def two_workers() -> Iterator[tuple[Started, Started]]:
    with servers.worker() as one, servers.worker() as other:
        yield one, other


def test_with_one_of_two_workers_killed_in_the_middle_each_still_has_one_operator(  # rules 12, 19, 22
    crew: list[OperatorRef], two_workers: tuple[Started, Started]
) -> None:
    with open_all_day(globex()):  # takes presence away from whoever was there before
        begun = {receive(visitor_of(globex()), "Hello, who is there?").conversation_id: globex() for _ in range(40)}
        record_beats([one.id for one in crew])
        for number, conversation_id in enumerate(begun):
            tasks.enqueue_offer(globex().schema_name, conversation_id)
            if number == 13:
                until(lambda: assigned(begun) > 0, crew)
                two_workers[0].kill()
        with servers.sweep():
            until(lambda: assigned(begun) == CAPACITY * len(crew), crew)
            crew.append(hire_operator(globex(), capacity=CAPACITY))  # while all were busy, nothing of it was forgotten
            until(lambda: assigned(begun) == CAPACITY * len(crew), crew)
            time.sleep(2)  # the sweep goes on, and gives nobody more than they have room for

    assert_each_in_one_pair_of_hands(begun, crew, checked=10)


def assigned(conversations: dict[UUID, OrganisationRef]) -> int:
    return QueueEntry.objects.filter(pk__in=conversations, state="assigned").count()


def until(holds: Callable[[], bool], crew: list[OperatorRef]) -> None:
    """Waits for it, while the crew stays at the desk: on a busy machine it takes longer than presence lasts."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        record_beats([one.id for one in crew])
        time.sleep(0.1)
