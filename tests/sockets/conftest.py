"""A web server for each file, Acme and Globex open all day, and somebody at the desk for both."""

from collections.abc import Iterator

import pytest

from tests import servers
from tests.both_open import both_open_all_day, nobody_left_over, olga, omar  # noqa: F401 (fixtures)
from tests.servers import WebServer


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A file whose story depends on the web server names ``SERVERS``; the others are told once."""
    if "server" in metafunc.fixturenames:
        names = getattr(metafunc.module, "SERVERS", ("uvicorn",))
        metafunc.parametrize("server", names, indirect=True, scope="module")


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, platform_database: None) -> Iterator[WebServer]:
    """A web server of the module's own. Whatever its clients did, it never wrote a traceback."""
    with servers.web(server=request.param) as started:
        yield started
    assert "Traceback" not in started.log(), started.log()
