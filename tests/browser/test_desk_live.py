"""The desk on the real platform: a person logs in, answers a visitor, and the visitor has the answer."""

import io
import json
import re
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import expect

from chatplatform.demo import PASSWORD
from tests.browser.inbox import own_row
from tests.cast import DESK, acme, globex
from tests.chromium import PATIENCE_MS, outside_browser
from tests.desk_people import Colleague, colleague_of, open_all_day

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.servers import Started, WebServer


expect.set_options(timeout=PATIENCE_MS)


class Visitor:
    """A visitor who only has HTTP: the same frames as over a socket."""

    def __init__(self, server: "WebServer", host: str, website: str) -> None:
        self._server, self._host, self._website = server, host, website
        self._token: str | None = None

    def write(self, body: str) -> None:
        command: dict[str, Any] = {
            "type": "message.send",
            "cid": str(uuid4()),
            "body": body,
            "attachments": [],
            "topic": None,
        }
        assert "ack" in [frame["type"] for frame in self._exchange(command)]

    def history(self) -> list[dict[str, Any]]:
        """Every fact of the conversation."""
        return [entry for frame in self._exchange() if frame["type"] == "entries" for entry in frame["entries"]]

    def _exchange(self, *commands: dict[str, Any]) -> list[dict[str, Any]]:
        page = {"url": f"https://{self._website}.example/", "title": "Tents", "referrer": ""}
        hello = {"type": "hello", "protocol": 1, "token": self._token, "website": self._website, "language": "en"}
        request = urllib.request.Request(
            f"{self._server.address}/api/widget/commands",
            data=json.dumps(
                {"hello": {**hello, "conversation": None, "since": 0, "page": page}, "commands": commands}
            ).encode(),
            headers={
                "Content-Type": "application/json",
                "Host": f"{self._host}:{self._server.port}",
                "Origin": f"http://{self._host}:{self._server.port}",
            },
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            frames: list[dict[str, Any]] = json.load(response)["frames"]
        self._token = frames[0]["token"]
        return frames


@pytest.fixture
def olga() -> Iterator[Colleague]:
    """An operator of the test's own, alone at the desk, in organisations that are open whatever the hour."""
    opened = open_all_day(acme(), globex())
    opened.__enter__()
    yield colleague_of(acme(), globex())
    with outside_browser():
        opened.__exit__(None, None, None)


def log_in(page: "Page", server: "WebServer", olga: Colleague) -> None:
    page.goto(server.url(DESK))
    page.get_by_label("E-mail address").fill(olga.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    page.get_by_role("button", name="Available", exact=True).click()
    expect(page.get_by_text("New conversations come to you")).to_be_visible()


def test_one_operator_answers_visitors_of_two_organisations_at_one_desk(
    page: "Page", web_server: "WebServer", worker: "Started", sweep: "Started", olga: Colleague
) -> None:
    log_in(page, web_server, olga)
    vera = Visitor(web_server, "acme.localhost", "acme-shop")
    victor = Visitor(web_server, "globex.localhost", "globex-bank")

    vera.write("Is the ridge tent waterproof?")
    victor.write("My card was refused.")
    row = own_row(page, "Is the ridge tent waterproof?")
    expect(row.locator(".countdown")).to_be_visible()
    expect(own_row(page, "My card was refused.")).to_be_visible()
    row.click()
    page.keyboard.press("n")
    page.keyboard.type("Between us.")
    page.keyboard.press("Enter")
    expect(page.locator(".note p")).to_have_text("Between us.")
    page.keyboard.type("It is: 4,000 mm.")
    page.keyboard.press("Enter")
    expect(page.locator(".is-operator .bubble")).to_have_text("It is: 4,000 mm.")
    expect(page.locator(".talk-head .countdown")).to_have_count(0)

    said = [entry["body"] for entry in vera.history() if entry["type"] == "message.sent"]
    assert "It is: 4,000 mm." in said
    assert "Between us." not in json.dumps(vera.history())
    assert "It is: 4,000 mm." not in json.dumps(victor.history())
    page.keyboard.press("Alt+Shift+2")
    expect(page.locator(".toast")).to_contain_text("Closed as: Information.")
    assert vera.history()[-1]["type"] == "rating.requested"
    page.locator(".row.is-recent").first.click()
    expect(page.locator(".fact", has_text="Closed as")).to_contain_text("Information")


def test_an_image_goes_from_the_desk_to_the_visitor(
    page: "Page", web_server: "WebServer", worker: "Started", sweep: "Started", olga: Colleague
) -> None:
    log_in(page, web_server, olga)
    vera = Visitor(web_server, "acme.localhost", "acme-shop")
    vera.write("Which seam do you mean?")
    row = own_row(page, "Which seam")
    row.click()
    picture = io.BytesIO()
    Image.new("RGB", (320, 200), "#2f5d45").save(picture, "PNG")

    chosen = {"name": "seam.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    page.locator("input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]
    expect(page.locator(".upload:not(.is-moving) img")).to_be_visible()
    page.reload()
    row.click()
    expect(page.locator(".upload img")).to_be_visible()
    page.get_by_role("button", name="Send").click()

    shown = page.locator(".is-operator .image img")
    expect(shown).to_have_attribute("src", re.compile("^blob:"))
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    sent = [entry for entry in vera.history() if entry["type"] == "message.sent" and entry["attachments"]]
    assert [attachment["width"] for attachment in sent[0]["attachments"]] == [320]
    shown.click()
    expect(page.locator("dialog.lightbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.lightbox")).to_have_count(0)


def test_logging_out_elsewhere_leads_the_desk_to_the_login_page(
    page: "Page", web_server: "WebServer", olga: Colleague
) -> None:
    log_in(page, web_server, olga)  # rule 37
    other = page.context.new_page()
    other.goto(web_server.url(DESK))
    expect(other.get_by_text("Connected", exact=True)).to_be_visible()

    other.get_by_role("button", name="Settings").click()
    other.get_by_role("button", name="Log out").click()
    expect(other.get_by_text("You are logged out")).to_be_visible()

    page.wait_for_url("**/login/**")


def test_the_desk_works_where_sockets_are_blocked(
    page: "Page", web_server: "WebServer", worker: "Started", sweep: "Started", olga: Colleague
) -> None:  # rule 9
    page.route_web_socket("**/socket/desk/", lambda socket: socket.close(code=1006))
    page.goto(web_server.url(DESK))
    page.get_by_label("E-mail address").fill(olga.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("The fast connection is blocked.")).to_be_visible()
    page.get_by_role("button", name="Available", exact=True).click()
    vera = Visitor(web_server, "acme.localhost", "acme-shop")

    vera.write("Do you hear me?")
    own_row(page, "Do you hear me?").click()
    page.keyboard.press("r")
    page.keyboard.type("Loud and clear.")
    page.keyboard.press("Enter")

    expect(page.locator(".is-operator .bubble")).to_have_text("Loud and clear.")
    expect(page.locator(".is-operator .delivery.is-sent")).to_be_visible()
    said = [entry["body"] for entry in vera.history() if entry["type"] == "message.sent"]
    assert said.count("Loud and clear.") == 1
