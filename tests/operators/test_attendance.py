"""Attendance: one interval while somebody is heard and at work, ended when they go, and none for who only looks on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from operators.attendance import KEEP, WRITTEN_EVERY_SECONDS
from operators.models import Attendance, Posting
from operators.presence import record_beats, set_presence
from operators.selectors import PRESENT_SECONDS, OperatorRef
from operators.tasks import forget_turns_across_organisations
from tenants.clock import clock_moved, platform_now
from tests.cast import globex
from tests.conversations.scene import in_threads

Hire = Callable[..., OperatorRef]


def intervals(operator_id: UUID) -> list[tuple[datetime, datetime, bool]]:
    rows = Attendance.objects.filter(operator_id=operator_id).order_by("started_at")
    return list(rows.values_list("started_at", "until", "is_over"))


def beat_at(operator_id: UUID, *seconds: float) -> None:
    for one in seconds:
        with clock_moved(timedelta(seconds=one)):
            record_beats([operator_id])


def test_beats_make_one_interval_that_is_written_every_twenty_seconds(hire: Hire) -> None:
    operator = hire(globex(), is_present=False)

    beat_at(operator.id, 0, 5, 10)
    short = intervals(operator.id)
    beat_at(operator.id, 24, 48, 72)

    [(started, until, is_over)] = intervals(operator.id)
    assert short == [(started, started, False)]
    assert not is_over
    assert timedelta(seconds=72 - WRITTEN_EVERY_SECONDS) <= until - started <= timedelta(seconds=80)
    assert Attendance.objects.get(operator_id=operator.id).capacity == operator.capacity


def test_silence_ends_an_interval_by_itself(hire: Hire) -> None:
    operator = hire(globex(), is_present=False)

    beat_at(operator.id, 0, 25, 25 + PRESENT_SECONDS + 10)

    first, second = intervals(operator.id)
    assert timedelta(seconds=25) <= first[1] - first[0] < timedelta(seconds=35)
    assert second[0] - first[1] >= timedelta(seconds=PRESENT_SECONDS)


def test_a_break_ends_it_at_once_and_coming_back_begins_another(hire: Hire) -> None:
    operator = hire(globex(), is_present=False)
    record_beats([operator.id])

    with clock_moved(timedelta(seconds=10)):
        set_presence(operator.id, "on_break", "meal")
    beat_at(operator.id, 20)
    with clock_moved(timedelta(seconds=30)):
        set_presence(operator.id, "available")
    with clock_moved(timedelta(seconds=32)):
        set_presence(operator.id, "busy")

    first, second = intervals(operator.id)
    assert timedelta(seconds=10) <= first[1] - first[0] < timedelta(seconds=16)
    assert (first[2], second[2]) == (True, False)
    assert second[0] - first[1] >= timedelta(seconds=19)


def test_who_answers_for_nobody_is_not_there_to_be_planned_with(hire: Hire) -> None:
    operator = hire(globex(), is_present=False)
    Posting.objects.filter(operator_id=operator.id).delete()

    record_beats([operator.id])

    assert intervals(operator.id) == []


def test_many_devices_at_once_do_not_lock_each_other_out(hire: Hire, noon: timedelta) -> None:
    operators = [hire(globex(), is_present=False).id for _ in range(4)]

    in_threads([partial(record_beats, ids) for ids in (operators, operators[::-1]) * 8], moved=noon)

    assert set(Attendance.objects.values_list("operator_id", flat=True)) >= set(operators)


def test_what_planning_no_longer_looks_back_to_is_forgotten(hire: Hire) -> None:
    operator = hire(globex())
    old = platform_now() - KEEP - timedelta(days=1)
    Attendance.objects.create(operator_id=operator.id, capacity=1, started_at=old, until=old + timedelta(hours=1))

    forget_turns_across_organisations()

    assert len(intervals(operator.id)) == 1
