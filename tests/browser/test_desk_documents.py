"""An article's documents at the desk, in a real browser, against a scripted server."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.knowledge_stage import SEAM, KnowledgeStage
from tests.browser.test_desk import open_talk, talk_with
from tests.chromium import PATIENCE_MS
from tests.tenants.test_images import drawn, encoded

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.no_database


def article_with(page: "Page", files: dict[str, Path]) -> "Locator":
    """The article of the first answer; ``files`` are what the server hands out."""
    stage = KnowledgeStage(talks=[talk_with("What would sending the tent back cost me?")], files=files)
    stage.open(page)
    open_talk(page, stage.talks[0])
    answers = page.get_by_role("complementary", name="Answers")
    expect(answers.locator(".answers-list > .answer")).to_have_count(3)
    page.keyboard.press("o")
    article = answers.get_by_role("article")
    expect(article.locator(".article-files li")).to_have_count(2)
    return article


@pytest.fixture
def seam(tmp_path: Path) -> Path:
    path = tmp_path / "seam.png"
    path.write_bytes(encoded(drawn((300, 200)), "PNG"))
    return path


def test_an_image_stands_small_in_the_article_and_opens_large_by_keyboard(page: "Page", seam: Path) -> None:
    article = article_with(page, {SEAM: seam})

    small = article.get_by_role("button", name="Enlarge seam.png")
    expect(small).to_be_enabled()
    box = small.bounding_box()
    small.press("Enter")
    large = page.get_by_role("dialog").get_by_role("img", name="seam.png")
    expect(large).to_be_visible()

    # What is shown is a copy in the page's memory: the answer itself is a download that no page can run (rule 40).
    assert str(large.get_attribute("src")).startswith("blob:")
    assert large.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [300, 200]
    assert box
    assert (round(box["width"]), round(box["height"])) == (96, 72)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(article).to_be_visible()
    expect(small).to_be_focused()


def test_every_document_is_saved_under_its_name(page: "Page", seam: Path) -> None:
    article = article_with(page, {SEAM: seam})

    with page.expect_download() as saved:
        article.get_by_role("link", name="seam.png").click()

    assert saved.value.suggested_filename == "seam.png"
    expect(article.locator(".article-files img")).to_have_count(1)  # a PDF file is no picture
    expect(article.get_by_role("link", name="terms.pdf")).to_have_attribute("download", "terms.pdf")


def test_an_image_that_is_gone_says_so_and_breaks_nothing(page: "Page") -> None:
    article = article_with(page, {})

    expect(article.get_by_text("This image cannot be shown.")).to_be_visible()
    expect(article.get_by_role("link", name="terms.pdf")).to_be_visible()
