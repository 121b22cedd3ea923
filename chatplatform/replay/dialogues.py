"""Recorded dialogues: JSON lines of ``{"id", "turns": [["visitor" | "operator", text], …]}``."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zlib import crc32

import msgspec

Side = Literal["visitor", "operator"]


class BadDialogue(ValueError):
    """A line is not a dialogue that can be played; the message names the line."""


@dataclass(frozen=True, slots=True)
class Turn:
    sender: Side
    text: str


@dataclass(frozen=True, slots=True)
class Dialogue:
    id: str
    turns: tuple[Turn, ...]

    @property
    def mark(self) -> int:
        """The mark that its visitor will give, 1 to 10: the same in every run."""
        return crc32(self.id.encode()) % 10 + 1


class _Line(msgspec.Struct):
    id: str
    turns: list[tuple[Side, str]]


def read_dialogues(path: Path, limit: int | None = None) -> list[Dialogue]:
    """The file's first ``limit`` dialogues. Raises BadDialogue, or OSError when there is no such file."""
    with path.open("rb") as lines:
        return list(_dialogues(lines, limit))


def _dialogues(lines: Iterator[bytes], limit: int | None) -> Iterator[Dialogue]:
    decoder = msgspec.json.Decoder(_Line)
    found = 0
    for number, text in enumerate(lines, start=1):
        if limit is not None and found >= limit:
            return
        if not text.strip():
            continue
        try:
            line = decoder.decode(text)
        except msgspec.MsgspecError as error:
            raise BadDialogue(f"Line {number}: {error}") from error
        turns = tuple(Turn(sender, words) for sender, words in line.turns)
        if not turns or turns[0].sender != "visitor" or not all(turn.text for turn in turns):
            raise BadDialogue(f"Line {number}: a dialogue begins with its visitor and has no empty message.")
        found += 1
        yield Dialogue(line.id, turns)
