"""The generator: the same for the same seed, and doing what its strengths say."""

from pathlib import Path

import numpy as np
import pytest

from ratings.analysis import Purpose
from ratings.simulation.strengths import EXAMPLE, Strengths, UnusableEffects
from ratings.simulation.truth import Truth
from ratings.simulation.visitors import draw_ratings, hill

pytestmark = pytest.mark.no_database


def test_the_same_seed_makes_the_same_ratings() -> None:
    strengths = Strengths.read(EXAMPLE)

    first, again, other = (draw_ratings(seed, 500, strengths) for seed in (7, 7, 8))

    assert np.array_equal(first.mark, again.mark)
    assert np.array_equal(first.worst_follow_up_seconds, again.worst_follow_up_seconds)
    assert not np.array_equal(first.mark, other.mark)


def test_made_up_ratings_look_like_ratings() -> None:
    found = draw_ratings(1, 20_000, Strengths.read(EXAMPLE))

    assert set(np.unique(found.mark)) == set(range(1, 11))
    assert np.bincount(found.mark)[10] > np.bincount(found.mark)[9]
    assert 0 <= found.kept_share.min() <= found.kept_share.max() <= 1
    assert np.corrcoef(found.first_wait_seconds, found.kept_share)[0, 1] < -0.2
    assert np.corrcoef(np.log(found.first_wait_seconds), found.completeness_share)[0, 1] < -0.05
    assert 0.4 < np.mean(np.isnan(found.factors["friendly"])) < 0.6


def test_without_strengths_no_driver_has_an_effect() -> None:
    truth = Truth(Strengths.none(), 5_000)

    for driver, better, worse in (("first_wait_seconds", 15, 60), ("understood", 1, 0), ("purpose", 3, None)):
        assert truth.effect(driver, better, worse).together == 0


def test_true_effects_go_the_right_way_and_are_strongest_where_patience_is_short() -> None:
    truth = Truth(Strengths.read(EXAMPLE), 50_000)

    found = truth.effect("first_wait_seconds", 15, 60)

    assert found.together == -truth.effect("first_wait_seconds", 60, 15).together
    assert found.together > 0.5
    assert found.apart[Purpose.COMPLAINT] > found.apart[Purpose.INFORMATION] > 0
    assert truth.effect("purpose", 3, None).together < -1
    assert sum(truth.shares().values()) == pytest.approx(1)


def test_a_wait_saturates() -> None:
    assert hill(np.array([0.0, 40.0, 1e9]), 40, 1.6).tolist() == pytest.approx([0, 0.5, 1], abs=1e-6)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        ('{"wait": 1}', "Unknown effects: wait"),
        ('{"lead": "much"}', "is a number"),
        ('{"lead": true}', "is a number"),
        ('{"purpose": {"fun": 1}}', "purpose takes strengths of"),
        ('{"factors": 3}', "factors takes strengths of"),
    ],
)
def test_an_unusable_file_is_refused_with_the_reason(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "effects.json"
    file.write_text(text)

    with pytest.raises(UnusableEffects, match=says):
        Strengths.read(file)
