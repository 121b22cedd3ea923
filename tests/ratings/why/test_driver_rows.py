"""What goes with the mark, as rows."""

from types import SimpleNamespace
from typing import cast

import pytest
from django.utils import translation

from ratings.analysis import PURPOSE, DriverAnalysis, DriverResult, Effect, Estimate, Interval
from ratings.why.analysing import Why
from ratings.why.driver_rows import effects

pytestmark = pytest.mark.no_database


def test_a_purpose_that_may_lie_where_all_do_is_not_shown_as_beyond_chance_because_another_is() -> None:
    problem = Effect(0.0, None, Estimate(-0.39, Interval(-0.89, 0.10), 280))
    information = Effect(1.0, None, Estimate(1.47, Interval(1.0, 1.94), 280))
    purposes = DriverResult(PURPOSE, (problem, information), p=0.001, p_adjusted=0.001, importance=None)
    assert purposes.is_named
    why = cast(Why, SimpleNamespace(drivers=DriverAnalysis({PURPOSE: purposes}, 280, 0, 0.3)))

    with translation.override("en"):
        shown = effects(why, are_factors=False).rows

    assert [(row.value, row.is_named) for row in shown] == [("−0.39", False), ("+1.47", True)]
