"""The test ground itself: real servers answer, a worker works, a browser opens pages."""

import asyncio
import http.client
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tenants.models import Pulse
from tests import servers
from tests.chromium import outside_browser
from tests.embedded.platform_run import wait_for
from tests.servers import WebServer

if TYPE_CHECKING:
    from playwright.sync_api import Page


def ask(server: WebServer, path: str, host: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "desk.localhost", "nobody.example.org"])
def test_health_is_answered_on_every_host(web_server: WebServer, host: str) -> None:
    assert ask(web_server, "/healthz", host) == (200, b"ok")


def test_the_platform_is_ready_once_a_worker_worked(web_server: WebServer) -> None:
    Pulse.objects.all().delete()
    assert ask(web_server, "/readyz", "127.0.0.1")[0] == 503

    with servers.worker():
        wait_for(lambda: ask(web_server, "/readyz", "127.0.0.1")[0] == 200, "the platform to be ready")


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_a_killed_web_server_can_be_started_again_on_its_port(start_web: Callable[..., WebServer], server: str) -> None:
    first = start_web(server=server)
    first.kill()

    second = start_web(server=server, port=first.port)

    assert ask(second, "/healthz", "127.0.0.1") == (200, b"ok")
    assert second.stop() in (0, -15)


def test_a_browser_opens_a_page_of_a_localhost_name(page: "Page", web_server: WebServer) -> None:
    page.goto(web_server.url("desk.localhost", "/healthz"))

    assert page.inner_text("body") == "ok"
    with outside_browser(), pytest.raises(RuntimeError):
        asyncio.get_running_loop()
