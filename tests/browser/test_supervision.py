"""A supervisor in a real browser: from a number on the wallboard into a conversation, and to its operator."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from chatplatform.demo import PASSWORD
from operators.models import AlertKind, AlertRule, QueueEntry
from tests.browser.inbox import own_row
from tests.browser.test_desk_live import Visitor
from tests.cast import DESK, acme, globex
from tests.chromium import PATIENCE_MS, outside_browser
from tests.conversations.scene import lay_conversation
from tests.desk_people import Colleague, clear_desk, colleague_of, open_all_day, supervisor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.servers import Started, WebServer

expect.set_options(timeout=PATIENCE_MS)

LOOKED_MS = 2 * PATIENCE_MS  # the sweep looks every five seconds, and later when the machine is busy
SEEN = "alert is-seen"


@pytest.fixture
def people(platform_database: None) -> Iterator[tuple[Colleague, Colleague, Colleague]]:
    """Olga and Omar answer for Acme, Sam supervises; nobody else is there, and nothing of other tests waits."""
    opened = open_all_day(acme(), globex())
    opened.__enter__()
    clear_desk()
    yield colleague_of(acme()), colleague_of(acme(), name="Omar"), supervisor()
    with outside_browser():
        clear_desk()
        opened.__exit__(None, None, None)


@pytest.fixture
def short_queue(platform_database: None) -> Iterator[AlertRule]:
    """From the second visitor who waits for Acme, supervisors are told."""
    rule = AlertRule.objects.create(kind=AlertKind.QUEUE_LENGTH, organisation_id=acme().id, threshold=1)
    yield rule
    with outside_browser():
        rule.delete()


def log_in(page: "Page", server: "WebServer", person: Colleague) -> None:
    page.goto(server.url(DESK))
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def at_the_desk(page: "Page", server: "WebServer", person: Colleague) -> None:
    log_in(page, server, person)
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()


def test_a_supervisor_watches_whispers_and_takes_over(
    browser: "Browser",
    page: "Page",
    web_server: "WebServer",
    worker: "Started",
    sweep: "Started",
    people: tuple[Colleague, Colleague, Colleague],
) -> None:
    olga, _, sam = people
    at_the_desk(page, web_server, olga)
    vera = Visitor(web_server, "acme.localhost", "acme-shop")
    vera.write("Is the ridge tent waterproof?")
    own_row(page, "Is the ridge tent waterproof?").click()
    expect(page.get_by_label("Write to the visitor")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.type("It is: 4,000 mm.")
    page.keyboard.press("Enter")
    expect(page.locator(".is-operator .bubble")).to_have_text("It is: 4,000 mm.")

    sams = browser.new_context().new_page()
    sams.set_default_timeout(PATIENCE_MS)
    log_in(sams, web_server, sam)
    held = sams.locator(".operator", has_text="Olga").locator(".number")
    expect(held).to_have_text("1 of 500")
    held.click()
    sams.locator(".drill-line").click()

    expect(sams.get_by_text("You are watching. Olga answers.")).to_be_visible()
    expect(sams.locator(".is-operator .bubble")).to_have_text("It is: 4,000 mm.")
    assert "#watch/acme/" in sams.url
    vera.write("And in a storm?")
    expect(sams.locator(".is-visitor .bubble").last).to_have_text("And in a storm?")

    sams.get_by_label("Whisper to the operator. The visitor does not see it.").fill("Mention the storm lines.")
    sams.keyboard.press("Enter")
    whisper = page.locator(".note.is-whisper")
    expect(whisper.locator("p")).to_have_text("Mention the storm lines.")
    expect(whisper).to_contain_text("Sam")
    expect(sams.locator(".note.is-whisper p")).to_have_text("Mention the storm lines.")

    page.get_by_label("Write to the visitor").fill("In a storm, I wo")
    sams.get_by_role("button", name="Take over").click()
    expect(page.locator(".notice")).to_have_text("Acme Outdoor: a supervisor took it over. Your draft is kept.")
    expect(page.locator("#composer")).to_have_value("In a storm, I wo")
    sams.get_by_label("Write to the visitor").fill("Use all four storm lines.")
    sams.keyboard.press("Enter")
    expect(sams.locator(".is-operator .bubble").last).to_have_text("Use all four storm lines.")

    history = vera.history()
    names = [entry["operator"]["name"] for entry in history if entry["type"] == "conversation.assigned"]
    assert names == ["Olga", "Sam"]
    assert history[-1]["body"] == "Use all four storm lines."
    assert "Mention" not in json.dumps(history)
    sams.context.close()


def test_a_supervisor_gives_a_conversation_to_somebody_with_room(
    browser: "Browser",
    page: "Page",
    web_server: "WebServer",
    worker: "Started",
    sweep: "Started",
    people: tuple[Colleague, Colleague, Colleague],
) -> None:
    olga, omar, sam = people
    at_the_desk(page, web_server, olga)
    vera = Visitor(web_server, "acme.localhost", "acme-shop")
    vera.write("Is it in stock?")
    own_row(page, "Is it in stock?").click()
    page.get_by_label("Write to the visitor").fill("One moment.")
    page.keyboard.press("Enter")
    expect(page.locator(".is-operator .delivery.is-sent")).to_be_visible()
    omars = browser.new_context().new_page()
    at_the_desk(omars, web_server, omar)

    sams = browser.new_context().new_page()
    log_in(sams, web_server, sam)
    sams.locator(".operator", has_text="Olga").locator(".number").click()
    sams.locator(".drill-line").click()
    sams.get_by_role("button", name="Give to…").click()
    choice = sams.locator(".choice-row", has_text="Omar").and_(sams.locator(":enabled"))
    expect(choice).to_contain_text("Available")
    expect(choice).to_contain_text("0 of 500")
    choice.click()

    expect(omars.locator(".row", has_text="One moment.")).to_be_visible()
    expect(sams.get_by_text("You are watching. Omar answers.")).to_be_visible()
    expect(page.locator(".toast", has_text="a supervisor gave it to somebody else")).to_be_visible()
    sams.get_by_role("button", name="Stop watching").click()
    expect(sams.locator(".row")).to_have_count(0)
    omars.context.close()
    sams.context.close()


def test_an_alert_calls_every_supervisor_until_one_sees_to_it(
    page: "Page",
    web_server: "WebServer",
    sweep: "Started",
    people: tuple[Colleague, Colleague, Colleague],
    short_queue: AlertRule,
) -> None:
    _, _, sam = people
    log_in(page, web_server, sam)
    expect(page.get_by_role("heading", name="Wallboard")).to_be_visible()
    at_desk = page.context.new_page()
    at_desk.goto(web_server.url(DESK))
    expect(at_desk.get_by_text("Connected", exact=True)).to_be_visible()

    # Other alerts may be open: of today's turns of other tests, and of how long these two wait on a busy machine.
    alerts = [
        screen.locator(".alert", has_text="Acme Outdoor: more than 1 visitors wait.") for screen in (page, at_desk)
    ]
    with outside_browser():
        waiting = [lay_conversation(acme()) for _ in range(2)]
    for alert in alerts:
        expect(alert).to_be_visible(timeout=LOOKED_MS)
        expect(alert).not_to_have_class(SEEN)
    alerts[0].get_by_role("button", name="I see to it").click()
    for alert in alerts:
        expect(alert).to_have_class(SEEN)
    with outside_browser():
        QueueEntry.objects.filter(pk__in=[one.id for one in waiting]).delete()
    for alert in alerts:
        expect(alert).to_have_count(0, timeout=LOOKED_MS)
