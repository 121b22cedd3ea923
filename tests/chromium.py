"""Chromium for tests, driven by Playwright."""

import asyncio
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Instead of Playwright's own list, which also switches off the partitioned storage of real browsers: without
    # that a frame of another site may store nothing at all.
    "--disable-features=HttpsUpgrades,MediaRouter,OptimizationHints,Translate",
]
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


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One Chromium per test module (about 0.5 s). Its event loop lives as long as it, so such modules hold sync tests.

    Make a context of its own for each person: ``browser.new_context()``.
    """
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("browser tests skipped: no Chromium found; install it with `apt-get install chromium`")
    from playwright.sync_api import sync_playwright

    # Playwright's loop makes Django believe that these tests were coroutines.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=path, args=_FLAGS)
            yield chromium
            chromium.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


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
