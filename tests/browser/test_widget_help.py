"""Articles that help visitors without a person: on the offline form, while waiting, and under an automatic answer."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_widget import XSS, open_panel, write
from tests.browser.widget_stage import AUTOMATIC, OLGA, OPEN, SYSTEM, VISITOR, Stage

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Locator, Page

pytestmark = pytest.mark.no_database

RETURNS = {
    "article": "0190a1b2-0000-7000-8000-0000000000a1",
    "title": "How do I return a tent?",
    "reply": "Send it back within 30 days.\nThe form is on https://acme-shop.example/returns.",
}
DELIVERY = {
    "article": "0190a1b2-0000-7000-8000-0000000000a2",
    "title": "When is my tent delivered?",
    "reply": "The next working day.",
}
CLOSED = {**OPEN, "open": False}


def closed(**fields: object) -> Stage:
    return Stage(opening=dict(CLOSED), help=[RETURNS, DELIVERY], **fields)  # type: ignore[arg-type]


def asked_ago(stage: Stage, body: str, seconds: float) -> None:
    fact = stage.add("message.sent", VISITOR, body=body, cid=None, attachments=[])
    fact["at"] = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def unfold(frame: "FrameLocator", title: str) -> "Locator":
    article = frame.locator(".help-article", has_text=title)
    article.locator("summary").press("Enter")
    return article


def test_typing_the_question_outside_hours_shows_what_answers_it_and_the_form_stays(page: "Page") -> None:
    stage = closed()
    frame = open_panel(page, stage)

    frame.get_by_label("Your question").fill("How can I return it?")

    expect(frame.get_by_role("status").filter(has_text="1 answer that may help")).to_be_visible()
    reply = frame.get_by_text("Send it back within 30 days.")
    expect(reply).to_be_hidden()
    unfold(frame, RETURNS["title"])
    expect(reply).to_be_visible()
    expect(frame.get_by_role("link", name="https://acme-shop.example/returns")).to_have_attribute("target", "_blank")
    expect(frame.get_by_role("button", name="Send question")).to_be_enabled()
    assert [command["text"] for command in stage.commands("help.search")] == ["How can I return it?"]


def test_what_surely_answers_is_unfolded_and_stays_as_the_visitor_leaves_it(page: "Page") -> None:
    stage = closed(is_sure=True)
    frame = open_panel(page, stage)
    frame.get_by_label("Your question").fill("return my tent")
    reply, other = frame.get_by_text("Send it back within 30 days."), frame.get_by_text(DELIVERY["reply"])
    expect(reply).to_be_visible()
    expect(other).to_be_hidden()

    frame.locator(".help-article summary").first.click()
    expect(reply).to_be_hidden()
    frame.get_by_label("E-mail address").fill("vera@example.com")

    expect(reply).to_be_hidden()


def test_what_is_found_does_not_push_the_question_out_of_sight(page: "Page") -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    stage = closed(is_sure=True)
    frame = open_panel(page, stage)
    question = frame.get_by_label("Your question")
    question.fill("return my tent")

    expect(frame.get_by_text("Send it back within 30 days.")).to_be_visible()
    page.wait_for_timeout(400)

    expect(question).to_be_in_viewport(ratio=1)


def test_a_pause_in_typing_asks_once_and_an_emptied_question_takes_the_answers_away(page: "Page") -> None:
    stage = closed()
    frame = open_panel(page, stage)
    question = frame.get_by_label("Your question")

    question.evaluate("""(field) => {
        for (const text of ["return", "return my", "return my tent"]) {
            field.value = text;
            field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }
    }""")
    expect(frame.locator(".help-article")).to_have_count(2)
    assert [command["text"] for command in stage.commands("help.search")] == ["return my tent"]
    question.fill("")

    expect(frame.locator(".help-article")).to_have_count(0)
    assert len(stage.commands("help.search")) == 1


def test_an_answer_to_an_earlier_text_changes_nothing(page: "Page") -> None:
    stage = closed()
    frame = open_panel(page, stage)
    frame.get_by_label("Your question").fill("return my")
    expect(frame.locator(".help-article")).to_have_count(2)

    stage.tell({"type": "help", "text": "retu", "articles": [DELIVERY], "is_sure": False})
    stage.tell({"type": "help", "text": "return my", "articles": [RETURNS], "is_sure": False})

    expect(frame.locator(".help-article")).to_have_count(1)
    expect(frame.locator(".help-article")).to_contain_text(RETURNS["title"])


def test_did_this_help_is_answered_by_keyboard_sent_once_and_remembered(page: "Page") -> None:
    stage = closed()
    frame = open_panel(page, stage)
    frame.get_by_label("Your question").fill("return")
    article = unfold(frame, RETURNS["title"])
    group = article.get_by_role("group", name=f"Did this help? {RETURNS['title']}")

    group.get_by_role("button", name="Yes").press("Enter")

    expect(article.get_by_text("Good to hear. Thank you.")).to_be_focused()
    expect(group).to_have_count(0)
    [command] = stage.commands("help.rate")
    assert (command["article"], command["helped"]) == (RETURNS["article"], True)
    page.reload()
    frame = page.frame_locator("iframe[data-widget-frame]")
    frame.get_by_label("Your question").fill("return it")
    unfold(frame, RETURNS["title"])
    expect(frame.get_by_text("Good to hear. Thank you.")).to_be_visible()
    assert len(stage.commands("help.rate")) == 1


def test_without_articles_for_visitors_nothing_is_looked_for(page: "Page") -> None:
    stage = Stage(opening=dict(CLOSED))
    frame = open_panel(page, stage)

    frame.get_by_label("Your question").fill("How can I return it?")
    page.wait_for_timeout(1_600)

    assert stage.commands("help.search") == []


def test_a_draft_left_from_before_is_looked_for_at_once_also_without_sockets(page: "Page") -> None:
    stage = closed(sockets_work=False)
    frame = open_panel(page, stage)
    frame.get_by_label("Your question").fill("return")
    expect(frame.locator(".help-article")).to_have_count(1, timeout=15_000)
    page.reload()

    frame = page.frame_locator("iframe[data-widget-frame]")

    expect(frame.get_by_label("Your question")).to_have_value("return")
    expect(frame.locator(".help-article")).to_have_count(1, timeout=15_000)
    assert set(stage.carried) == {"http"}


def test_who_waits_is_offered_help_folded_away_until_somebody_is_there(page: "Page") -> None:
    stage = Stage(help=[RETURNS, DELIVERY], queue={"position": 3, "seconds": 230})
    asked_ago(stage, "Can I return it?", 2)
    frame = open_panel(page, stage)
    offered = frame.get_by_text("While you wait: 1 possible answer")
    expect(offered).to_be_visible()
    expect(frame.get_by_text(RETURNS["title"])).to_be_hidden()

    frame.locator(".help-waiting > summary").press("Enter")
    article = unfold(frame, RETURNS["title"])
    article.get_by_role("button", name="No").click()
    expect(article.get_by_text("Thank you. We help you further.")).to_be_visible()
    assert [command["type"] for command in stage.heard].count("conversation.leave") == 0
    stage.tell(stage.add("conversation.assigned", SYSTEM, operator=OLGA))

    expect(offered).to_have_count(0)


def test_who_is_answered_within_seconds_sees_no_help_flash_by(page: "Page") -> None:
    stage = Stage(help=[RETURNS])
    frame = open_panel(page, stage)

    write(frame, "Can I return it?")
    page.wait_for_timeout(2_500)
    assert stage.commands("help.search") == []

    expect(frame.get_by_text("While you wait: 1 possible answer")).to_be_visible(timeout=10_000)


def test_an_automatic_answer_says_what_it_is_asks_whether_it_helped_and_ends_nothing(page: "Page") -> None:
    stage = Stage(help=[RETURNS], queue={"position": 2, "seconds": None})
    asked_ago(stage, "Can I return it?", 1)
    frame = open_panel(page, stage)

    stage.tell(stage.say(RETURNS["reply"], AUTOMATIC, article=RETURNS["article"]))

    answer = frame.locator(".message", has_text="Send it back within 30 days.")
    expect(answer.get_by_text("Automatic message")).to_be_visible()
    expect(answer.get_by_text("Sent automatically. A person looks at your question as well.")).to_be_visible()
    answer.get_by_role("group", name="Did this help?").get_by_role("button", name="Yes").click()
    expect(answer.get_by_text("Good to hear. Thank you.")).to_be_focused()
    expect(frame.get_by_label("Your message")).to_be_enabled()
    [command] = stage.commands("help.rate")
    assert (command["article"], command["helped"]) == (RETURNS["article"], True)
    assert stage.commands("conversation.leave") == []
    # what was answered already is not offered again
    expect(frame.locator(".help-waiting")).to_have_count(0)


def test_an_article_is_shown_as_text(page: "Page") -> None:
    stage = closed()
    stage.help = [{**RETURNS, "title": f"return {XSS}", "reply": XSS}]
    frame = open_panel(page, stage)

    frame.get_by_label("Your question").fill("return")
    frame.locator(".help-article summary").click()

    expect(frame.locator(".help-reply")).to_have_text(XSS)
    assert page.evaluate("() => window.hacked") is None


def test_what_the_server_refused_to_hear_of_help_is_forgotten(page: "Page") -> None:
    stage = closed(answers=False)
    frame = open_panel(page, stage)
    frame.get_by_label("Your question").fill("return")
    article = unfold(frame, RETURNS["title"])
    article.get_by_role("button", name="Yes").click()
    expect(article.get_by_text("Good to hear. Thank you.")).to_be_visible()
    [command] = stage.commands("help.rate")

    refused = {"code": "not_found", "message": "Not found.", "cid": command["cid"], "retry": False, "retry_after": None}
    stage.tell({"type": "error", **refused})
    page.reload()

    expect(page.frame_locator("iframe[data-widget-frame]").get_by_label("Your question")).to_be_visible()
    page.wait_for_timeout(500)
    assert len(stage.commands("help.rate")) == 1
    assert "Not found." not in page.frame_locator("iframe[data-widget-frame]").locator("body").inner_text()
