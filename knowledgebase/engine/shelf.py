"""One organisation's articles in one language: which could answer at all, then a close look at the best of them."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from knowledgebase.engine.documents import Because, Document, Hit
from knowledgebase.engine.features import KIND_STARTS, RUN, Asked, Dimensions, Terms, Word, take_apart, word_of
from knowledgebase.engine.grammar import is_grammar
from knowledgebase.engine.postings import Counts, Postings
from knowledgebase.engine.ranking import Floats, Look, Rows, chance, compare, evidence, fused
from knowledgebase.engine.weights import CANDIDATES, MOST_ROWS, Weights

# A word of a title or a question counts four times as much as one of the text. Kept in quarters, as small numbers.
QUESTION_COUNT, TEXT_COUNT, MOST_COUNT = 4, 1, 255
_LOGARITHMS = np.log1p(np.arange(KIND_STARTS[-1], dtype=np.float32))
_FIRST_SLOTS = 16
LEAST_SHARE_OF_RUNS = 0.5
# A word that more articles have says nothing about one of them.
FEW_ARTICLES, FEW_SHARE = 10, 0.25
# What Python itself needs for an article's entry, its arrays and its strings, beside their content.
_ENTRY_BYTES, _STRING_BYTES = 700, 56


@dataclass(frozen=True, slots=True)
class Entry:
    """``texts`` are the title and then the questions; their dimensions lie one after another."""

    id: UUID
    texts: tuple[str, ...]
    dimensions: Dimensions
    lengths: npt.NDArray[np.uint16]
    habit: float
    sinks: bool


class Shelf:
    """Not safe for threads by itself."""

    def __init__(self, language: str, weights: Weights) -> None:
        self._language = language
        self._weights = weights
        self._entries: dict[int, Entry] = {}
        self._top = 0
        self._slot_of: dict[UUID, int] = {}
        self._alive = np.zeros(_FIRST_SLOTS, np.bool_)
        # Per article: how much it says in words, and in runs of letters.
        self._sizes = np.zeros((2, _FIRST_SLOTS), np.float32)
        self._postings = Postings()
        self._articles_with = np.zeros(KIND_STARTS[-1], np.uint16)
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._slot_of)

    def nbytes(self) -> int:
        arrays = self._alive.nbytes + self._sizes.nbytes + self._articles_with.nbytes
        return self._bytes + self._postings.nbytes() + arrays

    def put(self, document: Document) -> None:
        self.remove(document.id)
        texts = (document.title, *document.variants)
        taken = [take_apart(text, self._language) for text in texts]
        text = take_apart(f"{document.short_reply}\n{document.long_text}", self._language)
        terms, amounts = _counted(taken, text)
        slot = self._top
        if slot == len(self._alive):
            self._alive = np.concatenate([self._alive, np.zeros_like(self._alive)])
            self._sizes = np.concatenate([self._sizes, np.zeros_like(self._sizes)], axis=1)
        is_run = terms >= RUN
        self._sizes[:, slot] = amounts[~is_run].sum() / QUESTION_COUNT, amounts[is_run].sum() / QUESTION_COUNT
        self._alive[slot] = True
        self._postings.add(slot, terms, amounts)
        lengths = np.array([len(one.dimensions) for one in taken], np.uint16)
        dimensions = np.concatenate([one.dimensions for one in taken])
        entry = Entry(document.id, texts, dimensions, lengths, _habit(document), document.sinks)
        self._entries[slot] = entry
        self._top += 1
        self._slot_of[document.id] = slot
        self._count(entry, +1)

    def remove(self, id: UUID) -> None:
        slot = self._slot_of.pop(id, None)
        if slot is None:
            return
        self._alive[slot] = False
        self._count(self._entries.pop(slot), -1)
        if self._top > 2 * len(self._slot_of) + _FIRST_SLOTS:
            self._close_ranks()

    def suggest(self, text: str, limit: int, allowed: Callable[[UUID], bool] | None) -> list[Hit]:
        asked = take_apart(text, self._language)
        look = self.look(asked, allowed)
        if look is None:
            return []
        scores = fused(look, self._weights)
        order = sorted(range(len(scores)), key=lambda n: (-scores[n], look.ids[n]))
        told = self._telling(asked)
        hits = []
        for number in order[:limit]:
            id, row = look.ids[number], int(look.close.number[number])
            confidence = chance(evidence(look, scores, number), self._weights)
            hits.append(Hit(id, self._language, float(scores[number]), confidence, self._because(told, id, row)))
        return hits

    def look(self, asked: Asked, allowed: Callable[[UUID], bool] | None = None) -> Look | None:
        """What is known of the articles that could answer; None when there is none."""
        if not self._slot_of or not asked.words:
            return None
        by_words, known = self._okapi(asked.word_terms, self._sizes[0])
        by_runs, _ = self._okapi(asked.run_terms, self._sizes[1])
        slots = self._candidates(by_words / (by_words.max() or 1) + by_runs / (by_runs.max() or 1), allowed)
        if not slots:
            return None
        entries = [self._entries[slot] for slot in slots]
        words, runs = by_words[slots], by_runs[slots]
        return Look(
            ids=tuple(entry.id for entry in entries),
            words=words / (words.max() or 1),
            runs=runs / (runs.max() or 1),
            close=compare(asked.dimensions, _rows(entries), len(entries), self._rarity(), self._weights),
            habits=np.array([entry.habit for entry in entries], np.float32),
            sinks=np.array([entry.sinks for entry in entries], np.bool_),
            known=known,
        )

    def _okapi(self, asked: Terms, sizes: Floats) -> tuple[Floats, float]:
        """BM25 of every slot, and which share of the question, by rarity, any article knows."""
        distinct = np.unique(asked)
        found = self._postings.find(distinct, self._alive)
        articles = len(self._slot_of)
        rarity = np.log1p((articles - found.having + 0.5) / (found.having + 0.5))
        mean = float(sizes[self._alive].sum()) / articles or 1.0
        amounts = found.counts / np.float32(QUESTION_COUNT)
        fullness = 1 - self._weights.length + self._weights.length * sizes[found.slots] / mean
        worth = rarity[found.which] * amounts / (amounts + self._weights.saturation * fullness)
        scores = np.bincount(found.slots, worth, self._top).astype(np.float32)
        known = rarity[found.having > 0].sum() / (rarity.sum() or 1)
        return scores, float(known)

    def _candidates(self, rough: Floats, allowed: Callable[[UUID], bool] | None) -> list[int]:
        """The best slots of the rough ranking, as many as are looked at closely."""
        taken: list[int] = []
        rows = 0
        for slot in _best_first(rough):
            entry = self._entries[slot]
            if allowed is not None and not allowed(entry.id):
                continue
            rows += len(entry.texts)
            if len(taken) == CANDIDATES or (rows > MOST_ROWS and len(taken) >= 3):
                break
            taken.append(slot)
        return taken

    def _rarity(self) -> Floats:
        """By articles, not by questions: what many questions of one article share tells it from the others."""
        rarity: Floats = np.float32(1 + math.log1p(len(self._slot_of))) - _LOGARITHMS[self._articles_with]
        return rarity

    def _telling(self, asked: Asked) -> dict[str, int]:
        """The question's words that say something, with their terms: neither grammar nor in most articles."""
        terms = np.unique(asked.word_terms)
        having = self._postings.find(terms, self._alive).having
        telling = set(terms[having <= max(FEW_ARTICLES, len(self._slot_of) * FEW_SHARE)].tolist())
        terms_of_words = zip(asked.words, asked.word_terms.tolist(), strict=True)
        return {word: term for word, term in terms_of_words if term in telling and not is_grammar(word, self._language)}

    def _because(self, told: dict[str, int], id: UUID, row: int) -> Because:
        """``row`` is the likest of the article's texts. A word is found there when its stem is, or half of its runs of
        letters are; when none is, it was the text that knew some."""
        slot = self._slot_of[id]
        text = self._entries[slot].texts[row]
        there = take_apart(text, self._language)
        runs, stems = set(there.run_terms.tolist()), set(there.word_terms.tolist())
        words = tuple(
            word
            for word, term in told.items()
            if term in stems or _share(word_of(word, self._language), runs) >= LEAST_SHARE_OF_RUNS
        )
        if words:
            return Because("question", words, text) if row else Because("title", words, "")
        terms = np.array(list(told.values()), np.uint32)
        found = self._postings.find(terms, self._alive)
        in_text = set(terms[found.which[found.slots == slot]].tolist())
        return Because("text", tuple(word for word, term in told.items() if term in in_text), "")

    def _count(self, entry: Entry, sign: int) -> None:
        self._articles_with[np.unique(entry.dimensions)] += np.uint16(sign % 65_536)
        letters = sum(len(text.encode()) + _STRING_BYTES for text in entry.texts)
        self._bytes += sign * (_ENTRY_BYTES + letters + entry.dimensions.nbytes + entry.lengths.nbytes)

    def _close_ranks(self) -> None:
        """Gives the articles the lowest slots again, once more than half are empty."""
        keep = np.flatnonzero(self._alive)
        new_slots = np.zeros(len(self._alive), np.int32)
        new_slots[keep] = np.arange(len(keep))
        self._postings.renumber(new_slots, self._alive)
        self._entries = {new: self._entries[slot] for new, slot in enumerate(keep.tolist())}
        self._top = len(keep)
        self._slot_of = {id: int(new_slots[slot]) for id, slot in self._slot_of.items()}
        room = max(_FIRST_SLOTS, 2 * len(keep))
        alive, sizes = np.zeros(room, np.bool_), np.zeros((2, room), np.float32)
        alive[: len(keep)] = True
        sizes[:, : len(keep)] = self._sizes[:, keep]
        self._alive, self._sizes = alive, sizes


def _habit(document: Document) -> float:
    """-1 to 1: taken oftener than the one time in four that a suggestion among three is, or less often."""
    expected = document.shown / 4 + document.passed_over / 2
    return max(-1.0, min(1.0, math.log((document.used + 4) / (expected + 4))))


def _rows(entries: list[Entry]) -> Rows:
    return Rows(
        np.concatenate([entry.dimensions for entry in entries]),
        np.concatenate([entry.lengths for entry in entries]).astype(np.int64),
        np.repeat(np.arange(len(entries)), [len(entry.lengths) for entry in entries]),
        np.concatenate([np.arange(len(entry.lengths)) for entry in entries]),
    )


def _counted(questions: Sequence[Asked], text: Asked) -> tuple[Terms, Counts]:
    """Every term of an article with its count in quarters."""
    asked = np.concatenate([terms for one in questions for terms in (one.word_terms, one.run_terms)])
    terms, which = np.unique(np.concatenate([asked, text.word_terms, text.run_terms]), return_inverse=True)
    in_questions = np.bincount(which[: len(asked)], minlength=len(terms))
    in_text = np.bincount(which[len(asked) :], minlength=len(terms))
    counts = QUESTION_COUNT * in_questions + TEXT_COUNT * in_text
    return terms, np.minimum(counts, MOST_COUNT).astype(np.uint8)


def _share(word: Word, runs: set[int]) -> float:
    """Which share of the word's runs of letters is among these."""
    return sum(run in runs for run in word.run_terms.tolist()) / len(word.run_terms)


def _best_first(rough: Floats) -> Iterator[int]:
    """The slots above 0, best first; of equals the lower one. The first few cost least: hardly anybody wants more."""
    good = np.flatnonzero(rough > 0)
    few = 4 * CANDIDATES
    if len(good) > few:
        parted = np.argpartition(-rough[good], few)
        best, rest = np.sort(good[parted[:few]]), np.sort(good[parted[few:]])
        yield from _ranked(rough, best)
        good = rest
    yield from _ranked(rough, good)


def _ranked(rough: Floats, slots: npt.NDArray[np.intp]) -> Iterator[int]:
    return iter(slots[np.argsort(-rough[slots], kind="stable")].tolist())
