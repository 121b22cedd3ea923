"""Takes a text apart: words and their stems, and runs of letters that survive typing errors and compounds."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import snowballstemmer

# What Snowball calls the languages it knows; a language that is not here is not stemmed.
STEMMED = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "sv": "swedish",
}
# Written without spaces between words: Han, Hiragana, Katakana, Thai. Their "words" are pairs of letters.
_UNSPACED = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f々"
_RUNS = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_UNSPACED_RUN = re.compile(rf"[{_UNSPACED}]")
_APOSTROPHES = re.compile(r"(?<=\w)['’ʼ](?=\w)")
LONGEST_WORD = 40


def base_language(language: str) -> str:
    """``nl-BE`` is read as ``nl``."""
    return language.lower().replace("_", "-").split("-", 1)[0]


def folded(text: str) -> str:
    """One width, one case, no accents (marks of Japanese voicing stay: they are other letters)."""
    decomposed = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).casefold()))
    kept = "".join(letter for letter in decomposed if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFC", kept)


def words_of(text: str) -> list[str]:
    """The words in order, folded and not stemmed; an unspaced run gives its overlapping pairs of letters."""
    words = []
    for run in _RUNS.findall(folded(text)):
        if is_unspaced(run):
            words += [run[start : start + 2] for start in range(max(1, len(run) - 1))]
        else:
            words.append(run[:LONGEST_WORD])
    return words


def is_unspaced(word: str) -> bool:
    """Whether this is a pair of letters of a language written without spaces."""
    return _UNSPACED_RUN.match(word) is not None


@lru_cache(maxsize=32)
def _stemming(language: str) -> Callable[[str], str]:
    """A word's stem in this language; the word itself where nobody knows stems."""
    if language not in STEMMED:
        return str
    stem_word: Callable[[str], str] = snowballstemmer.stemmer(STEMMED[language]).stemWord
    return stem_word


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """``language`` is a base language. Bounded: the commonest words of all organisations are stemmed once."""
    return _stemming(language)(word)
