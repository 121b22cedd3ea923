"""What the widget tells who waits: their place, their topic, what a specialist does, and that nothing is lost."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_widget import closed_conversation, open_panel, write
from tests.browser.widget_stage import AUTOMATIC, OLGA, SYSTEM, VISITOR, Stage

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

pytestmark = pytest.mark.no_database

TOPICS = [{"slug": "delivery", "label": "Delivery"}, {"slug": "returns", "label": "Returns"}]
STAN = {"kind": "specialist", "id": "0190a1b2-0000-7000-8000-00000000000c", "name": "Stan"}


def later(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat().replace("+00:00", "Z")


def waiting(page: "Page", stage: Stage) -> "FrameLocator":
    """An open panel whose visitor has asked something that nobody has taken yet."""
    stage.add("message.sent", VISITOR, body="Is it waterproof?", cid=None, attachments=[])
    return open_panel(page, stage)


def assigned(stage: Stage) -> dict[str, Any]:
    return stage.add("conversation.assigned", SYSTEM, operator=OLGA)


def test_the_place_in_the_queue_is_told_as_far_as_it_is_known_and_ends_with_the_assignment(page: "Page") -> None:
    stage = Stage(queue={"position": 3, "seconds": 230})
    frame = waiting(page, stage)
    place = frame.locator(".strip-queue")
    expect(place).to_have_text("You are number 3.About 4 minutes.")
    expect(place).to_have_attribute("role", "status")
    expect(frame.locator(".header-status")).to_have_text("We have your message")

    stage.tell(stage.heartbeat() | {"queue": {"position": 2, "seconds": None}})
    expect(place).to_have_text("You are number 2.")
    stage.tell(stage.heartbeat() | {"queue": {"position": 1, "seconds": 12}})
    expect(place).to_have_text("You are next.About 1 minute.")

    stage.tell(assigned(stage))

    expect(place).to_have_count(0)
    expect(frame.locator(".header-status")).to_have_text("Olga de Wit is here for you")


def test_a_heartbeat_without_a_place_ends_it(page: "Page") -> None:
    stage = Stage(queue={"position": 3, "seconds": 230})
    frame = waiting(page, stage)
    expect(frame.locator(".strip-queue")).to_be_visible()

    stage.tell(stage.heartbeat() | {"queue": None})

    expect(frame.locator(".strip-queue")).to_have_count(0)
    expect(frame.locator(".header-status")).to_have_text("You will hear from us within 20 seconds")


def test_a_recognised_topic_is_told_and_can_be_changed_by_keyboard(page: "Page") -> None:
    stage = Stage(topics=TOPICS)
    frame = open_panel(page, stage)
    write(frame, "When will my parcel arrive?")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    stage.tell(stage.add("topic.chosen", AUTOMATIC, topic="returns", label="Returns"))
    expect(frame.get_by_text("About: Returns")).to_be_visible()

    frame.get_by_role("button", name="Change").press("Enter")

    expect(frame.get_by_role("button", name="Delivery")).to_be_focused()
    expect(frame.get_by_role("button", name="Returns")).to_have_attribute("aria-pressed", "true")
    frame.get_by_role("button", name="Delivery").press("Enter")
    expect(frame.get_by_text("Topic: Delivery")).to_be_visible()
    expect(frame.get_by_role("button", name="Change")).to_have_count(0)
    assert [command["topic"] for command in stage.commands("topic.choose")] == ["delivery"]


def test_a_recognised_topic_cannot_be_changed_once_a_person_spoke(page: "Page") -> None:
    stage = Stage(topics=TOPICS)
    stage.add("message.sent", VISITOR, body="My parcel?", cid=None, attachments=[])
    stage.add("topic.chosen", AUTOMATIC, topic="delivery", label="Delivery")
    frame = open_panel(page, stage)
    expect(frame.get_by_role("button", name="Change")).to_be_visible()

    stage.tell(stage.say("It comes tomorrow."))

    expect(frame.get_by_text("About: Delivery")).to_be_visible()
    expect(frame.get_by_role("button", name="Change")).to_have_count(0)


def test_each_step_with_a_specialist_is_told_with_its_time(page: "Page") -> None:
    stage = Stage()
    frame = waiting(page, stage)
    today = page.evaluate(
        """(iso) => {
        const day = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
        const calendar = (moment) => Date.parse(new Date(moment).toLocaleDateString("en-CA"));
        const time = new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit" }).format(new Date(iso));
        return `${day.format((calendar(iso) - calendar(Date.now())) / 86400000, "day")} at ${time}`;
    }""",
        moment := later(minutes=30),
    )

    stage.tell(assigned(stage), stage.add("specialist.asked", SYSTEM, specialist="Stan", by=moment))
    expect(frame.get_by_text(f"You hear from us by {today} at the latest.")).to_be_visible()
    expect(frame.locator(".header-status")).to_have_text("Stan is looking at your question")
    expect(frame.locator(".avatar-ring")).to_have_count(0)

    stage.tell(stage.add("specialist.accepted", STAN, specialist="Stan", by=None))
    expect(frame.get_by_text("Stan is looking at your question.", exact=True)).to_be_visible()

    stage.tell(stage.say("Yes: 4,000 mm.", STAN), stage.add("callback.promised", STAN, specialist="Stan", by=moment))
    expect(frame.locator(".message-specialist .tag")).to_have_text("Specialist")
    expect(frame.get_by_text(f"Stan will call you back by {today}.")).to_be_visible()
    expect(frame.locator(".header-status")).to_have_text("Olga de Wit is here for you")

    expect(frame.get_by_role("heading", name="We get back to you")).to_be_visible()
    expect(frame.get_by_label("E-mail address")).to_be_visible()

    stage.tell(stage.add("specialist.asked", SYSTEM, specialist="Sanne", by=None))
    stage.tell(stage.add("specialist.returned", SYSTEM))
    expect(frame.get_by_text("We go on with your question here.")).to_be_visible()


def test_a_specialists_message_counts_as_unread_and_as_the_answer(page: "Page") -> None:
    stage = Stage()
    frame = waiting(page, stage)
    expect(frame.locator(".avatar-ring")).to_have_count(1)

    stage.tell(stage.say("Yes: 4,000 mm.", STAN))

    expect(frame.locator(".avatar-ring")).to_have_count(0)
    frame.get_by_role("button", name="Minimise").click()
    stage.tell(stage.say("And it packs small.", STAN))
    expect(frame.locator(".badge")).to_have_text("2")


def test_a_question_kept_at_closing_time_asks_only_where_to_answer(page: "Page") -> None:
    stage = Stage(opening={"open": False, "until": None, "next_opening": later(hours=9), "time_zone": "UTC"})
    stage.add("message.sent", VISITOR, body="Is it waterproof?", cid=None, attachments=[])
    stage.add("message.sent", VISITOR, body="The ridge tent.", cid=None, attachments=[])
    stage.add("question.kept", SYSTEM, reason="closing_time", by=later(hours=9))
    stage.add("conversation.closed", SYSTEM, by="system")
    frame = open_panel(page, stage)
    expect(frame.get_by_text("We closed before somebody could answer.")).to_be_visible()
    expect(frame.get_by_label("Your message")).to_have_count(0)
    expect(frame.get_by_label("Your question", exact=True)).to_have_count(0)

    frame.get_by_role("button", name="Answer me there").click()
    expect(frame.get_by_label("E-mail address")).to_be_focused()
    frame.get_by_label("E-mail address").fill("vera@example.com")
    frame.get_by_role("button", name="Answer me there").click()

    expect(frame.locator(".contact-thanks")).to_be_focused()
    expect(frame.get_by_text("We answer to vera@example.com.")).to_be_visible()
    [sent] = stage.commands("contact.send")
    assert (sent["email"], sent["body"]) == ("vera@example.com", "")
    page.reload()
    expect(frame.get_by_text("We answer to vera@example.com.")).to_be_visible()
    expect(frame.get_by_label("E-mail address")).to_have_count(0)


def test_a_question_kept_while_the_desk_is_open_leaves_the_box_to_write_in(page: "Page") -> None:
    stage = Stage()
    frame = waiting(page, stage)

    stage.tell(stage.add("question.kept", SYSTEM, reason="escalation", by=None))

    expect(frame.get_by_text("No specialist could answer yet.")).to_be_visible()
    expect(frame.get_by_label("E-mail address")).to_be_visible()
    expect(frame.get_by_label("Your message")).to_be_visible()
    stage.tell(stage.say("I found it: 4,000 mm."))
    expect(frame.get_by_label("E-mail address")).to_have_count(0)


def test_an_ordinary_closing_asks_for_no_address(page: "Page") -> None:
    stage = Stage()
    closed_conversation(stage)
    frame = open_panel(page, stage)

    expect(frame.get_by_text("How did we do?")).to_be_visible()

    expect(frame.get_by_label("E-mail address")).to_have_count(0)
