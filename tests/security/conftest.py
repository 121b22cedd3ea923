"""A web server for each file, Acme and Globex open all day, and somebody at the desk for both."""

from collections.abc import Iterator

import pytest

from tests import servers
from tests.both_open import both_open_all_day, nobody_left_over, olga, omar  # noqa: F401 (fixtures)
from tests.servers import WebServer


@pytest.fixture(scope="module")
def server(platform_database: None) -> Iterator[WebServer]:
    """A web server of the module's own. Whatever strangers did, it never wrote a traceback."""
    with servers.web(server="uvicorn") as started:
        yield started
    assert "Traceback" not in started.log(), started.log()
