"""The platform's clock can be moved for one connection, and only where the database was made for it."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from tenants.clock import FIXED_CLOCK, MOVABLE_CLOCK, PlatformNow, clock_moved, platform_now
from tenants.models import Pulse

NOISE = timedelta(seconds=10)


def distance_from_now(moment: datetime) -> timedelta:
    return abs(moment - datetime.now(UTC))


def test_the_clock_is_the_real_time_until_it_is_moved_and_after() -> None:
    with clock_moved(timedelta(hours=5)):
        assert distance_from_now(platform_now() - timedelta(hours=5)) < NOISE
    assert distance_from_now(platform_now()) < NOISE


def test_moves_of_the_clock_nest() -> None:
    with clock_moved(timedelta(days=1)):
        with clock_moved(timedelta(hours=5)):
            inner = platform_now()
        outer = platform_now()

    assert distance_from_now(inner - timedelta(days=1, hours=5)) < NOISE
    assert distance_from_now(outer - timedelta(days=1)) < NOISE


def test_the_clock_comes_back_after_an_error() -> None:
    with pytest.raises(RuntimeError), clock_moved(timedelta(days=-2)):
        raise RuntimeError
    assert distance_from_now(platform_now()) < NOISE


def test_the_clock_runs_on_inside_a_transaction() -> None:
    with transaction.atomic():
        first, second = platform_now(), platform_now()

    assert second > first


def test_other_connections_keep_the_real_time() -> None:
    seen: list[datetime] = []

    def look() -> None:
        seen.append(platform_now())
        connection.close()

    with clock_moved(timedelta(hours=5)):
        other = Thread(target=look)
        other.start()
        other.join()

    assert distance_from_now(seen[0]) < NOISE


def test_expressions_use_the_same_clock() -> None:
    with clock_moved(timedelta(hours=5)):
        Pulse.objects.update_or_create(name="clock-test", defaults={"at": PlatformNow()})
    pulse = Pulse.objects.get(name="clock-test")
    pulse.delete()

    assert distance_from_now(pulse.at - timedelta(hours=5)) < NOISE


def test_a_production_clock_does_not_listen() -> None:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(FIXED_CLOCK)
        try:
            with clock_moved(timedelta(hours=5)):
                assert distance_from_now(platform_now()) < NOISE
        finally:
            cursor.execute(MOVABLE_CLOCK)
