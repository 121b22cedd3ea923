"""Cards and presence on the real platform: who has not confirmed gets nothing, who confirms gets what waits."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from conversations.services.cards import publish_client_card
from operators.cards import CardText
from operators.models import ClientCard, Posting
from tests.browser.inbox import section
from tests.browser.test_desk_live import Visitor, log_in
from tests.cast import DESK, acme, globex
from tests.chromium import PATIENCE_MS, outside_browser
from tests.desk_people import Colleague, colleague_of, open_all_day

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.servers import Started, WebServer

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def olga(platform_database: None) -> Iterator[Colleague]:
    """An operator of the test's own, alone at the desk; Acme has a card that she has not read."""
    opened = open_all_day(acme(), globex())
    opened.__enter__()
    publish_client_card(acme(), CardText(tone="First names.", dos="", donts="", specialists=""), None)
    yield colleague_of(acme(), globex())
    with outside_browser():
        ClientCard.objects.all().delete()
        Posting.objects.update(confirmed_version=None, confirmed_at=None, trained_at=None)
        opened.__exit__(None, None, None)


def said(words: str) -> str:
    """Words that no conversation left by another test has: those come to this desk as well."""
    return f"{words} {uuid4().hex[:6]}"


def test_who_confirms_the_card_gets_the_conversation_that_waits(
    page: "Page", web_server: "WebServer", worker: "Started", sweep: "Started", olga: Colleague
) -> None:
    log_in(page, web_server, olga)
    vera = Visitor(web_server, "acme.localhost", "acme-shop")
    victor = Visitor(web_server, "globex.localhost", "globex-bank")

    tent, bank_card = said("Is the ridge tent waterproof?"), said("My card was refused.")
    vera.write(tent)
    victor.write(bank_card)
    expect(section(page, "Mine").locator(".row", has_text=bank_card)).to_be_visible()
    expect(section(page, "Waiting").locator(".row", has_text=tent)).to_be_visible()
    call = page.locator(".call", has_text="You get no conversations for Acme Outdoor until you have")
    call.get_by_role("button", name="Read the card").click()
    page.get_by_role("button", name="I have read it").click()

    mine = section(page, "Mine").locator(".row", has_text=tent)
    expect(mine).to_be_visible()
    expect(call).to_have_count(0)
    mine.click()
    page.locator(".facts").get_by_role("button", name="Why did I get this?").click()
    expect(page.get_by_role("dialog")).to_contain_text("Nobody else could have it.")
    page.keyboard.press("Escape")
    with outside_browser():
        publish_client_card(acme(), CardText(tone="First names.", dos="Smile.", donts="", specialists=""), None)
    expect(page.locator(".call", has_text="The card of Acme Outdoor has changed.")).to_be_visible()
    expect(mine).to_be_visible()


def test_a_break_begun_on_one_device_shows_on_the_other_and_keeps_conversations_away(
    page: "Page", web_server: "WebServer", worker: "Started", sweep: "Started", olga: Colleague
) -> None:
    log_in(page, web_server, olga)
    other = page.context.new_page()
    other.goto(web_server.url(DESK))
    expect(other.get_by_text("Connected", exact=True)).to_be_visible()

    page.get_by_role("button", name="Break", exact=True).click()
    page.get_by_role("button", name="Begin the break").click()
    expect(other.get_by_text("Short pause until")).to_be_visible()
    question = said("Anybody there?")
    Visitor(web_server, "globex.localhost", "globex-bank").write(question)
    expect(section(other, "Waiting").locator(".row", has_text=question)).to_be_visible()
    other.reload()
    expect(other.get_by_text("Short pause until")).to_be_visible()
    other.get_by_role("button", name="Available", exact=True).click()

    expect(section(page, "Mine").locator(".row", has_text=question)).to_be_visible()
