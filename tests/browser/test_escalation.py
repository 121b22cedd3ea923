"""A question on its way from a visitor over the desk to specialists and back: browsers, sweeps and mails are real."""

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from conversations.models import EscalationStep, Specialist
from operators.models import Clock
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tests.browser.inbox import own_row
from tests.browser.test_desk_live import log_in
from tests.browser.test_widget_live import open_panel, write
from tests.cast import globex
from tests.chromium import outside_browser
from tests.desk_people import Colleague, colleague_of, open_all_day
from tests.mail_server import MailServer, mail_server, token_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page

    from tests.servers import Started, WebServer

# Four browser windows, a sweep and a mail server on what may be a busy machine.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

PHONE = {"width": 360, "height": 640}
SUMMARY = "Has an account with us. Do both parents sign?"


@pytest.fixture(scope="module")
def post_office(platform_database: None) -> Iterator[MailServer]:
    """Where every process of this session sends its mails."""
    with mail_server(int(os.environ["EMAIL_PORT"])) as server:
        yield server


@pytest.fixture
def olga(platform_database: None) -> Iterator[Colleague]:
    """Alone at the desk, which is open whatever the hour."""
    opened = open_all_day(globex())
    opened.__enter__()
    yield colleague_of(globex())
    with outside_browser():
        opened.__exit__(None, None, None)


class Experts:
    """Greta is asked first, Gus substitutes; their addresses are this test's own."""

    def __init__(self) -> None:
        self.greta, self.gus = (f"{name}-{uuid4().hex[:8]}@globex.example" for name in ("greta", "gus"))

    def begin(self, _organisation: OrganisationRef) -> None:
        Specialist.objects.update(is_active=False)
        Specialist.objects.create(name="Greta", email=self.greta, position=1)
        Specialist.objects.create(name="Gus", email=self.gus, position=2)

    def let_time_pass(self, name: str) -> None:
        """The deadline of the step that runs with this specialist is over now."""

        def due(_organisation: OrganisationRef) -> None:
            step = EscalationStep.objects.get(specialist__email=getattr(self, name), ended_at=None)
            now = platform_now()
            assert Clock.objects.filter(pk=step.id).update(warn_at=None, due_at=now, next_at=now) == 1

        with outside_browser():
            in_organisation(globex(), due)

    def asked_long_ago(self) -> None:
        """So that a new link may be asked for."""
        with outside_browser():
            in_organisation(globex(), lambda _: EscalationStep.objects.update(asked_at="2026-01-01T00:00Z"))


@pytest.fixture
def experts(platform_database: None) -> Iterator[Experts]:
    found = Experts()
    in_organisation(globex(), found.begin)
    yield found
    with outside_browser():
        in_organisation(globex(), lambda _: Specialist.objects.update(is_active=False))


class Scene:
    """A visitor at the bank, an operator at the desk, and phones for whoever gets a mail."""

    def __init__(self, browser: "Browser", server: "WebServer", olga: Colleague, post_office: MailServer) -> None:
        self._browser, self._server, self._post_office = browser, server, post_office
        # What an earlier test left behind is offered to this operator as well.
        self.question = f"May my son of twelve have one? ({uuid4().hex[:6]})"
        self._contexts: list[BrowserContext] = []
        self.desk = self._page(1440, 900)
        log_in(self.desk, server, olga)
        self.visitor: FrameLocator = open_panel(self._page(**PHONE), server)

    def _page(self, width: int, height: int) -> "Page":
        context = self._browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        return context.new_page()

    def ask(self) -> None:
        """The visitor's question reaches the operator, who asks whoever comes first."""
        write(self.visitor, self.question)
        own_row(self.desk, self.question).click()
        expect(self.desk.locator(".thread").get_by_text(self.question)).to_be_visible()
        expect(self.desk.get_by_role("button", name="Ask a specialist")).to_be_visible()
        self.desk.keyboard.press("Alt+s")
        self.desk.get_by_label("The question, in one line").fill("A card for a child")
        self.desk.get_by_label("What the specialist should know").fill(SUMMARY)
        self.desk.get_by_role("button", name="Ask", exact=True).click()
        expect(self.visitor.get_by_text("We asked our specialist Greta to look at your question.")).to_be_visible()

    def link(self, recipient: str, count: int = 1) -> str:
        mail = self._post_office.wait_for(count, recipient)[-1]
        return f"{self._server.url('globex.localhost', '/specialist/')}#{token_in(mail)}"

    def phone(self, link: str) -> "Page":
        page = self._page(**PHONE)
        page.goto(link)
        page.get_by_role("button", name="Open the conversation").click()
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def scene(
    browser: "Browser",
    web_server: "WebServer",
    sweep: "Started",
    olga: Colleague,
    experts: Experts,
    post_office: MailServer,
) -> Iterator[Scene]:
    opened = Scene(browser, web_server, olga, post_office)
    yield opened
    opened.close()


def answer(phone: "Page", text: str) -> None:
    phone.get_by_role("button", name="Accept").click()
    phone.get_by_label("Your answer to the visitor").fill(text)
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone.locator(".mine .bubble")).to_have_text(text)


def test_a_specialist_accepts_and_answers_on_a_phone(scene: Scene, experts: Experts) -> None:
    scene.ask()
    state = scene.desk.get_by_role("region", name="With a specialist")
    expect(state).to_contain_text("Greta was asked")

    phone = scene.phone(scene.link(experts.greta))
    expect(phone.get_by_text(SUMMARY)).to_be_visible()
    expect(phone.get_by_text(scene.question)).to_be_visible()
    phone.get_by_role("button", name="Accept").click()
    expect(scene.visitor.get_by_text(re.compile("^Greta is looking at your question and answers by"))).to_be_visible()
    expect(state).to_contain_text("Greta has accepted")
    phone.get_by_label("Your answer to the visitor").fill("Yes. Both parents sign.")
    phone.get_by_role("button", name="Send", exact=True).click()

    expect(scene.visitor.locator(".message-specialist .bubble")).to_have_text("Yes. Both parents sign.")
    expect(scene.visitor.locator(".message-specialist .tag")).to_have_text("Specialist")
    expect(scene.desk.locator(".is-specialist .bubble")).to_have_text("Yes. Both parents sign.")
    write(scene.visitor, "Thank you! And a picture?")
    expect(phone.get_by_text("Thank you! And a picture?")).to_be_visible()
    phone.get_by_role("button", name="This is all").click()
    expect(phone.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(scene.desk.get_by_text("Greta has answered. You go on.")).to_be_visible()
    expect(state).to_have_count(0)


def test_a_declined_question_goes_to_the_substitute(scene: Scene, experts: Experts) -> None:
    scene.ask()

    phone = scene.phone(scene.link(experts.greta))
    phone.get_by_role("button", name="Decline").click()
    phone.get_by_label("A note for the desk").fill("On holiday until Monday.")
    phone.get_by_role("button", name="Decline the question").click()
    expect(phone.get_by_role("heading", name="Thank you for telling us")).to_be_visible()

    expect(scene.visitor.get_by_text("We asked our specialist Gus to look at your question.")).to_be_visible()
    expect(scene.desk.locator(".note p")).to_have_text("On holiday until Monday.")
    expect(scene.desk.get_by_text("Greta has declined.")).to_be_visible()
    answer(scene.phone(scene.link(experts.gus)), "Both parents sign.")
    expect(scene.visitor.locator(".message-specialist .bubble")).to_have_text("Both parents sign.")
    expect(scene.visitor.get_by_text("On holiday until Monday.")).to_have_count(0)


def test_when_nobody_reacts_the_question_comes_back_to_the_desk(scene: Scene, experts: Experts) -> None:
    scene.ask()
    phone = scene.phone(scene.link(experts.greta))
    expect(phone.get_by_text(SUMMARY)).to_be_visible()

    experts.let_time_pass("greta")
    expect(scene.visitor.get_by_text("We asked our specialist Gus to look at your question.")).to_be_visible()
    expect(phone.get_by_role("heading", name="This question is no longer with you")).to_be_visible()
    expect(phone.get_by_text(scene.question)).to_have_count(0)
    experts.let_time_pass("gus")

    expect(scene.desk.get_by_text("No specialist answers. The question is yours again.")).to_be_visible()
    expect(scene.visitor.get_by_text("We go on with your question here.")).to_be_visible()
    scene.desk.locator("#composer").fill("I have found out: both parents sign.")
    scene.desk.keyboard.press("Enter")
    expect(scene.visitor.get_by_text("I have found out: both parents sign.")).to_be_visible()


def test_a_link_that_somebody_else_opens_shows_nothing_and_a_new_one_shuts_the_old_browser(
    scene: Scene, experts: Experts
) -> None:
    # rules 17, 36
    scene.ask()
    link = scene.link(experts.greta)
    phone = scene.phone(link)
    expect(phone.get_by_text(SUMMARY)).to_be_visible()

    somebody = scene.phone(link)
    guess = scene.phone(link[:-3])
    for page in (somebody, guess):
        expect(page.get_by_role("heading", name="This link opens nothing")).to_be_visible()
    assert somebody.locator("main").inner_text() == guess.locator("main").inner_text()
    experts.asked_long_ago()
    somebody.get_by_role("button", name="Ask for a new link").click()
    expect(somebody.get_by_text("If the question is still open, a new link is on its way")).to_be_visible()

    renewed = scene.phone(scene.link(experts.greta, count=2))
    expect(renewed.get_by_text(SUMMARY)).to_be_visible()
    expect(phone.get_by_role("heading", name="This question is no longer with you")).to_be_visible()
    answer(renewed, "Both parents sign.")
    expect(scene.visitor.locator(".message-specialist .bubble")).to_have_text("Both parents sign.")
