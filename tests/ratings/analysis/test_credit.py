"""Ratings credited to all who took part, and operators compared with their like."""

import numpy as np
import pytest
from scipy import stats

from ratings.analysis import Estimate, FairComparison, NotEnoughData, Participation, Withheld, credit, fair_comparison

pytestmark = pytest.mark.no_database

OLGA, OMAR = 0, 1


def alone(operators: np.ndarray) -> Participation:
    return Participation.of(np.arange(len(operators)), operators, np.ones(len(operators)))


def test_a_rating_is_shared_by_turns() -> None:
    participation = Participation.of([0, 0, 1, 2], [OLGA, OMAR, OLGA, OMAR], [3, 1, 5, 0])

    assert participation.shares().tolist() == [0.75, 0.25, 1.0, 0.0]


def test_credit_weighs_marks_by_share() -> None:
    marks = np.array([10] * 20 + [4] * 20)
    both = Participation.of(
        np.concatenate([np.arange(40), np.arange(20, 40)]),
        np.repeat([OLGA, OMAR], [40, 20]),
        np.concatenate([np.full(20, 4), np.full(20, 1), np.full(20, 3)]),
    )

    found = credit(marks, both)

    olga, omar = found[OLGA], found[OMAR]
    assert isinstance(olga, Estimate)
    assert isinstance(omar, Estimate)
    assert olga.value == pytest.approx((20 * 10 + 5 * 4) / 25)
    assert (olga.n, omar.value, omar.n) == (40, 4, 20)


def test_credit_of_undivided_ratings_is_students_interval() -> None:
    marks = np.array([7, 8, 9, 5, 6, 7, 8, 9, 9, 4, 7, 8])

    found = credit(marks, alone(np.zeros(12, dtype=np.int64)))[0]

    theirs = stats.ttest_1samp(marks, 0).confidence_interval(0.95)
    assert isinstance(found, Estimate)
    assert found.interval.low == pytest.approx(theirs.low)
    assert found.interval.high == pytest.approx(theirs.high)


def test_few_ratings_of_an_operator_are_withheld() -> None:
    assert credit([9] * 9, alone(np.zeros(9, dtype=np.int64))) == {0: Withheld(9)}
    assert credit([], alone(np.array([], dtype=np.int64))) == {}
    assert fair_comparison([9] * 9, alone(np.zeros(9, dtype=np.int64)), [0] * 9, [0] * 9) == {0: Withheld(9)}


def test_who_serves_the_hard_client_is_not_the_worse_operator() -> None:
    random = np.random.default_rng(1)
    client = np.repeat([0, 1], 2_000)
    operator = np.where(random.random(4_000) < np.where(client == 1, 0.9, 0.1), OMAR, OLGA)
    marks = np.clip(np.rint(8 - 3 * client + random.standard_normal(4_000)), 1, 10)

    fair = fair_comparison(marks, alone(operator), client, np.zeros(4_000))
    credited = credit(marks, alone(operator))

    olga, omar = credited[OLGA], credited[OMAR]
    assert isinstance(olga, Estimate)
    assert isinstance(omar, Estimate)
    assert olga.value - omar.value > 2
    for one in fair.values():
        assert isinstance(one, FairComparison)
        assert abs(one.difference.value) < 0.12
        assert not one.is_different
        assert one.compared == 1.0


def test_a_better_operator_is_found_and_pulled_towards_the_others() -> None:
    random = np.random.default_rng(2)
    operator = random.integers(0, 12, 6_000)
    client, purpose = random.integers(0, 3, 6_000), random.integers(0, 2, 6_000)
    marks = np.clip(np.rint(7 - client + 1.0 * (operator == 4) + random.standard_normal(6_000)), 1, 10)

    found = fair_comparison(marks, alone(operator), client, purpose)

    best = found[4]
    assert isinstance(best, FairComparison)
    assert best.is_different
    assert 0 < best.difference.value < best.unshrunk
    assert 1.0 in best.difference.interval
    others = [one for key, one in found.items() if key != 4 and isinstance(one, FairComparison)]
    assert len(others) == 11
    assert all(abs(one.difference.value) < 0.2 for one in others)  # −0.09 is true: they are compared with the best too


def test_equal_operators_are_hardly_ever_called_different() -> None:
    random = np.random.default_rng(3)
    called = 0
    for _ in range(100):
        operator = random.integers(0, 8, 800)
        marks = random.integers(4, 11, 800)
        found = fair_comparison(marks, alone(operator), random.integers(0, 2, 800), np.zeros(800))
        called += any(isinstance(one, FairComparison) and one.is_different for one in found.values())

    assert called <= 10


def test_who_is_alone_with_a_client_has_nobody_to_be_compared_with() -> None:
    operator = np.repeat([OLGA, OMAR], 50)
    marks = np.tile([7, 9], 50)

    found = fair_comparison(marks, alone(operator), operator, np.zeros(100))

    assert {type(one) for one in found.values()} == {NotEnoughData}
