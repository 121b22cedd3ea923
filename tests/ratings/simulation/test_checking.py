"""The analysis finds what was put in: ten made-up data sets with effects, ten without."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ratings.simulation.checking import Check, check
from ratings.simulation.strengths import EXAMPLE, Strengths
from ratings.simulation.truth import Truth

pytestmark = pytest.mark.no_database

SEEDS = range(1, 11)
CONVERSATIONS = 20_000
TRUTH = 200_000


@cache
def truth(strengths_of: str) -> Truth:
    return Truth(strengths(strengths_of), TRUTH)


def strengths(name: str) -> Strengths:
    return Strengths.read(EXAMPLE) if name == "example" else Strengths.none()


@cache
def checks(name: str) -> Sequence[Check]:
    return [check(strengths(name), truth(name), seed, CONVERSATIONS) for seed in SEEDS]


def covered(found: Sequence[Check]) -> float:
    return float(np.mean([row.is_covered for one in found for row in one.together]))


def test_intervals_hold_the_truth() -> None:
    found = checks("example")

    assert sum(len(one.together) for one in found) == 140
    assert 0.90 <= covered(found) <= 0.99
    assert not any(one.unjudged for one in found)


def test_intervals_within_purposes_hold_the_truth() -> None:
    apart = [row.is_covered for one in checks("example") for row in one.apart]

    assert len(apart) > 300
    assert 0.91 <= np.mean(apart) <= 0.985


def test_the_three_strongest_drivers_are_ranked_right() -> None:
    assert sum(one.is_ranked_right for one in checks("example")) >= 9


def test_strong_drivers_are_named_and_noise_is_not() -> None:
    for one in checks("example"):
        named = {row.driver for row in one.together if row.is_named}
        assert {"first_wait_seconds", "mood_start", "purpose", "understood"} <= named
    assert sum(bool(one.names_without_effect) for one in checks("none")) <= 1
    assert sum(bool(one.names_without_effect or one.names_without_effect_apart) for one in checks("none")) <= 2
    assert 0.90 <= covered(checks("none")) <= 0.99


def test_a_wrong_truth_is_noticed() -> None:
    """The check can fail: waits that matter half as much as those which the ratings were made with."""
    weaker = replace(strengths("example"), first_wait_seconds=1.2)

    found = [check(strengths("example"), truth("example"), 1, 5_000)]
    wrong = Truth(weaker, 100_000).effect("first_wait_seconds", 15, 60).together

    row = next(row for row in found[0].together if row.driver == "first_wait_seconds")
    assert not row.low <= wrong <= row.high


def test_silent_visitors_bend_what_raters_tell() -> None:
    found = check(strengths("example"), truth("example"), 1, 60_000, some_stay_silent=True)

    assert found.ratings < 40_000
    assert not all(row.is_covered for row in found.together)
