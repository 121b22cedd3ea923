"""From a conversation to a mark: a hidden satisfaction, what each visitor makes of it, and who answers at all."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ratings.analysis import special
from ratings.analysis.rated import RatedConversations
from ratings.analysis.results import Bools, Floats, Ints
from ratings.simulation.population import HARDNESS, Population, draw_population, factor
from ratings.simulation.strengths import FACTORS, PURPOSES, Strengths

# Of each purpose: how much a wait matters to who asks so.
PATIENCE = np.array([1.1, 0.8, 0.9, 1.3])
# A delighted visitor minds a wait this much less per step of mood.
SOOTHED = 0.08
# Half of the harm is done after so many seconds; the exponent is how suddenly (Hill's curve, which saturates).
FIRST_HALF_SECONDS, FIRST_POWER = 40.0, 1.6
FOLLOW_UP_HALF_SECONDS, FOLLOW_UP_POWER = 70.0, 1.4
NOISE, NOISE_FREEDOM = 1.0, 4.0  # Student's t: now and then something quite else makes a visitor's day
STRETCH, SHIFT = 0.25, 0.45  # between visitors: who uses the whole scale, who marks high
ALWAYS_TEN, ALWAYS_ONE = 0.10, 0.015
THRESHOLDS = np.array([-4.3, -3.7, -3.1, -2.5, -1.9, -1.2, -0.5, 0.45, 1.4])
MIDDLE_MARK = 7
EXPECTATION_SPREAD = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Visitors:
    """What each visitor brings along: the same whatever the operator does."""

    noise: Floats
    stretch: Floats
    shift: Floats
    always: Ints  # 10, 1, or 0 for those who mean it


def draw_visitors(random: Generator, size: int) -> Visitors:
    fixed = random.random(size)
    always = np.where(fixed < ALWAYS_TEN, 10, np.where(fixed < ALWAYS_TEN + ALWAYS_ONE, 1, 0))
    return Visitors(
        noise=NOISE * random.standard_t(NOISE_FREEDOM, size),
        stretch=np.exp(STRETCH * random.standard_normal(size)),
        shift=SHIFT * random.standard_normal(size),
        always=always.astype(np.int64),
    )


def parts_of_satisfaction(people: Population, strengths: Strengths) -> dict[str, Floats]:
    """What each driver adds to the hidden satisfaction of each conversation. The topic is adjusted for, not judged."""
    minds = PATIENCE[people.purpose] * (1 - SOOTHED * people.mood_start)
    levels = np.array([strengths.purpose.get(one, 0.0) for one in PURPOSES])
    factors = strengths.factors
    first = hill(people.first_wait_seconds, FIRST_HALF_SECONDS, FIRST_POWER)
    later = hill(people.worst_follow_up_seconds, FOLLOW_UP_HALF_SECONDS, FOLLOW_UP_POWER)
    return {
        "first_wait_seconds": -strengths.first_wait_seconds * minds * first,
        "worst_follow_up_seconds": -strengths.worst_follow_up_seconds * minds * later,
        "kept_share": strengths.kept_share * (people.kept_share * np.sqrt(people.kept_share) - 0.6),
        "operators": -strengths.operators * np.log2(people.operators),
        "knowledge_used": strengths.knowledge_used * people.knowledge_used,
        "completeness_share": strengths.completeness_share * (0.3 - (1 - people.completeness_share) ** 2),
        "mood_start": strengths.mood_start * np.tanh(people.mood_start / 1.5),
        "lead": strengths.lead * people.lead,
        "friendly": factors.get("friendly", 0.0) * (factor(people, "friendly") - 4) / 2,
        "understood": factors.get("understood", 0.0) * (factor(people, "understood") - 0.7),
        "purpose": levels[people.purpose],
        "topic": -strengths.topic * HARDNESS[people.topic],
    }


def hill(seconds: Floats, half_seconds: float, power: float) -> Floats:
    """Nought without a wait, a half after ``half_seconds``, never more than one."""
    return np.asarray(1 / (1 + (half_seconds / np.maximum(seconds, 1e-6)) ** power))


def satisfaction(people: Population, visitors: Visitors, strengths: Strengths) -> Floats:
    found = visitors.noise.copy()
    for one in parts_of_satisfaction(people, strengths).values():
        found += one
    return found


def marks(satisfied: Floats, visitors: Visitors) -> Ints:
    """Whole marks from 1 to 10, each visitor on a scale of their own."""
    felt = visitors.stretch * satisfied + visitors.shift
    found = 1 + np.searchsorted(THRESHOLDS, felt)
    return np.where(visitors.always > 0, visitors.always, found).astype(np.int64)


def answers(random: Generator, mark: Ints) -> Bools:
    """Who rates at all: the delighted gladly, the angry most of all, who found it fair enough seldom."""
    chance = special.expit(-1.1 + 0.5 * (mark >= MIDDLE_MARK + 2) + 1.0 * (mark <= MIDDLE_MARK - 3))
    return np.asarray(random.random(len(mark)) < chance)


def draw_ratings(
    seed: int, conversations: int, strengths: Strengths, *, some_stay_silent: bool = False
) -> RatedConversations:
    """``conversations`` rated ones; with ``some_stay_silent`` only those whose visitors ``answers`` says rate."""
    random = np.random.default_rng(seed)
    return _ratings(random, *_draw(random, conversations), strengths, some_stay_silent)


def _draw(random: Generator, size: int) -> tuple[Population, Visitors]:
    return draw_population(random, size), draw_visitors(random, size)


def _ratings(
    random: Generator, people: Population, visitors: Visitors, strengths: Strengths, some_stay_silent: bool
) -> RatedConversations:
    satisfied = satisfaction(people, visitors, strengths)
    given = marks(satisfied, visitors)
    surprise = satisfied - EXPECTATION_SPREAD * random.standard_normal(len(people))
    whole = {name: getattr(people, name).astype(np.int64) for name in ("operators", "knowledge_used", "lead")}
    found = RatedConversations(
        mark=given,
        expectation=np.where(surprise < -1.2, 0, np.where(surprise < 0.6, 1, 2)),
        first_wait_seconds=people.first_wait_seconds,
        worst_follow_up_seconds=people.worst_follow_up_seconds,
        kept_share=people.kept_share,
        completeness_share=people.completeness_share,
        mood_start=people.mood_start,
        mood_end=np.clip(np.rint(0.5 * people.mood_start + 0.5 * satisfied), -2, 2),
        purpose=people.purpose,
        topic=people.topic,
        hour=people.hour,
        page=people.page,
        language=people.language,
        factors={
            name: np.where(asked, factor(people, name), np.nan)
            for name, asked in zip(FACTORS, people.is_asked, strict=True)
        },
        **whole,
    )
    return found.select(answers(random, given)) if some_stay_silent else found
