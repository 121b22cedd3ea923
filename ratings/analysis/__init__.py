"""The arithmetic of visitors' marks: pure functions over arrays, no database. docs/satisfaction.md says why."""

from ratings.analysis.credit import FairComparison, Participation, credit, fair_comparison
from ratings.analysis.drivers import DRIVERS, analyse_drivers
from ratings.analysis.effects import PURPOSE, Apart, DriverAnalysis, DriverResult, Effect, Outcome, Surprise
from ratings.analysis.encoding import Driver, Kind, Step
from ratings.analysis.expectation import Expectation, ExpectationGap, expectation_gap
from ratings.analysis.importance import Importance
from ratings.analysis.marks import Distribution, MarkSummary, by_group, distribution_of, summary
from ratings.analysis.rated import Purpose, RatedConversations
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
    "DRIVERS",
    "PURPOSE",
    "SMALLEST_GROUP",
    "Apart",
    "Difference",
    "Distribution",
    "Driver",
    "DriverAnalysis",
    "DriverResult",
    "Effect",
    "Estimate",
    "Expectation",
    "ExpectationGap",
    "FairComparison",
    "Importance",
    "Interval",
    "Kind",
    "MarkSummary",
    "NotEnoughData",
    "NotRecorded",
    "NotSeparable",
    "Outcome",
    "Participation",
    "Purpose",
    "RatedConversations",
    "Step",
    "Surprise",
    "Trend",
    "Withheld",
    "analyse_drivers",
    "by_group",
    "credit",
    "distribution_of",
    "expectation_gap",
    "fair_comparison",
    "holm",
    "mean_difference",
    "share",
    "share_difference",
    "summary",
    "trend",
    "wilson",
]
