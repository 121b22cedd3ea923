"""Better, as or worse than expected."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.analysis import ExpectationGap, Withheld, expectation_gap, wilson

pytestmark = pytest.mark.no_database


def test_the_gap_of_a_small_case_by_hand() -> None:
    found = expectation_gap([2] * 30 + [1] * 50 + [0] * 20 + [-1] * 7)

    # Half an answer in each of four cells: n 102, better 30.5, worse 20.5.
    half = 1.959964 * math.sqrt(51 - 10**2 / 102) / 102
    assert isinstance(found, ExpectationGap)
    assert (found.better.value, found.as_expected.value, found.worse.value) == (0.3, 0.5, 0.2)
    assert found.better.interval == wilson(30, 100)
    assert found.net.value == pytest.approx(0.1)
    assert found.net.interval.low == pytest.approx(10 / 102 - half, abs=1e-6)
    assert found.net.interval.high == pytest.approx(10 / 102 + half, abs=1e-6)
    assert (found.net.n, found.unanswered) == (100, 7)


def test_few_answers_are_withheld() -> None:
    assert expectation_gap([]) == Withheld(0)
    assert expectation_gap([2] * 9 + [-1] * 90) == Withheld(9)


@given(st.lists(st.sampled_from([0, 1, 2]), min_size=10, max_size=200))
def test_shares_add_up_and_net_is_their_difference(answers: list[int]) -> None:
    found = expectation_gap(answers)

    assert isinstance(found, ExpectationGap)
    assert found.better.value + found.as_expected.value + found.worse.value == pytest.approx(1)
    assert found.net.value == pytest.approx(found.better.value - found.worse.value)
    assert -1 <= found.net.interval.low <= found.net.interval.high <= 1
