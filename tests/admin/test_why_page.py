"""Why marks are as they are, as managers read it."""

import html
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from conversations.models import Conversation
from ratings.services import build_report
from tenants.context import OrganisationRef, in_organisation
from tests.admin.test_pages import PASSWORD, a_client, page_of, source_of
from tests.cast import client_of, page_and_queries
from tests.ratings.why.crowd import DAYS, START, crowd
from tests.servers import WebServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATH = "/admin/ratings/answer/"
PERIOD = f"?first={START.date()}&last={START.date() + timedelta(days=DAYS - 1)}"


@pytest.fixture(scope="module")
def rated(platform_database: None) -> tuple[OrganisationRef, str]:
    organisation, email = a_client("page-why")
    in_organisation(organisation, crowd, 700)
    return organisation, email


def test_the_page_says_how_sure_it_is_and_names_what_goes_with_marks(rated: tuple[OrganisationRef, str]) -> None:
    page = page_of(*rated, PATH + PERIOD)

    assert re.search(r"\d\.\d n = 700 mean mark out of 10 \(95%: \d\.\d to \d\.\d\)", page)
    assert re.search(
        r"A first reply after 20 s instead of 40 s goes with 1\.\d\d marks more\. 95%: \+1\.\d\d to \+", page
    )
    assert "Points of the article mentioned. Not recorded for these conversations." in page
    assert "1 group with fewer than 10 ratings is withheld (n = 3)." in page
    assert "Conversations to read" in page


def test_nothing_is_said_to_cause_anything(rated: tuple[OrganisationRef, str]) -> None:
    page = page_of(*rated, PATH + PERIOD).replace("need not be cause and effect", "")

    assert not re.search(r"\bcaus|because|\bdue to\b|leads? to", page)


def test_an_address_a_visitor_made_up_is_text(rated: tuple[OrganisationRef, str]) -> None:  # rule 39
    source = source_of(*rated, PATH + PERIOD)

    assert "&lt;img src=x onerror=alert(1)&gt;" in source
    assert "<img src=x" not in source


def test_a_group_narrows_the_page_to_itself_and_keeps_the_period(rated: tuple[OrganisationRef, str]) -> None:
    source = source_of(*rated, PATH + PERIOD)
    (link,) = set(re.findall(r'href="(\?[^"]*topic=returns)"', source))

    narrowed = source_of(*rated, PATH + html.unescape(link))

    returns = re.search(r"topic=returns\">returns</a></th>.*?<td>(\d+)</td></tr>", source, re.DOTALL)
    assert returns is not None
    assert f"n = {returns[1]}</small>" in narrowed
    assert re.search(r'<option value="returns" selected>', narrowed)
    assert f'name="first" value="{START.date()}"' in narrowed
    assert f'<a href="{PERIOD.replace("&", "&amp;")}">All conversations</a>' in narrowed


def test_a_report_leads_to_the_marks_of_its_own_period(rated: tuple[OrganisationRef, str]) -> None:
    organisation, email = rated
    report = in_organisation(organisation, build_report, START.date(), "week")

    source = source_of(organisation, email, f"/admin/ratings/report/{report.pk}/change/")

    assert f'href="{PATH}?first=2026-03-02&amp;last=2026-03-08"' in source


def test_a_wrong_date_is_put_right_and_said(rated: tuple[OrganisationRef, str]) -> None:
    assert "The first day was no date" in page_of(*rated, PATH + "?first=yesterday")
    assert "no date" not in page_of(*rated, PATH + PERIOD)


def test_a_period_without_marks_teaches(rated: tuple[OrganisationRef, str]) -> None:
    page = page_of(*rated, PATH + "?first=2020-01-01&last=2020-01-05")

    assert "No visitor gave a mark in this period" in page
    assert "Conversations to read" not in page


@pytest.mark.parametrize("ratings", [1, 9, 10, 60])
def test_few_ratings_say_what_there_is_and_withhold_the_rest(ratings: int) -> None:
    organisation, email = a_client(f"page-why-{ratings}")
    in_organisation(organisation, crowd, ratings)

    page = page_of(organisation, email, PATH + PERIOD)

    assert (f"Withheld: n = {ratings}, 10 are needed." in page) is (ratings < 10)
    assert (f"n = {ratings} mean mark out of 10" in page) is (ratings >= 10)
    assert (f"100% of {ratings} visitors who were asked gave one" in page) is (ratings >= 10)
    assert not re.search(r"goes with \d", page)
    assert "Not enough data" in page


def test_a_language_that_the_pages_do_not_speak_has_its_name() -> None:
    organisation, email = a_client("page-why-german")

    def half_in_german(organisation: OrganisationRef) -> None:
        crowd(organisation, 40)
        half = list(Conversation.objects.values_list("pk", flat=True)[:20])
        Conversation.objects.filter(pk__in=half).update(language="de")

    in_organisation(organisation, half_in_german)
    page = page_of(organisation, email, PATH + PERIOD)

    assert re.search(r"By language .* German \d\.\d", page)


def test_looking_again_costs_few_queries_whatever_there_is(rated: tuple[OrganisationRef, str]) -> None:
    organisation, email = rated
    client = client_of(f"{organisation.slug}.localhost")
    client.post("/login/", {"username": email, "password": PASSWORD})

    def queries(query: str) -> int:
        client.get(PATH + query)
        return page_and_queries(client, PATH + query)[1]

    assert queries(PERIOD) == queries("?first=2020-01-01&last=2020-01-05")


INSIDE = """svgs => svgs.every(svg => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('circle')].every(one => {
    const dot = one.getBoundingClientRect();
    return dot.left >= box.left - 1 && dot.right <= box.right + 1;
  });
})"""


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_fits_and_its_form_needs_no_script(
    page: "Page", web_server: WebServer, rated: tuple[OrganisationRef, str], width: int
) -> None:
    organisation, email = rated
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(web_server.url(f"{organisation.slug}.localhost", f"/login/?next={quote(PATH + PERIOD)}"))
    page.fill("[name=username]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button-main")
    page.wait_for_selector(".dots-table")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".dots svg circle").count() > 5
    assert page.locator(".dots svg").evaluate_all(INSIDE)
    assert page.locator(".mark-bars rect").count() == 10
    page.select_option(".filter-form [name=purpose]", "problem")
    page.click(".filter-form .button-main")
    page.wait_for_url("**purpose=problem**")
    assert page.locator(".filter-form [name=purpose]").input_value() == "problem"
    assert page.locator(".big small").inner_text() != "n = 700"
