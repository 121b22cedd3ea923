"""The staffing page in a real browser: gaps in words, and who is planned under the pointer and the arrow keys."""

from collections.abc import Iterator
from datetime import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from chatplatform.demo import PASSWORD
from operators.models import Shift
from tests.cast import DESK, acme
from tests.chromium import PATIENCE_MS, outside_browser
from tests.conversations.scene import dismiss_operators, hire_operator

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.servers import WebServer

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def _planned(platform_database: None) -> Iterator[None]:
    """Zoe works every day from ten, Acme is open from eight."""
    Shift.objects.all().delete()
    zoe = hire_operator(acme(), name="Zoe", is_present=False)
    Shift.objects.bulk_create(
        Shift(operator_id=zoe.id, weekday=weekday, starts=time(10), ends=time(23)) for weekday in range(7)
    )
    yield
    with outside_browser():
        Shift.objects.all().delete()
        dismiss_operators([zoe.id])


@pytest.mark.usefixtures("_planned")
def test_a_supervisor_sees_where_nobody_is_planned_and_who_is(page: "Page", web_server: "WebServer") -> None:
    page.goto(web_server.url(DESK, "/login/?next=/staffing/"))
    page.get_by_label("E-mail address").fill("sam@desk.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    short = page.locator(".short > ul > li", has_text="Acme Outdoor")
    expect(short.locator(".gaps li").last).to_contain_text("08:00–10:00")
    grid = page.get_by_role("grid", name="Acme Outdoor")
    detail = page.locator("#client-acme .detail")
    last_day = grid.locator("tbody tr").last
    last_day.locator("td").nth(20).hover()
    expect(detail).to_contain_text("10:00–10:30: Zoe")
    expect(last_day.locator("td").nth(20)).to_have_text("1")
    grid.locator("td[tabindex='0']").focus()
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    for _ in range(19):
        page.keyboard.press("ArrowRight")
    expect(last_day.locator("td").nth(19)).to_be_focused()
    expect(detail).to_contain_text("09:30–10:00: nobody planned")
    page.keyboard.press("Home")
    expect(last_day.locator("td").nth(19)).to_be_focused()
