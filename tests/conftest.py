"""The test ground: one PostgreSQL and one Redis for the session, real servers, a real browser.

Tests commit. Real servers must see the rows, so nothing is rolled back: each test makes objects of its own.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import hypothesis
import pytest
from pytest_django import DjangoDbBlocker

from tests import servers
from tests.prepared_cluster import start_prepared_services
from tests.servers import Services, Started, WebServer, free_port

pytest_plugins = ["tests.chromium"]
FOLDER = Path(__file__).parent
# The slowest first: most of them wait for something to die, to be noticed and to come back.
SLOW_FILES = (
    "sockets/test_faults.py",
    "simulation/test_day.py",
    "embedded/test_platform.py",
    "security/test_strangers.py",
    "sockets/test_conversation.py",
    "embedded/test_main.py",
    "admin/test_permissions.py",
    "browser/test_supervision.py",
    "browser/test_escalation.py",
    "replay/test_replay.py",
    "conversations/test_journal_model.py",
    "browser/test_conversation.py",
    "conversations/test_mailing.py",
    "sockets/test_vanished_operators.py",
    "conversations/test_routing_crowd.py",
    "conversations/test_database_restart.py",
    "conversations/test_lateness.py",
    "ratings/why/test_reading.py",
    "ratings/test_killed_nights.py",
    "ratings/simulation/test_checking.py",
    "browser/test_widget.py",
    "browser/test_desk_live.py",
    "browser/test_knowledge_live.py",
    "browser/test_duty_live.py",
    "sockets/test_rating.py",
    "knowledgebase/imports/test_round_trip.py",
    "conversations/test_attachments_served.py",
    "operators/test_routing_plans.py",
)
# How fast examples are made says something about the machine only.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")
_services = pytest.StashKey[Services]()


def pytest_configure(config: pytest.Config) -> None:
    """Before Django's settings load: they read where the services listen."""
    if _only_distributes(config):
        # Importing the platform named its settings; the processes that run tests would read them before we are ready.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        return
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatplatform.settings.test"
    if not config.option.collectonly:
        services = start_prepared_services()
        config.stash[_services] = services
        # One port for the session's web server: addresses, cookie names and origins carry it.
        # And one for mails, where a test may listen; what nobody takes is tried again.
        os.environ.update(services.environment, PORT=str(free_port()), EMAIL_PORT=str(free_port()))
    django.setup()


def _only_distributes(config: pytest.Config) -> bool:
    """With ``-n`` this process hands out tests; each process that runs them has services of its own."""
    return getattr(config.option, "dist", "no") != "no" and not hasattr(config, "workerinput")


def pytest_make_parametrize_id(val: object) -> str | None:
    """The session's port differs per process; a test's name may not, or the processes could not share the tests."""
    port = os.environ.get("PORT", "")
    return val.replace(port, "PORT") if port and isinstance(val, str) and port in val else None


def pytest_unconfigure(config: pytest.Config) -> None:
    if (services := config.stash.get(_services, None)) is not None:
        services.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow files come first, and those of few tests last: what begins last is waited for alone, and a process with
    two tests left has already taken its next file."""
    tests = Counter(item.path for item in items)
    rank = {FOLDER / name: number for number, name in enumerate(SLOW_FILES)}
    items.sort(key=lambda item: (rank.get(item.path, len(rank)), -tests[item.path]))


@pytest.fixture(autouse=True)
def _database_unless_marked(request: pytest.FixtureRequest) -> None:
    """Every test gets the migrated database, except ``pytestmark = pytest.mark.no_database``."""
    if request.node.get_closest_marker("no_database") is None:
        request.getfixturevalue("platform_database")


@pytest.fixture(scope="module", autouse=True)
def _desk_of_the_file(request: pytest.FixtureRequest) -> None:
    """A file begins at an empty desk: who was there in the file before would be offered this one's conversations, and
    a worker of this file would have to do what that file left in the queues first. Its pool of connections is new:
    a thread that ended in the file before may have kept one for good."""
    if request.node.get_closest_marker("no_database") is None:
        request.getfixturevalue("platform_database")
        from tests.desk_people import clear_desk

        close_connections()
        clear_desk()
        servers.empty_queues()


def close_connections() -> None:
    """This thread's, and those that wait in the pool. The next query makes new ones."""
    from django.db import connections

    connections.close_all()
    for connection in connections.all(initialized_only=True):
        connection.close_pool()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def platform_database(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database, migrated and with the cast in it, open to every test."""
    with django_db_blocker.unblock():
        yield
        close_connections()


@pytest.fixture(scope="session")
def web_server(platform_database: None) -> Iterator[WebServer]:
    """The platform's web process on uvicorn, on settings.PORT, for the whole session: never kill this one."""
    with servers.web(server="uvicorn", port=int(os.environ["PORT"])) as server:
        yield server


@pytest.fixture(scope="module")
def worker(platform_database: None) -> Iterator[Started]:
    """A Celery worker for every queue. It ends with the file, or would work for tests that want to do it themselves."""
    with servers.worker() as started:
        yield started


@pytest.fixture(scope="module")
def sweep(platform_database: None) -> Iterator[Started]:
    """One sweeping process, as long as the worker."""
    with servers.sweep() as started:
        yield started


@pytest.fixture
def start_web(platform_database: None) -> Iterator[Callable[..., WebServer]]:
    """Start web servers of a test's own, to be killed, restarted, or run on daphne: ``start_web(server="daphne")``."""
    started: list[WebServer] = []

    def start(**options: object) -> WebServer:
        started.append(servers.web(**options))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def empty_desk(platform_database: None) -> None:
    """Colleagues of the test before count as present for a while, and would be offered this one's conversations."""
    from tests.desk_people import clear_desk

    clear_desk()


@pytest.fixture
def data_folder() -> Path:
    """The session's DATA_DIR, which the servers use as well."""
    return Path(os.environ["DATA_DIR"])
