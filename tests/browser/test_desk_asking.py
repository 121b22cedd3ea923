"""Asking a specialist from the desk, in a real browser, against a scripted server."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk_stage import SYSTEM, Stage, Talk, stamp
from tests.browser.test_desk import open_talk, talk_with, wait_for
from tests.chromium import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.no_database

ESCALATION = "0190a1b2-0000-7000-8000-0000000000e1"
STAN = {"kind": "specialist", "id": "0190a1b2-0000-7000-8000-0000000000e9", "name": "Stan"}
SPECIALISTS = [
    {"id": "0190a1b2-0000-7000-8000-0000000000e8", "name": "Sanne", "topics": [], "position": 2},
    {"id": STAN["id"], "name": "Stan", "topics": ["advice"], "position": 1},
]
TOPICS = [{"slug": "advice", "label": "Advice about gear"}, {"slug": "delivery", "label": "Delivery"}]


@dataclass
class AskStage(Stage):
    """A scripted server whose organisation has specialists."""

    specialists: list[dict[str, Any]] = field(default_factory=lambda: list(SPECIALISTS))
    is_open: bool = True
    escalation: dict[str, Any] | None = None

    def answer(self, command: dict[str, Any]) -> list[dict[str, Any]]:
        kind = command["type"]
        if kind == "specialists.fetch":
            self.heard.append(command)
            return [self.found(command["conversation"])]
        if kind not in ("conversation.escalate", "escalation.withdraw") or kind in self.refusals:
            return super().answer(command)
        self.heard.append(command)
        [talk] = [talk for talk in self.talks if talk.id == command["conversation"]]
        state = "asked" if kind == "conversation.escalate" else "withdrawn"
        if state == "asked":
            self.escalation = {
                "id": ESCALATION,
                "state": state,
                "specialist": "Stan",
                "topic": command["topic"],
                "reason": command["reason"],
                "summary": command["summary"],
                "asked_at": stamp(),
                "by": stamp(900),
            }
        ack = {"type": "ack", "cid": command["cid"], "conversation": talk.id, "id": ESCALATION, "seq": None}
        return [{**ack, "desk_seq": None, "at": stamp()}, self.moved(talk, state)]

    def moved(self, talk: Talk, state: str) -> dict[str, Any]:
        by = stamp(900) if state in ("asked", "accepted") else None
        return talk.add("escalation.moved", SYSTEM, escalation=ESCALATION, state=state, specialist="Stan", by=by)

    def found(self, conversation: str) -> dict[str, Any]:
        return {
            "type": "specialists",
            "conversation": conversation,
            "specialists": self.specialists,
            "topics": TOPICS,
            "opening": {
                "open": self.is_open,
                "until": stamp(7200) if self.is_open else None,
                "next_opening": None if self.is_open else stamp(40_000),
                "time_zone": "UTC",
                "label": None,
            },
            "accept_by": stamp(900),
            "answer_by": stamp(9000),
            "escalation": self.escalation,
        }


def open_dialog(page: "Page", stage: AskStage) -> None:
    stage.open(page)
    open_talk(page, stage.talks[0])
    page.keyboard.press("Alt+s")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_question_goes_to_whoever_comes_first_for_a_topic(page: "Page") -> None:
    stage = AskStage(talks=[talk_with("Which tent for the winter?")])
    open_dialog(page, stage)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("The question, in one line")).to_be_focused()
    expect(dialog.get_by_label("Stan Advice about gear")).to_be_checked()
    expect(dialog.get_by_text("The visitor reads that Stan was asked")).to_be_visible()
    dialog.get_by_label("Delivery").check()
    expect(dialog.get_by_text("The visitor reads that Sanne was asked")).to_be_visible()
    dialog.get_by_label("Advice about gear Stan, then Sanne").check()

    dialog.get_by_label("The question, in one line").fill("Which tent for a winter tour?")
    dialog.get_by_role("button", name="Ask", exact=True).click()
    expect(dialog).to_be_visible()  # the summary is still missing
    assert stage.commands("conversation.escalate") == []
    dialog.get_by_label("What the specialist should know").fill("Two people, minus 20 degrees.")
    dialog.get_by_label("What the specialist should know").press("Control+Enter")

    expect(dialog).to_have_count(0)
    [sent] = stage.commands("conversation.escalate")
    asked = (sent["organisation"], sent["specialist"], sent["topic"], sent["reason"], sent["summary"])
    assert asked == ("acme", None, "advice", "Which tent for a winter tour?", "Two people, minus 20 degrees.")
    expect(page.get_by_text("Stan was asked to accept by")).to_be_visible()
    expect(page.get_by_role("region", name="With a specialist")).to_contain_text("Two people, minus 20 degrees.")
    expect(page.get_by_role("button", name="Ask a specialist")).to_have_count(0)


def test_a_question_goes_to_one_person(page: "Page") -> None:
    stage = AskStage(talks=[talk_with("Which tent for the winter?")])
    open_dialog(page, stage)

    page.get_by_label("Stan Advice about gear").check()
    page.get_by_label("The question, in one line").fill("Winter?")
    page.get_by_label("What the specialist should know").fill("Cold.")
    page.get_by_role("button", name="Ask", exact=True).click()

    wait_for(page, stage, "conversation.escalate")
    [sent] = stage.commands("conversation.escalate")
    assert (sent["specialist"], sent["topic"]) == (STAN["id"], None)


def test_a_running_question_is_followed_and_taken_back(page: "Page") -> None:
    talk = talk_with("Which tent for the winter?")
    stage = AskStage(talks=[talk])
    stage.moved(talk, "asked")
    stage.open(page)
    open_talk(page, talk)
    state = page.get_by_role("region", name="With a specialist")
    expect(state.get_by_role("heading")).to_have_text("Stan was asked")
    page.keyboard.press("Alt+s")
    expect(page.get_by_role("dialog")).to_have_count(0)

    stage.tell(stage.moved(talk, "accepted"))
    expect(state.get_by_role("heading")).to_have_text("Stan has accepted")
    stage.tell(talk.add("message.sent", STAN, cid=None, body="The Ridge 2.", attachments=[]))
    expect(page.locator(".is-specialist .tag")).to_have_text("Specialist")
    state.get_by_role("button", name="Take the question back").click()

    expect(state).to_have_count(0)
    [sent] = stage.commands("escalation.withdraw")
    assert sent["escalation"] == ESCALATION
    expect(page.get_by_text("The question was taken back from Stan.")).to_be_visible()


def test_a_question_that_came_back_calls_the_operator(page: "Page") -> None:
    talk = talk_with("Which tent for the winter?")
    stage = AskStage(talks=[talk])
    stage.moved(talk, "asked")
    stage.open(page)
    open_talk(page, talk)
    page.evaluate("() => { Object.defineProperty(document, 'hidden', { get: () => true }) }")

    stage.tell(stage.moved(talk, "silent"), stage.moved(talk, "returned"))

    expect(page.get_by_text("No specialist answers. The question is yours again.")).to_be_visible()
    page.wait_for_function("() => document.title.startsWith('(1)')")
    expect(page.get_by_role("region", name="With a specialist")).to_have_count(0)


def test_what_was_filled_in_survives_a_refusal_and_a_reload(page: "Page") -> None:
    stage = AskStage(talks=[talk_with("Which tent?")], refusals={"conversation.escalate": "no_specialist"})
    open_dialog(page, stage)
    page.get_by_label("The question, in one line").fill("Winter?")
    page.get_by_label("What the specialist should know").fill("Cold.")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".toast")).to_be_visible()

    page.reload()
    page.get_by_text("Connected", exact=True).wait_for()
    page.get_by_role("button", name="Ask a specialist").click()

    expect(page.get_by_label("The question, in one line")).to_have_value("Winter?")
    expect(page.get_by_label("What the specialist should know")).to_have_value("Cold.")


def test_outside_their_hours_the_dialog_says_when_their_time_begins(page: "Page") -> None:
    stage = AskStage(talks=[talk_with("Which tent?")], is_open=False)

    open_dialog(page, stage)

    expect(page.get_by_text("Outside the specialists' hours: their time begins")).to_be_visible()


def test_an_organisation_without_specialists_says_so(page: "Page") -> None:
    stage = AskStage(talks=[talk_with("Which tent?")], specialists=[])

    open_dialog(page, stage)

    expect(page.get_by_text("This organisation has named no specialists.")).to_be_visible()


def test_somebody_elses_conversation_is_not_handed_to_a_specialist(page: "Page") -> None:
    stage = AskStage(talks=[talk_with("Which tent?", state="waiting", operator=None)])
    stage.open(page)
    open_talk(page, stage.talks[0])

    page.keyboard.press("Alt+s")

    expect(page.get_by_role("button", name="Ask a specialist")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
