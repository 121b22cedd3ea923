"""The arithmetic of a simulated day: rows in, figures out. No database."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

LEAST_HOURS = 1.0


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One promise. ``seconds`` it waited: until it was answered, or until the conversation ended without an answer."""

    kind: str
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """One operator holding one conversation. Seconds of the day; ``weight`` in per cent of a place; ``end`` why."""

    conversation_id: UUID
    operator_id: UUID
    starts: float
    ends: float
    weight: int
    end: str


@dataclass(frozen=True, slots=True)
class Waits:
    """``kept`` of ``due`` promises were kept, as reports count them: those abandoned or closed before they were due
    count in neither. Waits in seconds, of all turns of the kind."""

    turns: int
    due: int
    kept: int
    abandoned: int
    p50: float | None
    p90: float | None
    p99: float | None

    @property
    def kept_share(self) -> float | None:
        return self.kept / self.due if self.due else None


def waits(turns: Iterable[TurnRow], kind: str) -> Waits:
    rows = [turn for turn in turns if turn.kind == kind]
    seconds = sorted(turn.seconds for turn in rows)
    return Waits(
        turns=len(rows),
        due=sum(turn.outcome in ("kept", "broken") for turn in rows),
        kept=sum(turn.outcome == "kept" for turn in rows),
        abandoned=sum(turn.outcome == "abandoned" for turn in rows),
        p50=percentile(seconds, 50),
        p90=percentile(seconds, 90),
        p99=percentile(seconds, 99),
    )


def percentile(in_order: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least ``percent`` % do not exceed; None when there are none."""
    if not in_order:
        return None
    return in_order[max(0, math.ceil(len(in_order) * percent / 100) - 1)]


def spread(values: Sequence[float]) -> float | None:
    """The coefficient of variation: standard deviation over mean. 0 when all are equal; None when there is no load."""
    mean = statistics.fmean(values) if values else 0
    return statistics.pstdev(values) / mean if mean else None


def per_hour(amounts: dict[UUID, float], hours: dict[UUID, float]) -> list[float]:
    """Amount per available hour of each operator who was available for at least an hour."""
    return [amounts.get(operator, 0.0) / there for operator, there in hours.items() if there >= LEAST_HOURS]


def highest_share(stretches: Iterable[Stretch], capacities: dict[UUID, int]) -> float:
    """The fullest that any operator ever was, as a share of their capacity: above 1 the limit was broken."""
    return max(
        (
            _highest((one.starts, one.ends, one.weight) for one in held) / (capacities[operator] * 100)
            for operator, held in _by(stretches, "operator_id").items()
        ),
        default=0.0,
    )


def in_two_hands(stretches: Iterable[Stretch]) -> int:
    """How many conversations two operators ever held at once: none, if all is well."""
    held = _by(stretches, "conversation_id").values()
    return sum(_highest((one.starts, one.ends, 1) for one in each) > 1 for each in held)


def _by(stretches: Iterable[Stretch], name: str) -> dict[UUID, list[Stretch]]:
    found: dict[UUID, list[Stretch]] = defaultdict(list)
    for one in stretches:
        found[getattr(one, name)].append(one)
    return found


def _highest(spans: Iterable[tuple[float, float, int]]) -> int:
    """The greatest sum of weights at any moment. A span that ends when another starts does not overlap it."""
    steps = sorted(step for starts, ends, weight in spans for step in ((starts, weight), (ends, -weight)))
    highest = now = 0
    for _, weight in steps:
        now += weight
        highest = max(highest, now)
    return highest
