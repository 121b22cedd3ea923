"""``python -m knowledgebase.evaluation.tuning TRAIN.csv``: chooses the constants of ``engine.weights``.

It sees the training half alone. Knowledge bases of different sizes are drawn from it, some with categories left out so
that there are questions nobody can answer, and asked questions that they do not contain. The form of the regression,
what kinds of likeness count, and the weights of the fused score are chosen one after the other: those with the most
right answers (first, and among three) over all sizes alike. The confidence is a logistic regression on the same
questions; the threshold is the lowest above which it was right often enough on questions that the regression did not
see. Takes about ten minutes.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledgebase.engine.features import take_apart
from knowledgebase.engine.ranking import Look, evidence, fused
from knowledgebase.engine.shelf import Shelf
from knowledgebase.engine.weights import DEFAULT, Weights
from knowledgebase.evaluation.questions import Question, make_base, read_questions

SIZES = (5, 20, 60)
SEEDS = (11, 12)
QUESTIONS = 500
LEFT_OUT = 0.1
PRECISION = 0.98  # a hundredth above what is promised, for other people's questions
POWERS = (1.0, 1.25, 1.5, 1.75)
RESTRAINTS = (0.1, 0.15, 0.2, 0.3)
KINDS_TRIED = (
    (1.0, 0.5, 0.3, 1.0),
    (1.0, 0.3, 0.15, 1.0),
    (1.0, 0.7, 0.5, 1.0),
    (1.0, 0.5, 0.3, 0.6),
    (1.0, 0.5, 0.3, 1.5),
)
WORDS_TRIED = (0.0, 0.3, 0.6, 1.0, 1.5)
RUNS_TRIED = (0.0, 0.2, 0.6, 1.0, 1.5)


@dataclass(frozen=True, slots=True)
class Case:
    """``right`` is the candidate that is the right one; -1 when it is none of them."""

    look: Look
    right: int
    size: int


def cases(questions: Sequence[Question], size: int, seed: int, weights: Weights = DEFAULT) -> Iterator[Case]:
    drawing = random.Random(seed)  # noqa: S311 — a repeatable draw, no secret
    base = make_base(questions, size, seed, "en")
    shelf = Shelf("en", weights)
    for document in base.documents.values():
        if drawing.random() >= LEFT_OUT:
            shelf.put(document)
    for question in drawing.sample(base.rest, min(QUESTIONS, len(base.rest))):
        look = shelf.look(take_apart(question.text, "en"))
        if look is not None:
            right = base.documents[question.category].id
            yield Case(look, look.ids.index(right) if right in look.ids else -1, size)


def worth(all_cases: Sequence[Case], weights: Weights) -> int:
    """How often the right one was first, and how often among the first three."""
    total = 0
    for case in all_cases:
        if case.right >= 0:
            scores = fused(case.look, weights)
            place = int((scores > scores[case.right]).sum())
            total += (place < 1) + (place < 3)
    return total


def best_form(questions: Sequence[Question], weights: Weights) -> Weights:
    """Of the regression, and then of the likeness: every one of them looks at all questions anew."""

    def best(tries: Sequence[Weights]) -> Weights:
        found = [(worth(all_cases_of(questions, tried), tried), tried) for tried in tries]
        for right, tried in found:
            sys.stderr.write(f"{right} power={tried.power} restraint={tried.restraint} kinds={tried.kinds}\n")
        return max(found, key=lambda one: one[0])[1]

    weights = best([replace(weights, power=one, restraint=other) for one, other in product(POWERS, RESTRAINTS)])
    return best([replace(weights, kinds=kinds) for kinds in KINDS_TRIED])


def best_fusion(all_cases: Sequence[Case], weights: Weights) -> Weights:
    tries = [replace(weights, words=words, runs=runs) for words, runs in product(WORDS_TRIED, RUNS_TRIED)]
    return max(tries, key=lambda tried: worth(all_cases, tried))


def best_confidence(all_cases: Sequence[Case], weights: Weights) -> Weights:
    """Fitted on one half and its threshold chosen on the other, then the other way round: the higher threshold."""
    rows, right = [], []
    for case in all_cases:
        scores = fused(case.look, weights)
        first = min(range(len(scores)), key=lambda n: (-scores[n], case.look.ids[n]))
        rows.append([1.0, *evidence(case.look, scores, first)])
        right.append(first == case.right)
    evidences, truth = np.array(rows), np.array(right, float)
    half = np.arange(len(truth)) % 2 == 0
    thresholds = []
    for fit in (half, ~half):
        factors = logistic(evidences[fit], truth[fit])
        thresholds.append(lowest_threshold(1 / (1 + np.exp(-evidences[~fit] @ factors)), truth[~fit]))
    confidence = tuple(round(float(one), 2) for one in logistic(evidences, truth))
    return replace(weights, confidence=confidence, sure=round(max(thresholds), 3))


def logistic(evidences: npt.NDArray[np.float64], truth: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Newton's method with a little restraint; nine steps are more than enough."""
    factors = np.zeros(evidences.shape[1])
    for _ in range(9):
        chances = 1 / (1 + np.exp(-evidences @ factors))
        slope = evidences.T @ (truth - chances) - 0.1 * factors
        curve = (evidences * (chances * (1 - chances))[:, None]).T @ evidences + 0.1 * np.eye(len(factors))
        factors = factors + np.linalg.solve(curve, slope)
    return factors


def lowest_threshold(chances: npt.NDArray[np.float64], truth: npt.NDArray[np.float64]) -> float:
    order = np.argsort(-chances)
    precision = np.cumsum(truth[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= PRECISION)
    return float(chances[order][good[-1]]) if len(good) else 1.0


def all_cases_of(questions: Sequence[Question], weights: Weights) -> list[Case]:
    return [case for size, seed in product(SIZES, SEEDS) for case in cases(questions, size, seed, weights)]


def choose(questions: Sequence[Question]) -> Weights:
    weights = best_form(questions, DEFAULT)
    all_cases = all_cases_of(questions, weights)
    return best_confidence(all_cases, best_fusion(all_cases, weights))


if __name__ == "__main__":
    sys.stdout.write(f"{choose(read_questions(Path(sys.argv[1])))}\n")
