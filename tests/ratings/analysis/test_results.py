"""Holm's correction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.analysis import Interval, holm

pytestmark = pytest.mark.no_database


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_never_lowers_a_p_value_nor_changes_the_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)

    assert all(p <= a <= min(1, p * len(p_values)) + 1e-12 for p, a in zip(p_values, adjusted, strict=True))
    pairs = sorted(zip(p_values, adjusted, strict=True))
    assert [a for _, a in pairs] == sorted(adjusted)


def test_an_interval_knows_what_lies_in_it() -> None:
    assert 0.5 in Interval(0.5, 1)
    assert 1.01 not in Interval(0.5, 1)
