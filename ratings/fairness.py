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
from ratings.selectors import rows
from tenants.context import OrganisationRef

MOST_RATINGS = 20_000
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
SELECT c.id, c.purpose, r.mark, count(*) OVER () AS ratings
FROM conversations_conversation c JOIN ratings_rating r ON r.conversation_id = c.id
WHERE {SELECTED} ORDER BY c.opened_at DESC, c.id DESC LIMIT %(most)s
"""  # noqa: S608 (made of constants; what is asked for is given as parameters)


def operators_compared(organisation: OrganisationRef, selection: Selection, most: int = MOST_RATINGS) -> Comparison:
    """Everybody at the desk who wrote in one of the ``most`` newest rated conversations of the selection, with somebody
    who is no operator any more left out, though their share of the work is not. Three queries."""
    rated = rows(_RATED, {**parameters(organisation, selection), "most": most})
    marks = [row["mark"] for row in rated]
    parts = parts_in(organisation, [row["id"] for row in rated])
    taken = [
        (place, (part.kind, part.person), part.turns)
        for place, row in enumerate(rated)
        for part in parts.get(row["id"], ())
    ]
    people = {person: code for code, person in enumerate(dict.fromkeys(person for _, person, _ in taken))}
    operators = operators_by_id([person for kind, person in people if kind == OPERATOR])
    names = {
        code: operators[person].name
        for (kind, person), code in people.items()
        if kind == OPERATOR and person in operators
    }
    return Comparison(
        ratings=rated[0]["ratings"] if rated else 0,
        analysed=len(rated),
        marks=summary(distribution_of(marks) if marks else Distribution((0,) * 10)),
        operators=_compared(marks, [row["purpose"] for row in rated], taken, people, names),
    )


_Person = tuple[str, UUID]


def _compared(
    marks: Sequence[int],
    purposes: Sequence[str],
    taken: Sequence[tuple[int, _Person, int]],
    people: Mapping[_Person, int],
    names: Mapping[int, str],
) -> list[Compared]:
    if not taken:
        return []
    participation = Participation.of(
        [place for place, _, _ in taken], [people[person] for _, person, _ in taken], [turns for _, _, turns in taken]
    )
    known = sorted(set(purposes))
    purpose = np.array([known.index(one) for one in purposes], dtype=np.int64)
    credited = credit(marks, participation)
    beside = fair_comparison(marks, participation, np.zeros(len(marks), dtype=np.int64), purpose)
    return [
        Compared(name, credited[code], beside[code])
        for code, name in sorted(names.items(), key=lambda pair: pair[1].casefold())
    ]
