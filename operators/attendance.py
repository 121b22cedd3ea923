"""When operators were at work, as intervals. Written where presence is: with each beat, and when somebody goes."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import connection

from operators.models import Attendance, Presence
from operators.selectors import PRESENT_SECONDS
from tenants.clock import PlatformNow

AT_WORK = (Presence.State.AVAILABLE.value, Presence.State.BUSY.value)
WRITTEN_EVERY_SECONDS = 20.0
KEEP = timedelta(days=400)

# A row that another process just writes is left to it.
_NOTE = """
WITH moment AS MATERIALIZED (
    SELECT public.platform_now() AS now
), here AS (
    SELECT p.operator_id, o.capacity, moment.now, moment.now - make_interval(secs => %(present)s) AS heard_since
    FROM public.operators_presence p JOIN public.operators_operator o ON o.user_id = p.operator_id CROSS JOIN moment
    WHERE p.operator_id = ANY (%(operators)s) AND p.state = ANY (%(at_work)s)
      AND EXISTS (SELECT 1 FROM public.operators_posting post WHERE post.operator_id = p.operator_id)
), stale AS (
    SELECT a.id, here.now FROM here JOIN public.operators_attendance a
      ON a.operator_id = here.operator_id AND a.until > here.heard_since
    WHERE NOT a.is_over AND a.until <= here.now - make_interval(secs => %(every)s)
    FOR UPDATE OF a SKIP LOCKED
), longer AS (
    UPDATE public.operators_attendance a SET until = stale.now FROM stale WHERE a.id = stale.id
)
INSERT INTO public.operators_attendance (id, operator_id, capacity, started_at, until, is_over)
SELECT gen_random_uuid(), operator_id, capacity, now, now, false FROM here
WHERE NOT EXISTS (
    SELECT 1 FROM public.operators_attendance a
    WHERE a.operator_id = here.operator_id AND a.until > here.heard_since AND NOT a.is_over
)
"""


def note_attendance(operator_ids: Collection[UUID]) -> None:
    """These operators were heard of just now: whoever of them is at work, and answers for somebody, goes on or begins.
    One statement, which writes a row at most every 20 s."""
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "operators": list(operator_ids),
                "at_work": list(AT_WORK),
                "present": float(PRESENT_SECONDS),
                "every": WRITTEN_EVERY_SECONDS,
            },
        )


def end_attendance(operator_id: UUID) -> None:
    """The operator goes: what they were in until now ends now. One query."""
    heard = Attendance.objects.filter(operator_id=operator_id, is_over=False)
    heard.filter(until__gt=PlatformNow() - timedelta(seconds=PRESENT_SECONDS)).update(until=PlatformNow(), is_over=True)


def remove_old_attendance() -> int:
    """Removes what is older than planning looks back. Returns how many."""
    return Attendance.objects.filter(until__lt=PlatformNow() - KEEP).delete()[0]
