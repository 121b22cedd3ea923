"""The widget asks how it was, one question at a time. The server is scripted: see widget_stage."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_widget import closed_conversation, enter, in_minutes, open_panel, write
from tests.browser.widget_stage import AUTOMATIC, CONVERSATION, OLGA, VISITOR, Stage

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

pytestmark = pytest.mark.no_database

DEGREE = ["Not at all", "A little", "Partly", "Mostly", "Completely"]
QUESTIONS: list[dict[str, Any]] = [
    {"question": "expectation", "text": "Was it as you expected?",
     "answers": ["Worse than I expected", "As I expected", "Better than I expected"]},
    {"question": "trust", "text": "Do you trust us to do right by you?", "answers": DEGREE},
    {"question": "ease", "text": "Was this chat easy to use?", "answers": DEGREE},
    {"question": "solved", "text": "Has your question been solved?", "answers": ["No", "Partly", "Yes"]},
]  # fmt: skip


def asked(stage: Stage, *, until: str | None = None) -> None:
    """A conversation that has ended, and what is asked after it."""
    closed_conversation(stage)
    stage.facts[-1] |= {"until": until or in_minutes(14 * 24 * 60), "questions": QUESTIONS}


def given(stage: Stage) -> list[tuple[str, Any]]:
    """What arrived, in order: the mark with its comment, or a question with its answer."""
    return [
        ("mark", (one["mark"], one.get("comment")))
        if one["type"] == "rating.give"
        else (one["question"], one["answer"])
        for one in stage.heard
        if one["type"] in ("rating.give", "rating.answer")
    ]


def tap(frame: "FrameLocator", *names: str) -> None:
    for name in names:
        frame.get_by_role("button", name=name, exact=True).click()


def test_each_tap_is_sent_at_once_and_the_next_question_takes_its_place(page: "Page") -> None:
    stage = Stage()
    asked(stage)
    frame = open_panel(page, stage)

    tap(frame, "8 out of 10")
    expect(frame.get_by_text("Was it as you expected?")).to_be_visible()
    assert given(stage) == [("mark", (8, None))]
    expect(frame.get_by_text("2 of 6")).to_be_visible()
    tap(frame, "Better than I expected")
    expect(frame.get_by_text("Do you trust us to do right by you?")).to_be_visible()
    assert given(stage)[1:] == [("expectation", 3)]
    tap(frame, "Mostly", "Completely", "Yes")
    frame.get_by_role("textbox", name="What made it so?").fill("Quick and clear.")
    tap(frame, "Send comment")

    expect(frame.get_by_text("You gave 8 out of 10.")).to_be_visible()
    assert given(stage)[2:] == [("trust", 4), ("ease", 5), ("solved", 3), ("mark", (8, "Quick and clear."))]
    assert len({one["cid"] for one in stage.heard if "cid" in one}) == 6


def test_every_question_is_skipped_with_one_tap_and_the_first_ends_it_all(page: "Page") -> None:
    stage = Stage()
    asked(stage)
    frame = open_panel(page, stage)

    tap(frame, "Skip")
    expect(frame.get_by_text("All right, no rating.")).to_be_visible()
    assert given(stage) == [("mark", None)]
    tap(frame, "Rate after all", "3 out of 10", "Skip", "Skip", "Skip", "Skip", "Skip")

    expect(frame.get_by_text("You gave 3 out of 10.")).to_be_visible()
    skipped = [(question, None) for question in ("expectation", "trust", "ease", "solved", "comment")]
    assert given(stage)[1:] == [("mark", (3, None)), *skipped]


def test_it_is_answered_with_the_keyboard_alone(page: "Page") -> None:
    stage = Stage()
    asked(stage)
    frame = enter(page, stage)
    expect(frame.get_by_role("button", name="Chat with us")).to_be_visible()

    def focused() -> str:
        return page.frames[1].evaluate(
            "() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim()"
        )

    press_until(page, "Chat with us", "Tab")
    page.keyboard.press("Enter")
    expect(frame.get_by_text("How did we do?")).to_be_visible()
    press_until(page, "1 out of 10", "Shift+Tab")
    page.keyboard.press("0")  # ten
    assert focused() == "10 out of 10"
    page.keyboard.press("ArrowLeft")
    assert focused() == "9 out of 10"
    assert given(stage) == []  # a key alone gives nothing
    outline = page.frames[1].evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")

    expect(frame.get_by_text("Was it as you expected?")).to_be_focused()
    page.keyboard.press("2")
    assert focused() == "As I expected"
    page.keyboard.press("Space")
    expect(frame.get_by_text("Do you trust us to do right by you?")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(frame.get_by_text("Was this chat easy to use?")).to_be_focused()
    press_until(page, "Skip", "Tab")
    page.keyboard.press("Enter")
    expect(frame.get_by_text("Has your question been solved?")).to_be_focused()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(frame.get_by_text("What made it so? (optional)")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Quick at 10.")
    press_until(page, "Send comment", "Tab")
    page.keyboard.press("Enter")

    expect(frame.get_by_text("You gave 9 out of 10.")).to_be_visible()
    expect(frame.get_by_text("Thank you for your rating")).to_be_focused()
    answers = [("expectation", 2), ("trust", 5), ("ease", None), ("solved", 3)]
    assert given(stage) == [("mark", (9, None)), *answers, ("mark", (9, "Quick at 10."))]


def press_until(page: "Page", label: str, key: str) -> None:
    """Presses a key until the focus is on the control of this name."""
    for _ in range(40):
        page.keyboard.press(key)
        name = "() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent.trim()"
        if page.frames[1].evaluate(name) == label:
            return
    raise AssertionError(f"{key} never reached {label}")


def test_each_question_and_answer_has_a_name_for_screen_readers(page: "Page") -> None:
    stage = Stage()
    asked(stage)
    frame = open_panel(page, stage)

    marks = frame.get_by_role("group", name="How did we do?").get_by_role("button")
    expect(marks).to_have_count(10)
    assert marks.last.get_attribute("aria-label") == "10 out of 10"
    tap(frame, "8 out of 10")

    answers = frame.get_by_role("group", name="Was it as you expected?").get_by_role("button")
    expect(answers).to_have_text(QUESTIONS[0]["answers"])
    expect(frame.get_by_role("region", name="Your rating")).to_be_visible()


def test_a_visitor_goes_back_and_changes_an_answer(page: "Page") -> None:
    stage = Stage()
    asked(stage)
    frame = open_panel(page, stage)

    tap(frame, "3 out of 10", "As I expected", "Back")
    expect(frame.get_by_role("button", name="As I expected")).to_have_attribute("aria-pressed", "true")
    tap(frame, "Better than I expected")
    expect(frame.get_by_text("Do you trust us to do right by you?")).to_be_visible()
    tap(frame, "Skip", "Skip", "Skip", "Skip", "Change", "8 out of 10")
    tap(frame, *["Leave as it is"] * 5)

    expect(frame.get_by_text("You gave 8 out of 10.")).to_be_visible()
    expect(frame.get_by_text("Thank you for your rating")).to_be_visible()
    sent = given(stage)
    assert [value for name, value in sent if name == "mark"] == [(3, None), (8, None)]
    assert [value for name, value in sent if name == "expectation"] == [2, 3]
    assert len(sent) == 8


def test_after_fifteen_minutes_nothing_can_be_changed(page: "Page") -> None:
    stage = Stage()
    asked(stage)
    long_ago = (datetime.now(UTC) - timedelta(minutes=16)).isoformat()
    stage.add("rating.given", VISITOR, mark=7, comment="")["at"] = long_ago
    # changed since, which does not begin the time anew
    stage.add("rating.given", VISITOR, mark=6, comment="")
    frame = open_panel(page, stage)

    expect(frame.get_by_text("You gave 6 out of 10.")).to_be_visible()
    expect(frame.get_by_role("button", name="Change")).to_have_count(0)
    expect(frame.get_by_text("Was it as you expected?")).to_have_count(0)


def test_what_was_given_without_a_line_survives_a_reload_and_is_sent_then(page: "Page") -> None:  # rule 8
    stage = Stage()
    asked(stage)
    frame = open_panel(page, stage)
    stage.answers = False
    tap(frame, "8 out of 10", "Better than I expected")
    expect(frame.get_by_text("Do you trust us to do right by you?")).to_be_visible()
    before = [one["cid"] for one in stage.heard if one["type"] in ("rating.give", "rating.answer")]

    stage.answers = True
    page.reload()

    expect(frame.get_by_text("Do you trust us to do right by you?")).to_be_visible()
    sent = [one["cid"] for one in stage.heard if one["type"] in ("rating.give", "rating.answer")]
    assert sent == before * 2
    assert [fact["type"] for fact in stage.facts[-2:]] == ["rating.given", "rating.answered"]


def test_a_visit_later_goes_on_where_the_visitor_left(page: "Page") -> None:
    stage = Stage()
    asked(stage)
    stage.add("rating.given", VISITOR, mark=7, comment="")
    stage.add("rating.answered", VISITOR, question="expectation", answer=2)
    frame = open_panel(page, stage)

    expect(frame.get_by_text("Do you trust us to do right by you?")).to_be_visible()
    tap(frame, "Back")
    expect(frame.get_by_role("button", name="As I expected")).to_have_attribute("aria-pressed", "true")


def test_that_it_is_in_sight_is_told_once_and_not_before_the_panel_is_open(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "Where is my order?")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    frame.get_by_role("button", name="Minimise").click()

    ended = [
        stage.add("conversation.closed", {"kind": "operator", **OLGA}, by="operator"),
        stage.add("rating.requested", AUTOMATIC, until=in_minutes(60), questions=QUESTIONS),
    ]
    stage.tell(*ended)
    page.wait_for_timeout(500)
    assert stage.commands("rating.shown") == []
    frame.get_by_role("button", name="Chat with us").click()
    expect(frame.get_by_text("How did we do?")).to_be_in_viewport()
    page.wait_for_timeout(1_500)

    assert stage.commands("rating.shown") == [{"type": "rating.shown", "conversation": CONVERSATION}]


def test_it_is_asked_within_a_second_of_the_end(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "Where is my order?")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()

    stage.tell(
        stage.add("conversation.closed", {"kind": "operator", **OLGA}, by="operator"),
        stage.add("rating.requested", AUTOMATIC, until=in_minutes(60), questions=QUESTIONS),
    )

    expect(frame.get_by_role("button", name="10 out of 10")).to_be_in_viewport(timeout=1_000)


def test_nothing_is_asked_once_the_time_to_answer_is_over(page: "Page") -> None:
    stage = Stage()
    asked(stage, until=in_minutes(-1))
    frame = open_panel(page, stage)

    expect(frame.get_by_text("On its way.")).to_be_visible()
    expect(frame.get_by_text("How did we do?")).to_have_count(0)
    page.wait_for_timeout(500)
    assert stage.commands("rating.shown") == []


def test_a_request_from_before_there_were_questions_asks_the_mark_and_the_comment(page: "Page") -> None:
    stage = Stage()
    closed_conversation(stage)
    frame = open_panel(page, stage)

    tap(frame, "10 out of 10", "Skip")

    expect(frame.get_by_text("You gave 10 out of 10.")).to_be_visible()
    assert given(stage) == [("mark", (10, None)), ("comment", None)]


def test_a_refused_rating_says_why_and_can_be_closed(page: "Page") -> None:
    stage = Stage()
    asked(stage)
    frame = open_panel(page, stage)
    stage.answers = False
    tap(frame, "8 out of 10")
    expect(frame.get_by_text("Was it as you expected?")).to_be_visible()
    [command] = stage.commands("rating.give")

    refusal = {"type": "error", "code": "rating_closed", "message": "It stands.", "retry": False, "retry_after": None}
    stage.tell({**refusal, "cid": command["cid"]})
    expect(frame.get_by_role("alert")).to_have_text("It stands.")
    tap(frame, "Close")

    expect(frame.get_by_role("alert")).to_have_count(0)
    expect(frame.get_by_text("How did we do?")).to_be_visible()


@pytest.mark.parametrize("by_mail", [True, False])
def test_who_leaves_an_address_is_offered_to_be_asked_there_where_the_organisation_does_that(
    page: "Page", by_mail: bool
) -> None:
    stage = Stage(asks_by_mail=by_mail)
    stage.opening |= {"open": False, "next_opening": in_minutes(600)}
    frame = open_panel(page, stage)
    box = frame.get_by_role("checkbox")
    expect(box).to_have_count(int(by_mail))
    frame.get_by_label("Your question").fill("Do you ship to Belgium?")
    frame.get_by_label("E-mail address").fill("vera@example.com")
    if by_mail:
        expect(box).not_to_be_checked()
        box.check()

    tap(frame, "Send question")

    expect(frame.get_by_text("We answer to vera@example.com.")).to_be_visible()
    [command] = stage.commands("contact.send")
    assert command["may_ask"] is by_mail
