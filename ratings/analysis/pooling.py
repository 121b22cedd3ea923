"""Several differences, each known with an error of its own, told together: the less is known of one, the more the
others say about it.

A normal model of two levels (Rubin 1981, Journal of Educational Statistics 6:377–401): true differences scatter around
a middle with an unknown standard deviation, and what was seen scatters around them. It is integrated over that standard
deviation instead of fixing it at one estimate, which is nought whenever chance alone could have made the differences:
every interval would then be as narrow as the middle's, whatever its own ratings. The prior is half-normal with a scale
of one mark (Röver 2020, Journal of Statistical Software 93(6)), so that it is proper for two differences already.
"""

import numpy as np

from ratings.analysis import special
from ratings.analysis.results import CONFIDENCE, Floats, Interval

PRIOR_MARKS = 1.0
_FARTHEST, _STEPS, _HALVINGS = 4.0, 400, 50


def pooled(values: Floats, variances: Floats) -> list[tuple[float, Interval]]:
    """(mean, interval) of each true difference. Shapes (k,) and (k,); variances above nought."""
    apart = np.linspace(0.0, _FARTHEST * PRIOR_MARKS, _STEPS)[:, np.newaxis]  # one row per standard deviation
    precision = 1 / (variances + apart**2)
    middle_variance = 1 / precision.sum(axis=1, keepdims=True)
    middle = middle_variance * (precision @ values)[:, np.newaxis]
    seen = 0.5 * (np.log(precision) - precision * (values - middle) ** 2).sum(axis=1) + 0.5 * np.log(
        middle_variance[:, 0]
    )
    weights = np.exp(seen - seen.max()) * np.exp(-0.5 * (apart[:, 0] / PRIOR_MARKS) ** 2)
    weights /= weights.sum()
    kept = apart**2 * precision
    means = middle + kept * (values - middle)
    spreads = np.sqrt(kept * variances + (1 - kept) ** 2 * middle_variance)
    tails = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
    low, high = (_quantiles(tail, weights, means, spreads) for tail in tails)
    told = weights @ means
    return [(float(value), Interval(float(a), float(b))) for value, a, b in zip(told, low, high, strict=True)]


def _quantiles(tail: float, weights: Floats, means: Floats, spreads: Floats) -> Floats:
    """Of each column's mixture of normal distributions, by halving."""
    low, high = (means - 9 * spreads).min(axis=0), (means + 9 * spreads).max(axis=0)
    for _ in range(_HALVINGS):
        half = (low + high) / 2
        is_below = weights @ special.ndtr((half - means) / spreads) < tail
        low, high = np.where(is_below, half, low), np.where(is_below, high, half)
    return (low + high) / 2
