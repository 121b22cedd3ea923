"""What our ranking is measured against: PostgreSQL's own, and plain BM25. One document per article, both stemmed."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db import connection

from knowledgebase.engine import Document
from knowledgebase.engine.words import STEMMED, base_language, stem, words_of

SATURATION, LENGTH = 1.2, 0.75


class PlainBM25:
    """Okapi BM25 over one text per article."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._articles: dict[str, Counter[str]] = {}
        self._language = "en"
        for document in documents:
            self._language = base_language(document.language)
            self._articles[document.title] = Counter(self._words(_whole(document)))
        self._having = Counter(word for counts in self._articles.values() for word in counts)
        self._mean = sum(counts.total() for counts in self._articles.values()) / len(self._articles)

    def rank(self, text: str) -> list[str]:
        """Titles, best first."""
        scores: dict[str, float] = defaultdict(float)
        for word in self._words(text):
            having = self._having[word]
            rarity = math.log(1 + (len(self._articles) - having + 0.5) / (having + 0.5))
            for title, counts in self._articles.items():
                if amount := counts[word]:
                    size = 1 - LENGTH + LENGTH * counts.total() / self._mean
                    scores[title] += rarity * amount * (SATURATION + 1) / (amount + SATURATION * size)
        return sorted(scores, key=lambda title: -scores[title])

    def _words(self, text: str) -> list[str]:
        return [stem(word, self._language) for word in words_of(text)]


class PostgresRank:
    """``ts_rank`` in a temporary table; a question matches articles that have any of its words. Needs a transaction,
    at whose end the table goes."""

    def __init__(self, documents: Iterable[Document]) -> None:
        documents = list(documents)
        self._configuration = STEMMED.get(base_language(documents[0].language), "simple")
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE suggestion_rival (title text, words tsvector) ON COMMIT DROP")
            cursor.executemany(
                "INSERT INTO suggestion_rival VALUES (%s, to_tsvector(%s::regconfig, %s))",
                [(document.title, self._configuration, _whole(document)) for document in documents],
            )

    def rank(self, text: str) -> list[str]:
        """The best ten titles. One query."""
        asked = " | ".join(dict.fromkeys(words_of(text)))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT title FROM suggestion_rival, to_tsquery(%s::regconfig, %s) AS asked WHERE words @@ asked"
                " ORDER BY ts_rank(words, asked) DESC, title LIMIT 10",
                [self._configuration, asked],
            )
            return [title for (title,) in cursor.fetchall()]


def _whole(document: Document) -> str:
    return "\n".join((document.title, *document.variants, document.short_reply, document.long_text))
