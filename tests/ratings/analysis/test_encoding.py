"""How drivers become columns."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from ratings.analysis import Driver, Kind, NotEnoughData, Step
from ratings.analysis.encoding import Encoding, encode, natural_spline

pytestmark = pytest.mark.no_database


def test_the_spline_columns_hold_every_natural_cubic_spline() -> None:
    knots = np.array([0.0, 1.0, 2.5, 3.0, 5.0])
    x = np.linspace(0, 5, 200)
    theirs = CubicSpline(knots, [1.0, -2.0, 0.5, 3.0, 0.0], bc_type="natural")(x)

    columns = np.vstack([np.ones(200), natural_spline(x, knots)])

    left = theirs - columns.T @ np.linalg.lstsq(columns.T, theirs, rcond=None)[0]
    assert np.abs(left).max() < 1e-8


def test_the_spline_is_straight_beyond_its_ends() -> None:
    beyond = natural_spline(np.array([6.0, 7.0, 8.0, -1.0, -2.0, -3.0]), np.array([0.0, 1.0, 2.0, 5.0]))

    assert beyond[:, 0] - 2 * beyond[:, 1] + beyond[:, 2] == pytest.approx(0)
    assert beyond[:, 3] - 2 * beyond[:, 4] + beyond[:, 5] == pytest.approx(0)


def test_a_wait_of_nought_has_a_level_of_its_own() -> None:
    random = np.random.default_rng(1)
    values = np.where(random.random(3_000) < 0.2, 0.0, 20 * np.exp(random.standard_normal(3_000)))

    found = encode(Driver("worst_follow_up_seconds", Kind.WAIT, Step(20, 90)), values)

    assert isinstance(found, Encoding)
    columns = found.columns(values)
    assert np.all((found.raw(values)[-1] > 0) == (values == 0))
    assert columns.mean(axis=1) == pytest.approx(0, abs=1e-6)
    assert columns @ columns.T / 3_000 == pytest.approx(np.eye(found.size), abs=1e-4)


def test_few_values_are_levels_and_a_rare_one_goes_with_its_neighbour() -> None:
    values = np.repeat([1.0, 2.0, 3.0, 4.0], [500, 400, 300, 20])

    found = encode(Driver("scale", Kind.SCALE), values)

    assert isinstance(found, Encoding)
    assert found.size == 2
    assert found.raw(np.array([1.0, 2.0, 3.0, 4.0])).tolist() == [[0, 1, 1, 1], [0, 0, 1, 1]]


def test_three_operators_are_as_good_as_five() -> None:
    values = np.repeat([1.0, 2.0, 3.0, 5.0], [500, 400, 60, 60])

    found = encode(Driver("operators", Kind.STEPS, Step(1, 2)), values)

    assert isinstance(found, Encoding)
    assert found.raw(np.array([1.0, 2.0, 3.0, 5.0])).tolist() == [[0, 1, 1, 1], [0, 0, 1, 1]]


@pytest.mark.parametrize("count", [0, 1, 2, 49])
def test_what_hardly_differs_is_not_enough(count: int) -> None:
    values = np.concatenate([np.zeros(1_000), np.ones(count)])

    assert encode(Driver("lead", Kind.YES_NO), values) == NotEnoughData("conversations that differ", count, 50)
    assert isinstance(encode(Driver("lead", Kind.YES_NO), np.array([])), NotEnoughData)
