"""The wallboard in a real browser: numbers that move, a client of its own, and the conversations behind a number."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from chatplatform.demo import PASSWORD
from operators.presence import record_beats
from operators.selectors import OperatorRef
from tenants.clock import clock_moved
from tests.cast import DESK, acme, globex
from tests.chromium import PATIENCE_MS, outside_browser
from tests.conversations.scene import AHEAD, append, asked, dismiss_operators, hire_operator, lay_conversation
from tests.desk_people import clear_desk

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.servers import WebServer

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def olga(platform_database: None) -> Iterator[OperatorRef]:
    """She holds one conversation at Acme whose visitor waits, and one at Globex whose visitor does not. No other Olga
    has her name."""
    clear_desk()  # here every number is known
    operator = hire_operator(acme(), globex(), name=f"Olga-{uuid4().hex[:8]}")
    with clock_moved(AHEAD):
        record_beats([operator.id])  # she is not gone before a slow page is done with her
    waits = lay_conversation(acme(), operator=operator)
    lay_conversation(globex(), operator=operator)
    append(acme(), asked(waits))
    yield operator
    with outside_browser():
        dismiss_operators([operator.id])


def log_in(page: "Page", server: "WebServer") -> None:
    page.goto(server.url(DESK))
    page.get_by_label("E-mail address").fill("sam@desk.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Wallboard")).to_be_visible()


def number(page: "Page", name: str) -> "Locator":
    return page.locator(f"[data-number={name}] .number").first


def test_a_supervisor_sees_the_numbers_move_and_what_is_behind_them(
    page: "Page", web_server: "WebServer", olga: OperatorRef
) -> None:
    log_in(page, web_server)
    expect(number(page, "waiting")).to_have_text("0")
    expect(number(page, "running")).to_have_text("1")
    expect(page.locator(".state-available .operator", has_text=olga.name)).to_contain_text("2 of 4")

    with outside_browser():
        new = lay_conversation(globex())
        append(globex(), asked(new))
    expect(number(page, "waiting")).to_have_text("1")
    expect(page.locator("tr[data-client=globex] td").first).to_have_text("1")

    page.locator("tr[data-client=acme]").get_by_role("button", name="Acme Outdoor").click()
    expect(number(page, "waiting")).to_have_text("0")
    assert page.url.endswith("/wallboard/?organisation=acme")
    page.reload()
    expect(page.get_by_role("combobox")).to_have_value("acme")

    page.keyboard.press("Tab")
    number(page, "running").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".drill-line")).to_have_count(1)
    expect(dialog).to_contain_text("1 conversation")
    expect(dialog.locator(".drill-line")).to_contain_text(olga.name)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
