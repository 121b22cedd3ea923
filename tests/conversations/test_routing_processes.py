"""Real processes and the real time: the sweep does without Celery, and Celery without the sweep (rule 12)."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from conversations import tasks
from operators.models import Clock, DueWork
from operators.selectors import OperatorRef
from tenants.clock import platform_now
from tests import servers
from tests.cast import globex, visitor_of
from tests.conversations.scene import (
    conversation_row,
    desk_entries_of,
    dismiss_operators,
    due_work_of,
    hire_operator,
    receive,
)
from tests.servers import Started

PATIENCE_SECONDS = 15.0
LONG = timedelta(hours=1)


@pytest.fixture
def operator() -> Iterator[OperatorRef]:
    """Present by the real time."""
    hired = hire_operator(globex(), capacity=500)
    yield hired
    dismiss_operators([hired.id])


def until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def begun() -> UUID:
    """A conversation that waits; no task was sent for it."""
    return receive(visitor_of(globex()), "Hello").conversation_id


def is_assigned(conversation_id: UUID) -> bool:
    return conversation_row(globex(), conversation_id).state == "assigned"


def test_a_sweep_offers_and_strikes_with_celery_and_redis_gone(operator: OperatorRef) -> None:  # rules 11, 12, 21
    conversation_id = begun()
    with servers.sweep(environment={"REDIS_URL": "redis://127.0.0.1:1/0"}) as sweep:
        assert until(lambda: is_assigned(conversation_id)), sweep.log()

        # Its warning, due in 12 s, is due now; the deadline is still to come.
        now = platform_now()
        Clock.objects.filter(conversation_id=conversation_id).update(warn_at=now, next_at=now)
        assert until(lambda: len(desk_entries_of(globex(), conversation_id)) == 2), sweep.log()

    assert [one.kind for one in desk_entries_of(globex(), conversation_id)] == ["offer.made", "promise.warned"]
    assert due_work_of(conversation_id) == []


def test_a_worker_offers_what_no_sweep_looks_at_yet(operator: OperatorRef, worker: Started) -> None:  # rules 12, 19
    conversation_id = begun()
    DueWork.objects.filter(subject_id=conversation_id).update(due_at=platform_now() + LONG)

    tasks.enqueue_offer(globex().schema_name, conversation_id)
    tasks.enqueue_offer(globex().schema_name, conversation_id)

    assert until(lambda: is_assigned(conversation_id)), worker.log()
    assert [one.kind for one in desk_entries_of(globex(), conversation_id)] == ["offer.made"]
