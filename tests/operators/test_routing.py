"""The rules alone: whom they put first, that the order is total, and that the named reason is true."""

from itertools import pairwise
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.routing import (
    IDLE_STEP_SECONDS,
    MOST_FREE,
    ONLY_ONE,
    ORDER,
    PRESENT,
    ROUND_ROBIN,
    RULES,
    Candidate,
    Rule,
    choosing_by,
    rule_in_force,
)
from operators.selectors import OperatorRef

pytestmark = pytest.mark.no_database

STEP = IDLE_STEP_SECONDS

operators = st.builds(
    OperatorRef,
    id=st.uuids(),
    name=st.just("Olga"),
    capacity=st.integers(1, 6),
    languages=st.just(("en",)),
)
candidates = st.builds(
    Candidate,
    operator=operators,
    load=st.integers(0, 6).map(lambda places: places * 50),
    waiting=st.integers(0, 3),
    speaks_language=st.booleans(),
    helped_before=st.booleans(),
    idle_seconds=st.none() | st.sampled_from([0.0, 1.5, 29.9, 30.0, 45.0, 3600.0]),
    taken_last_hour=st.integers(0, 3),
    level=st.integers(1, 3),
)
crowds = st.lists(candidates, min_size=1, max_size=8, unique_by=lambda one: one.operator.id)


def candidate(
    number: int = 0,
    *,
    load: int = 0,
    waiting: int = 0,
    capacity: int = 4,
    speaks_language: bool = True,
    helped_before: bool = False,
    idle_seconds: float | None = 0.0,
    taken_last_hour: int = 0,
    level: int = 2,
) -> Candidate:
    """Of equals, the one with the lower number comes first."""
    return Candidate(
        operator=OperatorRef(UUID(int=number), "Olga", capacity, ("en",)),
        load=load,
        waiting=waiting,
        speaks_language=speaks_language,
        helped_before=helped_before,
        idle_seconds=idle_seconds,
        taken_last_hour=taken_last_hour,
        level=level,
    )


@pytest.mark.parametrize(
    ("better", "worse", "reason"),
    [
        (candidate(1, load=300), candidate(0, speaks_language=False, helped_before=True), "language"),
        (candidate(1, load=300, helped_before=True), candidate(0), "helped_before"),
        (candidate(1, load=300, waiting=1), candidate(0, waiting=2), "waiting"),
        (candidate(1, load=200, capacity=8), candidate(0, load=100, capacity=2, idle_seconds=None), "load"),
        (candidate(1, idle_seconds=None, taken_last_hour=9), candidate(0, idle_seconds=9e9), "idle"),
        (candidate(1, idle_seconds=STEP, taken_last_hour=9), candidate(0, idle_seconds=STEP - 1), "idle"),
        (candidate(1, idle_seconds=1.0), candidate(0, idle_seconds=STEP - 1, taken_last_hour=1), "taken_last_hour"),
        (candidate(1, idle_seconds=2.0), candidate(0, idle_seconds=1.0), "idle"),
        (candidate(0), candidate(1), ORDER),
    ],
)
def test_the_present_rule_decides_by_the_first_criterion_that_differs(
    better: Candidate, worse: Candidate, reason: str
) -> None:
    for crowd in ([better, worse], [worse, better]):
        ranked = PRESENT.ranked(crowd)

        assert ranked == [better, worse]
        assert PRESENT.decided_by(ranked) == reason


def test_the_level_chooses_nobody() -> None:
    beginner, expert = candidate(0, level=1), candidate(1, level=3)

    assert PRESENT.ranked([expert, beginner]) == [beginner, expert]
    assert PRESENT.decided_by([beginner, expert]) == ORDER


def test_round_robin_looks_at_nothing_but_the_last_offer() -> None:
    longest = candidate(2, idle_seconds=20.0, load=300, speaks_language=False)
    never = candidate(3, idle_seconds=None, load=300)
    helper = candidate(1, idle_seconds=10.0, helped_before=True)

    assert ROUND_ROBIN.ranked([helper, longest, never]) == [never, longest, helper]


def test_most_free_counts_places_not_shares() -> None:
    small, large = candidate(0, capacity=2), candidate(1, capacity=8, load=500)

    assert MOST_FREE.ranked([small, large]) == [large, small]
    assert PRESENT.ranked([small, large]) == [small, large]


def test_somebody_alone_was_the_only_one() -> None:
    assert PRESENT.decided_by([candidate()]) == ONLY_ONE


@given(crowd=crowds, shuffled=st.randoms(use_true_random=False), rule=st.sampled_from(list(RULES.values())))
def test_the_order_does_not_depend_on_how_the_crowd_came_in(
    crowd: list[Candidate], shuffled: Random, rule: Rule
) -> None:
    ranked = rule.ranked(crowd)
    other = list(crowd)
    shuffled.shuffle(other)

    assert rule.ranked(other) == ranked
    assert sorted(one.operator.id for one in ranked) == sorted(one.operator.id for one in crowd)


@given(crowd=crowds, rule=st.sampled_from(list(RULES.values())))
def test_each_is_better_than_the_next_for_the_reason_that_is_named(crowd: list[Candidate], rule: Rule) -> None:
    for better, worse in pairwise(rule.ranked(crowd)):
        reason = rule.decided_by([better, worse])
        values = [(each.name, each.value(better), each.value(worse)) for each in rule.criteria]
        differing = [one for one in values if one[1] != one[2]]

        if reason == ORDER:
            assert not differing
            assert better.operator.id < worse.operator.id
        else:
            assert differing[0][0] == reason
            assert differing[0][1] < differing[0][2]


@given(crowd=crowds)
def test_nobody_who_speaks_the_language_stands_behind_somebody_who_does_not(crowd: list[Candidate]) -> None:
    spoken = [one.speaks_language for one in PRESENT.ranked(crowd)]

    assert spoken == sorted(spoken, reverse=True)


def test_another_rule_is_in_force_inside_its_block_only() -> None:
    assert rule_in_force() is PRESENT
    with choosing_by(ROUND_ROBIN):
        assert rule_in_force() is ROUND_ROBIN
    with pytest.raises(ValueError, match="out"), choosing_by(MOST_FREE):
        raise ValueError("out")
    assert rule_in_force() is PRESENT
