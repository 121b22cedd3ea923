"""The desk's half hours, summed over all clients: from turns, stretches and attendance, which are public and live."""

from datetime import datetime, timedelta

from django.db import connection

from operators.models import DeskHalfHour
from operators.turns import KEEP_TURNS
from tenants.clock import PlatformNow, platform_now

HALF_HOUR = timedelta(minutes=30)
COUNTED_AGAIN = timedelta(hours=26)
"""A turn may be settled the day after it was opened."""
LOOK_BACK = KEEP_TURNS - timedelta(days=1)
KEEP = timedelta(days=400)

_COUNT = """
WITH client AS (
    SELECT id FROM public.tenants_organisation WHERE kind = 'client'
), slot AS (
    SELECT generate_series(%(since)s, %(until)s - interval '30 minutes', interval '30 minutes') AS starts_at
), begun AS (
    SELECT date_bin('30 minutes', opened_at, %(since)s) AS starts_at, count(*) AS conversations
    FROM (
        SELECT t.conversation_id, min(t.opened_at) AS opened_at
        FROM public.operators_turnrecord t JOIN client ON client.id = t.organisation_id
        WHERE t.kind = 'first' AND t.opened_at >= %(since)s - interval '1 day' AND t.opened_at < %(until)s
        GROUP BY 1
    ) AS conversation
    WHERE opened_at >= %(since)s GROUP BY 1
), turn AS (
    SELECT date_bin('30 minutes', t.opened_at, %(since)s) AS starts_at,
           count(*) FILTER (WHERE t.outcome IN ('kept', 'broken')) AS due,
           count(*) FILTER (WHERE t.outcome = 'kept') AS kept
    FROM public.operators_turnrecord t JOIN client ON client.id = t.organisation_id
    WHERE t.kind = 'first' AND t.opened_at >= %(since)s AND t.opened_at < %(until)s
    GROUP BY 1
), stretch AS (
    SELECT greatest(a.started_at, %(since)s) AS begins, least(a.ended_at, %(until)s) AS ends
    FROM public.operators_assignment a JOIN client ON client.id = a.organisation_id
    WHERE a.started_at < %(until)s AND (a.ended_at IS NULL OR a.ended_at > %(since)s)
), covered AS (
    SELECT lower(part) AS begins, upper(part) AS ends, capacity
    FROM (
        SELECT operator_id, capacity,
               range_agg(tstzrange(greatest(started_at, %(since)s), least(until, %(until)s))) AS parts
        FROM public.operators_attendance
        WHERE until > %(since)s AND started_at < %(until)s AND until > started_at
        GROUP BY 1, 2
    ) AS operator CROSS JOIN unnest(parts) AS part
), held AS (
    SELECT cut.starts_at, sum(cut.seconds) AS seconds
    FROM stretch CROSS JOIN LATERAL (
        SELECT starts_at, extract(
                   epoch FROM least(ends, starts_at + interval '30 minutes') - greatest(begins, starts_at)) AS seconds
        FROM generate_series(date_bin('30 minutes', begins, %(since)s), ends, interval '30 minutes') AS starts_at
    ) AS cut
    WHERE cut.seconds > 0 GROUP BY 1
), present AS (
    SELECT cut.starts_at, sum(cut.seconds) AS seconds, sum(cut.seconds * capacity) AS place_seconds
    FROM covered CROSS JOIN LATERAL (
        SELECT starts_at, extract(
                   epoch FROM least(ends, starts_at + interval '30 minutes') - greatest(begins, starts_at)) AS seconds
        FROM generate_series(date_bin('30 minutes', begins, %(since)s), ends, interval '30 minutes') AS starts_at
    ) AS cut
    WHERE cut.seconds > 0 GROUP BY 1
)
INSERT INTO public.operators_deskhalfhour
    (starts_at, conversations, first_replies, first_replies_kept, handled_seconds, present_seconds, place_seconds)
SELECT slot.starts_at, coalesce(begun.conversations, 0), coalesce(turn.due, 0), coalesce(turn.kept, 0),
       coalesce(held.seconds, 0), coalesce(present.seconds, 0), coalesce(present.place_seconds, 0)
FROM slot LEFT JOIN begun USING (starts_at) LEFT JOIN turn USING (starts_at) LEFT JOIN held USING (starts_at)
LEFT JOIN present USING (starts_at)
ORDER BY slot.starts_at  -- so that two at once do not wait for each other in a circle
ON CONFLICT (starts_at) DO UPDATE SET
    conversations = excluded.conversations, first_replies = excluded.first_replies,
    first_replies_kept = excluded.first_replies_kept, handled_seconds = excluded.handled_seconds,
    present_seconds = excluded.present_seconds, place_seconds = excluded.place_seconds
"""


def count_half_hours() -> int:
    """Counts the half hours that are over, again where turns may have been settled since, and what was missed for up to
    a week. Returns how many. Two queries; safe to run twice, also at once."""
    until = half_hour_of(platform_now())
    newest = DeskHalfHour.objects.order_by("-starts_at").values_list("starts_at", flat=True).first()
    since = until - LOOK_BACK
    if newest is not None:
        since = max(since, newest - COUNTED_AGAIN)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"since": since, "until": until})
        return cursor.rowcount


def half_hour_of(moment: datetime) -> datetime:
    """When the half hour of this moment began."""
    return moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)


def remove_old_half_hours() -> int:
    """Removes what is older than planning looks back. Returns how many."""
    return DeskHalfHour.objects.filter(starts_at__lt=PlatformNow() - KEEP).delete()[0]
