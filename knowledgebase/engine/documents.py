"""What goes into an index and what comes out of it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Field = Literal["title", "question", "text"]


@dataclass(frozen=True, slots=True)
class Document:
    """One article in one language. ``shown``, ``used`` and ``passed_over`` are counts; one that ``sinks`` (overdue,
    expired) comes after equals that do not."""

    id: UUID
    language: str
    title: str
    variants: tuple[str, ...]
    short_reply: str
    long_text: str
    shown: int = 0
    used: int = 0
    passed_over: int = 0
    sinks: bool = False


@dataclass(frozen=True, slots=True)
class Because:
    """Why a hit is one: the field that matched best, the asker's words that were found, and, when it was a question,
    which one of the article's own."""

    field: Field
    words: tuple[str, ...]
    question: str


@dataclass(frozen=True, slots=True)
class Hit:
    """``score`` orders the hits of one question and compares with nothing else; ``confidence`` is the calibrated
    chance, 0 to 1, that this article is the right one."""

    id: UUID
    language: str
    score: float
    confidence: float
    because: Because
