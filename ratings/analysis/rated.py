"""What is analysed: rated conversations as parallel arrays, one row each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ratings.analysis.results import HIGHEST_MARK, LOWEST_MARK, Floats, Ints


class Purpose(IntEnum):
    """As it is stored in ``RatedConversations.purpose``."""

    NOT_RECORDED = -1
    PROBLEM = 0
    INFORMATION = 1
    ADVICE = 2
    COMPLAINT = 3


_WHOLE = ("expectation", "purpose", "topic", "hour", "page", "language", "knowledge_used", "lead", "operators")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RatedConversations:
    """NaN in a field of floats and −1 in one of whole numbers mean: not recorded. Codes are the caller's.

    A conversation nobody rated is no row here: every estimate is one among raters.
    """

    #: 1 to 10, always there.
    mark: Ints
    #: ``Expectation``: 0 worse, 1 as expected, 2 better.
    expectation: Ints
    #: From the visitor's first message to the first reply, in seconds.
    first_wait_seconds: Floats
    #: The longest wait of any later turn, in seconds; 0 when there was no later turn.
    worst_follow_up_seconds: Floats
    #: Promises kept of all that came due, 0 to 1.
    kept_share: Floats
    #: Operators who wrote in it, from 1.
    operators: Ints
    #: 1 when an article or a canned reply was sent, 0 when none was.
    knowledge_used: Ints
    #: How much of what an article asks for its reply mentioned, 0 to 1.
    completeness_share: Floats
    #: The visitor's mood in the first messages, −2 (furious) to 2 (delighted).
    mood_start: Floats
    #: The same in the last ones. An outcome like the mark, so never a driver.
    mood_end: Floats
    #: ``Purpose``.
    purpose: Ints
    #: 1 when the conversation became a lead, 0 when not.
    lead: Ints
    #: Code of the topic.
    topic: Ints
    #: Local hour of the first message, 0 to 23.
    hour: Ints
    #: Code of the page it began on.
    page: Ints
    #: Code of the visitor's language.
    language: Ints
    #: Answers to the factor questions of the rating form, a number per question; higher is better. NaN: not asked or
    #: not answered.
    factors: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        columns = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "factors"}
        for name, values in {**columns, **self.factors}.items():
            if values.shape != (len(self.mark),):
                raise ValueError(f"{name} has {values.shape} values, there are {len(self.mark)} marks.")
        if len(self.mark) and not LOWEST_MARK <= self.mark.min() <= self.mark.max() <= HIGHEST_MARK:
            raise ValueError("A mark is 1 to 10.")

    def __len__(self) -> int:
        return len(self.mark)

    @classmethod
    def recorded(cls, mark: ArrayLike, factors: Mapping[str, ArrayLike] | None = None, **columns: ArrayLike) -> Self:
        """Only what was recorded is given; all other fields are filled with "not recorded"."""
        marks = np.asarray(mark, dtype=np.int64)
        filled: dict[str, Any] = {"mark": marks}
        for one in fields(cls):
            if one.name in ("mark", "factors"):
                continue
            kind, nothing = (np.int64, -1) if one.name in _WHOLE else (np.float64, np.nan)
            given = columns.pop(one.name, None)
            filled[one.name] = np.full(marks.shape, nothing, kind) if given is None else np.asarray(given, dtype=kind)
        if columns:
            raise TypeError(f"Unknown: {', '.join(columns)}.")
        filled["factors"] = {name: np.asarray(one, dtype=np.float64) for name, one in (factors or {}).items()}
        return cls(**filled)

    def select(self, rows: NDArray[Any]) -> Self:
        """These rows only; indices or a mask."""
        columns = {one.name: getattr(self, one.name)[rows] for one in fields(self) if one.name != "factors"}
        return type(self)(**columns, factors={name: one[rows] for name, one in self.factors.items()})

    def values(self, name: str, rows: NDArray[Any] | slice = slice(None)) -> Floats:
        """A column by its name, or the answers to a factor question; floats with NaN where nothing was recorded."""
        if name in self.factors:
            return self.factors[name][rows]
        column = getattr(self, name)[rows]
        if name not in _WHOLE:
            return np.asarray(column, dtype=np.float64)
        return np.where(column < 0, np.nan, column.astype(np.float64))
