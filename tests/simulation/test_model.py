"""The made-up day: the same seed gives the same day, and what must be true of any."""

from collections import Counter

import pytest

from chatplatform.simulation.model import HALF_HOUR, HALF_HOURS, LEAST_TRAINED, Day, make_day
from chatplatform.simulation.scripts import make_script

pytestmark = pytest.mark.no_database


def a_day(seed: int = 1) -> Day:
    return make_day(organisations=20, operators=15, conversations=800, seed=seed, reoffer_seconds=15)


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    assert a_day() == a_day()
    assert a_day() != a_day(2)


def test_every_visitor_comes_while_the_client_is_open_and_in_the_order_of_time() -> None:
    day = a_day()

    assert len(day.arrivals) == 800
    assert all(client.is_open(at) for at, client in day.arrivals)
    assert [at for at, _ in day.arrivals] == sorted(at for at, _ in day.arrivals)


def test_larger_clients_have_more_visitors_and_campaigns_come_in_bursts() -> None:
    day = a_day()
    per_client = Counter(client.number for _, client in day.arrivals)
    assert per_client[0] > 3 * per_client[19]

    [mailed, *_] = [client for client in day.clients if client.campaign_at is not None]
    assert mailed.campaign_at is not None
    times = [at - mailed.campaign_at for at, client in day.arrivals if client is mailed]
    within = sum(0 <= seconds < 1800 for seconds in times)
    before = sum(-1800 <= seconds < 0 for seconds in times)
    assert within > 2 * before


def test_every_open_half_hour_has_trained_operators_as_far_as_somebody_works() -> None:
    day = a_day()
    for client in day.clients:
        for half in range(HALF_HOURS):
            at = half * HALF_HOUR
            there = [roster for roster in day.rosters if roster.works(at)]
            trained = sum(client.number in roster.clients for roster in there)
            if client.is_open(at):
                assert trained >= min(LEAST_TRAINED, len(there))


def test_a_visitor_does_the_same_whatever_happened_to_others() -> None:
    day = a_day()
    at, client = day.arrivals[7]

    assert make_script(1, 7, at, client) == make_script(1, 7, at, client)
    assert make_script(1, 7, at, client) != make_script(1, 8, at, client)
    assert make_script(1, 7, at, client).overlooked(2) == make_script(1, 7, at, client).overlooked(2)
