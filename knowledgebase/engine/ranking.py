"""The close look: candidates' own questions against the one that was asked.

A small logistic regression is fitted for each question anew, over the nearest questions of the candidates only: it
learns what tells these articles apart, and nothing of it has to be kept, so that a changed article is learned at once.
"""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from knowledgebase.engine.features import KIND_STARTS, KINDS, Dimensions
from knowledgebase.engine.weights import MOST_COMPARED, NEAREST, Weights

Floats = npt.NDArray[np.float32]
# Steps of the regression: with these the order of the articles is what forty would give.
STEPS = 10
# What every two questions have in common, whatever their words; it stands for the regression's constants.
COMMON = np.float32(0.1)
# An article whose questions are all too far away to be looked at is that much less likely than the last of the others.
UNSEEN = np.float32(0.5)
# A lead beyond this makes nothing surer.
ENOUGH_LEAD = 6.0
_KIND_OF = np.repeat(np.arange(KINDS), np.diff(KIND_STARTS)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Rows:
    """Questions of the candidates, one after another. Row ``n`` is the text ``numbers[n]`` of candidate ``owners[n]``:
    0 is the title, 1 the first question."""

    dimensions: Dimensions
    lengths: npt.NDArray[np.int64]
    owners: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Closeness:
    """Per candidate: its chance by the regression as the logarithm of its share of the best one's (0 for the best, else
    below), and the number of the likest of its texts with its likeness (0 and 0 when none was worth comparing)."""

    verdict: Floats
    likest: Floats
    number: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Look:
    """All that is known of the candidates for one question, in parallel. ``words`` and ``runs`` are shares of the best
    candidate's; ``known`` is the share of the question's words, by rarity, that any article knows."""

    ids: tuple[UUID, ...]
    words: Floats
    runs: Floats
    close: Closeness
    habits: Floats
    sinks: npt.NDArray[np.bool_]
    known: float


def compare(asked: Dimensions, rows: Rows, candidates: int, rarity: Floats, weights: Weights) -> Closeness:
    """``rarity`` is parallel to dimensions. Milliseconds: about 4, and 1 more per 1,200 rows."""
    kinds = np.sqrt(np.array(weights.kinds, np.float32) / sum(weights.kinds))
    one = np.zeros(1, np.int64)
    plane = np.zeros(KIND_STARTS[-1], np.float32)
    plane[asked] = _scaled(Rows(asked, one + len(asked), one, one), rarity, kinds)[0]
    rows = _worth_comparing(rows, plane * rarity * kinds[_KIND_OF])
    values, row_of = _scaled(rows, rarity, kinds)
    likeness = np.bincount(row_of, values * plane[rows.dimensions], len(rows.lengths)).astype(np.float32)
    nearest = np.argsort(-likeness, kind="stable")[:NEAREST]
    near = likeness[nearest] > 0
    nearest = nearest[near]
    verdict = np.zeros(candidates, np.float32)
    if len(nearest):
        owners, which = np.unique(rows.owners[nearest], return_inverse=True)
        gram = _gram(rows, values, row_of, nearest)
        logits = _regression(gram, likeness[nearest], which, len(owners), weights)
        verdict[:] = logits.min() - logits.max() - UNSEEN
        verdict[owners] = logits - logits.max()
    return Closeness(verdict, *_likest(likeness, rows, candidates))


def _worth_comparing(rows: Rows, worth: Floats) -> Rows:
    """The rows that have most in common with the question, by what each dimension is worth: as the likeness, but for
    the exact length of a row, which costs most."""
    if len(rows.lengths) <= MOST_COMPARED:
        return rows
    ends = np.cumsum(rows.lengths)
    sums = np.append(0.0, np.cumsum(worth[rows.dimensions], dtype=np.float64))
    common = (sums[ends] - sums[ends - rows.lengths]) / np.sqrt(np.maximum(rows.lengths, 1))
    kept = np.zeros(len(common), np.bool_)
    kept[np.argpartition(-common, MOST_COMPARED)[:MOST_COMPARED]] = True
    dimensions = rows.dimensions[np.repeat(kept, rows.lengths)]
    return Rows(dimensions, rows.lengths[kept], rows.owners[kept], rows.numbers[kept])


def _scaled(rows: Rows, rarity: Floats, kinds: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Each row's values, so that each of its kinds has the length that kind is to have; and the row of each."""
    row_of = np.repeat(np.arange(len(rows.lengths)), rows.lengths)
    kind = _KIND_OF[rows.dimensions]
    values = rarity[rows.dimensions]
    block = row_of * KINDS + kind
    norms = np.sqrt(np.bincount(block, values * values, len(rows.lengths) * KINDS))
    norms[norms == 0] = 1
    return (values * kinds[kind] / norms[block]).astype(np.float32), row_of


def _gram(rows: Rows, values: Floats, row_of: npt.NDArray[np.int64], nearest: npt.NDArray[np.int64]) -> Floats:
    """Likeness between each two of the nearest rows. What only one of them has matters to no other."""
    place = np.full(len(rows.lengths), -1)
    place[nearest] = np.arange(len(nearest))
    mine = place[row_of] >= 0
    dimensions = rows.dimensions[mine]
    shared = np.bincount(dimensions, minlength=KIND_STARTS[-1]) > 1
    column = np.cumsum(shared) - 1
    kept = shared[dimensions]
    dense = np.zeros((len(nearest), int(shared.sum())), np.float32)
    dense[place[row_of[mine][kept]], column[dimensions[kept]]] = values[mine][kept]
    gram = dense @ dense.T
    whole = np.bincount(row_of, values * values, len(rows.lengths))[nearest]
    np.fill_diagonal(gram, whole)
    return np.clip(gram, 0, 1)


def _regression(gram: Floats, likeness: Floats, which: npt.NDArray[np.int64], owners: int, weights: Weights) -> Floats:
    """Multinomial logistic regression with a kernel: which owner the asked question belongs to, as logits.

    The curvature of its loss is nowhere above half of the kernel (Böhning's bound), so that one inverse serves all
    steps; Nesterov's momentum makes few of them enough. ``fits`` are the kernel times the factors, kept up to date
    without multiplying them: kernel times inverse is twice (identity less restraint times inverse).
    """
    restraint = np.float32(weights.restraint)
    kernel = gram**weights.power + COMMON
    inverse = np.linalg.inv(kernel / 2 + restraint * np.eye(len(likeness))).astype(np.float32)
    wanted = np.zeros((len(likeness), owners), np.float32)
    wanted[np.arange(len(likeness)), which] = 1
    factors: Floats = np.zeros_like(wanted)
    last_factors = fits = last_fits = factors
    for step in range(STEPS):
        momentum = np.float32(step / (step + 3))
        ahead, fits_ahead = factors + momentum * (factors - last_factors), fits + momentum * (fits - last_fits)
        chances = np.exp(fits_ahead - fits_ahead.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        slope = chances - wanted + restraint * ahead
        change = inverse @ slope
        last_factors, last_fits = factors, fits
        factors, fits = ahead - change, fits_ahead - 2 * (slope - restraint * change)
    return ((likeness**weights.power + COMMON) @ factors).astype(np.float32)


def _likest(likeness: Floats, rows: Rows, candidates: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    order = np.lexsort((-likeness, rows.owners))
    sorted_owners = rows.owners[order]
    first = np.append(True, sorted_owners[1:] != sorted_owners[:-1])
    likest, number = np.zeros(candidates, np.float32), np.zeros(candidates, np.int64)
    likest[sorted_owners[first]] = likeness[order][first]
    number[sorted_owners[first]] = rows.numbers[order][first]
    return likest, number


def fused(look: Look, weights: Weights) -> Floats:
    """One score per candidate. Whole words count as far as the question's are known: of a compound that nobody has, the
    runs of letters tell more than the "a" before it. Rounded: a sum taken in another order is the same, and equals stay
    equals."""
    words = weights.words * look.known * look.words
    scores = weights.verdict * look.close.verdict + words + weights.runs * look.runs
    scores = scores + weights.habit * look.habits - weights.sinking * look.sinks
    rounded: Floats = scores.round(5)
    return rounded


def evidence(look: Look, scores: Floats, number: int) -> list[float]:
    """What speaks for a candidate: its lead over the best other one, how like its likest question is, how much of the
    question is known at all, and its lead in words and in runs."""
    return [
        min(_lead(scores, number), ENOUGH_LEAD),
        float(look.close.likest[number]),
        look.known,
        _lead(look.words, number),
        _lead(look.runs, number),
    ]


def _lead(values: Floats, number: int) -> float:
    others = np.delete(values, number)
    return float(values[number] - (others.max() if len(others) else 0))


def chance(evidence: list[float], weights: Weights) -> float:
    """The logistic of weighted evidence: 0 to 1."""
    constant, *factors = weights.confidence
    total = constant + sum(factor * one for factor, one in zip(factors, evidence, strict=True))
    return float(1 / (1 + np.exp(-np.clip(total, -30, 30))))
