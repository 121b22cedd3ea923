"""Whether a question was solved at the first contact: said by the visitor, or inferred from whether they came back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import connection

from ratings.factors import SOLVED
from tenants.context import OrganisationRef

RETURN_WITHIN = timedelta(days=7)
NO, PARTLY, YES = 1, 2, 3


class Resolution(StrEnum):
    SOLVED = "solved"
    PARTLY = "partly"
    NOT_SOLVED = "not_solved"
    NOT_RECORDED = "not_recorded"


@dataclass(frozen=True, slots=True)
class FirstContact:
    """``is_said``: the visitor answered; else it is inferred, or nothing is known."""

    resolution: Resolution
    is_said: bool


def first_contact(
    answer: int | None, topic: str, closed_at: datetime | None, returned_at: datetime | None, now: datetime
) -> FirstContact:
    """``answer`` is the place on the scale of "is your question solved?", None where it was skipped or not reached;
    ``returned_at`` when the visitor next began a conversation on the same topic.

    A return counts for seven days after the end. Without a topic no return can be told from another question.
    """
    if answer is not None:
        said = {NO: Resolution.NOT_SOLVED, PARTLY: Resolution.PARTLY, YES: Resolution.SOLVED}
        return FirstContact(said[answer], True)
    if closed_at is None or not topic:
        return FirstContact(Resolution.NOT_RECORDED, False)
    if returned_at is not None and returned_at - closed_at <= RETURN_WITHIN:
        return FirstContact(Resolution.NOT_SOLVED, False)
    if now - closed_at > RETURN_WITHIN:
        return FirstContact(Resolution.SOLVED, False)
    return FirstContact(Resolution.NOT_RECORDED, False)


_CONTACTS = """
SELECT c.id, c.topic, c.closed_at, answer.value,
       (SELECT min(later.opened_at) FROM conversations_conversation later
        WHERE later.visitor_id = c.visitor_id AND later.topic = c.topic AND later.opened_at > c.opened_at
          AND later.id <> c.id),
       public.platform_now()
FROM conversations_conversation c
LEFT JOIN ratings_ask ask ON ask.conversation_id = c.id
LEFT JOIN ratings_answer answer ON answer.ask_id = ask.id AND answer.question = %s
WHERE c.id = ANY(%s)
"""


def first_contacts(_organisation: OrganisationRef, conversation_ids: Collection[UUID]) -> dict[UUID, FirstContact]:
    """Conversation → whether its question was solved at the first contact. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTACTS, [SOLVED, list(conversation_ids)])
        return {
            id_: first_contact(answer, topic, closed_at, returned_at, now)
            for id_, topic, closed_at, answer, returned_at, now in cursor.fetchall()
        }
