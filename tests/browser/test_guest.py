"""A specialist behind a mailed link, on a phone-sized screen, against the real server."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import expect

from conversations.guest_tokens import PAGE_PATH, link_token
from conversations.models import Conversation, EscalationStep, Specialist
from conversations.services.escalating import escalate_conversation, withdraw_escalation
from operators.selectors import OperatorRef
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme, globex
from tests.chromium import outside_browser
from tests.conversations.scene import (
    append,
    asked,
    desk_entries_of,
    dismiss_operators,
    entries_of,
    hire_operator,
    lay_conversation,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.servers import WebServer

PHONE = {"width": 360, "height": 640}
HOST = "globex.localhost"
SUMMARY = "The son is 12 and has an account with us.\nIs a <b>letter</b> from both parents needed?"


@dataclass(frozen=True, slots=True)
class Question:
    """What Greta of Globex, whose desk never closes, was asked."""

    conversation: Conversation
    operator: OperatorRef
    escalation: UUID
    step: EscalationStep
    token: str

    def bodies(self) -> list[tuple[str, str]]:
        with outside_browser():
            entries = entries_of(globex(), self.conversation.id)
        return [(entry.sender_kind, entry.body) for entry in entries if entry.kind == "message.sent"]

    def kinds(self) -> list[str]:
        with outside_browser():
            return [entry.kind for entry in entries_of(globex(), self.conversation.id)]

    def outcome(self) -> str:
        with outside_browser():
            return in_organisation(globex(), lambda _: EscalationStep.objects.get(pk=self.step.id).outcome)


@pytest.fixture
def question(platform_database: None) -> Iterator[Question]:
    def hire_greta(_organisation: OrganisationRef) -> Specialist:
        Specialist.objects.update(is_active=False)
        return Specialist.objects.create(name="Greta", email=f"greta-{uuid4().hex[:8]}@globex.example")

    def step_of(_organisation: OrganisationRef) -> EscalationStep:
        return EscalationStep.objects.get(escalation__conversation=conversation)

    operator = hire_operator(globex())
    greta = in_organisation(globex(), hire_greta)
    conversation = lay_conversation(globex(), operator=operator)
    append(globex(), asked(conversation, "How do I get a card for my son?"))
    escalated = in_organisation(
        globex(),
        escalate_conversation,
        operator,
        conversation.id,
        uuid4(),
        specialist_id=greta.id,
        topic="card",
        reason="A card for a child",
        summary=SUMMARY,
    )
    step = in_organisation(globex(), step_of)
    token = link_token(globex().schema_name, step.id, step.link_number)
    yield Question(conversation, operator, escalated.id, step, token)
    with outside_browser():
        in_organisation(globex(), lambda _: Specialist.objects.update(is_active=False))
        dismiss_operators([operator.id])


def address(server: "WebServer", token: str, host: str = HOST) -> str:
    return f"{server.url(host).rstrip('/')}{PAGE_PATH}#{token}"


def open_question(page: "Page", server: "WebServer", token: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(address(server, token))
    page.get_by_role("button", name="Open the conversation").click()
    expect(page.get_by_role("heading", name="A question for Greta")).to_be_focused()


def test_nothing_of_the_question_is_there_before_the_click_and_the_token_is_in_no_address(
    page: "Page", web_server: "WebServer", question: Question
) -> None:
    # rule 36
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(address(web_server, question.token))
    expect(page.get_by_role("heading", name="Globex Bank asks for your advice")).to_be_focused()
    page.wait_for_timeout(300)
    assert not [one for one in requested if "/api/" in one]
    assert "child" not in page.content()

    page.get_by_role("button", name="Open the conversation").click()

    expect(page.get_by_text("A card for a child")).to_be_visible()
    assert all(question.token not in one for one in requested if "#" not in one)
    assert "#" not in page.url


def test_it_is_accepted_and_answered_and_goes_back_to_the_desk(
    page: "Page", web_server: "WebServer", question: Question
) -> None:
    open_question(page, web_server, question.token)
    expect(page.get_by_text("Is a <b>letter</b> from both parents needed?")).to_be_visible()
    expect(page.get_by_text("How do I get a card for my son?")).to_be_visible()
    expect(page.locator(".deadline")).to_contain_text("Please accept by")

    page.get_by_role("button", name="Accept").press("Enter")
    expect(page.get_by_label("Your answer to the visitor")).to_be_focused()
    expect(page.locator(".deadline")).to_contain_text("Please answer by")
    expect(page.locator(".deadline")).to_contain_text("in 3 hours")
    page.get_by_label("Your answer to the visitor").fill("Both parents sign,\nand that is all.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".mine .bubble")).to_have_text("Both parents sign,and that is all.")
    expect(page.get_by_text("Your answer has been sent.")).to_be_visible()
    page.get_by_role("button", name="This is all").click()

    expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
    expect(page.get_by_text("A card for a child")).to_have_count(0)
    assert question.bodies()[-1] == ("specialist", "Both parents sign,\nand that is all.")
    assert question.kinds().count("specialist.accepted") == 1
    assert question.outcome() == "answered"
    stored = page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('guest.'))")
    assert stored == []


def test_it_is_declined_with_a_note_that_only_the_desk_sees(
    page: "Page", web_server: "WebServer", question: Question
) -> None:
    open_question(page, web_server, question.token)

    page.get_by_role("button", name="Decline").click()
    note = page.get_by_label("A note for the desk")
    expect(note).to_be_focused()
    note.press("Escape")
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.get_by_role("button", name="Decline").click()
    note.fill("On holiday.")
    page.get_by_role("button", name="Decline the question").click()

    expect(page.get_by_text("Somebody else takes care of the question.")).to_be_visible()
    assert question.outcome() == "declined"
    assert "On holiday." not in str(question.bodies())
    with outside_browser():
        notes = [one.body for one in desk_entries_of(globex(), question.conversation.id) if one.kind == "note.added"]
    assert notes == ["On holiday."]


def test_a_call_back_is_promised_by_a_time(page: "Page", web_server: "WebServer", question: Question) -> None:
    open_question(page, web_server, question.token)
    page.get_by_role("button", name="Accept").click()

    page.get_by_role("button", name="I will call back").click()
    expect(page.get_by_label("At the latest")).to_be_focused()
    page.get_by_role("button", name="Promise it").click()

    expect(page.get_by_role("heading", name="Your call-back is promised")).to_be_visible()
    assert question.kinds()[-1] == "callback.promised"
    assert question.outcome() == "call_back"


def test_what_is_written_survives_a_reload_and_a_lost_line_and_arrives_once(
    page: "Page", web_server: "WebServer", question: Question
) -> None:
    # rule 8
    open_question(page, web_server, question.token)
    page.get_by_role("button", name="Accept").click()
    page.get_by_label("Your answer to the visitor").fill("Both parents")
    page.reload()
    expect(page.get_by_label("Your answer to the visitor")).to_have_value("Both parents")

    page.route("**/api/guest/commands", lambda route: route.abort())
    page.get_by_label("Your answer to the visitor").fill("Both parents sign.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sending…")).to_be_visible()
    expect(page.get_by_text("No connection.")).to_be_visible()
    page.reload()
    page.unroute("**/api/guest/commands")

    expect(page.locator(".mine .bubble")).to_have_text("Both parents sign.")
    expect(page.get_by_text("Sending…")).to_have_count(0)
    assert [body for kind, body in question.bodies() if kind == "specialist"] == ["Both parents sign."]


def test_what_the_visitor_adds_appears_by_itself(page: "Page", web_server: "WebServer", question: Question) -> None:
    open_question(page, web_server, question.token)

    with outside_browser():
        append(globex(), asked(question.conversation, "He is twelve."))

    expect(page.get_by_text("He is twelve.")).to_be_visible()


def test_a_question_that_is_taken_back_leaves_the_screen(
    page: "Page", web_server: "WebServer", question: Question
) -> None:
    open_question(page, web_server, question.token)

    with outside_browser():
        in_organisation(globex(), withdraw_escalation, question.operator, question.conversation.id, question.escalation)

    expect(page.get_by_role("heading", name="This question is no longer with you")).to_be_visible()
    expect(page.get_by_text("How do I get a card for my son?")).to_have_count(0)


def test_another_browser_a_guess_and_another_organisation_see_the_same_absent_page(
    page: "Page", browser: "Browser", web_server: "WebServer", question: Question
) -> None:
    # rule 17
    with outside_browser():
        elsewhere = acme().slug
    open_question(page, web_server, question.token)
    shown = []
    for token, host in (
        (question.token, HOST),
        (question.token[:-2], HOST),
        ("made-up", HOST),
        (question.token, f"{elsewhere}.localhost"),
    ):
        stranger = browser.new_context()
        other = stranger.new_page()
        other.goto(address(web_server, token, host))
        other.get_by_role("button", name="Open the conversation").click()
        expect(other.get_by_role("heading", name="This link opens nothing")).to_be_focused()
        other.get_by_role("button", name="Ask for a new link").click()
        expect(other.get_by_text("If the question is still open, a new link is on its way")).to_be_focused()
        shown.append(other.locator("main").inner_text())
        stranger.close()

    assert len(set(shown)) == 1
    page.reload()
    expect(page.get_by_text("A card for a child")).to_be_visible()
