"""Was it better, as good or worse than the visitor expected?"""

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from ratings.analysis.results import SMALLEST_GROUP, Estimate, Interval, Withheld, two_sided_z
from ratings.analysis.shares import wilson


class Expectation(IntEnum):
    """As it is stored in ``RatedConversations.expectation``."""

    NOT_RECORDED = -1
    WORSE = 0
    AS_EXPECTED = 1
    BETTER = 2


@dataclass(frozen=True, slots=True)
class ExpectationGap:
    """Shares of those who answered; ``net`` is better minus worse, −1 to 1. ``unanswered`` are ratings without it."""

    better: Estimate
    as_expected: Estimate
    worse: Estimate
    net: Estimate
    unanswered: int


def expectation_gap(expectation: ArrayLike) -> ExpectationGap | Withheld:
    """Wilson's interval for the shares. Better and worse come from the same people, so ``net`` is a difference of
    *paired* shares: Agresti and Min 2005, "Simple improved confidence intervals for comparing matched proportions",
    Statistics in Medicine 24:729–740 (half an answer is added to each of the four cells)."""
    codes = np.asarray(expectation, dtype=np.int64)
    worse, same, better = (int(np.count_nonzero(codes == one)) for one in range(3))
    n = worse + same + better
    if n < SMALLEST_GROUP:
        return Withheld(n)
    padded, up, down = n + 2, better + 0.5, worse + 0.5
    middle = (up - down) / padded
    half = two_sided_z() * math.sqrt(up + down - (up - down) ** 2 / padded) / padded
    net = Interval(max(-1.0, middle - half), min(1.0, middle + half))
    return ExpectationGap(
        better=Estimate(better / n, wilson(better, n), n),
        as_expected=Estimate(same / n, wilson(same, n), n),
        worse=Estimate(worse / n, wilson(worse, n), n),
        net=Estimate((better - worse) / n, net, n),
        unanswered=len(codes) - n,
    )
