"""PostgreSQL is killed and comes back while deadlines fall due: two sweeps lose nothing and do nothing twice.

On a cluster of the test's own: nobody else's connections break.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from chatplatform.embedded.__main__ import ROOT
from tests import servers
from tests.prepared_cluster import start_prepared_services
from tests.servers import Services

pytestmark = pytest.mark.no_database

TURNS = 60
PATIENCE_SECONDS = 120.0
# Run with the other cluster's address: turns of 8 s whose holder stays silent.
LAY = f"""
import django, json
django.setup()
from tenants.models import Organisation
from tests.cast import globex
from tests.conversations.scene import append, asked, hire_operator, lay_conversation
from tests.desk_people import open_all_day
globex()
Organisation.objects.filter(slug="globex").update(first_reply_seconds=8, reoffer_seconds=6)
open_all_day(globex()).__enter__()
operator = hire_operator(globex(), capacity=500)
laid = [lay_conversation(globex(), operator=operator) for _ in range({TURNS})]
for conversation in laid:
    append(globex(), asked(conversation))
print(json.dumps([globex().schema_name, [str(conversation.id) for conversation in laid]]))
"""


@pytest.fixture
def services() -> Iterator[Services]:
    started = start_prepared_services()
    yield started
    started.stop()


def test_no_deadline_is_lost_or_struck_twice_though_the_database_is_killed(services: Services) -> None:  # rule 21
    environment = services.environment
    with servers.sweep(environment=environment) as first, servers.sweep(environment=environment) as second:
        schema, ids = lay(environment)
        wait_until(lambda: len(events(services, schema, ids)) > TURNS / 4, "some warnings")

        os.kill(postmaster(services), signal.SIGKILL)
        wait_until(lambda: has_broken(services, schema) == TURNS, "all breaches")

        assert first.is_running()
        assert second.is_running()
    happened = events(services, schema, ids)
    assert Counter(happened) == Counter(
        (one, kind) for one in ids for kind in ("promise.warned", "supervisor.alerted", "promise.broken")
    )


def lay(environment: dict[str, str]) -> tuple[str, list[str]]:
    settings = {**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "chatplatform.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", LAY], cwd=ROOT, env=settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    schema, ids = json.loads(done.stdout.splitlines()[-1])
    return schema, ids


def postmaster(services: Services) -> int:
    lines = (Path(services.environment["DATA_DIR"]) / "postgres" / "postmaster.pid").read_text().splitlines()
    return int(lines[0])


def events(services: Services, schema: str, ids: list[str]) -> list[tuple[str, str]]:
    """(conversation, kind) of everything staff were told."""
    rows = ask(
        services, f"SELECT conversation_id::text, kind FROM {schema}.conversations_deskentry ORDER BY 1, desk_seq"
    )
    return [(str(one), str(kind)) for one, kind in rows if one in ids]


def has_broken(services: Services, schema: str) -> int:
    return len(ask(services, f"SELECT 1 FROM {schema}.conversations_promise WHERE outcome = 'broken'"))


def ask(services: Services, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(services.environment["DATABASE_URL"]) as own:
        return own.execute(query.encode()).fetchall()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """An answer that does not come is no answer: the database is down for a moment."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            if condition():
                return
        time.sleep(0.2)
    raise AssertionError(f"Waited in vain for {what}.")
