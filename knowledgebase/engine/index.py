"""An organisation's articles, ready to be ranked by a question."""

from collections.abc import Callable
from threading import RLock
from uuid import UUID

from knowledgebase.engine.documents import Document, Hit
from knowledgebase.engine.shelf import Shelf
from knowledgebase.engine.weights import DEFAULT, Weights
from knowledgebase.engine.words import base_language


class KnowledgeIndex:
    """Safe to share between threads. A changed document costs its own words, never a rebuild; each language is a shelf
    of its own."""

    def __init__(self, weights: Weights = DEFAULT) -> None:
        self._lock = RLock()
        self._weights = weights
        self._shelves: dict[str, Shelf] = {}

    def __len__(self) -> int:
        return sum(len(shelf) for shelf in self._shelves.values())

    def nbytes(self) -> int:
        """About what the index holds in memory."""
        with self._lock:
            return sum(shelf.nbytes() for shelf in self._shelves.values())

    def put(self, document: Document) -> None:
        """Adds the document, or replaces the one with its id and language."""
        language = base_language(document.language)
        with self._lock:
            if language not in self._shelves:
                self._shelves[language] = Shelf(language, self._weights)
            self._shelves[language].put(document)

    def remove(self, id: UUID, language: str) -> None:
        """Removing what is not there does nothing."""
        language = base_language(language)
        with self._lock:
            if language in self._shelves:
                self._shelves[language].remove(id)
                if not len(self._shelves[language]):
                    del self._shelves[language]

    def suggest(
        self, text: str, language: str, limit: int = 3, allowed: Callable[[UUID], bool] | None = None
    ) -> list[Hit]:
        """The articles in this language that answer the question best, best first; none when nothing of it is known.
        ``allowed`` is asked under the lock and must not come back here from another thread."""
        with self._lock:
            shelf = self._shelves.get(base_language(language))
            return [] if shelf is None else shelf.suggest(text, limit, allowed)
