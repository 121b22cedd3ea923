"""Against the published tables of Newcombe 1998 (both papers in Statistics in Medicine 17: 857–872 and 873–890)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.analysis import Difference, Estimate, Withheld, share, share_difference, wilson

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_is_the_published_one(count: int, n: int, low: float, high: float) -> None:
    found = wilson(count, n)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("now", "n_now", "before", "n_before", "low", "high"),
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (10, 10, 0, 10, 0.6075, 1.0)],
)
def test_newcombes_difference_is_the_published_one(
    now: int, n_now: int, before: int, n_before: int, low: float, high: float
) -> None:
    found = share_difference(before, n_before, now, n_now)

    assert isinstance(found, Difference)
    assert (round(found.interval.low, 4), round(found.interval.high, 4)) == (low, high)
    assert found.is_significant
    assert (found.n_before, found.n_now) == (n_before, n_now)


def test_nothing_changed_is_no_significant_change() -> None:
    found = share_difference(0, 50, 0, 70)

    assert isinstance(found, Difference)
    assert (found.value, found.p, found.is_significant) == (0.0, 1.0, False)


def test_a_share_of_few_is_withheld() -> None:
    assert share(9, 9) == Withheld(9)
    assert share_difference(5, 9, 50, 100) == Withheld(9)
    assert isinstance(share(10, 10), Estimate)


def test_what_is_no_share_is_refused() -> None:
    for count, n in ((0, 0), (3, 2), (-1, 5)):
        with pytest.raises(ValueError, match="no share"):
            wilson(count, n)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_lies_in_the_scale_around_the_share_and_mirrors(case: tuple[int, int]) -> None:
    count, n = case

    found, mirrored = wilson(count, n), wilson(n - count, n)

    assert 0 <= found.low <= count / n <= found.high <= 1
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)
