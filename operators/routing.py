"""Whom to choose: pure rules over candidates, no database. A rule is a list of criteria; the first difference decides.

The present rule: who speaks the language, then who helped this visitor last, then the lowest load (for whom the fewest
visitors wait right now, then the lowest share of capacity used), then the longest idle (compared in half minutes, so
that the next criterion is ever reached), then the fewest conversations taken in the last hour. What is still equal
after that goes to the one idle longest to the fraction, then by id. The level of a posting is told with the offer but
chooses nobody: an expert is not to be worn out by questions.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import inf
from uuid import UUID

from operators.selectors import OperatorRef

PLACE = 100
"""One place in per cent: what a conversation of ordinary weight takes."""
IDLE_STEP_SECONDS = 30.0
ONLY_ONE = "only_one"
ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a conversation asks for. ``weight`` in per cent of a place; an empty ``topic`` is not known yet and open to
    everybody; ``helped_before`` is who helped this visitor last. With ``fewer_waiting_than`` only those will do for
    whom fewer visitors wait right now."""

    language: str
    topic: str = ""
    weight: int = PLACE
    helped_before: UUID | None = None
    fewer_waiting_than: int | None = None
    excluded: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody eligible with room. ``load`` in per cent of a place over all organisations, before this conversation;
    ``waiting`` how many of these visitors wait for an answer of theirs right now;
    ``idle_seconds`` since the last offer (None: never had one)."""

    operator: OperatorRef
    load: int
    waiting: int
    speaks_language: bool
    helped_before: bool
    idle_seconds: float | None
    taken_last_hour: int
    level: int

    @property
    def idle(self) -> float:
        """Seconds, endless for somebody who never had an offer."""
        return inf if self.idle_seconds is None else self.idle_seconds

    @property
    def idle_steps(self) -> float:
        """Whole half minutes of it."""
        return inf if self.idle_seconds is None else self.idle_seconds // IDLE_STEP_SECONDS


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is compared: the candidate with the lower value comes first."""

    name: str
    value: Callable[[Candidate], float]


@dataclass(frozen=True, slots=True)
class Rule:
    """Criteria in the order in which they decide."""

    name: str
    criteria: tuple[Criterion, ...]

    def ranked(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Best first: a total order, since no two candidates are the same operator."""
        return sorted(candidates, key=lambda one: (*(each.value(one) for each in self.criteria), one.operator.id))

    def decided_by(self, ranked: Sequence[Candidate]) -> str:
        """The first criterion in which the best differs from the runner-up."""
        if len(ranked) < 2:
            return ONLY_ONE
        best, runner_up = ranked[:2]
        differing = (each.name for each in self.criteria if each.value(best) != each.value(runner_up))
        return next(differing, ORDER)


_LANGUAGE = Criterion("language", lambda one: not one.speaks_language)
_HELPED_BEFORE = Criterion("helped_before", lambda one: not one.helped_before)
_WAITING = Criterion("waiting", lambda one: one.waiting)
_LOAD = Criterion("load", lambda one: one.load / (one.operator.capacity * PLACE))
_IDLE_STEPS = Criterion("idle", lambda one: -one.idle_steps)
_TAKEN = Criterion("taken_last_hour", lambda one: one.taken_last_hour)
_IDLE = Criterion("idle", lambda one: -one.idle)
_FREE_PLACES = Criterion("free_places", lambda one: one.load - one.operator.capacity * PLACE)

PRESENT = Rule("present", (_LANGUAGE, _HELPED_BEFORE, _WAITING, _LOAD, _IDLE_STEPS, _TAKEN, _IDLE))
ROUND_ROBIN = Rule("round_robin", (_IDLE,))
MOST_FREE = Rule("most_free", (_FREE_PLACES, _IDLE))
RULES = {rule.name: rule for rule in (PRESENT, ROUND_ROBIN, MOST_FREE)}

_in_force: ContextVar[Rule] = ContextVar("rule", default=PRESENT)


def rule_in_force() -> Rule:
    """The present rule, unless a simulation is looking at another."""
    return _in_force.get()


@contextmanager
def choosing_by(rule: Rule) -> Iterator[None]:
    """Every choice inside the block, by whichever path, is made by this rule: to compare rules on the real code."""
    token = _in_force.set(rule)
    try:
        yield
    finally:
        _in_force.reset(token)
