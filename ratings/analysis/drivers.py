"""What moves the mark: each driver's effect in marks, its share, and which ones may be named."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ratings.analysis.contrasts import SPAN, Contrasts, measure
from ratings.analysis.design import ROWS_PER_COLUMN, Design, blocks, strata
from ratings.analysis.effects import (
    PURPOSE,
    Apart,
    DriverAnalysis,
    DriverResult,
    Effect,
    Outcome,
    Surprise,
    effect_of,
    estimate_of,
    joint_p,
    p_of,
)
from ratings.analysis.encoding import FEWEST_DIFFERENT, Driver, Encoding, Kind, Step, encode, lacks_variety
from ratings.analysis.fitting import Fit, fit, mean_of
from ratings.analysis.importance import Importance, importance, products
from ratings.analysis.rated import Purpose, RatedConversations
from ratings.analysis.results import LOWEST_MARK, Ints, NotEnoughData, NotRecorded, NotSeparable, holm
from ratings.analysis.separating import inseparable

DRIVERS = (
    Driver("first_wait_seconds", Kind.WAIT, Step(15, 60)),
    Driver("worst_follow_up_seconds", Kind.WAIT, Step(20, 90)),
    Driver("kept_share", Kind.SCALE, Step(1.0, 0.5)),
    Driver("operators", Kind.STEPS, Step(1, 2)),
    Driver("knowledge_used", Kind.YES_NO, Step(1, 0)),
    Driver("completeness_share", Kind.SCALE, Step(1.0, 0.6)),
    Driver("mood_start", Kind.SCALE, Step(1, -1)),
    Driver("lead", Kind.YES_NO, Step(1, 0)),
)
# A driver recorded for fewer of the ratings is judged on those alone, beside the others, so that these keep their rows.
RECORDED_FOR_MOST = 0.8
SAMPLE = 100_000
# Marks that follow one thing exactly, so that any steeper curve fits still better.
NO_CURVE = (ArithmeticError, np.linalg.LinAlgError)
SURROUNDINGS = "topic, language, hour or purpose"


def analyse_drivers(
    data: RatedConversations, *, seed: int = 0, steps: Mapping[str, Step] | None = None, surprises: int = 0
) -> DriverAnalysis:
    """``steps`` replace the ones of ``DRIVERS``, as organisations' promises differ. ``seed`` only deals rows into
    groups for the intervals of importance: the same seed, the same answer. ``surprises`` is how many of the ratings
    farthest from what the curve expects are named."""
    candidates = [replace(one, step=(steps or {}).get(one.name, one.step)) for one in DRIVERS]
    candidates += [Driver(name, Kind.SCALE, (steps or {}).get(name), is_factor=True) for name in sorted(data.factors)]
    return _Analysis(data, seed, candidates, surprises).run()


class _Analysis:
    def __init__(self, data: RatedConversations, seed: int, candidates: Sequence[Driver], surprises: int) -> None:
        self.data = data
        self.seed = seed
        self.candidates = candidates
        self.most_surprises = surprises
        self.surprises: tuple[Surprise, ...] = ()
        self.outcomes: dict[str, Outcome] = {}
        self.apart: dict[str, dict[Purpose, tuple[Effect, float] | NotEnoughData]] = {}  # with its p

    def run(self) -> DriverAnalysis:
        most, few = self._sorted_by_recording()
        rows = self._complete(np.arange(len(self.data)), most)
        design = self._separable(rows, self._encoded(rows, most))
        explained = None
        lacking = _lacking(design)
        if lacking is None:
            try:
                explained = self._judge(design)
            except NO_CURVE:
                lacking = NotEnoughData("curves through the marks", 0, 1)
        if lacking is None:
            for one in few:
                try:
                    self._judge_beside(one, design)
                except NO_CURVE:
                    self.outcomes[one.name] = NotEnoughData("curves through the marks", 0, 1)
        else:
            waiting = [*(one.driver.name for one in design.drivers), *(one.name for one in few), PURPOSE]
            self.outcomes = dict.fromkeys(waiting, lacking) | self.outcomes
        self._adjust()
        order = [*(one.name for one in self.candidates), PURPOSE]
        outcomes = {name: self.outcomes[name] for name in order}
        return DriverAnalysis(outcomes, len(rows), len(self.data) - len(rows), explained, self.surprises)

    def _sorted_by_recording(self) -> tuple[list[Driver], list[Driver]]:
        most, few = [], []
        for one in self.candidates:
            recorded = int(np.count_nonzero(~np.isnan(self.data.values(one.name))))
            if recorded == 0:
                self.outcomes[one.name] = NotRecorded()
            elif one.is_factor or recorded < RECORDED_FOR_MOST * len(self.data):
                few.append(one)
            else:
                most.append(one)
        if np.all(self.data.purpose < 0):
            self.outcomes[PURPOSE] = NotRecorded()
        return most, few

    def _complete(self, rows: Ints, drivers: Sequence[Driver]) -> Ints:
        for one in drivers:
            rows = rows[~np.isnan(self.data.values(one.name, rows))]
        return rows

    def _encoded(self, rows: Ints, drivers: Sequence[Driver]) -> list[Encoding]:
        sample = rows[:: max(1, len(rows) // SAMPLE)]
        found = []
        for one in drivers:
            encoding = encode(one, self.data.values(one.name, sample))
            if isinstance(encoding, Encoding):
                found.append(encoding)
            else:
                self.outcomes[one.name] = encoding
        return found

    def _separable(self, rows: Ints, encodings: list[Encoding]) -> Design:
        """Of two drivers that cannot be told apart both are said to be so; one stays in the model for the others' sake,
        unjudged."""
        while True:
            design = Design(self.data, rows, encodings)
            found = inseparable(design, range(len(encodings))) if _lacking(design) is None else None
            if found is None:
                return design
            worst, partner = found
            name = encodings[worst].driver.name
            self.outcomes[name] = NotSeparable(SURROUNDINGS if partner is None else encodings[partner].driver.name)
            if partner is not None:
                self.outcomes[encodings[partner].driver.name] = NotSeparable(name)
            encodings = [*encodings[:worst], *encodings[worst + 1 :]]

    def _judge(self, design: Design) -> float:
        judged = [i for i, one in enumerate(design.drivers) if one.driver.name not in self.outcomes]
        purposes = self._judged_purposes(design.rows)
        if len(purposes) < 2:
            self.outcomes.setdefault(PURPOSE, NotEnoughData("purposes", len(purposes), 2))
            purposes = []
        fits = [fit(design, one) for one in strata(design)]
        self.surprises = farthest(design, fits, self.most_surprises)
        together, apart = measure(design, fits, purposes, judged)
        shares, explained = self._importance(design)
        for number, place in enumerate(judged):
            self._add(design.drivers[place], fits, together, apart, number, shares[place])
        if purposes:
            effects = [
                Effect(purpose, None, estimate_of(together, len(judged) + i)) for i, purpose in enumerate(purposes)
            ]
            p = joint_p(together, len(judged))
            self.outcomes[PURPOSE] = DriverResult(PURPOSE, tuple(effects), p, p, shares[-1])
        return explained

    def _judged_purposes(self, rows: Ints) -> list[int]:
        codes, counts = np.unique(self.data.purpose[rows], return_counts=True)
        return [int(a) for a, b in zip(codes, counts, strict=True) if a >= 0 and b >= FEWEST_DIFFERENT]

    def _importance(self, design: Design) -> tuple[list[Importance], float]:
        """Of the design's drivers, and last of the purpose."""
        levels = [int(one) for one in np.unique(self.data.purpose[design.rows])][1:]
        places = [*design.places, slice(design.plain_size, design.plain_size + len(levels))]
        sums = products(design, design.rows, levels, self.seed)
        return importance(sums, places, design.driver_start, self.seed)

    def _judge_beside(self, driver: Driver, whole: Design) -> None:
        """A driver with rows of its own: the others are adjusted for there, and judged elsewhere."""
        rows = self._complete(whole.rows, [driver])
        own = self._encoded(rows, [driver])
        if not own:
            return
        sample = rows[:: max(1, len(rows) // SAMPLE)]
        others = [encode(one.driver, self.data.values(one.driver.name, sample)) for one in whole.drivers]
        design = Design(self.data, rows, [*(one for one in others if isinstance(one, Encoding)), *own])
        last = len(design.drivers) - 1
        lacking = _lacking(design)
        if lacking is not None:
            self.outcomes[driver.name] = lacking
        elif (found := inseparable(design, [last])) is not None:
            partner = found[1]
            name = SURROUNDINGS if partner is None else design.drivers[partner].driver.name
            self.outcomes[driver.name] = NotSeparable(name)
        else:
            fits = [fit(design, one) for one in strata(design)]
            together, apart = measure(design, fits, [], [last])
            self._add(own[0], fits, together, apart, 0, None)

    def _add(
        self,
        encoding: Encoding,
        fits: Sequence[Fit],
        together: Contrasts,
        apart: Sequence[Contrasts],
        number: int,
        share: Importance | None,
    ) -> None:
        name = encoding.driver.name
        effect = effect_of(encoding, together, number)
        p = p_of(together, number)
        self.outcomes[name] = DriverResult(name, (effect,), p, p, share)
        self.apart[name] = {}
        for one, found in zip(fits, apart, strict=True):
            lacking = one.stratum.lacking
            for purpose in one.stratum.purposes:
                if purpose >= 0:
                    self.apart[name][Purpose(purpose)] = lacking or (
                        effect_of(encoding, found, number),
                        p_of(found, number),
                    )

    def _adjust(self) -> None:
        """Holm's correction in two families: the drivers over all purposes, and the drivers within each purpose."""
        inside = [
            (name, purpose, *one)
            for name, effects in self.apart.items()
            for purpose, one in effects.items()
            if not isinstance(one, NotEnoughData)
        ]
        adjusted = holm([p for _, _, _, p in inside])
        apart: dict[str, dict[Purpose, Apart | NotEnoughData]] = {
            name: {purpose: one for purpose, one in effects.items() if isinstance(one, NotEnoughData)}
            for name, effects in self.apart.items()
        }
        for (name, purpose, effect, _), p in zip(inside, adjusted, strict=True):
            apart[name][purpose] = Apart(effect, p)
        results = [one for one in self.outcomes.values() if isinstance(one, DriverResult)]
        for result, p in zip(results, holm([one.p for one in results]), strict=True):
            own = dict(sorted(apart.get(result.driver, {}).items()))
            self.outcomes[result.driver] = replace(result, p_adjusted=p, apart=own)


def farthest(design: Design, fits: Sequence[Fit], most: int) -> tuple[Surprise, ...]:
    """The ratings with the largest difference between mark and fitted mean, a rating of the own included in the fit."""
    if most == 0:
        return ()
    found = []
    for one in fits:
        for rows in blocks(one.stratum.rows):
            columns = design.columns(rows, one.stratum)
            expected = LOWEST_MARK + SPAN * mean_of(one.linear(columns))
            marks = design.data.mark[rows]
            order = np.argsort(-np.abs(marks - expected), kind="stable")[:most]
            found += [Surprise(int(rows[i]), int(marks[i]), float(expected[i])) for i in order]
    return tuple(sorted(found, key=lambda one: (-abs(one.mark - one.expected), one.place))[:most])


def _lacking(design: Design) -> NotEnoughData | None:
    needed = ROWS_PER_COLUMN * (design.size + len(Purpose))
    if len(design.rows) < needed:
        return NotEnoughData("ratings", len(design.rows), needed)
    different = lacks_variety(design.marks(design.rows), FEWEST_DIFFERENT)
    return different and NotEnoughData("marks that differ", different.have, different.needed)
