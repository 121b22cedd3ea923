"""Conversations as they happen: drivers that depend on each other, because busy hours and hard topics move them all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.random import Generator

from ratings.analysis import special
from ratings.analysis.rated import Purpose
from ratings.analysis.results import Bools, Floats, Ints
from ratings.simulation.strengths import FACTORS

FIRST_PROMISE_SECONDS, FOLLOW_UP_PROMISE_SECONDS = 20.0, 30.0
MOST_TURNS = 8
TICKS = 5
PAGES = 40
# Visitors per hour of the day, nought at night.
BUSY = np.array([0] * 7 + [2, 5, 9, 12, 12, 9, 10, 11, 10, 9, 7, 6, 6, 5, 3, 1, 0], dtype=np.float64)
TOPICS = np.array([0.30, 0.22, 0.18, 0.14, 0.10, 0.06])
HARDNESS = np.array([-0.6, -0.2, 0.0, 0.3, 0.6, 1.0])
LANGUAGES = np.array([0.70, 0.22, 0.08])
# Of each topic: problem, information, advice, complaint.
PURPOSES_OF_TOPIC = np.array(
    [
        [0.25, 0.50, 0.17, 0.08],
        [0.35, 0.33, 0.20, 0.12],
        [0.40, 0.25, 0.20, 0.15],
        [0.45, 0.20, 0.15, 0.20],
        [0.40, 0.15, 0.25, 0.20],
        [0.45, 0.10, 0.15, 0.30],
    ]
)
MOOD_OF_PURPOSE = np.array([-0.4, 0.4, 0.3, -1.1])
USED_OF_TOPIC = np.array([0.55, 0.45, 0.35, 0.35, 0.25, 0.20])
LEAD_OF_PURPOSE = np.array([0.03, 0.12, 0.30, 0.02])
ASKED = 0.5  # of the visitors, each factor question


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Population:
    """The fields of ``RatedConversations`` with nothing unrecorded, and what nobody sees.

    How a visitor found the conversation follows from it: a factor changes when a driver does, as an effect that goes
    through what the visitor noticed is an effect of the driver. ``warmth`` and ``ease`` are what else decides; ``set``
    are factors that all visitors found the same. ``is_asked``: who is asked which factor question.
    """

    first_wait_seconds: Floats
    worst_follow_up_seconds: Floats
    kept_share: Floats
    operators: Floats
    knowledge_used: Floats
    completeness_share: Floats
    mood_start: Floats
    lead: Floats
    warmth: Floats
    ease: Floats
    purpose: Ints
    topic: Ints
    hour: Ints
    page: Ints
    language: Ints
    is_asked: Bools
    set: Mapping[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.purpose)

    def with_all(self, name: str, value: float) -> Self:
        """The same conversations, but for one driver, which all have at this value."""
        if name in FACTORS:
            return replace(self, set={**self.set, name: value})
        return replace(self, **{name: np.full_like(getattr(self, name), value)})


def factor(people: Population, name: str) -> Floats:
    """What each visitor would answer."""
    if name in people.set:
        return np.full(len(people), people.set[name])
    if name == "friendly":
        return np.asarray(np.clip(np.rint(3.9 + 0.15 * people.mood_start + people.warmth), 1, 5))
    clarity = 0.9 + 0.3 * people.mood_start + 0.9 * (people.completeness_share - 0.7) - 0.3 * HARDNESS[people.topic]
    return (people.ease < special.expit(clarity)).astype(np.float64)


def draw_population(random: Generator, size: int) -> Population:
    hour = _choice(random, BUSY / BUSY.sum(), size)
    topic = _choice(random, TOPICS, size)
    hard = HARDNESS[topic]
    load = 1.2 * (BUSY[hour] / BUSY.max() - 0.6) + 0.45 * random.standard_normal(size)
    reached = np.cumsum(PURPOSES_OF_TOPIC, axis=1)[:, :-1]
    purpose = (random.random(size)[:, None] > reached[topic]).sum(axis=1)
    mood = np.clip(np.rint(MOOD_OF_PURPOSE[purpose] - 0.15 * hard + random.standard_normal(size)), -2, 2)

    first = 18 * np.exp(0.55 * load + 0.15 * hard + 0.75 * random.standard_normal(size))
    turns = np.minimum(random.poisson(2.2 + 0.5 * hard + 0.3 * (purpose == Purpose.COMPLAINT)), MOST_TURNS)
    shared = 22 * np.exp(0.45 * load + 0.2 * hard + 0.35 * random.standard_normal(size))
    worst, kept = np.zeros(size), (first <= FIRST_PROMISE_SECONDS).astype(np.float64)
    for turn in range(MOST_TURNS):
        rows = np.flatnonzero(turns > turn)
        waits = shared[rows] * np.exp(0.65 * random.standard_normal(len(rows)))
        worst[rows] = np.maximum(worst[rows], waits)
        kept[rows] += waits <= FOLLOW_UP_PROMISE_SECONDS
    operators = 1.0 + (random.random(size) < special.expit(-1.9 + 0.5 * load + 0.5 * hard))
    operators += (operators > 1) & (random.random(size) < 0.25)
    ticks = special.expit(1.1 - 0.6 * load - 0.3 * hard + 0.7 * random.standard_normal(size))
    complete = random.binomial(TICKS, ticks) / TICKS
    return Population(
        first_wait_seconds=first,
        worst_follow_up_seconds=worst,
        kept_share=kept / (1 + turns),
        operators=operators,
        knowledge_used=(random.random(size) < USED_OF_TOPIC[topic]).astype(np.float64),
        completeness_share=complete,
        mood_start=mood,
        lead=(random.random(size) < LEAD_OF_PURPOSE[purpose]).astype(np.float64),
        warmth=random.standard_normal(size),
        ease=random.random(size),
        purpose=purpose,
        topic=topic,
        hour=hour,
        page=random.integers(0, PAGES, size),
        language=_choice(random, LANGUAGES, size),
        is_asked=random.random((len(FACTORS), size)) < ASKED,
    )


def _choice(random: Generator, chances: Floats, size: int) -> Ints:
    return np.searchsorted(np.cumsum(chances)[:-1], random.random(size), side="right").astype(np.int64)
