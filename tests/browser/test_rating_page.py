"""The page behind a mailed link, in a real browser against the real server."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import expect

from ratings.models import Answer, Ask, AskSettings, Rating
from ratings.services.mailing import mail_due_asks, rating_message
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme
from tests.chromium import outside_browser
from tests.ratings.test_rating_mails import a_visitor, asked_ago, mails_about

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.servers import WebServer


@pytest.fixture
def link(platform_database: None) -> Iterator[tuple[UUID, str]]:
    """(conversation, the address in the mail)."""

    def set_up(_organisation: OrganisationRef) -> None:
        Ask.objects.all().delete()
        AskSettings.objects.update_or_create(id=1, defaults={"mails": True, "mail_after_days": 1})

    in_organisation(acme(), set_up)
    conversation_id = asked_ago(a_visitor(), timedelta(days=2))
    assert in_organisation(acme(), mail_due_asks) == 1
    [mail] = mails_about(conversation_id)
    written = in_organisation(acme(), rating_message, mail)
    assert written is not None
    found = re.search(r"https?://\S+", str(written.body))
    assert found is not None
    yield conversation_id, found[0]
    with outside_browser():
        in_organisation(acme(), lambda _: AskSettings.objects.all().delete())


def stored(conversation_id: UUID) -> tuple[list[tuple[int, str]], dict[str, int | None]]:
    def read(_organisation: OrganisationRef) -> tuple[list[tuple[int, str]], dict[str, int | None]]:
        marks = Rating.objects.filter(conversation_id=conversation_id).values_list("mark", "comment")
        answers = Answer.objects.filter(ask__conversation_id=conversation_id).values_list("question", "value")
        return list(marks), dict(answers)

    with outside_browser():
        return in_organisation(acme(), read)


def tap(page: "Page", *names: str) -> None:
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()


def test_a_rating_is_given_tap_by_tap_without_logging_in(
    link: tuple[UUID, str], web_server: "WebServer", page: "Page"
) -> None:
    conversation_id, address = link
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(address)
    expect(page.get_by_role("heading", name="About your conversation with Acme Outdoor")).to_be_visible()
    assert "#" not in page.url

    tap(page, "7 out of 10", "As I expected")
    expect(page.get_by_text("Do you trust us to do right by you?")).to_be_visible()
    page.reload()  # the tab finds back, and goes on where the visitor was
    expect(page.get_by_text("Do you trust us to do right by you?")).to_be_visible()
    assert stored(conversation_id) == ([(7, "")], {"expectation": 2})
    tap(page, "Mostly", "Skip", "Yes")
    page.get_by_role("textbox").fill("Kind.")
    tap(page, "Send comment")

    expect(page.get_by_text("You gave 7 out of 10.")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert stored(conversation_id) == (
        [(7, "Kind.")],
        {"expectation": 2, "trust": 4, "ease": None, "solved": 3},
    )
    assert page.context.cookies() == []


def test_what_was_tapped_while_the_line_was_down_goes_out_on_the_next_try(
    link: tuple[UUID, str], web_server: "WebServer", page: "Page"
) -> None:
    conversation_id, address = link
    page.goto(address)
    expect(page.get_by_text("How did we do?")).to_be_visible()

    page.context.set_offline(True)
    tap(page, "7 out of 10")
    expect(page.get_by_role("alert")).to_have_text("Your rating has not arrived.")
    page.context.set_offline(False)
    tap(page, "Try again")

    expect(page.get_by_role("alert")).to_have_count(0)
    assert stored(conversation_id) == ([(7, "")], {})


def test_a_link_that_opens_nothing_says_so(link: tuple[UUID, str], web_server: "WebServer", page: "Page") -> None:
    page.goto(link[1][:-1])

    expect(page.get_by_text("This link no longer works.")).to_be_visible()


def test_the_visitor_stops_such_mails_on_the_page(
    link: tuple[UUID, str], web_server: "WebServer", page: "Page"
) -> None:
    page.goto(link[1])
    tap(page, "Do not mail me about this again")
    expect(page.get_by_text("You will get no more of these mails.")).to_be_visible()

    page.reload()

    expect(page.get_by_text("You will get no more of these mails.")).to_be_visible()
