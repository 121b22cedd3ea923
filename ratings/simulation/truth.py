"""The true effects, told by the generator itself: the same conversations and visitors, a driver set to A and to B."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ratings.analysis.design import HOURS_PER_BAND
from ratings.analysis.drivers import DRIVERS
from ratings.analysis.effects import PURPOSE
from ratings.analysis.importance import shapley
from ratings.analysis.rated import Purpose
from ratings.analysis.results import Floats, Ints
from ratings.simulation.population import draw_population
from ratings.simulation.strengths import Strengths
from ratings.simulation.visitors import draw_visitors, marks, satisfaction

# The error of a true effect is then about 0.001 marks.
CONVERSATIONS = 1_000_000
SEED = 77_000_000
STEPS = 25
BLOCK = 20_000


@dataclass(frozen=True, slots=True)
class TrueEffect:
    together: float
    apart: dict[Purpose, float]


class Truth:
    """Each contrast is simulated once and kept."""

    def __init__(self, strengths: Strengths, conversations: int = CONVERSATIONS) -> None:
        random = np.random.default_rng(SEED)
        self.strengths = strengths
        self.people = draw_population(random, conversations)
        self.visitors = draw_visitors(random, conversations)
        self.marks = marks(satisfaction(self.people, self.visitors, strengths), self.visitors)
        self._effects: dict[tuple[str, float, float | None], TrueEffect] = {}
        self._shares: Mapping[str, float] | None = None

    def effect(self, driver: str, better: float, worse: float | None) -> TrueEffect:
        """``worse`` None is: as they were."""
        key = (driver, better, worse)
        if key not in self._effects:
            other = self.marks if worse is None else self._marks_with(driver, worse)
            difference = (self._marks_with(driver, better) - other).astype(np.float64)
            apart = {one: float(difference[self.people.purpose == one].mean()) for one in Purpose if one >= 0}
            self._effects[key] = TrueEffect(float(difference.mean()), apart)
        return self._effects[key]

    def _marks_with(self, driver: str, value: float) -> Floats:
        people = self.people.with_all(driver, value)
        return marks(satisfaction(people, self.visitors, self.strengths), self.visitors).astype(np.float64)

    def shares(self) -> Mapping[str, float]:
        """Each driver's share of what all of them explain of the marks, over all orders, the most important one first.
        Drivers are cut into steps here, which follow any curve; no curve of the analysis is used."""
        if self._shares is None:
            self._shares = self._explained()
        return self._shares

    def _explained(self) -> dict[str, float]:
        names = [*(one.name for one in DRIVERS), PURPOSE]
        surroundings = [self.people.topic, self.people.language, self.people.hour // HOURS_PER_BAND]
        cut = [np.unique(one, return_inverse=True)[1] for one in surroundings]
        cut += [_steps(getattr(self.people, name)) for name in names]
        sizes = [int(one.max()) for one in cut]
        ends = np.cumsum([1, *sizes])
        moments = np.zeros((ends[-1] + 1, ends[-1] + 1))
        for rows in np.array_split(np.arange(len(self.people)), -(-len(self.people) // BLOCK)):
            columns = np.zeros((len(moments), len(rows)))
            columns[0], columns[-1] = 1.0, self.marks[rows]
            for one, start in zip(cut, ends, strict=False):
                step = one[rows]
                columns[start + step[step > 0] - 1, np.flatnonzero(step)] = 1.0
            moments += columns @ columns.T
        first = int(ends[len(surroundings)])
        places = [slice(int(a), int(b)) for a, b in pairwise(ends[len(surroundings) :])]
        gains, total, _ = shapley(moments[..., None], places, first)
        order = np.argsort(-gains[:, 0])
        return {names[place]: float(gains[place, 0] / total[0]) for place in order}


def _steps(values: Floats | Ints) -> Ints:
    """Numbers from nought on: which of at most ``STEPS`` equally large groups of alike values each one is in."""
    limits = np.unique(np.quantile(values, np.arange(1, STEPS) / STEPS, method="lower"))
    return np.unique(np.searchsorted(limits, values, side="left"), return_inverse=True)[1]
