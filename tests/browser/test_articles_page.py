"""A manager at the page of an article, in a real browser: from an empty list to a live answer."""

from typing import TYPE_CHECKING

import pytest

from knowledgebase.models import Article, Product, Variant
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Membership
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.chromium import outside_browser
from tests.servers import WebServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

PASSWORD = "correct horse battery"
LIST = "/admin/knowledgebase/article/"


@pytest.fixture(scope="module")
def shop(platform_database: None) -> OrganisationRef:
    """An organisation in Dutch and English with one product and its manager Mia."""
    organisation = create_organisation(
        NewOrganisation(slug="shelf", name="Shelf", host="shelf.localhost", languages=("nl", "en"))
    )
    create_account("mia@shelf.example", "Mia", PASSWORD, memberships=[(organisation, Membership.Role.MANAGER)])

    def stock(_organisation: OrganisationRef) -> None:
        Product.objects.create(slug="tent", name="Tent", facts={"price": "€ 249"})

    in_organisation(organisation, stock)
    return organisation


@pytest.fixture
def empty(shop: OrganisationRef) -> OrganisationRef:
    in_organisation(shop, lambda _organisation: Article.objects.all().delete())
    return shop


def opened(page: "Page", server: WebServer, path: str = LIST) -> None:
    page.goto(server.url("shelf.localhost", path))
    page.fill("[name=username]", "mia@shelf.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button-main")
    page.wait_for_url(f"**{path}")


def states(organisation: OrganisationRef) -> list[tuple[str, int]]:
    with outside_browser():
        return in_organisation(
            organisation, lambda _organisation: list(Article.objects.values_list("state", "version"))
        )


def test_a_new_article_is_live_after_three_fields_and_publish_can_be_undone(
    page: "Page", web_server: WebServer, empty: OrganisationRef
) -> None:
    opened(page, web_server)

    page.get_by_role("link", name="Add article").click()
    page.get_by_label("Title", exact=True).first.fill("Een tent terugsturen")
    page.get_by_label("How visitors ask it").first.fill("Kan mijn tent terug?")
    page.get_by_label("Short reply").first.fill("{U kunt uw|Je kunt je} tent van {product.tent.price} terugsturen.")
    preview = page.locator("[data-preview-of=nl] .body")
    preview.nth(1).wait_for()
    shown = preview.all_text_contents()
    page.get_by_role("button", name="Publish").click()

    page.get_by_role("status").wait_for()
    assert shown == ["U kunt uw tent van € 249 terugsturen.", "Je kunt je tent van € 249 terugsturen."]
    assert "Live: it is suggested from now on." in page.get_by_role("status").inner_text()
    assert states(empty) == [("live", 2)]

    page.get_by_label("Title", exact=True).first.fill("Een tent ruilen")
    page.keyboard.press("Control+s")
    page.get_by_role("status").get_by_text("Saved.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("status").get_by_text("Undone.").wait_for()

    assert page.get_by_label("Title", exact=True).first.input_value() == "Een tent terugsturen"
    assert states(empty) == [("live", 4)]


def test_what_nobody_can_fill_is_marked_while_it_is_written(
    page: "Page", web_server: WebServer, empty: OrganisationRef
) -> None:
    opened(page, web_server, f"{LIST}add/")

    page.get_by_label("Short reply").first.fill("It costs . Bye.")
    page.evaluate("document.querySelector('[name=text-nl-short_reply]').setSelectionRange(9, 9)")
    page.get_by_text("Quote a name, a notice or a fact").first.click()
    page.get_by_role("button", name="{product.tent.price}").first.click()
    page.locator("[data-preview-of=nl] .body").get_by_text("It costs € 249. Bye.").wait_for()
    page.get_by_label("Short reply").first.fill("It costs {product.tent.prize}.")

    page.locator("[data-preview-of=nl] mark").get_by_text("{product.tent.prize}").wait_for()
    assert page.get_by_text("Nothing is known to fill this: product.tent.prize").is_visible()


def test_languages_are_tabs_for_the_keyboard_and_stand_side_by_side_when_asked(
    page: "Page", web_server: WebServer, empty: OrganisationRef
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, web_server, f"{LIST}add/")
    dutch, english = page.locator("[data-panel=nl]"), page.locator("[data-panel=en]")

    assert (dutch.is_visible(), english.is_visible()) == (True, False)
    page.get_by_role("tab", name="Dutch").focus()
    page.keyboard.press("ArrowRight")
    assert (dutch.is_visible(), english.is_visible()) == (False, True)
    page.get_by_role("button", name="Side by side").click()

    boxes = dutch.bounding_box(), english.bounding_box()
    assert boxes[0] and boxes[1] and boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] < boxes[1]["x"]


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_learned_question_is_rejected_in_its_place_and_the_page_fits(
    page: "Page", web_server: WebServer, empty: OrganisationRef, width: int, scheme: str
) -> None:
    def learned(_organisation: OrganisationRef) -> Article:
        article = Article.objects.create(slug="returns", version=1)
        Variant.objects.create(
            article=article, language="en", text="May I bring it back?", evened="may i bring it back?", source="learned"
        )
        return article

    def state(_organisation: OrganisationRef) -> str:
        return Variant.objects.get().state

    with outside_browser():
        article = in_organisation(empty, learned)
    page.set_viewport_size({"width": width, "height": 640 if width == 360 else 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, web_server, f"{LIST}{article.pk}/change/")

    page.get_by_label("Source").fill("Typed, not saved")
    page.get_by_role("button", name="Reject").click()
    page.get_by_role("button", name="Take back").wait_for()

    with outside_browser():
        assert in_organisation(empty, state) == "rejected"
    assert page.get_by_label("Source").input_value() == "Typed, not saved"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.classList.contains('dark')") is (scheme == "dark")
