"""Chromium for tests, driven by Playwright."""

import asyncio
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from bench.chromium import FLAGS, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

# Above the slowest honest page on a loaded two-core machine.
PATIENCE_MS = 15_000


@contextmanager
def outside_browser() -> Iterator[None]:
    """Work on the database in a browser test, after the browser was used: ``with outside_browser(): ...``.

    Playwright marks its event loop as running in the test's own thread, and entering an organisation's schema is
    refused inside an event loop. Fixtures are set up like this by themselves.
    """
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
    # Those that ask for the browser work with it, not with the database.
    if {"browser", "page"} & {fixturedef.argname, *fixturedef.argnames}:
        return (yield)
    with outside_browser():
        return (yield)


class Chromium:
    """The session's Chromium, started for the first file that opens a page, and again if it died.

    Playwright's event loop counts as running while a file uses it, so such files hold sync tests; between them others
    run loops of their own.
    """

    def __init__(self, path: str, playwright: "Playwright") -> None:
        self._path = path
        self._playwright = playwright
        self._loop = asyncio._get_running_loop()
        self._browser: Browser | None = None
        self.put_away()

    def take(self) -> "Browser":
        # The loop makes Django believe that these tests were coroutines.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        asyncio._set_running_loop(self._loop)
        if self._browser is None or not self._answers(self._browser):
            self._browser = self._playwright.chromium.launch(executable_path=self._path, args=FLAGS)
        return self._browser

    @staticmethod
    def _answers(browser: "Browser") -> bool:
        """Asked, since nobody listened to it while other files ran."""
        from playwright.sync_api import Error

        try:
            browser.new_context().close()
        except Error:
            return False
        return True

    def put_away(self) -> None:
        """Nothing of the file's pages stays: neither cookies nor what they stored."""
        if self._browser is not None:
            for context in self._browser.contexts:
                context.close()
        # While the loop counts as running, connections are others, and fixtures that end here opened one.
        connections.close_all()
        asyncio._set_running_loop(None)
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)

    def end(self) -> None:
        asyncio._set_running_loop(self._loop)
        if self._browser is not None:
            self._browser.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Started once: that takes most of a second."""
    path = find_chromium()
    if path is None:
        pytest.skip("browser tests skipped: no Chromium found; install it with `apt-get install chromium`")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = Chromium(path, playwright)
        yield started
        started.end()


@pytest.fixture(scope="module")
def browser(chromium: Chromium) -> Iterator["Browser"]:
    """The session's Chromium, with nothing of other files in it. Make a context of its own for each person:
    ``browser.new_context()``.
    """
    yield chromium.take()
    chromium.put_away()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page in a fresh context. An uncaught error in its scripts fails the test."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
