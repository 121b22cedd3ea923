"""An organisation's articles, ready to be ranked by a question."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from threading import RLock
from uuid import UUID

from knowledgebase.engine.documents import Because, Document, Field, Hit
from knowledgebase.engine.words import base_language, stem, words_of

FIELD_WEIGHTS: dict[Field, float] = {"title": 2.0, "question": 2.0, "text": 1.0}
SATURATION = 1.2
BYTES_PER_WORD = 100


class KnowledgeIndex:
    """Safe to share between threads. A changed document costs its own words, never a rebuild."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._documents: dict[tuple[UUID, str], Document] = {}
        self._words: dict[tuple[UUID, str], Counter[str]] = {}
        self._postings: dict[str, dict[str, dict[UUID, float]]] = defaultdict(lambda: defaultdict(dict))

    def __len__(self) -> int:
        return len(self._documents)

    def nbytes(self) -> int:
        """About what the index holds in memory."""
        return BYTES_PER_WORD * sum(len(words) for words in self._words.values())

    def put(self, document: Document) -> None:
        """Adds the document, or replaces the one with its id and language."""
        language = base_language(document.language)
        with self._lock:
            self.remove(document.id, document.language)
            counts: Counter[str] = Counter()
            for field, texts in _fields(document):
                for text in texts:
                    for word in words_of(text):
                        counts[stem(word, language)] += FIELD_WEIGHTS[field]  # type: ignore[assignment]
            self._documents[document.id, language] = document
            self._words[document.id, language] = counts
            for word, weight in counts.items():
                self._postings[language][word][document.id] = weight

    def remove(self, id: UUID, language: str) -> None:
        """Removing what is not there does nothing."""
        language = base_language(language)
        with self._lock:
            if self._documents.pop((id, language), None) is None:
                return
            for word in self._words.pop((id, language)):
                del self._postings[language][word][id]

    def suggest(
        self, text: str, language: str, limit: int = 3, allowed: Callable[[UUID], bool] | None = None
    ) -> list[Hit]:
        """The articles in this language that answer the question best, best first; none when not a word is known."""
        language = base_language(language)
        asked = {stem(word, language): word for word in words_of(text)}
        scores: dict[UUID, float] = defaultdict(float)
        found: dict[UUID, list[str]] = defaultdict(list)
        with self._lock:
            count = sum(1 for _, its_language in self._documents if its_language == language)
            for stemmed, word in asked.items():
                posting = self._postings[language].get(stemmed, {})
                rarity = math.log(1 + (count - len(posting) + 0.5) / (len(posting) + 0.5))
                for id, weight in posting.items():
                    scores[id] += rarity * weight / (weight + SATURATION)
                    found[id].append(word)
            best = sorted(
                (id for id in scores if allowed is None or allowed(id)),
                key=lambda id: (self._documents[id, language].sinks, -scores[id], id),
            )
            return [
                Hit(id, language, scores[id], len(found[id]) / (len(asked) + 2), self._because(id, language, found[id]))
                for id in best[:limit]
            ]

    def _because(self, id: UUID, language: str, words: list[str]) -> Because:
        stems = {stem(word, language) for word in words}
        best: tuple[int, Field, str] = (0, "text", "")
        for field, texts in _fields(self._documents[id, language]):
            for text in texts:
                matching = len(stems & {stem(word, language) for word in words_of(text)})
                if matching > best[0]:
                    best = (matching, field, text)
        return Because(best[1], tuple(words), best[2] if best[1] == "question" else "")


def _fields(document: Document) -> list[tuple[Field, tuple[str, ...]]]:
    return [
        ("title", (document.title,)),
        ("question", document.variants),
        ("text", (document.short_reply, document.long_text)),
    ]
