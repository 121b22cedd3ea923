"""The close look: candidates' own questions against the one that was asked.

A small ridge regression is solved for each question anew, over the nearest questions of the candidates only: it learns
what tells these articles apart, and nothing of it has to be kept, so that a changed article is learned at once.
"""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from knowledgebase.engine.features import KIND_STARTS, KINDS, Dimensions
from knowledgebase.engine.weights import NEAREST, Weights

Floats = npt.NDArray[np.float32]
_KIND_OF = np.repeat(np.arange(KINDS), np.diff(KIND_STARTS)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Rows:
    """Questions of the candidates, one after another. ``owners[n]`` is the candidate whose question row ``n`` is."""

    dimensions: Dimensions
    lengths: npt.NDArray[np.int64]
    owners: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Closeness:
    """Per candidate: what the ridge says (about 0 to 1), the mean likeness of its three likest questions, and the
    likest one with its likeness: 0 is the title, 1 the first question."""

    ridge: Floats
    alike: Floats
    likest: Floats
    row: npt.NDArray[np.int64]


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
    """``rarity`` is parallel to dimensions. Milliseconds: about 1 per 400 rows, and 2 for the ridge."""
    kinds = np.sqrt(np.array(weights.kinds, np.float32) / sum(weights.kinds))
    values, row_of = _scaled(rows, rarity, kinds)
    plane = np.zeros(KIND_STARTS[-1], np.float32)
    plane[asked] = _scaled(Rows(asked, np.array([len(asked)]), np.zeros(1, np.int64)), rarity, kinds)[0]
    likeness = np.bincount(row_of, values * plane[rows.dimensions], len(rows.lengths)).astype(np.float32)
    nearest = np.argsort(-likeness, kind="stable")[:NEAREST]
    near = likeness[nearest] > 0
    nearest = nearest[near]
    ridge = np.zeros(candidates, np.float32)
    if len(nearest):
        owners, which = np.unique(rows.owners[nearest], return_inverse=True)
        ridge[owners] = _ridge(_gram(rows, values, row_of, nearest), likeness[nearest], which, len(owners), weights)
    return Closeness(ridge, *_likest(likeness, rows.owners, candidates))


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


def _ridge(gram: Floats, likeness: Floats, which: npt.NDArray[np.int64], owners: int, weights: Weights) -> Floats:
    if owners == 1:
        return likeness.max(keepdims=True) ** weights.power
    wanted = np.full((len(likeness), owners), -1 / owners, np.float32)
    wanted[np.arange(len(likeness)), which] = 1
    kernel = gram**weights.power
    kernel[np.diag_indices_from(kernel)] += weights.restraint
    verdict: Floats = np.linalg.solve(kernel, wanted).T @ likeness**weights.power
    return verdict


def _likest(
    likeness: Floats, owners: npt.NDArray[np.int64], candidates: int
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    order = np.lexsort((-likeness, owners))
    sorted_owners = owners[order]
    firsts = np.searchsorted(sorted_owners, np.arange(candidates))
    rank = np.arange(len(order)) - firsts[sorted_owners]
    three = rank < 3
    alike = np.bincount(sorted_owners[three], likeness[order][three], candidates) / 3
    likest, row = np.zeros(candidates, np.float32), np.zeros(candidates, np.int64)
    first = rank == 0
    likest[sorted_owners[first]] = likeness[order][first]
    row[sorted_owners[first]] = order[first] - np.searchsorted(owners, sorted_owners[first])
    return alike.astype(np.float32), likest, row


def fused(look: Look, weights: Weights) -> Floats:
    """One score per candidate. Whole words count as far as the question's are known: of a compound that nobody has, the
    runs of letters tell more than the "a" before it. Rounded: a sum taken in another order is the same, and equals stay
    equals."""
    words = weights.words * look.known * look.words
    scores = weights.ridge * look.close.ridge + words + weights.runs * look.runs
    scores = scores + weights.alike * look.close.alike + weights.habit * look.habits - weights.sinking * look.sinks
    rounded: Floats = scores.round(5)
    return rounded


def evidence(look: Look, scores: Floats, order: list[int], number: int) -> list[float]:
    """What speaks for a candidate: its lead over the best other one, what the ridge says, its likest question, and how
    much of the question is known at all."""
    rival = next((other for other in order[:2] if other != number), None)
    lead = scores[number] - (scores[rival] if rival is not None else 0)
    return [float(lead), float(look.close.ridge[number]), float(look.close.likest[number]), look.known]


def chance(evidence: list[float], weights: Weights) -> float:
    """The logistic of weighted evidence: 0 to 1."""
    constant, *factors = weights.confidence
    total = constant + sum(factor * one for factor, one in zip(factors, evidence, strict=True))
    return float(1 / (1 + np.exp(-np.clip(total, -30, 30))))
