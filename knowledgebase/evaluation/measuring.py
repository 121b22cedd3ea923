"""How often the right article is first, and how far confidence can be believed."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from knowledgebase.engine import KnowledgeIndex
from knowledgebase.evaluation.questions import Base, Question

LOOKED_AT = 10
LEARNED_AT_MOST = 40  # questions that learning keeps of an article


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


def learned(base: Base, at_most: int) -> Base:
    """The rest of the questions as variants: the newest ``at_most`` of each article, as learning keeps them."""
    by_category: dict[str, list[str]] = {category: [] for category in base.documents}
    for question in base.rest:
        by_category[question.category].append(question.text)
    documents = {
        category: replace(document, variants=(*document.variants, *by_category[category][-at_most:]))
        for category, document in base.documents.items()
    }
    return Base(documents, ())


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
