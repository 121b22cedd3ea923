"""How much of what can be explained of the marks goes back to which driver.

Each driver's share of R² is its mean gain over all orders in which drivers can enter (Lindeman, Merenda and Gold 1980,
Introduction to Bivariate and Multivariate Analysis, p. 119 ff.; Grömping 2007, "Estimators of relative importance in
linear regression based on variance decomposition", The American Statistician 61:139–147). It is Shapley's 1953 value.
All columns of a driver enter at once; topic, language and hour always enter first and get no share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np

from ratings.analysis.design import Design, blocks
from ratings.analysis.results import CONFIDENCE, Floats, Interval, Ints

RESAMPLES = 200
# The rows are dealt into this many groups at random, and groups are resampled: their sums of products are all that is
# kept, so that a million rows cost one pass. Random groups: Mahalanobis 1946; Wolter 2007, Introduction to Variance
# Estimation, chapter 2.
GROUPS = 200
# More rows than these are sampled: the interval of a share is then narrower than anybody reads.
MOST_ROWS = 200_000
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Importance:
    """``share`` is of all that drivers explain, 0 to 1; ``rank`` 1 is the most important one."""

    share: float
    interval: Interval
    rank: int


def products(design: Design, rows: Ints, levels: Sequence[int], seed: int) -> Floats:
    """(groups, columns, columns): sums of products of the design's columns, a column per purpose, and the mark."""
    shuffled = np.random.default_rng(seed).permutation(rows)[:MOST_ROWS]
    groups = min(GROUPS, len(shuffled))
    plain = design.plain_size
    size = plain + len(levels) + 1
    found = np.zeros((groups, size, size))
    for number, group in enumerate(np.array_split(shuffled, groups)):
        for one in blocks(group):
            columns = np.empty((size, len(one)))
            columns[:plain] = design.columns(one)[:plain]
            columns[plain:-1] = design.data.purpose[one][None] == np.array(levels, dtype=np.int64)[:, None]
            columns[-1] = design.marks(one)
            found[number] += columns @ columns.T
    return found


def importance(sums: Floats, places: Sequence[slice], first: int, seed: int) -> tuple[list[Importance], float]:
    """Per driver in ``places``, and R² of the drivers beyond the first ``first`` columns, which always enter."""
    groups = len(sums)
    weights = np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), size=RESAMPLES)
    flat = sums.reshape(groups, -1)
    drawn = np.concatenate([np.ones((1, groups)), weights]) @ flat
    moments = np.moveaxis(drawn.reshape(len(drawn), *sums.shape[1:]), 0, -1)
    gains, total, whole = shapley(moments, places, first)
    shares = gains / np.maximum(total, TINY)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(shares[:, 1:], [tail, 1 - tail], axis=1)
    ranks = np.empty(len(places), dtype=np.int64)
    ranks[np.argsort(-shares[:, 0], kind="stable")] = np.arange(1, len(places) + 1)
    found = [
        Importance(float(shares[place, 0]), Interval(float(low[place]), float(high[place])), int(ranks[place]))
        for place in range(len(places))
    ]
    return found, float(total[0] / max(whole[0], TINY))


def shapley(moments: Floats, places: Sequence[slice], first: int) -> tuple[Floats, Floats, Floats]:
    """Gains in explained squares (drivers, samples), their sum, and the squares there are to explain.

    ``moments`` is (columns, columns, samples), the mark last. Every subset's explained squares come from one walk over
    the tree "with or without this driver", whose nodes hold what is left after regression on the ones taken (Schur
    complements); drivers with many columns stand at the root, so most nodes are small.
    """
    matrix = moments
    for _ in range(first):
        matrix = _swept(matrix, matrix[0, 0])
    order = sorted(range(len(places)), key=lambda one: places[one].start - places[one].stop)
    kept = np.concatenate([np.arange(places[one].start, places[one].stop) for one in order] + [[len(moments) - 1]])
    matrix = matrix[np.ix_(kept - first, kept - first)]
    sizes = [places[one].stop - places[one].start for one in order]
    left = np.empty((2 ** len(places), moments.shape[2]))  # squares left, by the subset's bits
    own = np.einsum("iis->is", matrix).copy()

    def walk(node: Floats, place: int, subset: int) -> None:
        if place == len(sizes):
            left[subset] = node[0, 0]
            return
        size = sizes[place]
        walk(node[size:, size:], place + 1, subset)
        taken = node
        for _ in range(size):
            taken = _swept(taken, own[len(own) - len(taken)])
        walk(taken, place + 1, subset | 1 << order[place])

    walk(matrix, 0, 0)
    count = len(places)
    subsets = np.arange(2**count)
    sizes_of = np.array([int(one).bit_count() for one in subsets])
    gains = np.empty((count, moments.shape[2]))
    for driver in range(count):
        without = subsets[subsets & (1 << driver) == 0]
        chance = np.array([factorial(k) * factorial(count - 1 - k) / factorial(count) for k in sizes_of[without]])
        gains[driver] = chance @ (left[without] - left[without | (1 << driver)])
    return gains, left[0] - left[-1], left[0]


def _swept(matrix: Floats, original: Floats) -> Floats:
    """What is left of the others after regression on the first column; nothing is taken by a column that has nothing of
    its own left."""
    pivot = matrix[0, 0]
    usable = pivot > TINY * np.maximum(original, TINY)
    inverse = np.where(usable, 1 / np.where(usable, pivot, 1.0), 0.0)
    return np.asarray(matrix[1:, 1:] - matrix[1:, None, 0] * (matrix[None, 0, 1:] * inverse))
