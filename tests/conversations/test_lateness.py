"""Two real sweeps, a hundred deadlines within a few seconds, and one sweep killed in the middle.

The bound is wide because other tests run beside this one; how late deadlines are on a quiet machine is for measuring.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from conversations.models import Conversation, Promise
from operators.models import Clock
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tests import servers
from tests.cast import acme, globex
from tests.conversations.scene import append, asked, lay_conversation
from tests.desk_people import open_all_day
from tests.servers import Started

DEADLINES = 100
FIRST_DUE_SECONDS = 5.0
SPREAD_SECONDS = 4.0
PATIENCE_SECONDS = 30.0
LATEST_SECONDS = 6.0


@pytest.fixture
def sweeps() -> Iterator[list[Started]]:
    with open_all_day(acme(), globex()), servers.sweep() as first, servers.sweep() as second:
        yield [first, second]


def test_deadlines_are_struck_in_time_though_one_of_two_sweeps_is_killed(sweeps: list[Started]) -> None:  # rule 21
    laid = [lay_deadline(acme() if number % 2 else globex()) for number in range(DEADLINES)]
    start = platform_now() + timedelta(seconds=FIRST_DUE_SECONDS)
    for number, (organisation, conversation_id) in enumerate(laid):
        due = start + timedelta(seconds=SPREAD_SECONDS * number / DEADLINES)
        in_organisation(organisation, make_due, conversation_id, due)

    time.sleep(FIRST_DUE_SECONDS + SPREAD_SECONDS / 2)
    sweeps[0].kill()

    late = sorted(wait_for_all(laid))
    assert len(late) == DEADLINES
    assert late[0] >= 0
    assert late[-1] < LATEST_SECONDS
    assert not Clock.objects.filter(conversation_id__in=[conversation_id for _, conversation_id in laid]).exists()


def lay_deadline(organisation: OrganisationRef) -> tuple[OrganisationRef, UUID]:
    conversation: Conversation = lay_conversation(organisation)
    append(organisation, asked(conversation))
    return organisation, conversation.id


def make_due(_organisation: OrganisationRef, conversation_id: UUID, due: object) -> None:
    Promise.objects.filter(conversation_id=conversation_id).update(due_at=due)
    Clock.objects.filter(conversation_id=conversation_id).update(warn_at=None, reoffer_at=None, due_at=due, next_at=due)


def wait_for_all(laid: list[tuple[OrganisationRef, UUID]]) -> list[float]:
    """Seconds between each promise's due time and when it was marked broken."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    late: list[float] = []
    while len(late) < len(laid) and time.monotonic() < deadline:
        time.sleep(0.5)
        late = [
            seconds
            for organisation in {organisation for organisation, _ in laid}
            for seconds in in_organisation(
                organisation, lateness, [one for where, one in laid if where == organisation]
            )
        ]
    return late


def lateness(_organisation: OrganisationRef, conversation_ids: list[UUID]) -> list[float]:
    rows = Promise.objects.filter(conversation_id__in=conversation_ids, broken_at__isnull=False)
    return [(broken - due).total_seconds() for due, broken in rows.values_list("due_at", "broken_at") if broken]
