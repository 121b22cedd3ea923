"""One conversation of the simulated day, as the people in it see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chatplatform.simulation.scripts import Script


class Holder(Protocol):
    """The operator who has the conversation."""

    def gain(self, talk: Talk) -> None: ...

    def lose(self, talk: Talk) -> None: ...

    def hear_warning(self, talk: Talk) -> None: ...

    def look(self) -> None: ...


@dataclass(slots=True, eq=False)
class Talk:
    """``turn`` the visitor is at; ``unanswered_since`` the first message that nobody has answered, in seconds of the
    day; ``changed_at`` when somebody last wrote. ``holders`` counts who had it; ``hidden_until`` they notice it."""

    script: Script
    holder: Holder | None = None
    turn: int = 0
    unanswered_since: float | None = None
    changed_at: float = 0.0
    is_open: bool = False
    is_visitor_gone: bool = False
    is_next_turn_planned: bool = False
    is_said: bool = False
    replies: int = 0
    holders: int = 0
    hidden_until: float = 0.0
    is_woken_by_warning: bool = False

    @property
    def is_finished(self) -> bool:
        """The visitor has said all they wanted to."""
        return self.is_visitor_gone or (self.turn + 1 >= len(self.script.turns) and not self.is_next_turn_planned)
