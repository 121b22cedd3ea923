"""Recognises which topic a first question is about, by the words the organisation's managers gave each topic.

Deliberately careful: when the words of two topics occur, or of none, nothing is recognised and the visitor is asked.
"""

import re
import unicodedata
from collections.abc import Iterator

from knowledgebase.models import TopicLabel
from tenants.context import OrganisationRef

# Written without spaces between words: what was listed counts wherever it stands.
LANGUAGES_WITHOUT_SPACES = frozenset({"ja"})
# What a plural is made with: a word that ends in the first gets the second in its place.
_PLURALS = {
    "en": (("", "s"), ("", "es"), ("y", "ies")),
    "nl": (("", "s"), ("", "en"), ("", "n")),
}
_SHORTEST_WITH_PLURAL = 3
_WORD = re.compile(r"[^\W_]+")


def recognise_topic(_organisation: OrganisationRef, language: str, text: str) -> str | None:
    """The short name of the one topic that ``text`` is about, or None. One query.

    Only the words in ``language`` count: a Dutch visitor's "order" is not asked about in English.
    """
    listed = TopicLabel.objects.filter(topic__is_active=True, language=language).values_list("topic__slug", "words")
    meant = {slug for slug, words in listed if _occurs(words, language, text)}
    return meant.pop() if len(meant) == 1 else None


def _occurs(words: list[str], language: str, text: str) -> bool:
    """Whether one of the words or phrases occurs in the text, whatever the case, accents, spaces and punctuation."""
    if language in LANGUAGES_WITHOUT_SPACES:
        written = _evened(text)
        return any(word in written for word in map(_evened, words) if word)
    spoken = _words_of(text)
    return any(_follows(_words_of(phrase), spoken, language) for phrase in words)


def _follows(phrase: list[str], spoken: list[str], language: str) -> bool:
    """Whether the phrase's words stand in the text behind one another."""
    starts = range(len(spoken) - len(phrase) + 1) if phrase else range(0)
    return any(
        all(_is_same(word, spoken[start + place], language) for place, word in enumerate(phrase)) for start in starts
    )


def _is_same(listed: str, spoken: str, language: str) -> bool:
    return listed == spoken or spoken in _plurals(listed, language) or listed in _plurals(spoken, language)


def _plurals(word: str, language: str) -> Iterator[str]:
    if len(word) < _SHORTEST_WITH_PLURAL:
        return
    for ending, plural in _PLURALS.get(language, ()):
        if word.endswith(ending):
            yield word.removesuffix(ending) + plural


def _words_of(text: str) -> list[str]:
    """Lower case and without accents: "Één café" is "een", "cafe"."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return _WORD.findall(bare.casefold())


def _evened(text: str) -> str:
    """One width, one case, no spaces. Marks stay: カード is a card, カート a cart."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
