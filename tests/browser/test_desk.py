"""The operators' desk in a real browser, against a scripted server."""

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.desk_stage import OLGA, OMAR, OPERATOR, SYSTEM, Stage, Talk, promise, stamp
from tests.chromium import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A loaded machine may need longer than Playwright's five seconds.
expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.no_database

PROBE = "<img src=x onerror=\"document.body.dataset.hacked='yes'\">{name}<b>bold</b>"


# In the page: a small picture, pasted into or dropped onto an element.
PUT_PICTURE = """async ([kind, target]) => {
  const canvas = new OffscreenCanvas(40, 30);
  canvas.getContext("2d").fillRect(0, 0, 40, 30);
  const data = new DataTransfer();
  data.items.add(new File([await canvas.convertToBlob()], "seam.png", { type: "image/png" }));
  const options = { bubbles: true, cancelable: true };
  document.querySelector(target).dispatchEvent(
    kind === "paste"
      ? new ClipboardEvent("paste", { ...options, clipboardData: data })
      : new DragEvent("drop", { ...options, dataTransfer: data }),
  );
}"""


def talk_with(*bodies: str, **fields: object) -> Talk:
    talk = Talk(**fields)  # type: ignore[arg-type]
    for body in bodies:
        talk.say(body)
    return talk


def composer(page: "Page"):  # type: ignore[no-untyped-def]
    return page.locator("#composer")


def open_talk(page: "Page", talk: Talk) -> None:
    page.locator(f'[data-conversation="{talk.id}"]').click()
    expect(page.locator(".thread .message").first).to_be_visible()


def wait_for(page: "Page", stage: Stage, kind: str, count: int = 1) -> None:
    """Until so many commands of a kind have arrived."""
    for _ in range(100):
        if len(stage.commands(kind)) >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{kind} came {len(stage.commands(kind))} times, not {count}")


def test_an_empty_inbox_says_what_will_appear_and_how_to_become_available(page: "Page") -> None:
    stage = Stage(presence="away")
    stage.open(page)

    page.get_by_role("button", name="Become available").click()

    expect(page.get_by_text("the conversation appears here with the time you have")).to_be_visible()
    assert [command["state"] for command in stage.commands("presence.set")] == ["available"]


def test_a_reply_is_sent_with_enter_and_settles_the_countdown(page: "Page") -> None:
    talk = talk_with("Is it waterproof?", promise=promise("first", 5, 20))
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)
    expect(page.locator(".row .countdown.is-calm")).to_be_visible()

    page.keyboard.press("r")
    page.keyboard.type("It is:")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("4,000 mm.")
    page.keyboard.press("Enter")

    expect(page.locator(".is-operator .bubble")).to_have_text("It is:4,000 mm.")
    expect(page.locator(".countdown")).to_have_count(0)
    expect(composer(page)).to_have_value("")
    assert [command["body"] for command in stage.commands("message.send")] == ["It is:\n4,000 mm."]


def test_an_overdue_promise_counts_up(page: "Page") -> None:
    talk = talk_with("Hello?", promise=promise("first", 30, 20))
    Stage([talk]).open(page)

    expect(page.locator(".row .countdown.is-broken .seconds")).to_have_text(re.compile(r"\+1\d"))


@pytest.mark.parametrize(
    ("reason", "words"), [("escalated", "With a specialist"), ("outside_hours", "Outside opening")]
)
def test_a_promise_that_rests_says_why_and_is_not_called_answered(page: "Page", reason: str, words: str) -> None:
    talk = talk_with("Is it waterproof?", paused=reason)
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)

    expect(page.locator(".talk-head .state")).to_contain_text(words)
    expect(page.locator(f'[data-conversation="{talk.id}"]').get_by_title(words)).to_be_visible()
    expect(page.get_by_role("timer")).to_have_count(0)


@pytest.mark.parametrize(
    ("key", "purpose"),
    [("1", "problem"), ("2", "information"), ("3", "advice"), ("4", "complaint"), ("5", "other")],
)
def test_one_keystroke_closes_with_a_purpose_even_while_typing(page: "Page", key: str, purpose: str) -> None:
    talk = talk_with("Thanks!")
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)
    page.keyboard.press("r")
    page.keyboard.type("Goodb")

    page.keyboard.press(f"Alt+Shift+{key}")

    expect(page.locator(".toast")).to_contain_text(f"Closed as: {purpose.capitalize()}.")
    expect(page.get_by_role("heading", name="Recent")).to_be_visible()
    expect(composer(page)).to_have_value("Goodb")
    assert [command["purpose"] for command in stage.commands("conversation.close")] == [purpose]


def test_after_closing_the_desk_moves_to_whoever_waits(page: "Page") -> None:
    done, waits = talk_with("Thanks!"), talk_with("Hello?", promise=promise("first", 2, 60))
    stage = Stage([done, waits])
    stage.open(page)
    open_talk(page, done)

    page.keyboard.press("Alt+Shift+2")

    expect(page.locator(f'[data-conversation="{waits.id}"]')).to_have_attribute("aria-current", "true")


def test_somebody_elses_conversation_is_not_closed(page: "Page") -> None:
    talk = talk_with("Hello?", state="waiting", operator=None)
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)

    page.keyboard.press("Alt+Shift+2")

    expect(page.locator(".toast")).to_contain_text("of your own")
    assert stage.commands("conversation.close") == []


def test_a_late_reply_stays_as_a_draft_over_a_reload(page: "Page") -> None:
    talk = talk_with("Hello?")
    stage = Stage([talk], refusals={"message.send": "not_assigned"})
    stage.open(page)
    open_talk(page, talk)
    page.keyboard.press("r")
    page.keyboard.type("Here I am.")
    page.keyboard.press("Enter")

    expect(page.locator(".notice")).to_have_text("This conversation is no longer yours.")
    expect(composer(page)).to_have_value("Here I am.")
    expect(page.locator(".is-operator")).to_have_count(0)

    page.reload()
    open_talk(page, talk)

    expect(composer(page)).to_have_value("Here I am.")
    assert len(stage.commands("message.send")) == 1


def test_a_conversation_that_is_taken_away_keeps_its_text_and_says_why(page: "Page") -> None:
    talk = talk_with("Hello?")
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)
    page.keyboard.press("r")
    page.keyboard.type("One mom")

    talk.operator = OMAR["id"]
    talk.add("conversation.assigned", SYSTEM, operator=OMAR)
    stage.tell(talk.facts[-1], {"type": "inbox.changed", "entry": talk.row})

    expect(page.locator(".notice")).to_contain_text("no longer yours")
    expect(composer(page)).to_have_value("One mom")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    expect(page.locator(".closing")).to_have_count(0)


def test_what_a_visitor_controls_is_shown_as_text(page: "Page") -> None:  # rule 39
    name = PROBE.format(name="name")
    evil = {
        "url": "javascript:document.body.dataset.hacked='yes'",
        "title": PROBE,
        "referrer": "data:text/html,<b>x</b>",
    }
    talk = talk_with(PROBE, "javascript:alert(1)", visitor_name=name, page=evil)
    talk.add("topic.chosen", {"kind": "visitor", "id": None, "name": name}, topic="x", label=PROBE)
    talk.add("rating.given", {"kind": "visitor", "id": None, "name": name}, mark=3, comment=PROBE)
    talk.add("note.added", {"kind": "operator", **OMAR}, cid="note", body=PROBE)
    Stage([talk]).open(page)

    open_talk(page, talk)

    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator(".bubble").first).to_have_text(PROBE)
    expect(page.locator(".page-title")).to_have_text(PROBE)
    expect(page.locator(".note p")).to_have_text(PROBE)
    expect(page.locator(".line q")).to_have_text(PROBE)
    assert page.locator("main a, .facts a, .row a").count() == 0
    assert page.locator("#desk b, #desk img[src='x']").count() == 0
    assert page.evaluate("document.body.dataset.hacked") is None


def test_a_link_in_a_message_opens_elsewhere_without_telling_from_where(page: "Page") -> None:
    talk = talk_with("See https://shop.example/tents.")
    Stage([talk]).open(page)
    open_talk(page, talk)

    link = page.locator(".bubble a")
    expect(link).to_have_attribute("href", "https://shop.example/tents")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_a_note_goes_to_staff_and_never_as_a_message(page: "Page") -> None:
    talk = talk_with("Hello?")
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)

    page.keyboard.press("n")
    page.keyboard.type("Asked last week.")
    page.keyboard.press("Enter")

    expect(page.locator(".note p")).to_have_text("Asked last week.")
    assert [command["body"] for command in stage.commands("note.add")] == ["Asked last week."]
    assert stage.commands("message.send") == []


def test_arrow_up_edits_the_last_message(page: "Page") -> None:
    talk = talk_with("Is it waterproof?")
    talk.say("It is: 4,000 mm.", OPERATOR)
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)

    page.keyboard.press("r")
    page.keyboard.press("ArrowUp")
    expect(composer(page)).to_have_value("It is: 4,000 mm.")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("It is: 5,000 mm.")
    page.keyboard.press("Enter")

    expect(page.locator(".is-operator .bubble p")).to_have_text("It is: 5,000 mm.")
    assert [(command["target"], command["body"]) for command in stage.commands("message.edit")] == [
        (2, "It is: 5,000 mm.")
    ]


def test_a_deletion_waits_for_an_undo(page: "Page") -> None:
    talk = talk_with("Hello?")
    talk.say("one", OPERATOR)
    talk.say("two", OPERATOR)
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)
    own = page.locator(".is-operator .message")

    for index in (0, 1):
        own.nth(index).hover()
        own.nth(index).get_by_role("button", name="Delete").click()
    expect(own.nth(0)).to_contain_text("was deleted")
    page.locator(".toast").first.get_by_role("button", name="Undo").click()
    expect(own.nth(0).locator("p")).to_have_text("one")
    assert stage.commands("message.delete") == []
    wait_for(page, stage, "message.delete")

    expect(own.nth(1)).to_contain_text("was deleted")
    assert [command["target"] for command in stage.commands("message.delete")] == [3]


def test_a_waiting_conversation_is_taken_with_a_key(page: "Page") -> None:
    talk = talk_with("Hello?", state="waiting", operator=None, promise=promise("first", 2, 20))
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)

    page.keyboard.press("t")

    expect(page.get_by_role("group", name="Close as")).to_be_visible()
    wait_for(page, stage, "conversation.take")


def test_a_row_that_moves_while_the_button_is_down_opens_all_the_same(page: "Page") -> None:
    talk = talk_with("Hello?", state="waiting", operator=None, promise=promise("first", 2, 20))
    stage = Stage([talk])
    stage.open(page)

    page.locator(".row").hover()
    page.mouse.down()
    talk.state, talk.operator = "assigned", OLGA["id"]
    stage.tell({"type": "inbox.changed", "entry": talk.row})
    expect(page.get_by_role("heading", name="Mine")).to_be_visible()
    page.mouse.up()

    expect(page.get_by_label("Write to the visitor")).to_be_visible()


def test_a_new_assignment_marks_the_title_while_the_operator_looks_elsewhere(page: "Page") -> None:
    stage = Stage()
    stage.open(page)
    page.evaluate("document.hasFocus = () => false")

    talk = talk_with("Hello?", promise=promise("first", 1, 20))
    stage.talks.append(talk)
    stage.tell({"type": "inbox.changed", "entry": talk.row})

    expect(page).to_have_title("(1) Desk")
    expect(page.locator(".row")).to_have_count(1)


def test_a_lost_assignment_shows_up_with_the_next_heartbeat(page: "Page") -> None:  # rule 5
    stage = Stage()
    stage.open(page)
    stage.talks.append(talk_with("Hello?"))

    stage.tell(stage.heartbeat())

    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".row-words")).to_have_text("Hello?")


def test_a_lost_message_shows_up_with_the_next_heartbeat(page: "Page") -> None:  # rule 5
    talk = talk_with("one")
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)
    talk.say("two")
    talk.say("three")
    talk.add("note.added", {"kind": "operator", **OMAR}, cid="note", body="lost note")

    stage.tell(stage.heartbeat())

    expect(page.locator(".bubble")).to_have_text(["one", "two", "three"])
    expect(page.locator(".note p")).to_have_text("lost note")


def test_a_message_sent_while_offline_goes_out_with_the_same_cid(page: "Page") -> None:  # rule 8
    talk = talk_with("Hello?")
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)
    stage.sockets[-1].close(code=1012)
    expect(page.locator(".banner")).to_be_visible()

    page.keyboard.press("r")
    page.keyboard.type("Back soon.")
    page.keyboard.press("Enter")
    expect(page.locator(".message.is-sending")).to_have_count(1)
    page.reload()
    wait_for(page, stage, "message.send")
    open_talk(page, talk)

    expect(page.locator(".is-operator .bubble")).to_have_text("Back soon.")
    assert len({command["cid"] for command in stage.commands("message.send")}) == 1


def test_single_letters_can_be_turned_off(page: "Page") -> None:
    talk = talk_with("Hello?")
    Stage([talk]).open(page)
    open_talk(page, talk)

    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Single letters are keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator(".composer.is-note")).to_have_count(0)

    page.keyboard.press("Alt+n")
    expect(page.locator(".composer.is-note")).to_have_count(1)


def test_the_arrow_keys_walk_through_the_inbox_while_a_draft_is_kept(page: "Page") -> None:
    first = talk_with("first", promise=promise("first", 5, 60))
    second = talk_with("second", promise=promise("first", 1, 60))
    Stage([first, second]).open(page)

    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("r")
    page.keyboard.type("half a rep")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(f'[data-conversation="{second.id}"]')).to_have_attribute("aria-current", "true")
    expect(composer(page)).to_have_value("")
    page.keyboard.press("Alt+ArrowUp")

    expect(page.locator(f'[data-conversation="{first.id}"]')).to_have_attribute("aria-current", "true")
    expect(composer(page)).to_have_value("half a rep")


def test_a_reload_comes_back_to_the_open_conversation(page: "Page") -> None:
    first, second = talk_with("first"), talk_with("second")
    Stage([first, second]).open(page)
    open_talk(page, second)

    page.reload()

    expect(page.locator(f'[data-conversation="{second.id}"]')).to_have_attribute("aria-current", "true")
    expect(page.locator(".bubble")).to_have_text("second")


def test_an_image_that_is_pasted_or_dropped_is_uploaded_and_sent_by_its_id(page: "Page") -> None:
    talk = talk_with("Which seam?")
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)
    page.keyboard.press("r")

    for kind, target in (("paste", "#composer"), ("drop", "main")):
        page.evaluate(PUT_PICTURE, [kind, target])
    expect(page.locator(".upload:not(.is-moving)")).to_have_count(2)
    page.get_by_role("button", name="Send").click()
    wait_for(page, stage, "message.send")

    (sent,) = stage.commands("message.send")
    assert sent["attachments"] == [attachment["id"] for attachment in stage.uploaded]
    assert len(sent["attachments"]) == 2
    expect(page.locator(".upload")).to_have_count(0)


def test_a_file_that_is_no_image_is_refused_with_its_name(page: "Page") -> None:
    talk = talk_with("Which seam?")
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)

    page.locator("input[type=file]").set_input_files(
        {"name": "a.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    )

    expect(page.locator(".toast")).to_contain_text("a.svg is not a PNG, JPEG, GIF or WebP image.")
    assert stage.uploaded == []


def test_what_is_on_the_screen_is_marked_as_read(page: "Page") -> None:
    talk = talk_with("one", "two")
    stage = Stage([talk])
    stage.open(page)
    expect(page.locator(".unread")).to_have_text("2")

    open_talk(page, talk)

    expect(page.locator(".unread")).to_have_count(0)
    assert [command["upto"] for command in stage.commands("read.mark")] == [2]


def test_typing_is_shown_until_the_message_comes(page: "Page") -> None:
    talk = talk_with("one")
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)

    stage.tell({"type": "typing.changed", "conversation": talk.id, "side": "visitor", "name": "", "typing": True})
    expect(page.locator(".bubble.typing")).to_be_visible()
    stage.tell(talk.say("two"))

    expect(page.locator(".bubble.typing")).to_have_count(0)
    expect(page.locator(".bubble")).to_have_text(["one", "two"])


def test_the_desk_fits_a_screen_of_320_pixels(page: "Page") -> None:
    talk = talk_with("A rather long question about ridge tents and waterproof groundsheets", visitor_name="V" * 60)
    page.set_viewport_size({"width": 320, "height": 640})
    Stage([talk]).open(page)
    open_talk(page, talk)

    assert page.evaluate("document.documentElement.scrollWidth") == 320
    expect(composer(page)).to_be_in_viewport()
    page.get_by_role("button", name="Back to the inbox").click()
    expect(page.locator(".row")).to_be_visible()


def test_a_reset_reloads_the_conversation(page: "Page") -> None:  # rule 7
    talk = talk_with("one", "two")
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)
    talk.facts[0] = {**talk.facts[0], "body": "one, restored", "at": stamp(-60)}

    stage.tell({"type": "reset", "conversation": talk.id})

    expect(page.locator(".bubble")).to_have_text(["one, restored", "two"])
