"""Answers on the real platform: a visitor asks, an operator inserts the answer with one key, and the article learns."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import expect

from knowledgebase.content import TextContent
from knowledgebase.models import Signal, Variant
from tenants.context import OrganisationRef, in_organisation
from tests.browser.inbox import own_row
from tests.browser.test_conversation import (  # noqa: F401
    ground,
    log_in,
    olga,
    opened,
    pictures,
    shoot,
    widget_of,
    write,
)
from tests.chromium import PATIENCE_MS, outside_browser
from tests.desk_people import Colleague
from tests.knowledgebase.shelf import lay_article, shelf_cleared

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

    from tests.servers import Started, WebServer

expect.set_options(timeout=PATIENCE_MS)

ASKED = "My zorblax pole snapped, does the guarantee help? Vera, vera@example.org"
OTHER_WORDS = "A snapped pole on the zorblax, what now?"


@pytest.fixture
def guarantee(ground: OrganisationRef) -> Iterator[UUID]:  # noqa: F811
    """The article that answers; beside it one that looks alike."""
    shelf = shelf_cleared(ground)
    shelf.__enter__()
    covered = TextContent(
        "What the guarantee covers",
        "Send {operator} a picture, and we repair it within two years for {product.zorblax.fee}.",
        "## Ask for\n\n- the receipt",
        ("Within two years", "Not for wear and tear"),
    )
    article = lay_article(ground, texts={"en": covered}, variants={"en": ("Does the guarantee help me?",)})
    pitching = TextContent("Pitching the zorblax", "Begin with the longest pole.")
    lay_article(ground, texts={"en": pitching}, variants={"en": ("Where goes which pole of the zorblax?",)})
    yield article.pk
    with outside_browser():
        shelf.__exit__(None, None, None)


def ask(open_page: Callable[..., "Page"], server: "WebServer", question: str) -> "FrameLocator":
    """A visitor of her own comes to the shop and asks."""
    shop = open_page(viewport={"width": 360, "height": 640})
    shop.goto(server.url("acme-shop.localhost"))
    widget = widget_of(shop)
    widget.get_by_role("button", name="Chat with us").click()
    expect(widget.locator(".bubble").first).to_contain_text("Great to see you here")
    write(widget, question)
    return widget


def test_an_answer_goes_out_with_one_key_and_next_time_other_words_find_it_first(
    ground: OrganisationRef,  # noqa: F811
    guarantee: UUID,
    olga: Colleague,  # noqa: F811
    web_server: "WebServer",
    sweep: "Started",
    opened: Callable[..., "Page"],  # noqa: F811
    pictures: Path,  # noqa: F811
) -> None:
    desk = opened(viewport={"width": 1440, "height": 900})
    log_in(desk, web_server.url("desk.localhost"), olga.email)
    expect(desk.get_by_text("Connected", exact=True)).to_be_visible()

    # A visitor asks; the answer stands beside her question.
    widget = ask(opened, web_server, ASKED)
    own_row(desk, "My zorblax pole").click()
    place = desk.locator(f'.answers-list [data-article="{guarantee}"]')
    expect(place).to_contain_text("within two years")
    shoot(desk, pictures, "desk-answers")

    # One key inserts it, the operator edits, and sends.
    key = place.locator(".answer-insert kbd").inner_text().replace(" ", "+")
    desk.keyboard.press(key)
    composer = desk.locator("#composer")
    expect(composer).to_have_value("Send Olga a picture, and we repair it within two years for {product.zorblax.fee}.")
    expect(desk.get_by_label("Within two years")).to_be_checked()
    expect(desk.get_by_label("Not for wear and tear")).not_to_be_checked()
    desk.keyboard.type("4.95")  # the selected placeholder
    desk.keyboard.press("End")
    desk.keyboard.type(" Wear and tear is excepted.")
    expect(desk.get_by_text("All mentioned")).to_be_visible()
    shoot(desk, pictures, "desk-points")
    desk.keyboard.press("Enter")
    expect(widget.get_by_text("within two years for 4.95.")).to_be_visible()
    expect(widget.get_by_text("Wear and tear is excepted.")).to_be_visible()
    expect(desk.locator(".is-operator .delivery.is-read, .is-operator .delivery.is-sent").last).to_be_visible()

    # The same in other words, from somebody else: now it is the first, and says why.
    ask(opened, web_server, OTHER_WORDS)
    own_row(desk, "A snapped pole").click()
    first = desk.locator(".answers-list > .answer").first
    expect(first).to_have_attribute("data-article", str(guarantee))
    expect(first.locator("q")).to_contain_text("zorblax pole snapped")

    with outside_browser():
        learned, signal = in_organisation(ground, what_was_learned, guarantee)
    assert signal == (1, 0)
    [question] = learned
    assert "zorblax pole snapped" in question
    assert "example.org" not in question


def what_was_learned(_organisation: OrganisationRef, article: UUID) -> tuple[list[str], tuple[int, int]]:
    learned = Variant.objects.filter(article=article, source=Variant.Source.LEARNED)
    signal = Signal.objects.get(article=article)
    return list(learned.values_list("text", flat=True)), (signal.used, signal.passed_over)
