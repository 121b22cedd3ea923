"""In one word, how a figure stands against another period: better, worse, or no further away than chance goes.

The same tests as the sentences of a report (:mod:`ratings.documents.essentials`): a page cannot contradict itself.
"""

from collections.abc import Sequence
from enum import StrEnum
from math import sqrt

from ratings.documents.document import SMALL_GROUP, Figure, Unit
from ratings.documents.essentials import BEYOND_CHANCE, is_beyond_chance
from ratings.reports import Figures

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


def word_for(figure: Figure, now: Figures, before: Figures | None) -> Word:
    """Shares by two pooled proportions, the mean mark by Welch's test, counts by Poisson's spread: each at 5 %. Waits
    get no word: their medians come without a spread."""
    if before is None or figure.before is None or figure.now.value is None or figure.before.value is None:
        return Word.NONE
    up = figure.now.value > figure.before.value
    if figure.now.unit == Unit.SECONDS:
        return Word.NONE
    if figure.now.unit == Unit.COUNT:
        return _of_counts(int(figure.now.value), int(figure.before.value))
    if min(figure.now.n or 0, figure.before.n or 0) < SMALL_GROUP:
        return Word.WITHHELD
    if figure.now.unit == Unit.MARK:
        beyond = _means_differ(now.marks, before.marks)
    else:
        beyond = is_beyond_chance(figure.now, figure.before)
    if not beyond:
        return Word.CHANCE
    if figure.name in MORE_IS_BETTER:
        return Word.BETTER if up else Word.WORSE
    if figure.name in LESS_IS_BETTER:
        return Word.WORSE if up else Word.BETTER
    return Word.MORE if up else Word.FEWER


def _of_counts(now: int, before: int) -> Word:
    """Two Poisson counts over periods of about the same length."""
    if now + before < SMALL_GROUP:
        return Word.WITHHELD
    if abs(now - before) <= BEYOND_CHANCE * sqrt(now + before):
        return Word.CHANCE
    return Word.MORE if now > before else Word.FEWER


def _means_differ(now: Sequence[int], before: Sequence[int]) -> bool:
    """Welch 1947, of two distributions of marks; with ten marks or more the normal quantile is near enough."""
    (mean_now, error_now), (mean_before, error_before) = _mean_and_error(now), _mean_and_error(before)
    return abs(mean_now - mean_before) > BEYOND_CHANCE * sqrt(error_now + error_before)


def _mean_and_error(marks: Sequence[int]) -> tuple[float, float]:
    """The mean and its squared standard error."""
    n = sum(marks)
    mean = sum(mark * count for mark, count in enumerate(marks, 1)) / n
    variance = sum(count * (mark - mean) ** 2 for mark, count in enumerate(marks, 1)) / (n - 1)
    return mean, variance / n
