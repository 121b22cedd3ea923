"""How alike two questions are, and which group of questions a new one belongs to. Pure: no database.

A question is a bag of word stems and of pieces of words, each weighing more the rarer it is among the questions known;
two questions are as alike as their bags point in one direction. Pieces carry typing errors and Dutch compounds; a
language that is written without spaces comes in pairs of letters.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from knowledgebase.engine.grammar import is_grammar
from knowledgebase.engine.words import base_language, is_unspaced, stem, words_of

K = TypeVar("K", bound=Hashable)

# Found on the training half of BANKING77, one question after the other: see docs/adr/0022-gaps-grow-and-never-move.md.
SAME_GAP = 0.3
PIECE = 4
PIECES_WEIGH = 0.5
# "Thanks, great" is no question; neither is "ok".
LEAST_WORDS = 2
LEAST_PAIRS = 3
# Words of courtesy say nothing either.
_COURTEOUS = """
all bedankt best bye cheers dag dank day fijne fine goed goede good goodbye great hartelijk help helpful hey moment nice
no ok okay oke perfect please prima sorry super thx top very welcome well yep yes
"""
_COURTESY = frozenset(_COURTEOUS.split())


def terms_of(text: str, language: str) -> Counter[str]:
    """The stems and pieces of a question, counted."""
    base = base_language(language)
    terms: Counter[str] = Counter()
    for word in words_of(text):
        if is_unspaced(word):
            terms[f"~{word}"] += 1
        elif not is_grammar(word, base):
            stemmed = stem(word, base)
            terms[stemmed] += 1
            edged = f" {stemmed} "
            terms.update(f"~{edged[at : at + PIECE]}" for at in range(max(1, len(edged) - PIECE + 1)))
    return terms


def says_something(text: str, language: str) -> bool:
    """Whether there is a question in it, rather than a greeting or thanks: two words that are neither grammar nor
    courtesy, or four letters of a language without spaces."""
    words = set(words_of(text))
    pairs = {word for word in words if is_unspaced(word)}
    base = base_language(language)
    said = {word for word in words - pairs - _COURTESY if not is_grammar(word, base)}
    return len(said) >= LEAST_WORDS or len(pairs) >= LEAST_PAIRS


class Groups(Generic[K]):
    """Groups of alike questions in one language. A question stays in the group it was put into."""

    def __init__(self, language: str, background: Iterable[str] = ()) -> None:
        """``background``: other questions in this language. They only tell which words are common."""
        self._language = language
        self._known = 0
        self._in_how_many: Counter[str] = Counter()
        self._weights: dict[str, dict[K, float]] = {}
        self._squares: dict[K, float] = {}
        for text in background:
            self.learn(text)

    def learn(self, text: str) -> None:
        """One more question of which only its words are of interest."""
        self._known += 1
        self._in_how_many.update(terms_of(text, self._language).keys())

    def put(self, key: K, text: str) -> None:
        """The question belongs to this group, new or known."""
        square = self._squares.get(key, 0.0)
        for term, weight in self._bag(text).items():
            groups = self._weights.setdefault(term, {})
            before = groups.get(key, 0.0)
            groups[key] = before + weight
            square += weight * (2 * before + weight)
        self._squares[key] = square

    def nearest(self, text: str) -> tuple[K, float] | None:
        """The group whose questions together it is most like, and how much, 0 to 1; None when it shares nothing."""
        return max(self.likenesses(text).items(), key=lambda one: one[1], default=None)

    def likeness(self, text: str, key: K) -> float:
        """How much the question is like this group's questions together, 0 to 1."""
        return self.likenesses(text).get(key, 0.0)

    def likenesses(self, text: str) -> dict[K, float]:
        """Every group that shares something with the question, and how much it is like it, 0 to 1."""
        shared: dict[K, float] = {}
        for term, weight in self._bag(text).items():
            for key, there in self._weights.get(term, {}).items():
                shared[key] = shared.get(key, 0.0) + weight * there
        return {key: score / math.sqrt(self._squares[key]) for key, score in shared.items()}

    def _bag(self, text: str) -> dict[str, float]:
        """The question's terms, weighted, of length 1; empty when it says nothing."""
        weights = {
            term: (1 + math.log(times)) * self._rarity(term) * (PIECES_WEIGH if term[0] == "~" else 1.0)
            for term, times in terms_of(text, self._language).items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {term: weight / length for term, weight in weights.items()} if length else {}

    def _rarity(self, term: str) -> float:
        return math.log(1 + (self._known + 1) / (self._in_how_many.get(term, 0) + 0.5))
