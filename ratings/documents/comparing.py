"""In one word, how a figure stands against another period: better, worse, or no further away than chance goes.

Pages show the word, and the sentences of a report follow it (:mod:`ratings.documents.essentials`): they cannot
contradict each other.
"""

from enum import StrEnum
from math import sqrt

from ratings.documents.document import SMALL_GROUP, Amount, Figure, Unit

BEYOND_CHANCE = 1.96
"""Standard errors: chance alone shows as much in fewer than one of twenty."""
NOTABLE_POINTS = 3
"""A share that moved by less is not worth a word, however many it is of."""

MORE_IS_BETTER = {
    "answered", "first_replies_in_time", "follow_ups_in_time", "mean_mark", "ratings_response",
    "ratings_response_shown", "better_than_expected", "solved", "with_article", "articles_helped",
}  # fmt: skip
LESS_IS_BETTER = {"worse_than_expected", "not_solved", "angry_ends"}


class Word(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    MORE = "more"
    FEWER = "fewer"
    CHANCE = "chance"
    """No difference beyond what chance alone would show."""
    WITHHELD = "withheld"
    """Too few on one side."""
    NONE = ""
    """Nothing to compare, or no test for it."""


def word_for(figure: Figure) -> Word:
    """Shares by two pooled proportions, the mean mark by Welch's test, counts by Poisson's spread: each at 5 %. Waits
    get no word: their medians come without a spread."""
    now, before = figure.now, figure.before
    if before is None or now.value is None or before.value is None or now.unit == Unit.SECONDS:
        return Word.NONE
    if now.unit == Unit.COUNT:
        return _of_counts(int(now.value), int(before.value))
    if min(now.n or 0, before.n or 0) < SMALL_GROUP:
        return Word.WITHHELD
    if now.unit == Unit.MARK and (now.squared_error is None or before.squared_error is None):
        return Word.NONE
    if not (means_differ(now, before) if now.unit == Unit.MARK else shares_differ(now, before)):
        return Word.CHANCE
    up = now.value > before.value
    if figure.name in MORE_IS_BETTER:
        return Word.BETTER if up else Word.WORSE
    if figure.name in LESS_IS_BETTER:
        return Word.WORSE if up else Word.BETTER
    return Word.MORE if up else Word.FEWER


def shares_differ(now: Amount, before: Amount) -> bool:
    """Whether two shares, in percent, differ by more than chance alone would show, both counted over enough."""
    if now.value is None or before.value is None or not now.n or not before.n:
        return False
    if min(now.n, before.n) < SMALL_GROUP:
        return False
    pooled = (now.value * now.n + before.value * before.n) / (now.n + before.n) / 100
    error = 100 * sqrt(max(0.0, pooled * (1 - pooled)) * (1 / now.n + 1 / before.n))
    difference = abs(now.value - before.value)
    return difference >= NOTABLE_POINTS and difference > BEYOND_CHANCE * error


def means_differ(now: Amount, before: Amount) -> bool:
    """Welch 1947; with ten marks or more the normal quantile is near enough."""
    if now.value is None or before.value is None or now.squared_error is None or before.squared_error is None:
        return False
    return abs(now.value - before.value) > BEYOND_CHANCE * sqrt(now.squared_error + before.squared_error)


def grew(figure: Figure) -> bool:
    """Whether a count grew by more than chance shows, from enough."""
    if figure.before is None or (figure.before.value or 0) < SMALL_GROUP:
        return False
    return word_for(figure) == Word.MORE


def _of_counts(now: int, before: int) -> Word:
    """Two Poisson counts over periods of about the same length."""
    if now + before < SMALL_GROUP:
        return Word.WITHHELD
    if abs(now - before) <= BEYOND_CHANCE * sqrt(now + before):
        return Word.CHANCE
    return Word.MORE if now > before else Word.FEWER
