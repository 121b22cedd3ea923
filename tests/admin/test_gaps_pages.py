"""Gaps, feedback and coverage on the organisation's site: what is shown, what a click does, and the way back."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from knowledgebase.models import Article, Feedback, Gap
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord, Membership
from tests.admin.gaps_stage import (
    ANSWER,
    COVERAGE,
    FEEDBACK,
    GAPS,
    QUESTION,
    emptied,
    lay_gap,
    log_in,
    made,
    manager_of,
    now_of,
    words,
)
from tests.chromium import outside_browser
from tests.knowledgebase.shelf import lay_article
from tests.servers import WebServer

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def shop() -> Iterator[OrganisationRef]:
    """An organisation of these tests, without gaps and articles."""
    organisation = made("gap-pages")
    in_organisation(organisation, emptied)
    yield organisation
    in_organisation(organisation, emptied)


def test_an_empty_list_teaches(shop: OrganisationRef) -> None:
    client = manager_of(shop)

    assert "One click makes a draft article of it." in words(client.get(GAPS))
    assert "its owner gets a mail" in words(client.get(FEEDBACK))
    assert "No article was suggested yet" in words(client.get(COVERAGE))


def test_what_operators_flagged_stands_first_then_what_was_asked_most(shop: OrganisationRef) -> None:
    lay_gap(shop, "Is there parking near the store?", "Is there parking at your store?")
    lay_gap(shop, QUESTION, flagged=True)

    shown = words(manager_of(shop).get(GAPS))

    assert shown.index(QUESTION) < shown.index("Is there parking")


def test_a_gap_shows_what_was_asked_and_answered(shop: OrganisationRef) -> None:
    gap = lay_gap(shop, QUESTION, f"{QUESTION} <b>really</b>")

    response = manager_of(shop).get(f"{GAPS}{gap.pk}/change/")

    assert "Asked 2 times" in words(response)
    assert ANSWER in words(response)
    assert "<b>really" not in response.content.decode()  # rule 39


def test_one_click_makes_the_draft_and_opens_it(shop: OrganisationRef) -> None:
    gap = lay_gap(shop, QUESTION)
    client = manager_of(shop)

    assert client.get(f"{GAPS}{gap.pk}/draft/").status_code == 302
    assert now_of(shop, gap).article_id is None
    response = client.post(f"{GAPS}{gap.pk}/draft/")

    article_id = now_of(shop, gap).article_id
    assert response["Location"] == f"/admin/knowledgebase/article/{article_id}/change/"
    assert QUESTION in words(client.get(response["Location"]))
    assert "Open the draft" in words(client.get(f"{GAPS}{gap.pk}/change/"))


def test_a_manager_says_who_answers_and_by_when(shop: OrganisationRef) -> None:
    gap = lay_gap(shop, QUESTION)
    client = manager_of(shop)
    manager = Membership.objects.get(organisation_id=shop.id)

    client.post(f"{GAPS}{gap.pk}/assign/", {"owner": str(manager.user_id), "answer_by": "2020-02-01"})
    stored = now_of(shop, gap)
    client.post(f"{GAPS}{gap.pk}/assign/", {"owner": str(uuid4()), "answer_by": "2031-02-01"})
    client.post(f"{GAPS}{gap.pk}/assign/", {"owner": str(manager.user_id), "answer_by": "tomorrow"})

    assert (stored.owner_id, stored.owner_name, str(stored.answer_by)) == (manager.user_id, "Mia", "2020-02-01")
    assert str(now_of(shop, gap).answer_by) == "2020-02-01"
    assert "2020-02-01 late" in words(client.get(GAPS))


def test_what_is_put_aside_leaves_the_list_and_comes_back(shop: OrganisationRef) -> None:
    gap = lay_gap(shop, QUESTION)
    client = manager_of(shop)

    shown = words(client.post(f"{GAPS}{gap.pk}/dismiss/", follow=True))
    assert "Undo" in shown
    assert QUESTION not in words(client.get(GAPS))
    assert QUESTION in words(client.get(GAPS, {"standing": "dismissed"}))
    client.post(f"{GAPS}{gap.pk}/bring-back/")

    assert now_of(shop, gap).state == Gap.State.OPEN
    records = AuditRecord.objects.filter(organisation_id=shop.id, subject_id=str(gap.pk)).order_by("at", "id")
    assert [one.action for one in records] == ["gap.dismissed", "gap.brought_back"]


def test_a_report_on_an_article_is_settled_and_opened_again(shop: OrganisationRef) -> None:
    article = lay_article(shop)
    report = in_organisation(
        shop,
        lambda _: Feedback.objects.create(
            article=article, cid=uuid4(), kind="wrong", note="It is <i>40</i> days", version=1, operator_name="Olga"
        ),
    )
    client = manager_of(shop)

    assert "It is &lt;i&gt;40&lt;/i&gt; days" in client.get(FEEDBACK).content.decode()
    shown = words(client.post(f"{FEEDBACK}{report.pk}/settle/", follow=True))
    assert "Settled by Mia" in shown
    assert "Nothing to settle" in words(client.get(FEEDBACK))
    assert "Returning something" in words(client.get(FEEDBACK, {"what": "settled"}))
    client.post(f"{FEEDBACK}{report.pk}/reopen/")

    assert "Returning something" in words(client.get(FEEDBACK))
    assert client.post(f"{FEEDBACK}{uuid4()}/settle/").status_code == 404


def test_coverage_counts_what_waits(shop: OrganisationRef) -> None:
    lay_gap(shop, QUESTION, flagged=True)
    lay_article(shop)

    shown = words(manager_of(shop).get(COVERAGE))

    assert "Gaps to be answered 1 1 flagged by an operator" in shown
    assert "of 1 live article" in shown


def test_in_the_browser_nothing_runs_through_an_empty_list(web_server: WebServer, page: "Page") -> None:
    with outside_browser():
        shop = made("gap-pages")
        in_organisation(shop, emptied)
    page.set_viewport_size({"width": 1440, "height": 900})
    log_in(page, web_server, shop)
    page.locator(".teach").wait_for()

    def frame() -> str:
        """Of what stands above the list: search and filters."""
        width: str = page.evaluate(
            "getComputedStyle(document.querySelector('#changelist-form').previousElementSibling).borderBottomWidth"
        )
        return width

    assert frame() == "0px"
    with outside_browser():
        lay_gap(shop, QUESTION)
    page.reload()
    assert frame() == "1px"
    with outside_browser():
        in_organisation(shop, emptied)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_in_the_browser_a_gap_becomes_an_article(web_server: WebServer, page: "Page", width: int, scheme: str) -> None:
    with outside_browser():
        shop = made("gap-pages")
        in_organisation(shop, emptied)
        gap = lay_gap(shop, QUESTION, "Is engraving knives possible?")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    log_in(page, web_server, shop)

    page.get_by_role("link", name=re.compile("engrav")).click()
    page.get_by_role("button", name="Make a draft article").wait_for()
    page.evaluate("document.fonts.ready.then(() => true)")  # before that icons are words
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Make a draft article").click()
    page.wait_for_url(re.compile("/knowledgebase/article/"))

    with outside_browser():
        article = in_organisation(shop, lambda _: Article.objects.get())
        assert now_of(shop, gap).article_id == article.pk
    assert str(article.pk) in page.url
    assert ANSWER in [box.input_value() for box in page.locator("textarea").all()]
    page.goto(web_server.url(f"{shop.slug}.localhost", COVERAGE))
    page.locator("#waits-title").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    with outside_browser():
        in_organisation(shop, emptied)
