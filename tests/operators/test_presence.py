"""Presence: what an operator chose stays, being heard runs out, and all their devices are one."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from operators.models import Presence
from operators.presence import presence_of, record_beats, set_presence, unheard_since
from operators.selectors import PRESENT_SECONDS, OperatorRef
from tenants.clock import clock_moved
from tenants.errors import Invalid, NotFound
from tests.cast import globex
from tests.conversations.scene import in_threads

Hire = Callable[..., OperatorRef]


def test_a_beat_makes_an_operator_present_and_keeps_what_they_chose(hire: Hire) -> None:  # rule 22
    operator = hire(globex(), is_present=False)

    record_beats([operator.id])
    first = Presence.objects.get(pk=operator.id)
    set_presence(operator.id, Presence.State.AWAY)
    with clock_moved(timedelta(seconds=30)):
        record_beats([operator.id])

    assert first.state == Presence.State.AVAILABLE
    second = Presence.objects.get(pk=operator.id)
    assert second.state == Presence.State.AWAY
    assert timedelta(seconds=30) <= second.seen_at - first.seen_at < timedelta(seconds=40)


def test_beats_of_many_desks_at_once_do_not_lock_each_other_out(hire: Hire, noon: timedelta) -> None:
    operators = [hire(globex(), is_present=False).id for _ in range(6)]

    in_threads([partial(record_beats, ids) for ids in (operators, operators[::-1]) * 10], moved=noon)

    assert Presence.objects.filter(pk__in=operators).count() == 6


def test_a_state_that_does_not_exist_is_refused(hire: Hire) -> None:  # rule 45
    operator = hire(globex())

    with pytest.raises(NotFound):
        set_presence(operator.id, "asleep")

    assert Presence.objects.get(pk=operator.id).state == Presence.State.AVAILABLE


def test_somebody_new_is_available_and_was_never_gone(hire: Hire) -> None:
    operator = hire(globex(), is_present=False)

    assert presence_of(operator.id).state == Presence.State.AVAILABLE
    assert unheard_since(operator.id) is None


def test_a_break_has_a_reason_and_a_planned_end_and_begins_once(hire: Hire) -> None:
    operator = hire(globex())

    begun = set_presence(operator.id, "on_break", "meal", 30)
    with clock_moved(timedelta(minutes=10)):
        longer = set_presence(operator.id, "on_break", "meeting", 45)
        back = set_presence(operator.id, "available", "meal", 30)

    assert begun.until == begun.since + timedelta(minutes=30)
    assert (longer.reason, longer.since) == ("meeting", begun.since)
    assert longer.until is not None
    assert timedelta(minutes=54) < longer.until - begun.since < timedelta(minutes=56)
    assert (back.state, back.reason, back.until) == ("available", "", None)
    assert back.since - begun.since >= timedelta(minutes=10)
    assert presence_of(operator.id) == back


@pytest.mark.parametrize(
    ("state", "reason", "minutes", "error"),
    [
        ("on_break", "", None, NotFound),
        ("on_break", "boredom", 10, NotFound),
        ("on_break", "meal", 0, Invalid),
        ("on_break", "meal", 481, Invalid),
    ],
)
def test_a_break_that_makes_no_sense_is_refused(
    hire: Hire, state: str, reason: str, minutes: int | None, error: type[Exception]
) -> None:  # rule 45
    operator = hire(globex())
    before = Presence.objects.values().get(pk=operator.id)

    with pytest.raises(error):
        set_presence(operator.id, state, reason, minutes)

    assert Presence.objects.values().get(pk=operator.id) == before


def test_an_operator_who_was_not_heard_for_long_learns_since_when(hire: Hire) -> None:  # rule 22
    operator = hire(globex())
    heard = Presence.objects.get(pk=operator.id).seen_at

    with clock_moved(timedelta(seconds=PRESENT_SECONDS - 5)):
        assert unheard_since(operator.id) is None
    with clock_moved(timedelta(seconds=PRESENT_SECONDS + 1)):
        assert unheard_since(operator.id) == heard
        record_beats([operator.id])
        assert unheard_since(operator.id) is None


def test_choices_made_on_two_devices_at_once_leave_one_presence(hire: Hire, noon: timedelta) -> None:
    operator = hire(globex(), is_present=False)

    in_threads([partial(set_presence, operator.id, state) for state in ("available", "busy", "away") * 4], moved=noon)

    assert Presence.objects.filter(pk=operator.id).count() == 1
