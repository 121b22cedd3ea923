"""Gaps, feedback and coverage on the organisation's site: what is shown, what a click does, and the way back."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledgebase import suggesting
from knowledgebase.content import TextContent
from knowledgebase.models import Article, Feedback, Gap, UnansweredTurn
from knowledgebase.services.articles import retire
from knowledgebase.services.gaps import Turn, flag_turn, group_turns, keep_turns
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord, Membership
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import client_of
from tests.chromium import outside_browser
from tests.knowledgebase.shelf import MAUD, lay_article
from tests.servers import WebServer

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Page

PASSWORD = "correct horse battery"
GAPS, FEEDBACK, COVERAGE = (f"/admin/knowledgebase/{name}/" for name in ("gap", "feedback", "suggested"))
QUESTION = "Do you engrave knives?"
PARKING = "Is there parking near the store?"
ANSWER = "We engrave every knife for € 5; it takes two days longer then."


@cache
def made(slug: str) -> OrganisationRef:
    organisation = create_organisation(NewOrganisation(slug=slug, name=slug.title(), host=f"{slug}.localhost"))
    create_account(f"manager@{slug}.example", "Mia", PASSWORD, memberships=[(organisation, Membership.Role.MANAGER)])
    return organisation


@pytest.fixture
def shop() -> Iterator[OrganisationRef]:
    """An organisation of these tests, without gaps and articles."""
    organisation = made("gap-pages")
    in_organisation(organisation, _emptied)
    yield organisation
    in_organisation(organisation, _emptied)


def _emptied(organisation: OrganisationRef) -> None:
    for model in (UnansweredTurn, Gap, Feedback, Article):
        model.objects.all().delete()
    AuditRecord.objects.filter(organisation_id=organisation.id).delete()


def manager_of(organisation: OrganisationRef) -> "Client":
    client = client_of(f"{organisation.slug}.localhost")
    client.post("/login/", {"username": f"manager@{organisation.slug}.example", "password": PASSWORD})
    return client


def lay_gap(organisation: OrganisationRef, *questions: str, flagged: bool = False) -> Gap:
    """Asked yesterday, and answered."""

    def lay(organisation: OrganisationRef) -> Gap:
        for question in questions:
            turn = Turn(
                conversation_id=uuid4(),
                seq=1,
                language="en",
                question=question,
                answer=ANSWER,
                at=platform_now() - timedelta(days=1),
            )
            keep_turns(organisation, [turn])
            if flagged:
                flag_turn(organisation, turn, uuid4())
        group_turns(organisation)
        return Gap.objects.filter(turns__question=questions[-1]).get()

    return in_organisation(organisation, lay)


def now_of(organisation: OrganisationRef, gap: Gap) -> Gap:
    return in_organisation(organisation, lambda _: Gap.objects.get(pk=gap.pk))


def words(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


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


def test_the_list_compares_the_last_two_weeks(shop: OrganisationRef, django_assert_num_queries: Any) -> None:
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
    client.get(GAPS)
    with CaptureQueriesContext(connection) as alone:
        client.get(GAPS)
    in_organisation(shop, lay)

    with django_assert_num_queries(len(alone)):
        page = client.get(GAPS).content.decode()

    shown = re.findall(r'class="[^"]*field-trend[^"]*"[^>]*>(.*?)</td>', page, re.S)
    assert sorted(re.sub(r"<[^>]+>", "", one).strip() for one in shown) == sorted([*trends.values(), "1 ↑"])
    assert page.count('aria-label="5 in the last 7 days, 2 in the 7 days before"') == 1


@pytest.mark.parametrize(
    "step", ["draft", "assign", "dismiss", "bring-back", "merge", "take-out", "answer", "take-article-off"]
)
def test_anothers_gap_is_like_one_that_does_not_exist(shop: OrganisationRef, step: str) -> None:  # rule 17
    gap = lay_gap(shop, QUESTION)
    elsewhere = made("gap-pages-other")
    own, article = lay_gap(elsewhere, QUESTION), lay_article(elsewhere)
    other = manager_of(elsewhere)
    data = {"into": str(own.pk), "article": str(article.pk)}

    answers = [other.post(f"{GAPS}{id_}/{step}/", data).status_code for id_ in (gap.pk, uuid4())]
    named = [other.post(f"{GAPS}{own.pk}/merge/", {"into": str(id_)}).status_code for id_ in (gap.pk, uuid4())]

    assert (answers, named) == ([404, 404], [404, 404])
    assert [(one.state, one.article_id) for one in (now_of(shop, gap), now_of(elsewhere, own))] == [("open", None)] * 2
    in_organisation(elsewhere, _emptied)


def test_anothers_article_answers_nothing(shop: OrganisationRef) -> None:  # rule 17
    gap, article = lay_gap(shop, QUESTION), lay_article(made("gap-pages-other"))
    client = manager_of(shop)

    answers = [
        client.post(f"{GAPS}{gap.pk}/answer/", {"article": str(id_)}).status_code for id_ in (article.pk, uuid4())
    ]

    assert answers == [404, 404]
    assert (now_of(shop, gap).state, now_of(shop, gap).article_id) == ("open", None)
    in_organisation(made("gap-pages-other"), _emptied)


def test_others_gaps_cannot_be_chosen_in_the_list(shop: OrganisationRef) -> None:  # rule 17
    gaps = [lay_gap(shop, QUESTION), lay_gap(shop, PARKING)]
    other = manager_of(made("gap-pages-other"))

    other.post(GAPS, {"action": "merge_selected", "_selected_action": [str(gap.pk) for gap in gaps]})

    assert [now_of(shop, gap).state for gap in gaps] == ["open", "open"]


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
        in_organisation(shop, _emptied)
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
        in_organisation(shop, _emptied)


def test_in_the_browser_chosen_gaps_are_merged(web_server: WebServer, page: "Page") -> None:
    with outside_browser():
        shop = made("gap-pages")
        in_organisation(shop, _emptied)
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
        in_organisation(shop, _emptied)


def log_in(page: "Page", web_server: WebServer, shop: OrganisationRef) -> None:
    """The list of gaps is open then."""
    page.goto(web_server.url(f"{shop.slug}.localhost", GAPS))
    page.fill("[name=username]", f"manager@{shop.slug}.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button-main")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_in_the_browser_a_gap_becomes_an_article(web_server: WebServer, page: "Page", width: int, scheme: str) -> None:
    with outside_browser():
        shop = made("gap-pages")
        in_organisation(shop, _emptied)
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
        in_organisation(shop, _emptied)
