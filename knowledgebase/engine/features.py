"""What two texts are compared by: their words, pairs of words, and runs of three to five letters, as numbers.

Two kinds of number. A *term* (32 bits) stands for one word or one run in the postings of articles. A *dimension* (16
bits) is where a question's word, pair or run lies in the space in which questions are compared with each other; its
range tells the kind. Different things may share a dimension, which is rare enough among the hundred of a question not
to be seen, and makes a question two bytes per feature.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from knowledgebase.engine.words import stem, words_of

Terms = npt.NDArray[np.uint32]
Dimensions = npt.NDArray[np.uint16]

# First dimension of words, pairs of neighbours, pairs with one word between, and runs of letters.
KIND_STARTS = (0, 12_288, 28_672, 40_960, 65_536)
KINDS = len(KIND_STARTS) - 1
_WORDS, _NEIGHBOURS, _APART, _RUNS = range(KINDS)
RUN_LENGTHS = (3, 4, 5)
# The highest bit of a term says that it is a run of letters.
RUN = 0x8000_0000
MOST_WORDS = 200
# The commonest words of all organisations are taken apart once; about 0.7 kilobytes each.
WORDS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One text, taken apart. ``words`` are as they were written, but folded; ``word_terms`` are parallel to them."""

    words: tuple[str, ...]
    word_terms: Terms
    run_terms: Terms
    dimensions: Dimensions


@dataclass(frozen=True, slots=True)
class Word:
    """What one word gives in every text: its stem, the term of that, and of its runs of letters; and the dimensions of
    all these. Arrays are shared: nobody writes into them."""

    stem: str
    term: int
    run_terms: Terms
    dimensions: Dimensions


def take_apart(text: str, language: str, most_words: int = MOST_WORDS) -> Asked:
    """``language`` is a base language. What comes after ``most_words`` is not read."""
    words = words_of(text)[:most_words]
    known = [word_of(word, language) for word in words]
    stems = [one.stem for one in known]
    pairs = [_dimension(_NEIGHBOURS, f"{one} {other}") for one, other in pairwise(["^", *stems, "$"])]
    pairs += [_dimension(_APART, f"{one}_{other}") for one, other in zip(stems, stems[2:], strict=False)]
    return Asked(
        tuple(words),
        np.array([one.term for one in known], np.uint32),
        np.concatenate([np.zeros(0, np.uint32), *(one.run_terms for one in known)]),
        np.unique(np.concatenate([np.array(pairs, np.uint16), *(one.dimensions for one in known)])),
    )


@lru_cache(maxsize=WORDS_KEPT)
def word_of(word: str, language: str) -> Word:
    """``language`` is a base language."""
    stemmed = stem(word, language)
    runs = _runs_of(word)
    return Word(
        stemmed,
        crc32(stemmed.encode()) & ~RUN,
        np.array([crc32(run.encode()) | RUN for run in runs], np.uint32),
        np.array([_dimension(_WORDS, stemmed), *(_dimension(_RUNS, run) for run in runs)], np.uint16),
    )


def _runs_of(word: str) -> list[str]:
    """Runs of letters of a word, its ends marked by spaces."""
    fenced = f" {word} "
    return [fenced[start : start + length] for length in RUN_LENGTHS for start in range(len(fenced) - length + 1)]


def _dimension(kind: int, feature: str) -> int:
    start, end = KIND_STARTS[kind : kind + 2]
    return start + crc32(feature.encode()) % (end - start)
