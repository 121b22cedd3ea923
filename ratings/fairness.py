"""How visitors marked each operator's share of the work, beside others who did the same work for the same client. For
supervisors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from operators.selectors import operators_by_id
from ratings.analysis import (
    Distribution,
    Estimate,
    FairComparison,
    MarkSummary,
    NotEnoughData,
    Participation,
    Withheld,
    credit,
    distribution_of,
    fair_comparison,
    summary,
)
from ratings.participation import parts_in
from ratings.reports import SELECTED, parameters
from ratings.selection import Selection
from ratings.why.reading import columns
from tenants.context import OrganisationRef

MOST_RATINGS = 20_000
CONVERSATIONS_AT_ONCE = 250
"""With a thousand, the garbage collector now and then kept other threads waiting for a tenth of a second."""
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Compared:
    """One operator. ``marks`` is the mean of the marks, each counted by the operator's share of its turns; ``beside``
    the difference to everybody else who answered for the same purposes."""

    name: str
    marks: Estimate | Withheld
    beside: FairComparison | Withheld | NotEnoughData


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``marks`` are all of the ``analysed`` newest ratings of ``ratings``. ``operators`` stand in the order of their
    names: it is no ranking."""

    ratings: int
    analysed: int
    marks: MarkSummary | Withheld
    operators: Sequence[Compared]

    @property
    def is_cut(self) -> bool:
        return self.analysed < self.ratings


_RATED = f"""
SELECT c.id::text AS id, c.purpose, r.mark, count(*) OVER () AS ratings
FROM conversations_conversation c JOIN ratings_rating r ON r.conversation_id = c.id
WHERE {SELECTED} ORDER BY c.opened_at DESC, c.id DESC LIMIT %(most)s
"""  # noqa: S608 (made of constants; what is asked for is given as parameters)


def operators_compared(organisation: OrganisationRef, selection: Selection, most: int = MOST_RATINGS) -> Comparison:
    """Everybody at the desk who wrote in one of the ``most`` newest rated conversations of the selection. Whoever is no
    operator any more, and specialists, keep their share of the work and are not shown. Two queries, and one more for
    every 250 conversations."""
    found = columns(_RATED, {**parameters(organisation, selection), "most": most})
    ids, marks = found["id"], found["mark"]
    participation, people = _participation(organisation, ids)
    operators = operators_by_id([person for kind, person in people if kind == OPERATOR])
    names = {
        code: operators[person].name
        for (kind, person), code in people.items()
        if kind == OPERATOR and person in operators
    }
    return Comparison(
        ratings=found["ratings"][0] if ids else 0,
        analysed=len(ids),
        marks=summary(distribution_of(marks) if marks else Distribution((0,) * 10)),
        operators=_compared(marks, found["purpose"], participation, names) if names else [],
    )


def _participation(
    organisation: OrganisationRef, ids: Sequence[str]
) -> tuple[Participation, Mapping[tuple[str, UUID], int]]:
    """Who took part in which conversation, and what the codes of people stand for. Read in portions."""
    people: dict[tuple[str, UUID], int] = {}
    places, codes, turns = list[int](), list[int](), list[int]()
    for start in range(0, len(ids), CONVERSATIONS_AT_ONCE):
        portion = [UUID(one) for one in ids[start : start + CONVERSATIONS_AT_ONCE]]
        parts = parts_in(organisation, portion)
        for place, one in enumerate(portion, start):
            for part in parts.get(one, ()):
                places.append(place)
                codes.append(people.setdefault((part.kind, part.person), len(people)))
                turns.append(part.turns)
    return Participation.of(places, codes, turns), people


def _compared(
    marks: Sequence[int], purposes: Sequence[str], participation: Participation, names: Mapping[int, str]
) -> list[Compared]:
    known = {purpose: code for code, purpose in enumerate(sorted(set(purposes)))}
    purpose = np.array([known[one] for one in purposes], dtype=np.int64)
    credited = credit(marks, participation)
    beside = fair_comparison(marks, participation, np.zeros(len(marks), dtype=np.int64), purpose)
    return [
        Compared(name, credited[code], beside[code])
        for code, name in sorted(names.items(), key=lambda pair: pair[1].casefold())
    ]
