"""Ratings credited to everybody who took part, and operators compared only with those who had the same to do."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ratings.analysis import special
from ratings.analysis.pooling import pooled
from ratings.analysis.results import (
    CONFIDENCE,
    ERROR_ALLOWED,
    HIGHEST_MARK,
    LOWEST_MARK,
    SMALLEST_GROUP,
    Estimate,
    Floats,
    Interval,
    Ints,
    NotEnoughData,
    Withheld,
    holm,
    two_sided_p,
)


@dataclass(frozen=True, slots=True, eq=False)
class Participation:
    """One row per operator and rated conversation. ``operator`` are codes from nought on."""

    conversation: Ints
    operator: Ints
    turns: Floats

    @classmethod
    def of(cls, conversation: ArrayLike, operator: ArrayLike, turns: ArrayLike) -> "Participation":
        return cls(
            np.asarray(conversation, dtype=np.int64),
            np.asarray(operator, dtype=np.int64),
            np.asarray(turns, dtype=np.float64),
        )

    def shares(self) -> Floats:
        """Each row's share of its conversation's turns; the shares of a conversation add up to one."""
        totals = np.bincount(self.conversation, weights=self.turns)
        whole = totals[self.conversation]
        return np.where(whole > 0, self.turns / np.where(whole > 0, whole, 1.0), 0.0)


@dataclass(frozen=True, slots=True)
class FairComparison:
    """``difference``: marks above or below what others got from the same clients for the same purposes, pulled towards
    the middle as far as chance alone would scatter it; ``unshrunk`` is before that. ``compared`` is the share of the
    operator's ratings where there was somebody to compare with."""

    difference: Estimate
    unshrunk: float
    compared: float
    p_adjusted: float

    @property
    def is_different(self) -> bool:
        return self.p_adjusted <= ERROR_ALLOWED


def credit(marks: ArrayLike, participation: Participation) -> Mapping[int, Estimate | Withheld]:
    """Mean mark per operator, each rating counted by the operator's share of its turns.

    A ratio of weighted sums with its linearised variance (Cochran 1977, Sampling Techniques, chapter 6); small groups
    by Kish's 1965 effective number of ratings.
    """
    mark = np.asarray(marks, dtype=np.float64)[participation.conversation]
    shares = participation.shares()
    found: dict[int, Estimate | Withheld] = {}
    for operator in np.unique(participation.operator):
        own = (participation.operator == operator) & (shares > 0)
        weights, values = shares[own], mark[own]
        effective = _effective(weights.sum(), (weights**2).sum())
        if effective < SMALLEST_GROUP:
            found[int(operator)] = Withheld(int(effective))
            continue
        mean = float(weights @ values / weights.sum())
        spread = float(np.sqrt(weights**2 @ (values - mean) ** 2 * effective / (effective - 1)) / weights.sum())
        half = float(special.stdtrit(effective - 1, 0.5 + CONFIDENCE / 2)) * spread
        interval = Interval(max(mean - half, LOWEST_MARK), min(mean + half, HIGHEST_MARK))
        found[int(operator)] = Estimate(mean, interval, len(values))
    return found


def fair_comparison(
    marks: ArrayLike, participation: Participation, client: ArrayLike, purpose: ArrayLike
) -> Mapping[int, FairComparison | Withheld | NotEnoughData]:
    """Per operator the mean difference to the *other* operators of each client and purpose, over the operator's own mix
    (direct standardisation, Fleiss, Levin and Paik 2003, chapter 19), then told together with the others' (``pooled``).
    Which operators may be called different is judged before that, by Holm over all of them.
    """
    raw = _differences(marks, participation, client, purpose)
    found: dict[int, FairComparison | Withheld | NotEnoughData] = {}
    judged = {}
    for operator, one in raw.items():
        if isinstance(one, _Raw):
            judged[operator] = one
        else:
            found[operator] = one
    if not judged:
        return found
    values = np.array([one.value for one in judged.values()])
    variances = np.array([one.variance for one in judged.values()])
    adjusted = holm([two_sided_p(z) for z in values / np.sqrt(variances)])
    together = pooled(values, variances)
    for (operator, one), (value, interval), p in zip(judged.items(), together, adjusted, strict=True):
        found[operator] = FairComparison(Estimate(value, interval, one.n), one.value, one.compared, p)
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class _Raw:
    value: float
    variance: float
    n: int
    compared: float


def _differences(
    marks: ArrayLike, participation: Participation, client: ArrayLike, purpose: ArrayLike
) -> dict[int, _Raw | Withheld | NotEnoughData]:
    pairs = np.stack([np.asarray(client), np.asarray(purpose)], axis=1)
    cell = np.unique(pairs, axis=0, return_inverse=True)[1].ravel()[participation.conversation]
    mark = np.asarray(marks, dtype=np.float64)[participation.conversation]
    shares = participation.shares()
    operators, number = np.unique(participation.operator, return_inverse=True)
    size = (len(operators), int(cell.max(initial=0)) + 1)
    key = number * size[1] + cell

    def summed(weights: Floats) -> Floats:
        return np.bincount(key, weights=weights, minlength=size[0] * size[1]).reshape(size).astype(np.float64)

    weight, squares, total, square_total = (summed(one) for one in (shares, shares**2, shares * mark, shares * mark**2))
    all_weight, all_squares, all_total = (one.sum(axis=0) for one in (weight, squares, total))
    found: dict[int, _Raw | Withheld | NotEnoughData] = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = square_total.sum(axis=0) / all_weight - (all_total / all_weight) ** 2
    for place, operator in enumerate(operators):
        own, others = weight[place], all_weight - weight[place]
        effective = _effective(own.sum(), squares[place].sum())
        if effective < SMALLEST_GROUP:
            found[int(operator)] = Withheld(int(effective))
            continue
        beside = np.array([_effective(a, b) for a, b in zip(others, all_squares - squares[place], strict=True)])
        cells = np.flatnonzero((own > 0) & (beside >= SMALLEST_GROUP))
        comparable = _effective(own[cells].sum(), squares[place][cells].sum())
        if comparable < SMALLEST_GROUP:
            found[int(operator)] = NotEnoughData(
                "ratings that others can be compared in", int(comparable), SMALLEST_GROUP
            )
            continue
        mine = total[place][cells] / own[cells]
        theirs = (all_total - total[place])[cells] / others[cells]
        mix = own[cells] / own[cells].sum()
        parts = spread[cells] * (squares[place][cells] / own[cells] ** 2 + 1 / beside[cells])
        variance = float(mix**2 @ parts)
        if variance <= 0:
            found[int(operator)] = NotEnoughData("different marks", 1, 2)
            continue
        n = int(np.count_nonzero((number == place) & np.isin(cell, cells) & (shares > 0)))
        found[int(operator)] = _Raw(float(mix @ (mine - theirs)), variance, n, float(own[cells].sum() / own.sum()))
    return found


def _effective(weight: float, squares: float) -> float:
    return float(weight**2 / squares) if squares > 1e-12 else 0.0
