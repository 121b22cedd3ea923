"""Alive and ready: the answers of the real services, and of missing ones."""

import asyncio
import json
import time
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import AsyncRequestFactory
from pytest_django import Settings

from chatplatform import health
from tenants.models import Pulse


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_check_migrations", health._Migrations().check)


@pytest.fixture
def fresh_worker() -> Iterator[None]:
    worker_worked(seconds_ago=1)
    yield
    Pulse.objects.filter(name="worker").delete()


def worker_worked(*, seconds_ago: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.tenants_pulse (name, at) "
            "VALUES ('worker', public.platform_now() - make_interval(secs => %s)) "
            "ON CONFLICT (name) DO UPDATE SET at = excluded.at",
            [seconds_ago],
        )


def ask_ready() -> tuple[HttpResponse, dict[str, str]]:
    response = asyncio.run(health.readyz(AsyncRequestFactory().get("/readyz")))
    return response, json.loads(response.content)


def test_ready_when_every_part_is_ok(fresh_worker: None) -> None:
    response, report = ask_ready()

    assert report == {"database": "ok", "redis": "ok", "migrations": "ok", "worker": "ok"}
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"


def test_not_ready_while_no_worker_was_seen() -> None:
    Pulse.objects.filter(name="worker").delete()

    response, report = ask_ready()

    assert response.status_code == 503
    assert report == {"database": "ok", "redis": "ok", "migrations": "ok", "worker": "never seen"}


def test_a_worker_that_stopped_working_is_told_with_its_age(fresh_worker: None) -> None:
    worker_worked(seconds_ago=46)

    response, report = ask_ready()

    assert response.status_code == 503
    assert report["worker"] == "last seen 46 s ago"


def test_a_missing_migration_is_counted_and_found_once_applied(
    fresh_worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM public.django_migrations WHERE app = 'tenants' AND name LIKE '0001%'")
        row_id = cursor.fetchone()[0]
        cursor.execute("UPDATE public.django_migrations SET app = 'tenants-hidden' WHERE id = %s", [row_id])
    try:
        response, report = ask_ready()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE public.django_migrations SET app = 'tenants' WHERE id = %s", [row_id])

    assert response.status_code == 503
    assert report["migrations"] == "1 not applied"
    assert ask_ready()[1]["migrations"] == "ok"


def test_a_redis_that_is_gone_is_told_without_its_address(fresh_worker: None, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"

    response, report = ask_ready()

    assert response.status_code == 503
    assert report["redis"] == "failed: ConnectionError"
    assert report["database"] == "ok"


def test_a_database_that_never_answers_is_given_up_in_time(fresh_worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> str:
        await asyncio.sleep(60)
        return health.OK

    monkeypatch.setattr(health, "_check_database", never)
    started_at = time.monotonic()

    response, report = ask_ready()

    assert time.monotonic() - started_at < health.CHECK_SECONDS + 0.5
    assert response.status_code == 503
    assert report["database"] == "no answer within 3 s"


def test_alive_asks_nobody(settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"

    response = asyncio.run(health.healthz(AsyncRequestFactory().get("/healthz")))

    assert (response.status_code, response.content) == (200, b"ok")
    assert response.headers["Cache-Control"] == "private, no-store"
