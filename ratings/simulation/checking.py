"""The analysis set beside the truth: one made-up data set at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

from ratings.analysis.drivers import analyse_drivers
from ratings.analysis.effects import PURPOSE, Apart, DriverAnalysis, DriverResult, Effect
from ratings.analysis.rated import Purpose
from ratings.simulation.strengths import Strengths
from ratings.simulation.truth import Truth
from ratings.simulation.visitors import draw_ratings

STRONGEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One contrast. ``purpose`` is None for all purposes together, ``worse`` None for "as they were"; ranks are among
    the drivers that most ratings have, and None for the others."""

    driver: str
    purpose: str | None
    better: float
    worse: float | None
    truth: float
    estimate: float
    low: float
    high: float
    is_covered: bool
    rank: int | None
    true_rank: int | None
    is_named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """``ratings`` were analysed. ``unjudged`` drivers have no effect, with the reason."""

    seed: int
    ratings: int
    checked: tuple[Checked, ...]
    unjudged: dict[str, str]

    @property
    def together(self) -> tuple[Checked, ...]:
        return tuple(one for one in self.checked if one.purpose is None)

    @property
    def apart(self) -> tuple[Checked, ...]:
        return tuple(one for one in self.checked if one.purpose is not None)

    @property
    def is_ranked_right(self) -> bool:
        """The strongest drivers, in their order."""
        first = {one.driver: one for one in self.together if one.rank is not None and one.rank <= STRONGEST}
        return len(first) == STRONGEST and all(one.rank == one.true_rank for one in first.values())

    @property
    def names_without_effect(self) -> set[str]:
        """Drivers named over all purposes whose true effects are all nought."""
        moved = {one.driver for one in self.together if one.truth != 0}
        return {one.driver for one in self.together if one.is_named} - moved

    @property
    def names_without_effect_apart(self) -> set[str]:
        return {f"{one.driver}, {one.purpose}" for one in self.apart if one.is_named and one.truth == 0}


def check(
    strengths: Strengths, truth: Truth, seed: int, conversations: int, *, some_stay_silent: bool = False
) -> Check:
    """``some_stay_silent``: of the conversations only some are rated, and whether depends on the mark. The truth stays
    the one of all visitors."""
    data = draw_ratings(seed, conversations, strengths, some_stay_silent=some_stay_silent)
    found = analyse_drivers(data, seed=seed)
    return Check(
        seed=seed,
        ratings=len(data),
        checked=tuple(_checked(found, truth)),
        unjudged={name: repr(one) for name, one in found.drivers.items() if not isinstance(one, DriverResult)},
    )


def _checked(found: DriverAnalysis, truth: Truth) -> Iterator[Checked]:
    order = {name: place for place, name in enumerate(truth.shares(), 1)}
    for driver, one in found.drivers.items():
        if not isinstance(one, DriverResult):
            continue
        rank = one.importance.rank if one.importance else None
        for effect in one.effects:
            yield _compared(driver, None, effect, truth, rank, order.get(driver), one.is_named)
        for purpose, inside in one.apart.items():
            if isinstance(inside, Apart):
                yield _compared(driver, purpose, inside.effect, truth, None, None, inside.is_named)


def _compared(
    driver: str,
    purpose: Purpose | None,
    effect: Effect,
    truth: Truth,
    rank: int | None,
    true_rank: int | None,
    is_named: bool,
) -> Checked:
    true = truth.effect(driver, effect.better, effect.worse)
    value = true.together if purpose is None else true.apart[purpose]
    return Checked(
        driver=driver,
        purpose=None if purpose is None else purpose.name.lower(),
        better=effect.better,
        worse=effect.worse,
        truth=value,
        estimate=effect.marks.value,
        low=effect.marks.interval.low,
        high=effect.marks.interval.high,
        is_covered=value in effect.marks.interval,
        rank=rank,
        true_rank=true_rank,
        is_named=is_named,
    )


def label(one: Checked) -> str:
    """What is compared, in a few words."""
    where = f", {one.purpose}" if one.purpose else ""
    if one.driver == PURPOSE:
        return f"purpose: all {Purpose(int(one.better)).name.lower()}, instead of as it was"
    return f"{one.driver}: {one.better:g} instead of {one.worse:g}{where}"
