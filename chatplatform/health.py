"""Is the process alive, and is the platform ready to serve? Both answer on every host, to anybody.

``/readyz`` makes connections of its own: it neither waits for a place in a pool nor takes one, so it stays
truthful when the pools are exhausted. Three short database connections and one to Redis per question.
"""

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.asyncio import Redis

CHECK_SECONDS = 3.0
# The worker records its pulse every 10 s (CELERY_BEAT_SCHEDULE): four may be lost.
OLDEST_PULSE_SECONDS = 45

Check = Callable[[], Awaitable[str]]
OK = "ok"


async def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the event loop turns. Asks nobody else, so that a database failure does not restart the web servers."""
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "private, no-store"})


async def readyz(request: HttpRequest) -> HttpResponse:
    """Each part "ok" or a short reason; 503 unless all are ok. Answers within CHECK_SECONDS."""
    checks: dict[str, Check] = {
        "database": _check_database,
        "redis": _check_redis,
        "migrations": _check_migrations,
        "worker": _check_worker,
    }
    answers = await asyncio.gather(*(_bounded(check) for check in checks.values()))
    report = dict(zip(checks, answers, strict=True))
    response = JsonResponse(
        report,
        status=200 if all(answer == OK for answer in answers) else 503,
        headers={"Cache-Control": "private, no-store"},
    )
    # A 503 is this view's answer, not its failure: Django need not log it every time somebody asks.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


async def _bounded(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:
        # The kind only: a message may carry addresses or passwords, and anybody may ask.
        return f"failed: {type(error).__name__}"


async def _query(query: str) -> list[tuple]:
    database = settings.DATABASES["default"]
    connection = await psycopg.AsyncConnection.connect(
        dbname=str(database["NAME"]),
        user=str(database["USER"]),
        password=str(database["PASSWORD"]),
        host=str(database["HOST"]),
        port=str(database["PORT"]),
        connect_timeout=int(CHECK_SECONDS),
        autocommit=True,
    )
    async with connection:
        return await (await connection.execute(query)).fetchall()


async def _check_database() -> str:
    await _query("SELECT 1")
    return OK


async def _check_redis() -> str:
    async with Redis.from_url(
        settings.REDIS_URL, socket_timeout=CHECK_SECONDS, socket_connect_timeout=CHECK_SECONDS
    ) as client:
        await client.execute_command("PING")
    return OK


class _Migrations:
    """Whether the public schema has every migration of this code. Asked until the answer is yes, then remembered."""

    def __init__(self) -> None:
        self._complete = False
        self._wanted: set[tuple[str, str]] = set()

    async def check(self) -> str:
        if self._complete:
            return OK
        if not self._wanted:
            # Reads files only, once: about 50 ms.
            self._wanted = set(MigrationLoader(None).graph.nodes)
        applied = set(await _query("SELECT app, name FROM public.django_migrations"))
        missing = self._wanted - applied
        if missing:
            return f"{len(missing)} not applied"
        self._complete = True
        return OK


_check_migrations = _Migrations().check


async def _check_worker() -> str:
    rows = await _query(
        "SELECT extract(epoch FROM public.platform_now() - at)::float8 FROM public.tenants_pulse WHERE name = 'worker'"
    )
    if not rows:
        return "never seen"
    age = rows[0][0]
    return OK if age <= OLDEST_PULSE_SECONDS else f"last seen {age:.0f} s ago"
