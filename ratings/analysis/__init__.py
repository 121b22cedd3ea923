"""The arithmetic of visitors' marks: pure functions over arrays, no database. docs/satisfaction.md says why."""

from ratings.analysis.expectation import Expectation, ExpectationGap, expectation_gap
from ratings.analysis.marks import Distribution, MarkSummary, by_group, distribution_of, summary
from ratings.analysis.results import (
    SMALLEST_GROUP,
    Estimate,
    Interval,
    NotEnoughData,
    NotRecorded,
    NotSeparable,
    Withheld,
    holm,
)
from ratings.analysis.shares import Difference, share, share_difference, wilson
from ratings.analysis.trend import Trend, mean_difference, trend

__all__ = [
    "SMALLEST_GROUP",
    "Difference",
    "Distribution",
    "Estimate",
    "Expectation",
    "ExpectationGap",
    "Interval",
    "MarkSummary",
    "NotEnoughData",
    "NotRecorded",
    "NotSeparable",
    "Trend",
    "Withheld",
    "by_group",
    "distribution_of",
    "expectation_gap",
    "holm",
    "mean_difference",
    "share",
    "share_difference",
    "summary",
    "trend",
    "wilson",
]
