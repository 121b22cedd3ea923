"""What two texts are compared by: their words, pairs of words, and runs of three to five letters, as numbers.

Two kinds of number. A *term* (32 bits) stands for one word or one run in the postings of articles. A *dimension* (16
bits) is where a question's word, pair or run lies in the space in which questions are compared with each other; its
range tells the kind. Different things may share a dimension, which is rare enough among the hundred of a question not
to be seen, and makes a question two bytes per feature.
"""

from dataclasses import dataclass
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
RUN_LENGTHS = (3, 4, 5)
# The highest bit of a term says that it is a run of letters.
RUN = 0x8000_0000
MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One text, taken apart. ``words`` are as they were written, but folded; ``word_terms`` are parallel to them."""

    words: tuple[str, ...]
    word_terms: tuple[int, ...]
    run_terms: tuple[int, ...]
    dimensions: Dimensions


def take_apart(text: str, language: str, most_words: int = MOST_WORDS) -> Asked:
    """``language`` is a base language. What comes after ``most_words`` is not read."""
    words = words_of(text)[:most_words]
    stems = [stem(word, language) for word in words]
    runs = [run for word in words for run in runs_of(word)]
    fenced = ["^", *stems, "$"]
    kinds = (
        [one.encode() for one in stems],
        [f"{one} {other}".encode() for one, other in pairwise(fenced)],
        [f"{one}_{other}".encode() for one, other in zip(stems, stems[2:], strict=False)],
        [run.encode() for run in runs],
    )
    dimensions = {
        start + crc32(feature) % (end - start)
        for (start, end), features in zip(pairwise(KIND_STARTS), kinds, strict=True)
        for feature in features
    }
    return Asked(
        tuple(words),
        tuple(crc32(one) & ~RUN for one in kinds[0]),
        tuple(run_term(run) for run in runs),
        np.array(sorted(dimensions), np.uint16),
    )


def runs_of(word: str) -> list[str]:
    """Runs of letters of a word, its ends marked by spaces."""
    fenced = f" {word} "
    return [fenced[start : start + length] for length in RUN_LENGTHS for start in range(len(fenced) - length + 1)]


def run_term(run: str) -> int:
    return crc32(run.encode()) | RUN
