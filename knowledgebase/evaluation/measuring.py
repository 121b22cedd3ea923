"""How often the right article is first, and how far confidence can be believed."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from knowledgebase.cleaning import evened
from knowledgebase.engine import Document, KnowledgeIndex
from knowledgebase.evaluation.questions import Base, Question
from knowledgebase.lessons import MOST_LEARNED, is_known, lesson

LOOKED_AT = 10
REPORT_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of all questions; ``mrr`` over the first ten. ``answered`` had a confidence of at least the threshold and
    ``precision`` is the share of these that were right; None without confidence. Milliseconds per question."""

    name: str
    questions: int
    hit_at_1: float
    hit_at_3: float
    mrr: float
    answered: float | None
    precision: float | None
    p50_ms: float
    p95_ms: float


Ranked = Sequence[tuple[str, float | None]]


def measure(name: str, rank: Callable[[str], Ranked], questions: Sequence[Question], threshold: float) -> Figures:
    """``rank`` gives titles' categories and confidences, best first."""
    places: list[int | None] = []
    seconds: list[float] = []
    sure: list[bool] = []
    has_confidence = False
    for question in questions:
        started_at = time.perf_counter()
        ranked = rank(question.text)
        seconds.append(time.perf_counter() - started_at)
        labels = [label for label, _ in ranked[:LOOKED_AT]]
        places.append(labels.index(question.category) + 1 if question.category in labels else None)
        if ranked and ranked[0][1] is not None:
            has_confidence = True
            if ranked[0][1] >= threshold:
                sure.append(places[-1] == 1)
    count = len(questions)
    seconds.sort()
    return Figures(
        name,
        count,
        sum(place == 1 for place in places) / count,
        sum(place is not None and place <= 3 for place in places) / count,
        sum(1 / place for place in places if place is not None) / count,
        len(sure) / count if has_confidence else None,
        sum(sure) / len(sure) if sure else None,
        seconds[count // 2] * 1000,
        seconds[count * 95 // 100] * 1000,
    )


def learned(base: Base, seed: int, at_most: int = MOST_LEARNED, report: Callable[[int], None] = lambda _: None) -> Base:
    """The rest of the questions, asked one after another in an order drawn by ``seed``: each is learned by its article
    as when an operator uses it, with the same rules. ``report`` is told how many were asked so far."""
    index = KnowledgeIndex()
    documents = dict(base.documents)
    own = {category: len(document.variants) for category, document in documents.items()}
    for document in documents.values():
        index.put(document)
    for number, question in enumerate(random.Random(seed).sample(base.rest, len(base.rest)), 1):  # noqa: S311
        before = documents[question.category]
        after = _having_learned(before, question.text, own[question.category], index, at_most)
        if after != before:
            documents[question.category] = after
            index.put(after)
        if number % REPORT_EVERY == 0:
            report(number)
    return Base(documents, ())


def _having_learned(document: Document, question: str, own: int, index: KnowledgeIndex, at_most: int) -> Document:
    """``own`` are the questions that were written for it, which stay. Of the others the newest stay."""
    text = lesson(question)
    hits = index.suggest(question, document.language, 1)
    if not text or (hits and is_known(hits[0].id == document.id, hits[0].confidence)):
        return document
    same = evened(text)
    if any(evened(one) == same for one in document.variants[:own]):
        return document
    others = [one for one in document.variants[own:] if evened(one) != same]
    kept = [*others, text][-at_most:]
    return replace(document, variants=(*document.variants[:own], *kept))


def our_rank(base: Base) -> Callable[[str], Ranked]:
    index = KnowledgeIndex()
    category_of = {}
    for category, document in base.documents.items():
        index.put(document)
        category_of[document.id] = category
    language = next(iter(base.documents.values())).language

    def rank(text: str) -> Ranked:
        return [(category_of[hit.id], hit.confidence) for hit in index.suggest(text, language, LOOKED_AT)]

    return rank


def rival_rank(base: Base, rank: Callable[[str], Iterable[str]]) -> Callable[[str], Ranked]:
    category_of = {document.title: category for category, document in base.documents.items()}
    return lambda text: [(category_of[title], None) for title in rank(text)]
