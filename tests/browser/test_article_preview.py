"""The text for the operator as it is drawn while a manager writes it, in a real browser."""

from typing import TYPE_CHECKING

import pytest

from knowledgebase.content import Content, TextContent
from knowledgebase.models import Article
from knowledgebase.services.articles import Editor, save_article
from knowledgebase.services.documents import store_document
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Membership
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.chromium import outside_browser
from tests.servers import WebServer
from tests.tenants.test_images import drawn, encoded

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PASSWORD = "correct horse battery"
LIST = "/admin/knowledgebase/article/"
HOSTILE = """<img src=x onerror="document.body.dataset.hacked='yes'"> [x](javascript:alert(1)) [y](data:text/html,z)"""


@pytest.fixture(scope="module")
def shop(platform_database: None) -> OrganisationRef:
    """An organisation in Dutch and English, and its manager Mia."""
    organisation = create_organisation(
        NewOrganisation(slug="drawing", name="Drawing", host="drawing.localhost", languages=("nl", "en"))
    )
    create_account("mia@drawing.example", "Mia", PASSWORD, memberships=[(organisation, Membership.Role.MANAGER)])
    return organisation


@pytest.fixture
def manager(page: "Page", web_server: WebServer, shop: OrganisationRef) -> "Page":
    """Mia before a new article."""
    opened(page, web_server, f"{LIST}add/")
    return page


def opened(page: "Page", server: WebServer, path: str) -> None:
    page.goto(server.url("drawing.localhost", path))
    page.fill("[name=username]", "mia@drawing.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button-main")
    page.wait_for_url(f"**{path}")


def field(page: "Page", language: str = "nl") -> "Locator":
    return page.locator(f"[name=text-{language}-long_text]")


def drawing(page: "Page", language: str = "nl") -> "Locator":
    return page.locator(f"[data-panel={language}]").get_by_role("region", name="As operators read it")


def test_the_text_is_drawn_as_it_is_written_and_vanishes_with_it(manager: "Page") -> None:
    before = drawing(manager).count()

    field(manager).press_sequentially("# Fees\n\nFrom **May** on: [terms](https://shop.example/terms)")
    drawing(manager).get_by_role("link", name="terms").wait_for()
    heading = drawing(manager).get_by_role("heading").all_text_contents()
    strong = drawing(manager).locator("strong").all_text_contents()
    rel = drawing(manager).get_by_role("link").get_attribute("rel")
    others = drawing(manager, "en").count()
    field(manager).fill("  ")
    drawing(manager).wait_for(state="hidden")

    assert (before, others) == (0, 0)  # nothing is drawn where nothing is written
    assert (heading, strong, rel) == (["Fees"], ["May"], "noopener noreferrer nofollow")


def test_html_stays_text_and_only_harmless_addresses_are_links(manager: "Page") -> None:  # rule 39
    field(manager).fill(f"{HOSTILE} mailto:vera@example.com")
    drawing(manager).get_by_role("link").wait_for()

    assert drawing(manager).get_by_role("link").all_text_contents() == ["mailto:vera@example.com"]
    assert HOSTILE in drawing(manager).inner_text()
    assert drawing(manager).locator("img, script").count() == 0
    assert manager.evaluate("document.body.dataset.hacked") is None


def test_it_is_drawn_by_the_very_module_that_the_desk_draws_with(manager: "Page") -> None:
    source = "1. one\n   - inner\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n<b>\n```\n\n---"
    field(manager).fill(source)
    drawing(manager).locator("table").wait_for()

    drawn_here = drawing(manager).locator("[data-text]").inner_html()
    drawn_at_the_desk = manager.evaluate(
        """async (source) => {
          const { render } = await import("preact");
          const { markdownNodes } = await import("/static/shared/markdown.js");
          const place = document.createElement("div");
          render(markdownNodes(source), place);
          return place.innerHTML;
        }""",
        source,
    )

    assert drawn_here == drawn_at_the_desk
    assert "<li>one<ul><li>inner</li></ul></li>" in drawn_here


def test_a_long_text_is_followed_and_can_be_scrolled_by_keyboard(manager: "Page") -> None:
    field(manager).fill("Short.")
    text = drawing(manager).locator("[data-text]")
    text.get_by_text("Short.").wait_for()
    while_short = text.get_attribute("tabindex")
    field(manager).fill("\n\n".join(f"Paragraph {number}" for number in range(80)))
    text.get_by_text("Paragraph 79").wait_for()
    field(manager).evaluate("field => field.scrollTo(0, field.scrollHeight)")
    manager.wait_for_function("place => place.scrollTop + place.clientHeight >= place.scrollHeight - 2",
                              arg=text.element_handle())  # fmt: skip

    field(manager).focus()
    manager.keyboard.press("Tab")
    assert while_short is None
    assert text.evaluate("place => place === document.activeElement")
    manager.keyboard.press("Home")
    manager.wait_for_function("place => place.scrollTop < 2", arg=text.element_handle())


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawings_and_pictures_fit_the_page(
    page: "Page", web_server: WebServer, shop: OrganisationRef, width: int, scheme: str
) -> None:
    mia = Editor(None, "Mia")
    wide = f"| {'a' * 90} | {'b' * 90} |\n|---|---|\n\n```\n{'wide ' * 80}\n```\n\n{'long' * 90}"

    def make(organisation: OrganisationRef) -> Article:
        article = save_article(mia, None, Content(texts={"nl": TextContent("Naad", "Ja.", wide)}))
        for name, data in (("seam.png", encoded(drawn((900, 600)), "PNG")), ("terms.pdf", b"%PDF-1.7")):
            store_document(organisation, mia, article.pk, name=name, data=data)
        return article

    with outside_browser():
        article = in_organisation(shop, make)
    page.set_viewport_size({"width": width, "height": 844 if width == 390 else 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, web_server, f"{LIST}{article.pk}/change/")
    picture = page.locator("#documents img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth", arg=picture.element_handle())

    ink, paper = (
        drawing(page)
        .locator("[data-text]")
        .evaluate("place => [getComputedStyle(place).color, getComputedStyle(place.closest('.sheet')).backgroundColor]")
    )
    box = picture.bounding_box()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [900, 600]
    assert box
    assert (round(box["width"]), round(box["height"])) == (72, 56)
    assert (ink, paper) == {
        "light": ("rgb(20, 32, 30)", "rgb(255, 255, 255)"),
        "dark": ("rgb(231, 237, 235)", "rgb(25, 33, 31)"),
    }[scheme]


def test_an_image_is_added_on_the_page_and_removed_again(
    page: "Page", web_server: WebServer, shop: OrganisationRef
) -> None:
    def make(_organisation: OrganisationRef) -> Article:
        return save_article(Editor(None, "Mia"), None, Content(texts={"en": TextContent("Seam", "Yes.")}))

    with outside_browser():
        article = in_organisation(shop, make)
    opened(page, web_server, f"{LIST}{article.pk}/change/")
    picture = {"name": "seam.webp", "mimeType": "image/webp", "buffer": encoded(drawn(), "WEBP")}

    page.get_by_label("PDF file or image").set_input_files(picture)  # type: ignore[arg-type]
    page.get_by_role("button", name="Add document").click()
    page.locator("#documents img").wait_for()
    listed = page.locator("#documents li a").all_inner_texts()
    page.locator("#documents").get_by_role("button", name="Remove").click()
    page.locator("#documents img").wait_for(state="detached")

    assert [name.strip() for name in listed] == ["seam.webp"]
    with outside_browser():
        assert in_organisation(shop, lambda _organisation: article.files.count()) == 0
