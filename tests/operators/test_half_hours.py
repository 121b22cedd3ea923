"""Half hours of the desk, beside a sum that is made second by second in Python."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest

from operators.half_hours import LOOK_BACK, count_half_hours, half_hour_of
from operators.models import Assignment, Attendance, DeskHalfHour, TurnRecord
from operators.selectors import OperatorRef
from tenants.clock import clock_moved, platform_now
from tenants.models import Organisation
from tenants.services import NewOrganisation, create_organisation
from tests.cast import acme, globex
from tests.conversations.scene import hire_operator, in_threads

THEN = datetime(2030, 5, 14, 12, 7, tzinfo=UTC)
BEGINS = THEN - timedelta(hours=5, minutes=7)


@pytest.fixture(autouse=True)
def _emptied() -> Iterator[None]:
    """A day of these tests' own, in which nobody else was at work."""
    DeskHalfHour.objects.all().delete()
    Assignment.objects.filter(ended_at=None).delete()  # what others left open would be held until that day
    yield
    since = BEGINS - timedelta(days=9)
    TurnRecord.objects.filter(opened_at__gte=since).delete()
    Assignment.objects.filter(started_at__gte=since).delete()
    Attendance.objects.filter(started_at__gte=since).delete()
    DeskHalfHour.objects.all().delete()


def count_at(moment: datetime) -> None:
    with clock_moved(moment - platform_now()):
        count_half_hours()


def an_operator(capacity: int = 4) -> OperatorRef:
    return hire_operator(globex(), is_present=False, capacity=capacity)


def turn(opened: datetime, outcome: str, conversation_id: UUID | None = None, kind: str = "first") -> None:
    TurnRecord.objects.create(
        id=uuid4(), organisation_id=acme().id, conversation_id=conversation_id or uuid4(), kind=kind, outcome=outcome,
        opened_at=opened,
    )  # fmt: skip


def at(minutes: float) -> datetime:
    return BEGINS + timedelta(minutes=minutes)


def held(operator: OperatorRef, begun: datetime, ended: datetime | None, organisation_id: UUID | None = None) -> None:
    Assignment.objects.create(
        conversation_id=uuid4(), organisation_id=organisation_id or globex().id, operator_id=operator.id,
        start="offered", started_at=begun, end="closed" if ended else "", ended_at=ended,
    )  # fmt: skip


def there(operator: OperatorRef, begun: datetime, until: datetime) -> None:
    Attendance.objects.create(operator_id=operator.id, capacity=operator.capacity, started_at=begun, until=until)


def slot(starts_at: datetime) -> DeskHalfHour:
    return DeskHalfHour.objects.get(starts_at=starts_at)


def test_a_half_hour_holds_what_began_and_what_was_answered_in_it() -> None:
    again = uuid4()
    turn(at(1), "kept", again)
    turn(at(20), "broken", again)  # reopened: begun once
    turn(at(29.9), "abandoned")
    turn(at(30), "kept")
    turn(at(31), "broken", kind="follow_up")

    count_at(THEN)

    first, second = slot(at(0)), slot(at(30))
    assert (first.conversations, first.first_replies, first.first_replies_kept) == (2, 2, 1)
    assert (second.conversations, second.first_replies, second.first_replies_kept) == (1, 1, 1)
    assert not DeskHalfHour.objects.filter(starts_at__gte=half_hour_of(THEN)).exists()


def test_held_and_present_time_is_that_of_every_second() -> None:
    operators = [an_operator(capacity) for capacity in (2, 5)]
    length = 10 * 1800
    chance = random.Random(11)
    handled, present, places = ([0] * 10 for _ in range(3))
    for _ in range(40):
        first, seconds = chance.randrange(-2000, length), chance.randrange(1, 7000)
        begun = BEGINS + timedelta(seconds=first)
        held(chance.choice(operators), begun, begun + timedelta(seconds=seconds))
        for second in range(max(0, first), min(length, first + seconds)):
            handled[second // 1800] += 1
    for operator in operators:
        seconds_there: set[int] = set()
        for _ in range(6):  # overlapping ones count once
            first, seconds = chance.randrange(-2000, length), chance.randrange(1, 5000)
            begun = BEGINS + timedelta(seconds=first)
            there(operator, begun, begun + timedelta(seconds=seconds))
            seconds_there |= set(range(max(0, first), min(length, first + seconds)))
        for second in seconds_there:
            present[second // 1800] += 1
            places[second // 1800] += operator.capacity

    count_at(THEN)

    rows = [slot(at(30 * place)) for place in range(10)]
    assert [round(row.handled_seconds, 3) for row in rows] == handled
    assert [round(row.present_seconds, 3) for row in rows] == present
    assert [round(row.place_seconds, 3) for row in rows] == places


def test_counting_twice_at_once_and_later_again_leaves_one_row_each() -> None:
    operator = an_operator()
    held(operator, at(10), None)  # still held
    turn(at(5), "")

    in_threads([count_half_hours] * 4, moved=THEN - datetime.now(UTC))
    before = slot(at(0))
    TurnRecord.objects.filter(opened_at=at(5)).update(outcome="kept")
    count_at(THEN + timedelta(hours=1))

    assert (before.handled_seconds, before.first_replies) == (1200, 0)
    assert slot(at(0)).first_replies == 1
    assert DeskHalfHour.objects.filter(starts_at__range=(at(0), at(330))).count() == 12


def test_days_without_the_task_are_caught_up_as_far_as_turns_are_kept() -> None:
    count_at(THEN)
    turn(THEN + timedelta(days=1), "kept")
    count_at(THEN + timedelta(days=3))

    rows = list(DeskHalfHour.objects.order_by("starts_at").values_list("starts_at", flat=True))
    assert {later - earlier for earlier, later in pairwise(rows)} == {timedelta(minutes=30)}
    assert rows[0] == half_hour_of(THEN) - LOOK_BACK
    assert sum(DeskHalfHour.objects.values_list("conversations", flat=True)) == 1


def test_measurements_are_no_part_of_it() -> None:
    operator = an_operator()
    measured = create_organisation(NewOrganisation(slug="half-hour", name="Half", host="half-hour.localhost"))
    Organisation.objects.filter(pk=measured.id).update(kind=Organisation.Kind.MEASUREMENT)
    held(operator, at(1), at(9), measured.id)

    count_at(THEN)

    assert slot(at(0)).handled_seconds == 0
