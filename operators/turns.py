"""How visitors' turns went, in numbers, over all organisations: what live figures are summed from.

The promise in the organisation's schema is the record; these rows are kept for days.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from operators.models import TurnRecord
from tenants.clock import PlatformNow

KEEP_TURNS = timedelta(days=8)

Wait = tuple[UUID, datetime, datetime]
"""(conversation, since, until)."""
Holder = tuple[UUID, str]
"""(operator's id, name)."""

HOLDER_OF_MOST = """
    SELECT held.operator_id, o.name
    FROM (
        SELECT operator_id, sum(seconds) AS seconds, sum(sum(seconds)) OVER () AS all_seconds
        FROM (
            SELECT a.operator_id,
                   extract(epoch FROM least(a.ended_at, {until}) - greatest(a.started_at, {since})) AS seconds
            FROM public.operators_assignment a
            WHERE a.conversation_id = {conversation} AND a.started_at < {until}
              AND (a.ended_at IS NULL OR a.ended_at > {since})
        ) AS stretch
        GROUP BY operator_id
    ) AS held
    JOIN public.operators_operator o ON o.user_id = held.operator_id
    WHERE held.seconds >= extract(epoch FROM {until} - {since}) - held.all_seconds
    ORDER BY held.seconds DESC, held.operator_id
    LIMIT 1
"""
"""SQL: who held ``conversation`` for the largest part of the time from ``since`` to ``until``, as (operator_id, name).
No row when it waited in the queue for longer than anybody held it. One index look-up."""


def holders_of_most(waits: Sequence[Wait]) -> dict[UUID, Holder]:
    """Conversation → who held it for the largest part of its wait. Conversations that mostly waited in the queue are
    left out. One query, none for no waits."""
    if not waits:
        return {}
    holder = HOLDER_OF_MOST.format(conversation="wait.conversation_id", since="wait.since", until="wait.until")
    conversations, since, until = zip(*waits, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT wait.conversation_id, held.operator_id, held.name"  # noqa: S608 - a constant text
            " FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) AS wait(conversation_id, since, until)"
            f" CROSS JOIN LATERAL ({holder}) AS held",
            [list(conversations), list(since), list(until)],
        )
        return {conversation: (operator_id, name) for conversation, operator_id, name in cursor.fetchall()}


def record_turns(turns: Sequence[TurnRecord]) -> None:
    """Writes the numbers of these turns, or completes what was written when they were broken. One query, none for no
    turns."""
    TurnRecord.objects.bulk_create(
        turns,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["operator_id", "outcome", "settled_at", "waited_seconds"],
    )


def remove_old_turns() -> int:
    """Removes the numbers of turns that no live figure reaches back to. Returns how many."""
    return TurnRecord.objects.filter(opened_at__lt=PlatformNow() - KEEP_TURNS).delete()[0]
