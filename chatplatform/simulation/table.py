"""The rules side by side, as lines for people. docs/simulation.md takes them over as they are."""

from collections.abc import Callable
from typing import Any

BAR_WIDTH = 40


def table(figures: dict[str, dict[str, Any]]) -> str:
    """Markdown: a row per figure, a column per rule; below it a bar for each rule's kept first replies."""
    rules = list(figures)
    lines = [f"| | {' | '.join(rules)} |", f"|---{'|---' * len(rules)}|"]
    lines += [f"| {label} | {' | '.join(show(figures[rule]) for rule in rules)} |" for label, show in _ROWS]
    width = max(len(rule) for rule in rules)
    lines += ["", "First replies kept:"]
    lines += [f"    {rule:<{width}} {_bar(figures[rule]['first']['kept_share'])}" for rule in rules]
    return "\n".join(lines)


def _bar(share: float | None) -> str:
    full = round((share or 0) * BAR_WIDTH)
    return f"{'█' * full}{'░' * (BAR_WIDTH - full)} {_percent(share)}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _waits(kind: str) -> Callable[[dict[str, Any]], str]:
    def show(one: dict[str, Any]) -> str:
        values = [one[kind][name] for name in ("p50", "p90", "p99")]
        return ", ".join("–" if value is None else f"{value:.1f}" for value in values)

    return show


_ROWS: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
    ("conversations", lambda one: f"{one['conversations']:,}"),
    ("first replies kept", lambda one: _percent(one["first"]["kept_share"])),
    ("following replies kept", lambda one: _percent(one["follow_up"]["kept_share"])),
    ("first wait p50, p90, p99 (s)", _waits("first")),
    ("following wait p50, p90, p99 (s)", _waits("follow_up")),
    ("spread of conversations per hour", lambda one: f"{one['spread_taken']:.3f}"),
    ("spread of busy minutes per hour", lambda one: f"{one['spread_busy']:.3f}"),
    ("share of the time busy", lambda one: _percent(one["busy_share"])),
    ("with somebody who speaks their language", lambda one: _percent(one["in_their_language"])),
    ("offered again: silent, gone", lambda one: f"{one['reoffered_silent']}, {one['reoffered_gone']}"),
    ("answers interrupted by an offer to somebody else", lambda one: f"{one['interrupted_replies']}"),
    ("turns abandoned", lambda one: f"{one['first']['abandoned'] + one['follow_up']['abandoned']}"),
    ("conversations nobody took, nobody answered", lambda one: f"{one['nobody_took']}, {one['nobody_answered']}"),
    ("still open at the end", lambda one: f"{one['still_open']}"),
    ("fullest operator (share of capacity)", lambda one: _percent(one["highest_load"])),
    ("in two hands at once", lambda one: f"{one['in_two_hands']}"),
]
