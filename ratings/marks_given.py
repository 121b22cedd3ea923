"""Every mark of a selection with what else the visitor answered, for export. Inside the organisation's schema."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ratings.reports import SELECTED, parameters
from ratings.selection import Selection
from ratings.selectors import streamed_rows
from tenants.context import OrganisationRef

_GIVEN = f"""
SELECT r.given_at, c.opened_at, c.id AS conversation_id, c.website_key AS website, c.language, c.topic, c.purpose,
       r.mark, r.comment,
       coalesce((SELECT jsonb_object_agg(a.question, a.value) FROM ratings_answer a
                 JOIN ratings_ask ask ON ask.id = a.ask_id
                 WHERE ask.conversation_id = c.id AND a.value IS NOT NULL)::text, '{{}}') AS answers
FROM ratings_rating r JOIN conversations_conversation c ON c.id = r.conversation_id
WHERE {SELECTED}
ORDER BY r.given_at DESC, r.id DESC
"""  # noqa: S608 (made of constants; what is asked for is given as parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkGiven:
    """``answers`` by question, each its place from 1 for the least."""

    given_at: datetime
    opened_at: datetime
    conversation_id: UUID
    website: str
    language: str
    topic: str
    purpose: str
    mark: int
    comment: str
    answers: dict[str, int]


def marks_given(organisation: OrganisationRef, selection: Selection) -> Iterator[MarkGiven]:
    """Newest first, without holding them. One query."""
    for row in streamed_rows(_GIVEN, parameters(organisation, selection)):
        yield MarkGiven(**{**row, "answers": json.loads(row["answers"])})
