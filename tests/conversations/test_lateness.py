"""Two real sweeps, sixty turns that nobody answers within a few seconds, and one sweep killed in the middle.

The bound is wide because other tests run beside this one; how late deadlines are on a quiet machine is for measuring.
"""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from conversations.models import DeskEntry, Promise
from operators.models import Clock
from operators.presence import record_beats
from operators.selectors import OperatorRef
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tests import servers
from tests.cast import acme, globex
from tests.conversations.scene import (
    append,
    asked,
    desk_entries_of,
    dismiss_operators,
    hire_operator,
    lay_conversation,
)
from tests.desk_people import open_all_day
from tests.servers import Started

TURNS = 60
STEPS = ["promise.warned", "supervisor.alerted", "promise.broken"]
FIRST_DUE_SECONDS = 5.0
SPREAD_SECONDS = 4.0
PATIENCE_SECONDS = 60.0
LATEST_SECONDS = 20.0


@pytest.fixture
def sweeps() -> Iterator[list[Started]]:
    with open_all_day(acme(), globex()), servers.sweep() as first, servers.sweep() as second:
        yield [first, second]


def test_every_step_comes_in_time_and_once_though_one_of_two_sweeps_is_killed(sweeps: list[Started]) -> None:  # rule 21
    silent = {one.slug: hire_operator(one, capacity=500) for one in (acme(), globex())}
    laid = [lay_turn(acme() if number % 2 else globex(), silent) for number in range(TURNS)]
    record_beats([operator.id for operator in silent.values()])
    start = platform_now() + timedelta(seconds=FIRST_DUE_SECONDS)
    for number, (organisation, conversation_id) in enumerate(laid):
        warn_at = start + timedelta(seconds=SPREAD_SECONDS * number / TURNS)
        in_organisation(organisation, plan, conversation_id, warn_at)

    time.sleep(FIRST_DUE_SECONDS + SPREAD_SECONDS / 2)
    sweeps[0].kill()

    wait_until_all_are_broken(laid, [operator.id for operator in silent.values()])
    late = sorted(seconds for organisation, one in laid for seconds in in_organisation(organisation, lateness, one))
    Clock.objects.filter(conversation_id__in=[one for _, one in laid]).delete()
    dismiss_operators([operator.id for operator in silent.values()])
    assert len(late) == len(STEPS) * TURNS
    assert late[0] >= 0
    assert late[-1] < LATEST_SECONDS
    for organisation, conversation_id in laid:
        assert [one.kind for one in desk_entries_of(organisation, conversation_id)] == STEPS


def lay_turn(organisation: OrganisationRef, silent: Mapping[str, OperatorRef]) -> tuple[OrganisationRef, UUID]:
    conversation = lay_conversation(organisation, operator=silent[organisation.slug])
    append(organisation, asked(conversation))
    # Not before all are laid, however long that takes.
    in_organisation(organisation, plan, conversation.id, platform_now() + timedelta(hours=1))
    return organisation, conversation.id


def plan(_organisation: OrganisationRef, conversation_id: UUID, warn_at: datetime) -> None:
    """Warned, taken away and broken with a second between them."""
    second = timedelta(seconds=1)
    Promise.objects.filter(conversation_id=conversation_id).update(warn_at=warn_at, due_at=warn_at + 2 * second)
    Clock.objects.filter(conversation_id=conversation_id).update(
        warn_at=warn_at, reoffer_at=warn_at + second, due_at=warn_at + 2 * second, next_at=warn_at
    )


def wait_until_all_are_broken(laid: list[tuple[OrganisationRef, UUID]], silent: list[UUID]) -> None:
    """The operators say nothing, but are there, however long it takes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    ids = [conversation_id for _, conversation_id in laid]
    while Clock.objects.filter(conversation_id__in=ids, due_at__isnull=False).exists():
        assert time.monotonic() < deadline
        record_beats(silent)
        time.sleep(0.5)


def lateness(_organisation: OrganisationRef, conversation_id: UUID) -> list[float]:
    """Seconds between each step's planned moment and when the desk was told."""
    promise = Promise.objects.get(conversation_id=conversation_id)
    told = dict(DeskEntry.objects.filter(conversation_id=conversation_id).values_list("kind", "at"))
    planned = [promise.warn_at, promise.warn_at + timedelta(seconds=1), promise.due_at]
    return [(told[kind] - at).total_seconds() for kind, at in zip(STEPS, planned, strict=True) if kind in told]
