"""Merging gaps and choosing an article that is there, on the organisation's site, and how the list compares weeks."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from knowledgebase import suggesting
from knowledgebase.content import TextContent
from knowledgebase.models import Gap, UnansweredTurn
from knowledgebase.services.articles import retire
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tests.admin.gaps_stage import GAPS, PARKING, QUESTION, emptied, lay_gap, log_in, made, manager_of, now_of, words
from tests.cast import page_and_queries
from tests.chromium import outside_browser
from tests.knowledgebase.shelf import MAUD, lay_article
from tests.servers import WebServer

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def shop() -> Iterator[OrganisationRef]:
    """An organisation of these tests, without gaps and articles."""
    organisation = made("gap-choices")
    in_organisation(organisation, emptied)
    yield organisation
    in_organisation(organisation, emptied)


def test_chosen_gaps_become_the_most_asked_one_and_are_taken_out_again(shop: OrganisationRef) -> None:
    gap = lay_gap(shop, QUESTION, "Is engraving knives possible?")
    other = lay_gap(shop, PARKING)
    client = manager_of(shop)

    response = client.post(GAPS, {"action": "merge_selected", "_selected_action": [str(other.pk), str(gap.pk)]})
    assert response["Location"] == f"{GAPS}{gap.pk}/change/"
    shown = words(client.get(response["Location"]))
    assert "1 gap was merged into this one." in shown
    assert "Asked 3 times" in shown
    assert f"Merged into this one {PARKING}" in shown
    assert PARKING not in words(client.get(GAPS))
    assert PARKING in words(client.get(GAPS, {"standing": "merged"}))
    assert "This gap belongs to:" in words(client.get(f"{GAPS}{other.pk}/change/"))
    client.post(f"{GAPS}{other.pk}/take-out/")

    assert [(now_of(shop, one).state, now_of(shop, one).times) for one in (gap, other)] == [("open", 2), ("open", 1)]
    assert PARKING in words(client.get(GAPS))


def test_one_gap_or_two_languages_are_not_merged(shop: OrganisationRef) -> None:
    gap = lay_gap(shop, QUESTION)
    other = lay_gap(shop, PARKING)
    in_organisation(shop, lambda _: Gap.objects.filter(pk=other.pk).update(language="nl"))
    client = manager_of(shop)

    for chosen in ([gap.pk], [gap.pk, other.pk]):
        data = {"action": "merge_selected", "_selected_action": [str(one) for one in chosen]}
        assert "Nothing changed." in words(client.post(GAPS, data, follow=True))
    assert "Nothing changed." in words(client.post(f"{GAPS}{gap.pk}/merge/", {"into": str(other.pk)}, follow=True))

    assert [now_of(shop, one).state for one in (gap, other)] == ["open", "open"]
    assert [now_of(shop, one).times for one in (gap, other)] == [1, 1]


def test_the_page_offers_what_asks_most_alike(shop: OrganisationRef) -> None:
    gap = lay_gap(shop, QUESTION)
    other = lay_gap(shop, "Could knives of my aunt have their handles sharpened, painted and polished?")
    lay_gap(shop, PARKING)
    client = manager_of(shop)
    path = f"{GAPS}{other.pk}/"

    page = client.get(f"{path}change/").content.decode()
    assert re.findall(r'name="into" value="([^"]+)"', page) == [str(gap.pk)]
    assert client.get(f"{path}merge/", {"into": str(gap.pk)}).status_code == 302
    assert now_of(shop, other).state == "open"
    response = client.post(f"{path}merge/", {"into": str(gap.pk)})

    assert response["Location"] == f"{GAPS}{gap.pk}/change/"
    assert now_of(shop, other).merged_into_id == gap.pk


def test_an_article_that_is_there_is_chosen_and_taken_off_again(
    shop: OrganisationRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggesting, "LOOK_EVERY_SECONDS", 0)
    gap = lay_gap(shop, QUESTION)
    found = lay_article(shop, texts={"en": TextContent("Engraving <b>knives</b>", "Yes.")}, variants={})
    draft = lay_article(shop, texts={"en": TextContent("Opening hours", "Nine.")}, variants={}, is_live=False)
    retired = lay_article(shop, texts={"en": TextContent("Old", "Old.")}, variants={})
    in_organisation(shop, lambda _: retire(MAUD, retired.pk))
    client = manager_of(shop)
    path = f"{GAPS}{gap.pk}/"

    page = client.get(f"{path}change/").content.decode()
    assert re.findall(r'name="article" value="([^"]+)"', page) == [str(found.pk)]
    assert set(re.findall(r'<option value="([0-9a-f-]{36})"', page)) >= {str(found.pk), str(draft.pk)}
    assert str(retired.pk) not in page
    assert "Engraving &lt;b&gt;knives" in page  # rule 39
    assert client.get(f"{path}answer/", {"article": str(found.pk)}).status_code == 302
    assert [client.post(f"{path}answer/", {"article": one}).status_code for one in ("", str(retired.pk))] == [404, 404]
    assert now_of(shop, gap).article_id is None
    shown = words(client.post(f"{path}answer/", {"article": str(found.pk)}, follow=True))

    assert "Open the article" in shown
    assert "Engraving &lt;b&gt;knives" in shown
    assert now_of(shop, gap).article_id == found.pk
    assert "An article answers this already" in words(client.post(f"{path}take-article-off/", follow=True))
    assert now_of(shop, gap).article_id is None
    assert in_organisation(shop, lambda _: found.variants.count()) == 0


def test_the_list_compares_the_last_two_weeks(shop: OrganisationRef) -> None:
    trends = {
        (5, 2): "5 ↑",
        (1, 4): "1 ↓",
        (3, 3): "3 →",
        (0, 1): "0 ↓",
        (0, 0): "–",
    }

    def lay(_organisation: OrganisationRef) -> None:
        now = platform_now()
        for recent, before in trends:
            gap = Gap.objects.create(language="en", question="Asked", times=9, first_at=now, last_at=now)
            ages = [timedelta(days=6, hours=23)] * recent + [timedelta(days=7, hours=1)] * before
            for age in (*ages, timedelta(days=14, hours=1)):
                UnansweredTurn.objects.create(
                    conversation_id=uuid4(),
                    seq=1,
                    language="en",
                    question="Asked",
                    is_flagged=True,
                    gap=gap,
                    at=now - age,
                )

    client = manager_of(shop)
    lay_gap(shop, QUESTION)
    _page, alone = page_and_queries(client, GAPS)
    in_organisation(shop, lay)

    page, queries = page_and_queries(client, GAPS)

    assert queries == alone
    shown = re.findall(r'class="[^"]*field-trend[^"]*"[^>]*>(.*?)</td>', page, re.S)
    assert sorted(re.sub(r"<[^>]+>", "", one).strip() for one in shown) == sorted([*trends.values(), "1 ↑"])
    assert page.count('aria-label="5 in the last 7 days, 2 in the 7 days before"') == 1


@pytest.mark.parametrize(
    "step", ["draft", "assign", "dismiss", "bring-back", "merge", "take-out", "answer", "take-article-off"]
)
def test_anothers_gap_is_like_one_that_does_not_exist(shop: OrganisationRef, step: str) -> None:  # rule 17
    gap = lay_gap(shop, QUESTION)
    elsewhere = made("gap-choices-other")
    own, article = lay_gap(elsewhere, QUESTION), lay_article(elsewhere)
    other = manager_of(elsewhere)
    data = {"into": str(own.pk), "article": str(article.pk)}

    answers = [other.post(f"{GAPS}{id_}/{step}/", data).status_code for id_ in (gap.pk, uuid4())]
    named = [other.post(f"{GAPS}{own.pk}/merge/", {"into": str(id_)}).status_code for id_ in (gap.pk, uuid4())]

    assert (answers, named) == ([404, 404], [404, 404])
    assert [(one.state, one.article_id) for one in (now_of(shop, gap), now_of(elsewhere, own))] == [("open", None)] * 2
    in_organisation(elsewhere, emptied)


def test_anothers_article_answers_nothing(shop: OrganisationRef) -> None:  # rule 17
    gap, article = lay_gap(shop, QUESTION), lay_article(made("gap-choices-other"))
    client = manager_of(shop)

    answers = [
        client.post(f"{GAPS}{gap.pk}/answer/", {"article": str(id_)}).status_code for id_ in (article.pk, uuid4())
    ]

    assert answers == [404, 404]
    assert (now_of(shop, gap).state, now_of(shop, gap).article_id) == ("open", None)
    in_organisation(made("gap-choices-other"), emptied)


def test_others_gaps_cannot_be_chosen_in_the_list(shop: OrganisationRef) -> None:  # rule 17
    gaps = [lay_gap(shop, QUESTION), lay_gap(shop, PARKING)]
    other = manager_of(made("gap-choices-other"))

    other.post(GAPS, {"action": "merge_selected", "_selected_action": [str(gap.pk) for gap in gaps]})

    assert [now_of(shop, gap).state for gap in gaps] == ["open", "open"]


def test_in_the_browser_chosen_gaps_are_merged(web_server: WebServer, page: "Page") -> None:
    with outside_browser():
        shop = made("gap-choices")
        in_organisation(shop, emptied)
        gap, other = lay_gap(shop, QUESTION, "Is engraving knives possible?"), lay_gap(shop, PARKING)
    page.set_viewport_size({"width": 1440, "height": 900})
    log_in(page, web_server, shop)

    page.get_by_role("link", name=PARKING).wait_for()
    page.wait_for_load_state()
    for box in page.locator("#result_list tbody input[type=checkbox]").all():
        box.check()
    page.locator("select[name=action]").select_option("merge_selected")
    page.locator("#changelist-actions button[name=index]").click()
    page.get_by_role("button", name=f"Take out “{PARKING}”").wait_for()

    with outside_browser():
        assert [now_of(shop, one).times for one in (gap, other)] == [3, 1]
        assert now_of(shop, other).merged_into_id == gap.pk
        in_organisation(shop, emptied)
