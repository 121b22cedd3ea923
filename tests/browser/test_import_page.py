"""The manager's import page in a real browser, at a desk and on a phone: a file, what it would change, confirmed."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from chatplatform.demo import PASSWORD
from knowledgebase.models import Article
from tenants.context import in_organisation
from tests.cast import acme
from tests.chromium import PATIENCE_MS, outside_browser
from tests.knowledgebase.shelf import lay_article, shelf_cleared

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.servers import WebServer

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def laid(platform_database: None) -> Iterator[Article]:
    with ExitStack() as cleared:
        cleared.enter_context(shelf_cleared(acme()))
        yield lay_article(acme())
        with outside_browser():
            cleared.close()


@pytest.mark.parametrize("width", [1440, 360])
def test_a_manager_chooses_a_file_looks_and_confirms(
    page: "Page", web_server: "WebServer", laid: Article, tmp_path: Path, width: int
) -> None:
    slug = f"browser-{uuid4().hex[:12]}"
    table = tmp_path / "our questions.csv"
    table.write_text(
        f"slug,title,short_reply\n{laid.slug},Returning something,You can return it within 60 days.\n"
        f'{slug},Is the tent waterproof?,"Yes, {{u|je}} stays dry up to 3,000 mm."\n'
    )
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(web_server.url("acme.localhost", "/login/?next=/admin/knowledgebase/revision/"))
    page.get_by_label("E-mail address").fill("maud@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    page.get_by_label("File", exact=True).set_input_files(table)
    page.get_by_role("button", name="See what would change").click()

    expect(page.locator("del")).to_have_text("30")
    expect(page.locator("ins")).to_have_text("60")
    page.locator("summary", has_text="Is the tent waterproof?").click()
    expect(page.get_by_text("stays dry up to 3,000 mm.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_role("button", name="Import", exact=True).click()

    expect(page.get_by_text("Imported: 1 new article, 1 changed.")).to_be_visible()
    with outside_browser():
        assert in_organisation(acme(), lambda _: Article.objects.get(slug=slug).state) == Article.State.DRAFT
