"""Shares with their intervals, and the difference of two."""

import math
from dataclasses import dataclass

from ratings.analysis.results import SMALLEST_GROUP, Estimate, Interval, Withheld, two_sided_p, two_sided_z


@dataclass(frozen=True, slots=True)
class Difference:
    """``value`` is now minus before; ``p`` is the chance of one as large when nothing has changed."""

    value: float
    interval: Interval
    p: float
    n_before: int
    n_now: int

    @property
    def is_significant(self) -> bool:
        return 0.0 not in self.interval


def wilson(count: int, n: int) -> Interval:
    """The score interval of a share; never leaves 0 to 1, and is right for small n and for shares of 0 or 1.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference", JASA 22:209–212.
    """
    if not 0 <= count <= n or n == 0:
        raise ValueError(f"{count} of {n} is no share.")
    z = two_sided_z()
    share = count / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if count == 0 else max(0.0, middle - half)
    return Interval(low, 1.0 if count == n else min(1.0, middle + half))


def share(count: int, n: int) -> Estimate | Withheld:
    """A share as it may be shown."""
    if n < SMALLEST_GROUP:
        return Withheld(n)
    return Estimate(count / n, wilson(count, n), n)


def share_difference(count_before: int, n_before: int, count_now: int, n_now: int) -> Difference | Withheld:
    """The interval joins the two Wilson intervals (square-and-add).

    Newcombe 1998, "Interval estimation for the difference between independent proportions", Statistics in Medicine
    17:873–890, method 10. The p-value is the pooled two-proportion test (Pearson 1900).
    """
    if min(n_before, n_now) < SMALLEST_GROUP:
        return Withheld(min(n_before, n_now))
    before, now = count_before / n_before, count_now / n_now
    w_before, w_now = wilson(count_before, n_before), wilson(count_now, n_now)
    value = now - before
    low = value - math.hypot(now - w_now.low, w_before.high - before)
    high = value + math.hypot(w_now.high - now, before - w_before.low)
    pooled = (count_before + count_now) / (n_before + n_now)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n_before + 1 / n_now))
    p = two_sided_p(value / spread) if spread > 0 else 1.0
    return Difference(value, Interval(low, high), p, n_before, n_now)
