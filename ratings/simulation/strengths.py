"""How strongly each driver moves the made-up visitors: what ``--true-effects FILE`` holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

EXAMPLE = Path(__file__).with_name("example.json")
PURPOSES = ("problem", "information", "advice", "complaint")
FACTORS = ("friendly", "understood")


class UnusableEffects(Exception):
    """The file is no list of strengths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strengths:
    """In units of the hidden satisfaction, whose noise has a standard deviation of about 1.4. 0 is no effect.

    ``topic`` is how far topics lie apart; it is no driver. ``purpose`` is the level of each.
    """

    first_wait_seconds: float = 0.0
    worst_follow_up_seconds: float = 0.0
    kept_share: float = 0.0
    operators: float = 0.0
    knowledge_used: float = 0.0
    completeness_share: float = 0.0
    mood_start: float = 0.0
    lead: float = 0.0
    topic: float = 0.0
    purpose: Mapping[str, float] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises UnusableEffects, naming what is wrong, and OSError."""
        try:
            found = json.loads(path.read_text())
        except ValueError as error:
            raise UnusableEffects(f"{path} is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise UnusableEffects(f"{path} is no JSON object.")
        unknown = set(found) - {one.name for one in fields(cls)}
        if unknown:
            raise UnusableEffects(f"Unknown effects: {', '.join(sorted(unknown))}.")
        nested = {name: found.get(name, {}) for name in ("purpose", "factors")}
        for (name, values), known in zip(nested.items(), (PURPOSES, FACTORS), strict=True):
            if not isinstance(values, dict) or set(values) - set(known):
                raise UnusableEffects(f"{name} takes strengths of: {', '.join(known)}.")
        flat = {name: value for name, value in found.items() if name not in nested}
        if not all(_is_number(one) for values in (flat, *nested.values()) for one in values.values()):
            raise UnusableEffects("A strength is a number.")
        return cls(**found)

    @classmethod
    def none(cls) -> Self:
        """Pure noise: no driver has an effect."""
        return cls()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
