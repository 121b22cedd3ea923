"""The arithmetic of a simulated day against slow, obvious counting."""

import random
from uuid import UUID

import pytest

from chatplatform.simulation.summary import (
    Stretch,
    TurnRow,
    highest_share,
    in_two_hands,
    per_hour,
    percentile,
    spread,
    waits,
)

pytestmark = pytest.mark.no_database


def numbered(number: int) -> UUID:
    return UUID(int=number)


def held(conversation: int, operator: int, starts: float, ends: float, weight: int = 100) -> Stretch:
    return Stretch(numbered(conversation), numbered(operator), starts, ends, weight, "closed")


def test_only_turns_that_came_due_count_as_promises() -> None:
    turns = [
        TurnRow("first", "kept", 5.0),
        TurnRow("first", "kept", 7.0),
        TurnRow("first", "broken", 40.0),
        TurnRow("first", "abandoned", 3.0),
        TurnRow("first", "closed", 2.0),
        TurnRow("follow_up", "broken", 90.0),
    ]

    first = waits(turns, "first")

    assert (first.turns, first.due, first.kept, first.abandoned) == (5, 3, 2, 1)
    assert first.kept_share == 2 / 3
    assert (first.p50, first.p90, first.p99) == (5.0, 40.0, 40.0)
    assert waits(turns, "other").kept_share is None
    assert waits(turns, "other").p50 is None


def test_a_percentile_is_the_smallest_value_that_enough_others_do_not_exceed() -> None:
    chance = random.Random(1)
    for size in (1, 2, 3, 10, 99, 100, 101):
        values = sorted(chance.random() for _ in range(size))
        for percent in (1, 50, 90, 99, 100):
            slow = min(value for value in values if sum(other <= value for other in values) * 100 >= percent * size)
            assert percentile(values, percent) == slow


def test_the_spread_is_nought_when_all_have_the_same_and_grows_with_the_difference() -> None:
    assert spread([3.0, 3.0, 3.0]) == 0
    assert spread([2.0, 4.0]) == pytest.approx(1 / 3)
    assert spread([1.0, 5.0]) == pytest.approx(2 / 3)
    assert spread([]) is None
    assert spread([0.0, 0.0]) is None


def test_load_is_counted_per_available_hour_of_those_who_were_there_at_all() -> None:
    hours = {numbered(1): 8.0, numbered(2): 4.0, numbered(3): 0.5, numbered(4): 2.0}

    assert per_hour({numbered(1): 40.0, numbered(2): 40.0, numbered(3): 9.0}, hours) == [5.0, 10.0, 0.0]


def test_the_fullest_moment_and_two_hands_agree_with_looking_at_every_second() -> None:
    chance = random.Random(2)
    for _ in range(200):
        stretches = []
        for _ in range(12):
            starts = chance.randrange(20)
            ends = starts + chance.randrange(1, 6)
            weight = chance.choice((50, 100))
            stretches.append(held(chance.randrange(5), chance.randrange(3), starts, ends, weight))

        def at(second: int, one: Stretch) -> bool:
            return one.starts <= second < one.ends

        fullest = max(
            sum(one.weight for one in stretches if one.operator_id == numbered(operator) and at(second, one)) / 200
            for operator in range(3)
            for second in range(26)
        )
        shared = sum(
            any(
                sum(one.conversation_id == numbered(conversation) and at(second, one) for one in stretches) > 1
                for second in range(26)
            )
            for conversation in range(5)
        )
        assert highest_share(stretches, {numbered(one): 2 for one in range(3)}) == fullest
        assert in_two_hands(stretches) == shared


def test_a_conversation_handed_on_at_one_moment_is_in_one_hand() -> None:
    assert in_two_hands([held(1, 1, 0, 5), held(1, 2, 5, 9)]) == 0
    assert in_two_hands([held(1, 1, 0, 5), held(1, 2, 4.999, 9)]) == 1
