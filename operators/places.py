"""A waiting visitor's place in the queue, and how long that may take by what was measured.

**The pool** of a conversation is everybody trained for its organisation. Two waiting conversations are in one queue
when somebody is in both their pools. A position is one more than the conversations of that queue that are to be offered
sooner: those whose promise is due first, as the offers themselves go.

**The estimate** is position × mean seconds ÷ places: the mean time that a conversation of the pool's operators took,
from its offer to its closing, over those closed in the last two hours; divided by the capacity of those of the pool who
are at the desk. None rather than a guess when fewer than five were measured or nobody is there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from django.db import connection

from operators.selectors import PRESENT_SECONDS

MEASURED_AT_LEAST = 5

_PLACES = """
WITH moment AS MATERIALIZED (
    SELECT public.platform_now() AS now
), waiting AS MATERIALIZED (
    SELECT conversation_id, organisation_id, coalesce(promise_due_at, opened_at) AS due_at
    FROM public.operators_queueentry WHERE state = 'waiting'
), asked AS MATERIALIZED (
    SELECT * FROM waiting WHERE conversation_id = ANY (%(conversations)s::uuid[])
), trained AS MATERIALIZED (
    SELECT p.operator_id, p.organisation_id
    FROM public.operators_posting p
    LEFT JOIN (SELECT organisation_id, max(version) AS version FROM public.operators_clientcard GROUP BY 1) AS card
        USING (organisation_id)
    WHERE card.version IS NULL OR p.confirmed_version = card.version
), queue AS MATERIALIZED (
    SELECT DISTINCT mine.organisation_id, theirs.organisation_id AS with_id
    FROM trained mine JOIN trained theirs USING (operator_id)
    WHERE mine.organisation_id IN (SELECT organisation_id FROM asked)
      AND theirs.organisation_id IN (SELECT organisation_id FROM waiting)
), pool AS MATERIALIZED (
    SELECT o.organisation_id, there.places, done.measured, done.mean_seconds
    FROM (SELECT DISTINCT organisation_id FROM asked) AS o
    CROSS JOIN moment
    CROSS JOIN LATERAL (
        SELECT sum(operator.capacity) AS places
        FROM trained t
        JOIN public.operators_operator operator ON operator.user_id = t.operator_id
        JOIN public.operators_presence present ON present.operator_id = t.operator_id
        WHERE t.organisation_id = o.organisation_id AND present.state = 'available'
          AND present.seen_at > moment.now - make_interval(secs => %(present_seconds)s)
    ) AS there
    CROSS JOIN LATERAL (
        SELECT count(*) AS measured, avg(extract(epoch FROM a.ended_at - a.started_at))::float8 AS mean_seconds
        FROM trained t
        JOIN public.operators_assignment a ON a.operator_id = t.operator_id
        -- Bounds what is looked at: a conversation that took half a day tells nothing about the queue.
        WHERE t.organisation_id = o.organisation_id AND a.started_at > moment.now - interval '12 hours'
          AND a."end" = 'closed' AND a.ended_at > moment.now - interval '2 hours'
    ) AS done
)
SELECT a.conversation_id,
       (SELECT count(*) FROM waiting w
        WHERE (w.due_at, w.conversation_id) <= (a.due_at, a.conversation_id)
          AND (w.organisation_id = a.organisation_id
               OR EXISTS (SELECT 1 FROM queue q
                          WHERE q.organisation_id = a.organisation_id AND q.with_id = w.organisation_id))),
       pool.places, pool.measured, pool.mean_seconds
FROM asked a JOIN pool USING (organisation_id)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """``position`` from 1; ``seconds`` until somebody is likely there, None when that is not known."""

    position: int
    seconds: int | None


def queue_places(conversation_ids: Collection[UUID]) -> dict[UUID, Place]:
    """Conversation → its place, for those of these that wait. One query, however many organisations there are."""
    if not conversation_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, {"conversations": list(conversation_ids), "present_seconds": PRESENT_SECONDS})
        rows = cursor.fetchall()
    return {
        conversation_id: Place(position, _estimate(position, places, measured, mean_seconds))
        for conversation_id, position, places, measured, mean_seconds in rows
    }


def _estimate(position: int, places: int | None, measured: int, mean_seconds: float | None) -> int | None:
    if not places or mean_seconds is None or measured < MEASURED_AT_LEAST:
        return None
    return ceil(position * mean_seconds / places)
