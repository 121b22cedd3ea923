"""The whole story in real browsers: a visitor on the shop, an operator at the desk, a manager with the report."""

import base64
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from operators.models import DueWork, QueueEntry
from ratings.selectors import local_today
from tenants.context import OrganisationRef
from tests.cast import acme, globex
from tests.chromium import PATIENCE_MS, outside_browser
from tests.desk_people import Colleague, colleague_of, open_all_day
from tests.tenants.test_images import drawn, encoded

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page

    from tests.servers import Started, WebServer

expect.set_options(timeout=PATIENCE_MS)

PASSWORD = "quiet-green-canal"
PASTE = """(field, [name, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type: "image/png" }));
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def ground(platform_database: None) -> Iterator[OrganisationRef]:
    """Acme is open, nobody is at the desk, and nobody waits."""
    QueueEntry.objects.exclude(state="closed").delete()
    DueWork.objects.all().delete()
    with open_all_day(acme(), globex()):
        yield acme()


@pytest.fixture
def olga(ground: OrganisationRef) -> Colleague:
    return colleague_of(ground)


@pytest.fixture
def pictures() -> Path:
    """Where screenshots are kept, for whoever wants to look: SCREENSHOTS=<folder>."""
    folder = Path(os.environ.get("SCREENSHOTS") or tempfile.mkdtemp(prefix="screens-"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def opened(browser: "Browser") -> Iterator[Callable[..., "Page"]]:
    """A page in a browser of its own. An uncaught error in any of them fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(**options: object) -> "Page":
        context = browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def log_in(page: "Page", address: str, email: str) -> None:
    page.goto(address)
    page.get_by_label("E-mail").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def widget_of(page: "Page") -> "FrameLocator":
    return page.frame_locator("iframe[data-widget-frame]")


def write(place: "FrameLocator | Page", text: str) -> None:
    field = place.locator("textarea.composer-field, textarea#composer")
    field.fill(text)
    field.press("Enter")


def words(bubbles: "Locator") -> list[str]:
    return [text.strip() for text in bubbles.all_inner_texts()]


def shoot(page: "Page", folder: Path, name: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(400)
        page.screenshot(path=folder / f"{name}-{scheme}.png")
    page.emulate_media(color_scheme="light")


def test_a_conversation_from_greeting_to_report(
    ground: OrganisationRef,
    olga: Colleague,
    web_server: "WebServer",
    sweep: "Started",
    opened: Callable[..., "Page"],
    pictures: Path,
) -> None:
    desk = opened(viewport={"width": 1440, "height": 900})
    log_in(desk, web_server.url("desk.localhost"), olga.email)
    expect(desk.get_by_text("Connected", exact=True)).to_be_visible()

    shop = opened(viewport={"width": 360, "height": 640})
    shop.goto(web_server.url("acme-shop.localhost"))
    widget = widget_of(shop)
    widget.get_by_role("button", name="Chat with us").click()
    expect(widget.locator(".bubble").first).to_contain_text("Great to see you here")
    shoot(shop, pictures, "widget-greeting")

    # The first message finds its operator, who answers.
    write(widget, "Is the ridge tent waterproof?")
    row = desk.locator("[data-conversation]").first
    expect(row).to_contain_text("Acme Outdoor")
    expect(widget.get_by_text("joined the conversation")).to_be_visible()
    row.click()
    expect(desk.get_by_text("Is the ridge tent waterproof?").last).to_be_visible()
    write(desk, "It is: 4,000 mm. See <b>https://acme-shop.example/tents</b>")
    expect(widget.get_by_text("It is: 4,000 mm.")).to_be_visible()

    # A pasted screenshot.
    picture = base64.b64encode(encoded(drawn(), "PNG")).decode()
    widget.locator(".composer-field").evaluate(PASTE, ["screenshot.png", picture])
    expect(widget.locator(".tray-item")).to_have_count(1)
    expect(widget.locator(".tray-item progress")).to_have_count(0)
    write(widget, "Like this one?")
    expect(desk.get_by_text("Like this one?").last).to_be_visible()
    expect(desk.locator(".images img")).to_have_count(1)
    assert desk.locator(".images img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 40
    expect(widget.locator(".picture img")).to_have_count(1)

    # The visitor reloads, then walks on.
    shop.reload()
    expect(widget.get_by_text("Like this one?")).to_be_visible()
    shop.goto(web_server.url("acme-shop.localhost", "/tents/"))
    expect(widget.get_by_text("Like this one?")).to_be_visible()
    write(widget, "I am looking at the tents now")
    expect(desk.get_by_text("I am looking at the tents now").last).to_be_visible()

    # The operator's connection is cut; what either writes meanwhile arrives once it is back.
    desk.context.set_offline(True)
    expect(desk.get_by_text("Connected", exact=True)).to_be_hidden(timeout=20_000)
    write(desk, "Written without a connection")
    write(widget, "Are you still there?")
    expect(widget.get_by_text("Sent", exact=True).last).to_be_visible()
    desk.context.set_offline(False)
    expect(desk.get_by_text("Are you still there?").last).to_be_visible(timeout=40_000)
    expect(widget.get_by_text("Written without a connection")).to_be_visible(timeout=40_000)
    shoot(shop, pictures, "widget-conversation")

    # A note is for colleagues.
    desk.locator("#composer").press("Alt+n")
    write(desk, "Asked the same last week")
    expect(desk.get_by_text("Asked the same last week").last).to_be_visible()
    shoot(desk, pictures, "desk-conversation")
    expect(widget.get_by_text("Asked the same last week")).to_have_count(0)

    shown_to_operator = words(desk.locator(".group .bubble p"))
    expect(widget.locator("p.bubble")).to_have_count(len(shown_to_operator))
    shown_to_visitor = words(widget.locator("p.bubble"))
    assert shown_to_operator == shown_to_visitor
    assert sorted(shown_to_visitor[1:]) == sorted(
        [
            "Is the ridge tent waterproof?",
            "It is: 4,000 mm. See <b>https://acme-shop.example/tents</b>",
            "Like this one?",
            "I am looking at the tents now",
            "Written without a connection",
            "Are you still there?",
        ]
    )

    # Closed with a purpose, rated, and in the report.
    desk.locator("#composer").press("Alt+Shift+2")
    expect(widget.get_by_text("How did we do?")).to_be_visible(timeout=20_000)
    widget.get_by_role("button", name="9 out of 10").click()
    for _ in range(4):
        widget.get_by_role("button", name="Skip").click()
    widget.locator(".rating-more textarea").fill("Quick and clear.")
    # The header is still in sight, whatever was focused.
    assert widget.locator(".header").evaluate("header => header.getBoundingClientRect().top") == 0
    shoot(shop, pictures, "widget-rating")
    widget.get_by_role("button", name="Send comment").click()
    expect(widget.get_by_text("Thank you for your rating")).to_be_visible()
    shoot(desk, pictures, "desk-closed")

    with outside_browser():
        today = local_today(ground.time_zone)
        printed = io.StringIO()
        call_command("build_report", organisation="acme", date=today.isoformat(), stdout=printed)
        assert re.search(r"Conversations\s+[1-9]", printed.getvalue())
    maud = opened(viewport={"width": 1440, "height": 900})
    log_in(maud, web_server.url("acme.localhost", "/admin/"), "maud@acme.example")
    expect(maud.get_by_text("How your visitors were served").first).to_be_visible()
    shoot(maud, pictures, "admin-overview")
    maud.goto(web_server.url("acme.localhost", "/admin/ratings/report/"))
    maud.locator("a[href*='/change/']").first.click()
    expect(maud).to_have_url(re.compile("/change/"))
    shoot(maud, pictures, "admin-report")
    maud.goto(web_server.url("acme.localhost", "/admin/ratings/rating/"))
    expect(maud.get_by_text("Quick and clear.").first).to_be_visible()

    mona = opened()
    log_in(mona, web_server.url("acme.localhost", "/admin/"), "mona@globex.example")
    mona.goto(web_server.url("acme.localhost", "/admin/ratings/report/"))
    expect(mona).to_have_url(re.compile("/login/"))
    expect(mona.get_by_text("Quick and clear.")).to_have_count(0)
