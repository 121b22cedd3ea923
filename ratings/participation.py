"""Who took part in a conversation, and how much of it was theirs."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from tenants.context import OrganisationRef


@dataclass(frozen=True, slots=True)
class Part:
    """``kind``: operator, specialist. ``turns``: how often this person spoke, several messages in a row being one;
    ``share`` of all turns of operators and specialists, 0 to 1."""

    kind: str
    person: UUID
    turns: int
    share: float


_PARTS = """
WITH spoken AS (
    SELECT conversation_id, sender_kind, sender_id,
           lag(sender_id) OVER said IS DISTINCT FROM sender_id
               OR lag(sender_kind) OVER said IS DISTINCT FROM sender_kind AS begins
    FROM conversations_entry
    WHERE conversation_id = ANY(%s) AND kind = 'message.sent' AND deleted_at IS NULL
      AND sender_kind IN ('visitor', 'operator', 'specialist')
    WINDOW said AS (PARTITION BY conversation_id ORDER BY seq)
)
SELECT conversation_id, sender_kind, sender_id, count(*),
       count(*)::float / sum(count(*)) OVER (PARTITION BY conversation_id)
FROM spoken WHERE begins AND sender_kind <> 'visitor' AND sender_id IS NOT NULL
GROUP BY conversation_id, sender_kind, sender_id
ORDER BY conversation_id, count(*) DESC, sender_id
"""


def parts_in(_organisation: OrganisationRef, conversation_ids: Collection[UUID]) -> dict[UUID, list[Part]]:
    """Conversation → who took part, the most first; conversations that nobody answered are left out. One query."""
    found: dict[UUID, list[Part]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [list(conversation_ids)])
        for conversation_id, kind, person, turns, share in cursor.fetchall():
            found.setdefault(conversation_id, []).append(Part(kind, person, turns, share))
    return found
