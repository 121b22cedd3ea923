"""The place of a waiting visitor and how long it may take, against a slow count of the same."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from conversations.models import Conversation
from operators.models import Assignment, ClientCard, Posting, QueueEntry
from operators.places import MEASURED_AT_LEAST, Place, queue_places
from operators.selectors import OperatorRef
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tests.cast import acme, globex
from tests.conversations.scene import append, asked, lay_conversation

Hire = Callable[..., OperatorRef]


@pytest.fixture(autouse=True)
def _nobody_else_waits_or_is_posted(noon: timedelta) -> None:
    QueueEntry.objects.filter(state="waiting").delete()


@pytest.fixture
def posted() -> object:
    """Only these operators answer for anybody; the others' postings come back after the test."""
    kept: list[Posting] = []

    def only(*operators: OperatorRef) -> None:
        others = Posting.objects.exclude(operator_id__in=[one.id for one in operators])
        kept.extend(others)
        others.delete()

    yield only
    Posting.objects.bulk_create(kept)


def wait(organisation: OrganisationRef, opened_at: datetime) -> Conversation:
    conversation = lay_conversation(organisation)
    QueueEntry.objects.filter(pk=conversation.id).update(opened_at=opened_at)
    return conversation


def measured(
    operator: OperatorRef, *seconds: float, ago: timedelta = timedelta(minutes=5), end: str = "closed"
) -> None:
    """Conversations of the operator that took so long and ended so long ago."""
    ended_at = platform_now() - ago
    Assignment.objects.bulk_create(
        Assignment(
            conversation_id=uuid4(),
            organisation_id=globex().id,
            operator_id=operator.id,
            start="offered",
            started_at=ended_at - timedelta(seconds=each),
            end=end,
            ended_at=ended_at,
        )
        for each in seconds
    )


def positions(*conversations: Conversation) -> list[int]:
    places = queue_places([one.id for one in conversations])
    return [places[one.id].position for one in conversations]


def test_what_waits_for_the_same_people_is_one_queue_over_all_organisations(
    hire: Hire, posted: Callable[..., None]
) -> None:
    both = hire(acme(), globex())
    posted(both)
    now = platform_now()
    first, second, third = wait(acme(), now), wait(globex(), now + timedelta(seconds=1)), wait(acme(), now)
    QueueEntry.objects.filter(pk=third.id).update(opened_at=now + timedelta(seconds=2))

    assert positions(first, second, third) == [1, 2, 3]


def test_organisations_that_share_nobody_have_queues_of_their_own(hire: Hire, posted: Callable[..., None]) -> None:
    posted(hire(acme()), hire(globex()))
    now = platform_now()
    first, second = wait(acme(), now), wait(globex(), now + timedelta(seconds=1))

    assert positions(first, second) == [1, 1]


def test_who_has_not_confirmed_the_card_joins_no_queues(hire: Hire, posted: Callable[..., None]) -> None:
    posted(hire(acme(), globex()))
    now = platform_now()
    first, second = wait(acme(), now), wait(globex(), now + timedelta(seconds=1))
    card = ClientCard.objects.create(organisation_id=acme().id, version=1, tone="Warm.")
    try:
        assert positions(first, second) == [1, 1]
        assert positions(first, wait(acme(), now + timedelta(seconds=3))) == [1, 2]
    finally:
        card.delete()


def test_whose_promise_is_due_first_stands_in_front(hire: Hire, posted: Callable[..., None]) -> None:
    posted(hire(globex()))
    late, early = lay_conversation(globex()), lay_conversation(globex())
    append(globex(), asked(early))
    append(globex(), asked(late))

    assert positions(late, early) == [2, 1]


def test_nobody_who_is_served_or_gone_has_a_place(hire: Hire) -> None:
    operator = hire(globex())
    held = lay_conversation(globex(), operator=operator)

    assert queue_places([held.id, uuid4()]) == {}
    assert queue_places([]) == {}


def test_the_estimate_is_the_measured_mean_by_the_places_there_are(hire: Hire, posted: Callable[..., None]) -> None:
    here, away = hire(globex(), capacity=3), hire(globex(), capacity=4, is_present=False)
    posted(here, away)
    now = platform_now()
    first, second = wait(globex(), now), wait(globex(), now + timedelta(seconds=1))
    measured(here, 60, 120, 240)
    measured(away, 180, 300)
    measured(here, 9_000, ago=timedelta(minutes=121))  # before the two hours
    measured(here, 9_000, end="silent")  # did not end by being finished

    assert queue_places([first.id, second.id]) == {first.id: Place(1, 60), second.id: Place(2, 120)}


def test_no_estimate_is_made_from_too_little_or_with_nobody_there(hire: Hire, posted: Callable[..., None]) -> None:
    here, away = hire(globex()), hire(acme(), is_present=False)
    posted(here, away)
    alone, unserved = wait(globex(), platform_now()), wait(acme(), platform_now())
    measured(here, *[60.0] * (MEASURED_AT_LEAST - 1))
    measured(away, *[60.0] * MEASURED_AT_LEAST)

    assert queue_places([alone.id, unserved.id]) == {alone.id: Place(1, None), unserved.id: Place(1, None)}


def test_positions_equal_a_slow_count(hire: Hire, posted: Callable[..., None]) -> None:
    dice = random.Random(7)
    organisations = [acme(), globex()]
    operators = [hire(*dice.sample(organisations, dice.randint(1, 2))) for _ in range(5)]
    posted(*operators)
    now = platform_now()
    waiting = [
        (organisation, wait(organisation, now + timedelta(seconds=dice.randint(0, 5))))
        for organisation in (dice.choice(organisations) for _ in range(25))
    ]

    places = queue_places([one.id for _, one in waiting])

    trained: dict[UUID, set[UUID]] = {}
    for posting in Posting.objects.all():
        trained.setdefault(posting.organisation_id, set()).add(posting.operator_id)
    due = {
        row.conversation_id: (row.opened_at, row.conversation_id) for row in QueueEntry.objects.filter(state="waiting")
    }
    for organisation, conversation in waiting:
        ahead = [
            other
            for theirs, other in waiting
            if trained[organisation.id] & trained[theirs.id] and due[other.id] < due[conversation.id]
        ]
        assert places[conversation.id].position == len(ahead) + 1


def test_places_cost_one_query(django_assert_num_queries: Callable[[int], object]) -> None:
    waiting = [lay_conversation(globex()).id for _ in range(3)]
    queue_places(waiting)  # the connection is back in the public schema

    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert len(queue_places(waiting)) == 3
