"""Compares a conversation's stored history with what was sent. Pure: no sockets, no database."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PEOPLE = ("visitor", "operator")


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as its client sent it. Texts repeat ("Yes"), so ``cid`` is what tells messages apart."""

    cid: str
    sender: str
    text: str


@dataclass(slots=True)
class Differences:
    """What is wrong, each defect named once (by cid or by position), so that two views of one defect count once."""

    lost: set[str] = field(default_factory=set)
    duplicated: set[str] = field(default_factory=set)
    reordered: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)

    def add(self, other: "Differences") -> None:
        for name in self.__slots__:
            getattr(self, name).update(getattr(other, name))

    def counts(self) -> dict[str, int]:
        return {name: len(getattr(self, name)) for name in self.__slots__}

    def __bool__(self) -> bool:
        return any(self.counts().values())


def compare_history(conversation: str, sent: Sequence[Sent], facts: Sequence[Mapping[str, Any]]) -> Differences:
    """Compares the facts of ``conversation``, in the order in which they were given, with the messages ``sent`` in it.

    Facts are as in docs/protocol.md. Those that no person wrote (assignments, closing) may stand anywhere, but
    they are part of the sequence: it has to be 1, 2, 3 … without a hole.
    """
    found = Differences()
    _compare_numbers(conversation, [fact["seq"] for fact in facts], found)
    found.foreign.update(
        f"{fact['conversation']} in {conversation}" for fact in facts if fact["conversation"] != conversation
    )
    messages = [fact for fact in facts if fact["type"] == "message.sent" and fact["sender"]["kind"] in PEOPLE]
    _compare_messages(conversation, sent, messages, found)
    return found


def _compare_numbers(conversation: str, numbers: Sequence[int], found: Differences) -> None:
    seen: set[int] = set()
    for number in numbers:
        if number in seen:
            found.duplicated.add(f"{conversation} seq {number}")
        seen.add(number)
    found.lost.update(f"{conversation} seq {number}" for number in set(range(1, max(seen, default=0) + 1)) - seen)
    found.reordered.update(f"{conversation} seq {number}" for number in out_of_order(numbers))


def _compare_messages(
    conversation: str, sent: Sequence[Sent], messages: Sequence[Mapping[str, Any]], found: Differences
) -> None:
    position_of = {message.cid: position for position, message in enumerate(sent)}
    positions: list[int] = []
    for message in messages:
        position = position_of.get(message["cid"] or "")
        if position is None:
            found.foreign.add(f"{message['id']} in {conversation}")
            continue
        if position in positions:
            found.duplicated.add(sent[position].cid)
        positions.append(position)
        if (message["sender"]["kind"], message["body"]) != (sent[position].sender, sent[position].text):
            found.altered.add(sent[position].cid)
    arrived = set(positions)
    found.lost.update(message.cid for position, message in enumerate(sent) if position not in arrived)
    found.reordered.update(sent[position].cid for position in out_of_order(positions))


def out_of_order(numbers: Iterable[int]) -> Collection[int]:
    """The fewest numbers that would have to move for the first occurrences to ascend."""
    first = list(dict.fromkeys(numbers))
    # Patience: tails[k] ends the ascending run of length k + 1 with the lowest end.
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in first:
        at = bisect_left(tails, number)
        before[number] = tails[at - 1] if at else None
        tails[at : at + 1] = [number]
    kept: set[int] = set()
    last: int | None = tails[-1] if tails else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return [number for number in first if number not in kept]
