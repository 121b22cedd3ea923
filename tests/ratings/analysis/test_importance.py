"""Shares of what is explained."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.analysis import DriverResult, RatedConversations, analyse_drivers
from ratings.analysis.importance import shapley

pytestmark = pytest.mark.no_database


def explained(columns: np.ndarray, mark: np.ndarray) -> float:
    residual = mark - columns.T @ np.linalg.lstsq(columns.T, mark, rcond=None)[0]
    return float(mark @ mark - residual @ residual)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_shares_are_the_mean_gain_over_all_orders(seed: int) -> None:
    random = np.random.default_rng(seed)
    columns = random.standard_normal((6, 6)) @ random.standard_normal((6, 50))
    columns[0] = 1.0
    mark = random.standard_normal(6) @ columns + random.standard_normal(50)
    places = [slice(1, 2), slice(2, 4), slice(4, 5), slice(5, 6)]

    both = np.vstack([columns, mark])
    gains, total, whole = shapley((both @ both.T)[..., None], places, 1)

    slow = np.zeros(4)
    for order in permutations(range(4)):
        taken = [0]
        before = explained(columns[taken], mark)
        for one in order:
            taken += list(range(places[one].start, places[one].stop))
            after = explained(columns[taken], mark)
            slow[one] += (after - before) / 24
            before = after
    assert gains[:, 0] == pytest.approx(slow)
    assert total[0] == pytest.approx(slow.sum())
    assert whole[0] == pytest.approx(((mark - mark.mean()) ** 2).sum())


def test_independent_drivers_share_by_their_squared_correlations() -> None:
    random = np.random.default_rng(1)
    lead, used = random.integers(0, 2, 40_000), random.integers(0, 2, 40_000)
    mark = np.clip(np.rint(5 + 2 * used + lead + random.standard_normal(40_000)), 1, 10)

    found = analyse_drivers(RatedConversations.recorded(mark, lead=lead, knowledge_used=used))

    first, second = found.drivers["knowledge_used"], found.drivers["lead"]
    assert isinstance(first, DriverResult)
    assert isinstance(second, DriverResult)
    assert first.importance is not None
    assert second.importance is not None
    assert first.importance.share == pytest.approx(0.8, abs=0.02)
    assert (first.importance.rank, second.importance.rank) == (1, 2)
    assert 0.8 in first.importance.interval
    assert first.importance.share + second.importance.share == pytest.approx(1)
    assert found.named == ("knowledge_used", "lead")


def test_intervals_of_shares_cover_what_is_true() -> None:
    random = np.random.default_rng(2)
    covered = []
    for seed in range(60):
        lead, used = random.integers(0, 2, 1_000), random.integers(0, 2, 1_000)
        mark = np.clip(np.rint(5 + 2 * used + lead + random.standard_normal(1_000)), 1, 10)
        one = analyse_drivers(RatedConversations.recorded(mark, lead=lead, knowledge_used=used), seed=seed).drivers[
            "lead"
        ]
        assert isinstance(one, DriverResult)
        assert one.importance is not None
        covered.append(0.2 in one.importance.interval)

    assert 0.85 <= np.mean(covered) <= 1.0
