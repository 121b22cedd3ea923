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

# Each step is read once and joined by hash: counted for each waiting conversation, 100 of them took three times as
# long.
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
    WHERE (card.version IS NULL OR p.confirmed_version = card.version)
      AND p.organisation_id IN (SELECT organisation_id FROM waiting)
), pool AS MATERIALIZED (
    SELECT * FROM trained WHERE organisation_id IN (SELECT organisation_id FROM asked)
), queue AS MATERIALIZED (
    SELECT mine.organisation_id, theirs.organisation_id AS with_id
    FROM pool mine JOIN trained theirs USING (operator_id) GROUP BY 1, 2
    UNION SELECT organisation_id, organisation_id FROM asked
), position AS MATERIALIZED (
    SELECT a.conversation_id, count(*) AS position
    FROM asked a
    JOIN queue q ON q.organisation_id = a.organisation_id
    JOIN waiting w ON w.organisation_id = q.with_id
    WHERE (w.due_at, w.conversation_id) <= (a.due_at, a.conversation_id)
    GROUP BY 1
), operator AS MATERIALIZED (
    SELECT o.user_id AS operator_id, done.measured, done.seconds,
           CASE WHEN present.state = 'available'
                     AND present.seen_at > moment.now - make_interval(secs => %(present_seconds)s)
                THEN o.capacity ELSE 0 END AS places
    FROM public.operators_operator o
    CROSS JOIN moment
    LEFT JOIN public.operators_presence present ON present.operator_id = o.user_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS measured, coalesce(sum(extract(epoch FROM a.ended_at - a.started_at)), 0)::float8 AS seconds
        FROM public.operators_assignment a
        -- Bounds what is looked at: a conversation that took half a day tells nothing about the queue.
        WHERE a.operator_id = o.user_id AND a.started_at > moment.now - interval '12 hours'
          AND a."end" = 'closed' AND a.ended_at > moment.now - interval '2 hours'
    ) AS done
    WHERE o.user_id IN (SELECT operator_id FROM pool)
), figures AS MATERIALIZED (
    SELECT pool.organisation_id, sum(places)::int AS places, sum(measured)::int AS measured, sum(seconds) AS seconds
    -- The same people on both sides: FULL says "by hash", whatever few rows the planner expects of a step.
    FROM pool FULL JOIN operator USING (operator_id) GROUP BY 1
)
SELECT a.conversation_id, position.position, figures.places, figures.measured, figures.seconds
FROM asked a JOIN position USING (conversation_id) LEFT JOIN figures USING (organisation_id)
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
        conversation_id: Place(position, _estimate(position, places, measured, seconds))
        for conversation_id, position, places, measured, seconds in rows
    }


def _estimate(position: int, places: int | None, measured: int | None, seconds: float | None) -> int | None:
    if not places or not measured or seconds is None or measured < MEASURED_AT_LEAST:
        return None
    return ceil(position * (seconds / measured) / places)
