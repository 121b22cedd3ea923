"""What changed between two texts, word by word; sign by sign where a language writes no spaces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# Kana, Chinese characters and full-width signs stand alone; other letters and digits make words.
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]|[^\W\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]+|\s+|.")


class Change(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    change: Change
    text: str


def word_changes(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of both texts in reading order: those that stayed or went make ``before``, those that stayed or came
    make ``after``."""
    return tuple(_joined(_pieces(_TOKEN.findall(before), _TOKEN.findall(after))))


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    for _name, old_start, old_end, new_start, new_end in SequenceMatcher(None, before, after, False).get_opcodes():
        old, new = "".join(before[old_start:old_end]), "".join(after[new_start:new_end])
        if old == new:
            yield Piece(Change.SAME, old)
            continue
        yield Piece(Change.REMOVED, old)
        yield Piece(Change.ADDED, new)


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """A space between two changed words changes with them: "two weeks" → "one month" is one change, not two."""
    removed = added = ""
    for piece in pieces:
        if piece.change is Change.REMOVED:
            removed += piece.text
        elif piece.change is Change.ADDED:
            added += piece.text
        elif (removed or added) and piece.text.isspace() and "\n" not in piece.text:
            removed, added = removed + piece.text, added + piece.text
        elif piece.text:
            yield from _changed(removed, added)
            removed = added = ""
            yield piece
    yield from _changed(removed, added)


def _changed(removed: str, added: str) -> Iterator[Piece]:
    """What both end in, such as the space behind the last changed word, stayed."""
    rest = ""
    while removed and added and removed[-1] == added[-1] and removed[-1].isspace():
        rest, removed, added = removed[-1] + rest, removed[:-1], added[:-1]
    if removed:
        yield Piece(Change.REMOVED, removed)
    if added:
        yield Piece(Change.ADDED, added)
    if rest:
        yield Piece(Change.SAME, rest)
