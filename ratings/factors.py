"""What visitors are asked beside the mark: factors of satisfaction, their shipped wording, and their scales.

Why these and why so: docs/asking.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db import models
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Factor(models.TextChoices):
    """What a visitor may have found good or bad, apart from the whole. Two of them are asked per conversation."""

    RESPONSIVENESS = "responsiveness", _("quick replies")
    PROFESSIONALISM = "professionalism", _("professional service")
    FRIENDLINESS = "friendliness", _("friendliness")
    CORRECT = "correct", _("correct information")
    COMPLETE = "complete", _("complete information")
    TAILORED = "tailored", _("fitting the visitor's situation")
    EASE = "ease", _("ease of use")
    STABILITY = "stability", _("a chat that works")
    FEELING = "feeling", _("feeling at the end")
    TRUST = "trust", _("trust in the organisation")


class Group(models.TextChoices):
    """What a factor is about."""

    SERVICE = "service", _("service")
    INFORMATION = "information", _("information")
    SYSTEM = "system", _("system")
    WHOLE = "whole", _("how it leaves the visitor")


GROUPS: Mapping[str, Group] = {
    Factor.RESPONSIVENESS: Group.SERVICE,
    Factor.PROFESSIONALISM: Group.SERVICE,
    Factor.FRIENDLINESS: Group.SERVICE,
    Factor.CORRECT: Group.INFORMATION,
    Factor.COMPLETE: Group.INFORMATION,
    Factor.TAILORED: Group.INFORMATION,
    Factor.EASE: Group.SYSTEM,
    Factor.STABILITY: Group.SYSTEM,
    Factor.FEELING: Group.WHOLE,
    Factor.TRUST: Group.WHOLE,
}

# Not factors: asked of everybody. The mark and the comment have commands of their own; only skipping them is an answer.
MARK, EXPECTATION, SOLVED, COMMENT = "mark", "expectation", "solved", "comment"

WORDING: Mapping[str, LazyText] = {
    EXPECTATION: _("Was it as you expected?"),
    SOLVED: _("Has your question been solved?"),
    Factor.RESPONSIVENESS: _("Did we reply quickly enough?"),
    Factor.PROFESSIONALISM: _("Did we know what we were doing?"),
    Factor.FRIENDLINESS: _("Were we friendly?"),
    Factor.CORRECT: _("Was our information correct, as far as you can tell?"),
    Factor.COMPLETE: _("Did our answer tell you everything you needed?"),
    Factor.TAILORED: _("Did our answer fit your situation?"),
    Factor.EASE: _("Was this chat easy to use?"),
    Factor.STABILITY: _("Did this chat work without hitches?"),
    Factor.FEELING: _("How did you feel at the end of the conversation?"),
    Factor.TRUST: _("Do you trust us to do right by you?"),
}

# From the least to the most, as the marks are: an answer is its place from 1. Every place has a word.
DEGREE: Sequence[LazyText] = (
    pgettext_lazy("answer to: was it so?", "Not at all"),
    pgettext_lazy("answer to: was it so?", "A little"),
    pgettext_lazy("answer to: was it so?", "Partly"),
    pgettext_lazy("answer to: was it so?", "Mostly"),
    pgettext_lazy("answer to: was it so?", "Completely"),
)
SCALES: Mapping[str, Sequence[LazyText]] = {
    EXPECTATION: (_("Worse than I expected"), _("As I expected"), _("Better than I expected")),
    SOLVED: (
        pgettext_lazy("is the question solved?", "No"),
        pgettext_lazy("is the question solved?", "Partly"),
        pgettext_lazy("is the question solved?", "Yes"),
    ),
    Factor.FEELING: (
        pgettext_lazy("how the visitor felt", "Very bad"),
        pgettext_lazy("how the visitor felt", "Bad"),
        pgettext_lazy("how the visitor felt", "Neither good nor bad"),
        pgettext_lazy("how the visitor felt", "Good"),
        pgettext_lazy("how the visitor felt", "Very good"),
    ),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question as the visitor reads it; ``answers`` from the least to the most."""

    name: str
    text: str
    answers: tuple[str, ...]


def scale_of(question: str) -> Sequence[LazyText]:
    """The words of the answers to a question."""
    return SCALES.get(question, DEGREE)


def question_of(name: str, own_wording: str = "") -> Question:
    """The question in the language that is active, in the organisation's own words where it has some."""
    return Question(name, own_wording or str(WORDING[name]), tuple(str(word) for word in scale_of(name)))


def answer_text(question: str, answer: int | None) -> str:
    """The answer in words, in the language that is active."""
    return str(scale_of(question)[answer - 1] if answer is not None else pgettext_lazy("a question", "skipped"))


def is_answer(question: str, answer: int) -> bool:
    """Whether this answer is on the question's scale."""
    return question in WORDING and 1 <= answer <= len(scale_of(question))


def pairs(factors: Sequence[str]) -> list[tuple[str, str]]:
    """Every two of these, each pair once and in one order whatever the order of the factors."""
    return list(combinations(sorted(factors), 2))
