"""Shares and means are never written without their n, and never rounded into a promise that was not kept."""

import pytest

from tenants.shares import mean_of, mean_text, share_percent, share_text

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("kept", "total", "percent"),
    [(0, 10, 0), (1, 1000, 1), (1, 3, 33), (2, 3, 67), (5, 8, 63), (999, 1000, 99), (1000, 1000, 100)],
)
def test_all_and_nothing_are_said_only_when_they_are_true(kept: int, total: int, percent: int) -> None:
    assert share_percent(kept, total) == percent


def test_a_share_stands_beside_its_n() -> None:
    assert share_text(2, 3) == "67% (n = 3)"
    assert share_text(0, 3) == "0% (n = 3)"
    assert mean_text(17, 2) == "8.5 (n = 2)"


def test_there_is_no_number_when_there_is_nothing_to_count() -> None:
    assert (share_text(0, 0), mean_text(0, 0)) == ("–", "–")


@pytest.mark.parametrize(("mark_sum", "given", "mean"), [(796, 100, 8.0), (29, 4, 7.3), (22, 3, 7.3), (71, 10, 7.1)])
def test_a_mean_is_rounded_and_never_cut(mark_sum: int, given: int, mean: float) -> None:
    assert mean_of(mark_sum, given) == mean
    assert mean_text(mark_sum, given) == f"{mean} (n = {given})"
