"""What a question teaches the article that answered it: whether it is worth keeping, as what, and how many are kept."""

from knowledgebase.cleaning import clean
from knowledgebase.engine.weights import DEFAULT

MOST_LEARNED = 100
"""Per article and language; the one that was asked longest ago goes."""
LONGEST_QUESTION = 300
SHORTEST_QUESTION = 6


def lesson(question: str) -> str:
    """The question in one line and without anything personal; empty when too little is left to learn from."""
    text = " ".join(clean(question).split())
    if len(text) > LONGEST_QUESTION:
        text = text[:LONGEST_QUESTION].rsplit(" ", 1)[0]
    return "" if len(text) < SHORTEST_QUESTION and text.isascii() else text


def is_known(is_first: bool, confidence: float | None) -> bool:
    """Whether the article was surely the answer already: a question that it is found by anyway teaches nothing, and
    takes the place of one that does."""
    return is_first and confidence is not None and confidence >= DEFAULT.sure
