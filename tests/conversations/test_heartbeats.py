"""What a heartbeat tells of opening hours: read seldom, yet never past its time."""

from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.consumers import heartbeats
from tenants.clock import clock_moved, platform_now
from tenants.hours import Opening
from tenants.models import OpeningHours
from tests.cast import acme


@pytest.fixture(autouse=True)
def _open_from_eight_to_eleven(noon: timedelta) -> Iterator[None]:
    before = list(OpeningHours.objects.filter(organisation_id=acme().id))
    OpeningHours.objects.filter(organisation_id=acme().id).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(organisation_id=acme().id, weekday=day, opens=time(8), closes=time(23)) for day in range(7)
    )
    heartbeats._opening_kept.clear()
    yield
    OpeningHours.objects.filter(organisation_id=acme().id).delete()
    OpeningHours.objects.bulk_create(before)
    heartbeats._opening_kept.clear()


def told() -> Opening:
    return heartbeats._opening(acme(), platform_now())


def test_closing_time_is_told_and_read_once_for_many_ticks() -> None:
    organisation, now = acme(), platform_now()

    with CaptureQueriesContext(connection) as queries:
        openings = [heartbeats._opening(organisation, now + timedelta(seconds=4 * n)) for n in range(5)]

    assert len(queries) == 2
    assert len(set(openings)) == 1
    assert openings[0].open
    assert openings[0].until is not None
    assert timedelta(hours=10) < openings[0].until - now <= timedelta(hours=11)


def test_a_closing_time_that_has_come_is_not_told_again() -> None:
    assert told().open

    with clock_moved(timedelta(hours=11, seconds=1)):
        closed = told()
        assert not closed.open
        assert closed.next_opening is not None
    with clock_moved(timedelta(hours=20, seconds=1)):
        assert told().open
