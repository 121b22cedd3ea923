"""Who holds conversations and is no longer there (rule 22). Nobody says goodbye: presence and permission tell.

Asked with every sweep, so it is one text that costs the database an index look-up per held conversation, and Python
nothing.
"""

from typing import Any
from uuid import UUID

from django.db import connection

from operators.attendance import AT_WORK
from operators.selectors import PRESENT_SECONDS

# Whoever was given a conversation a moment ago was there.
HELD_SECONDS = 1.0

# Not there is who was not heard of for 45 s, has been away or on a break for as long, or may no longer answer for the
# organisation; supervisors may for all of them.
_LEFT = """
WITH moment AS MATERIALIZED (
    SELECT public.platform_now() AS now
)
SELECT q.schema_name, q.conversation_id
FROM public.operators_queueentry q
CROSS JOIN moment
WHERE q.state = 'assigned' AND q.promise_due_at IS NOT NULL
  AND q.offered_at < moment.now - make_interval(secs => %(held_seconds)s)
  AND NOT EXISTS (
      SELECT 1
      FROM public.operators_presence present
      JOIN public.tenants_user account ON account.id = present.operator_id
      JOIN public.tenants_staffrole r ON r.user_id = present.operator_id
      WHERE present.operator_id = q.operator_id AND account.is_active
        AND present.seen_at > moment.now - make_interval(secs => %(present_seconds)s)
        AND (present.state = ANY (%(at_work)s)
             OR present.since > moment.now - make_interval(secs => %(present_seconds)s))
        AND (r.role = 'supervisor' OR r.role = 'operator' AND EXISTS (
            SELECT 1 FROM public.operators_posting p
            WHERE p.operator_id = present.operator_id AND p.organisation_id = q.organisation_id)))
"""
_MOST_URGENT = " ORDER BY q.promise_due_at LIMIT %(limit)s"
_ONE = " AND q.conversation_id = %(conversation)s"


def unanswered_and_left(limit: int) -> list[tuple[str, UUID]]:
    """(schema, conversation) of visitors who wait for somebody who is not there, most urgent first. One query, over the
    conversations that somebody holds."""
    return _left(_LEFT + _MOST_URGENT, limit=limit)


def is_unanswered_and_left(conversation_id: UUID) -> bool:
    """Whether it is so now. One query."""
    return bool(_left(_LEFT + _ONE, conversation=conversation_id))


def _left(sql: str, **more: Any) -> list[tuple[str, UUID]]:
    given = {"held_seconds": HELD_SECONDS, "present_seconds": PRESENT_SECONDS, "at_work": list(AT_WORK), **more}
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()
