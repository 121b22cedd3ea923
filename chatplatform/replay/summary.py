"""The figures of a run, as JSON and as a table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatplatform.replay.client import Counters
from chatplatform.replay.comparison import Differences
from chatplatform.replay.play import Play, Plays


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least ``percent`` % of the values do not exceed; None when there are none."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def milliseconds(seconds: Sequence[float], *percents: int) -> dict[str, float | None]:
    """``{"p50": …}`` in milliseconds with two decimals."""
    found = {f"p{percent}": percentile(seconds, percent) for percent in percents}
    return {name: None if value is None else round(value * 1000, 2) for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class Outcome:
    """``seconds`` is the time of playing; reading back and comparing come after it."""

    plays: Plays
    counters: Counters
    differences: Differences
    seconds: float

    @property
    def unfinished(self) -> list[Play]:
        return [play for play in self.plays.all if not play.is_finished]

    @property
    def is_good(self) -> bool:
        return not self.differences and not self.unfinished and bool(self.plays.all)


def figures(outcome: Outcome) -> dict[str, Any]:
    """What ``--json`` prints."""
    plays, counters, measured = outcome.plays.all, outcome.counters, outcome.plays.measured
    messages = sum(len(play.sent_at) for play in plays)
    return {
        "conversations": len(plays),
        "messages": messages,
        **outcome.differences.counts(),
        "unfinished": len(outcome.unfinished),
        "ack_ms": milliseconds(counters.ack_seconds, 50, 99),
        "delivery_ms": milliseconds(measured.delivery, 50, 99),
        "first_reply_ms": milliseconds(measured.first_reply, 50, 95, 99),
        "first_screen_ms": milliseconds(measured.first_screen, 50, 95),
        "messages_per_second": round(messages / outcome.seconds, 1),
        "rated": sum(play.is_rated for play in plays),
        "reconnects": counters.reconnects,
        "resends": counters.resends,
        "rate_limited": counters.rate_limited,
        "refused": dict(counters.refused),
        "seconds": round(outcome.seconds, 2),
    }


_LABELS = {
    "conversations": "conversations played",
    "messages": "messages sent",
    "lost": "lost",
    "duplicated": "duplicated",
    "reordered": "reordered",
    "foreign": "foreign",
    "altered": "altered",
    "unfinished": "dialogues that did not finish",
    "ack_ms": "message → stored and acked (ms)",
    "delivery_ms": "message → the other side's socket (ms)",
    "first_reply_ms": "first message → first reply (ms)",
    "first_screen_ms": "first message → an operator's screen (ms)",
    "messages_per_second": "messages per second",
    "rated": "ratings given",
    "reconnects": "reconnects",
    "resends": "frames sent again",
    "rate_limited": "frames refused as too many",
    "refused": "commands refused",
    "seconds": "seconds",
}


def table(numbers: dict[str, Any]) -> str:
    """The same figures for people."""
    lines = []
    for name, label in _LABELS.items():
        value = numbers[name]
        if isinstance(value, dict):
            value = "   ".join(f"{key} {part}" for key, part in value.items()) or 0
        lines.append(f"{label:<42} {value}")
    return "\n".join(lines)
