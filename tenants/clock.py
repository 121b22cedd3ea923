"""The platform's clock: every time that is stored or compared comes from ``public.platform_now()``.

The function is ``clock_timestamp()``. In databases made with ``PLATFORM_CLOCK_MOVABLE`` (development and tests) it adds
the interval in the session setting ``platform.clock_offset``, so that "an hour later" needs no waiting.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import DateTimeField, Func

FIXED_CLOCK = """
CREATE OR REPLACE FUNCTION public.platform_now() RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$ SELECT clock_timestamp() $$
"""
MOVABLE_CLOCK = """
CREATE OR REPLACE FUNCTION public.platform_now() RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT clock_timestamp() + coalesce(nullif(current_setting('platform.clock_offset', true), ''), '0')::interval
$$
"""


class PlatformNow(Func):
    """``platform_now()`` in an ORM expression."""

    template = "public.platform_now()"
    output_field = DateTimeField()


def platform_now() -> datetime:
    """The platform's time. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.platform_now()")
        return cursor.fetchone()[0]


@contextmanager
def clock_moved(by: timedelta) -> Iterator[None]:
    """Moves this connection's clock inside the block; blocks nest and add up. Only where the database was made with a
    movable clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('platform.clock_offset', true), '')")
        before = cursor.fetchone()[0]
        cursor.execute(
            "SELECT set_config('platform.clock_offset', (coalesce(nullif(%s, ''), '0')::interval + %s)::text, false)",
            [before, f"{by.total_seconds()} seconds"],
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('platform.clock_offset', %s, false)", [before])
