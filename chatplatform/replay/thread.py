"""One conversation as a client knows it: the catching-up rule of docs/protocol.md, without sockets."""

from typing import Any

Fact = dict[str, Any]


class Sequence:
    """One gapless sequence. ``last`` is the cursor; what came too early is kept aside."""

    def __init__(self) -> None:
        self.last = 0
        self._aside: dict[int, Fact] = {}

    def take(self, number: int, fact: Fact) -> list[Fact]:
        """The facts that may be applied now, in order: none for a known one or one that leaves a hole."""
        if number <= self.last:
            return []
        self._aside[number] = fact
        due = []
        while (following := self._aside.pop(self.last + 1, None)) is not None:
            self.last += 1
            due.append(following)
        return due

    @property
    def has_hole(self) -> bool:
        return bool(self._aside)


class Thread:
    """``top`` is the highest ``seq`` anybody told of; behind it there is something to fetch."""

    def __init__(self, conversation: str, organisation: str) -> None:
        self.conversation = conversation
        self.organisation = organisation
        self.facts: list[Fact] = []
        self.top = 0
        self._visible = Sequence()
        self._staff = Sequence()

    @property
    def cursor(self) -> tuple[int, int]:
        return self._visible.last, self._staff.last

    @property
    def is_behind(self) -> bool:
        return self._visible.has_hole or self._staff.has_hole or self._visible.last < self.top

    def take(self, fact: Fact) -> list[Fact]:
        """Applies a sequenced fact, and whatever it made continuous. Returns what a visitor may see of it, in order."""
        if "desk_seq" in fact:
            self._staff.take(fact["desk_seq"], fact)
            return []
        due = self._visible.take(fact["seq"], fact)
        self.facts += due
        return due

    def reset(self) -> None:
        """Continuity could not be proven: everything is fetched again."""
        self.facts.clear()
        self._visible, self._staff = Sequence(), Sequence()
