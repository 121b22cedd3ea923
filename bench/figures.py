"""The part of the bench that is about reports: a million conversations of a hundred clients, the night over them, and
the pages that are opened in the morning."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from bench.clients import CONVERSATIONS, make_clients, make_small_client
from bench.ground import Ground
from bench.machine import Cores
from bench.nights import looking, missed_nights, one_night, queries_of
from bench.pages import page_costs

FEW = 10


def figures_costs(
    ground: Ground, cores: Cores, port: int, clients: int, report: Callable[[str], None]
) -> dict[str, Any]:
    """``clients`` of 10,000 conversations each. First there are few of them, so that the memory of a worker can be
    compared."""
    few = min(FEW, clients)
    started_at = time.perf_counter()
    made = make_clients(1, few, report)
    small = make_small_client()
    writing = time.perf_counter() - started_at
    report(f"the nights of {few} clients")
    runs = {
        "missed by few": missed_nights(ground, cores, port, [*made, small]),
        "night of few": one_night(ground, cores, port, [*made, small]),
    }
    if clients > few:
        started_at = time.perf_counter()
        made += make_clients(few + 1, clients - few, report)
        writing += time.perf_counter() - started_at
        report(f"the nights of {clients} clients")
        runs["missed by the rest"] = missed_nights(ground, cores, port, made)
        runs["night of all"] = one_night(ground, cores, port, made)
    nights: dict[str, Any] = {"runs": runs}
    nights["looking_seconds"] = looking(made)
    nights["queries"] = queries_of(made[0])
    report("the pages")
    return {
        "clients": clients,
        "conversations": clients * CONVERSATIONS,
        "writing_seconds": round(writing),
        "gigabytes": _gigabytes(),
        "nights": nights,
        "pages": page_costs(ground, cores, port, made[0], small),
    }


def _gigabytes() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return round(cursor.fetchone()[0] / 2**30, 2)
