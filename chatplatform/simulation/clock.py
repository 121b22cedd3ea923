"""The simulation's time: ``public.platform_now()`` stands exactly where the simulation put it.

Only in the simulation's own databases. A moved clock would go on by itself while the machine works, and two runs would
differ; this one gives the same day again, to the microsecond.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

# A Tuesday without a holiday, and not the day on which clocks change.
DATE = datetime(2026, 3, 10, tzinfo=UTC).date()
TIME_ZONE = "Europe/Amsterdam"
MIDNIGHT = datetime.combine(DATE, time(), ZoneInfo(TIME_ZONE)).astimezone(UTC)

_STANDING_CLOCK = """
CREATE OR REPLACE FUNCTION public.platform_now() RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$ SELECT current_setting('platform.stands_at')::timestamptz $$
"""


def make_clock_stand() -> None:
    """Replaces the database's clock. From now on a connection has no time until :func:`set_time` gave it one."""
    set_time(0)
    with connection.cursor() as cursor:
        cursor.execute(_STANDING_CLOCK)


def set_time(second: float) -> None:
    """It is this second of the simulated day, for this connection. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('platform.stands_at', %s, false)", [moment(second).isoformat()])


def moment(second: float) -> datetime:
    """A second of the day as an aware time."""
    return MIDNIGHT + timedelta(seconds=second)
