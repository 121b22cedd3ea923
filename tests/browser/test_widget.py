"""The visitor's widget on a host page, in a real browser. The server is scripted: see widget_stage."""

import random
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.widget_stage import AUTOMATIC, HOST, OLGA, OPEN, PIXEL, SYSTEM, VISITOR, Stage

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, FrameLocator, Page

pytestmark = pytest.mark.no_database

OPERATOR = {"kind": "operator", **OLGA}
XSS = "<img src=x onerror=\"window.top.hacked='yes'\"><script>hacked='yes'</script>"


def enter(page: "Page", stage: Stage) -> "FrameLocator":
    stage.enter(page.context)
    return stage.open_site(page)


SETTLED = """() => Promise.allSettled(
  document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < 5000).map((one) => one.finished)
)"""


def open_panel(page: "Page", stage: Stage) -> "FrameLocator":
    frame = enter(page, stage)
    frame.get_by_role("button", name="Chat with us").click()
    expect(frame.get_by_role("dialog")).to_be_visible()
    # A click on a panel that still moves may land beside its target.
    page.wait_for_function("() => document.getAnimations().length === 0")
    frame.locator("body").evaluate(SETTLED)
    return frame


def write(frame: "FrameLocator", text: str) -> None:
    frame.get_by_label("Your message").fill(text)
    frame.get_by_label("Your message").press("Enter")


def closed_conversation(stage: Stage) -> None:
    stage.add("message.sent", VISITOR, body="Where is my order?", cid=None, attachments=[])
    stage.say("On its way.")
    stage.add("conversation.closed", OPERATOR, by="operator")
    stage.add("rating.requested", AUTOMATIC)


def in_minutes(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def frame_box(page: "Page") -> tuple[float, float, float, float]:
    """Left, top, width, height of the frame, once it has come to rest."""
    box = page.evaluate("""async () => {
        const frame = document.querySelector("iframe");
        await Promise.all(frame.getAnimations().map((animation) => animation.finished));
        const { x, y, width, height } = frame.getBoundingClientRect();
        return [x, y, width, height];
    }""")
    return tuple(box)


def frame_width(page: "Page") -> float:
    return frame_box(page)[2]


def test_nothing_is_sent_for_somebody_who_never_opens_it(page: "Page") -> None:
    stage = Stage()
    frame = enter(page, stage)

    expect(frame.get_by_role("button", name="Chat with us")).to_be_visible()
    page.wait_for_timeout(300)

    assert stage.heard == []
    assert frame_width(page) == 96


def test_the_first_message_is_greeted_sent_and_then_read(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    expect(frame.get_by_text("Automatic message")).to_be_visible()

    write(frame, "Is it waterproof?")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    stage.tell(stage.add("read.marked", OPERATOR, upto=1))

    expect(frame.get_by_text("Read", exact=True)).to_be_visible()
    [command] = stage.commands("message.send")
    assert (command["body"], command["attachments"], command["topic"]) == ("Is it waterproof?", [], None)
    assert stage.commands("hello")[0]["page"] == {
        "url": "http://acme-shop.localhost:9/tents",
        "title": "Tents",
        "referrer": "",
    }


def test_the_greeting_of_the_server_replaces_the_local_one(page: "Page") -> None:
    stage = Stage()
    stage.say("Welcome to Acme Outdoor!", AUTOMATIC)
    frame = open_panel(page, stage)

    expect(frame.get_by_text("Welcome to Acme Outdoor!", exact=True)).to_be_visible()

    expect(frame.get_by_text("Automatic message")).to_have_count(1)
    expect(frame.locator(".bubble")).to_have_count(1)


def test_a_topic_chosen_beforehand_goes_with_the_first_message(page: "Page") -> None:
    stage = Stage(topics=[{"slug": "delivery", "label": "Delivery"}, {"slug": "returns", "label": "Returns"}])
    frame = open_panel(page, stage)

    frame.get_by_role("button", name="Delivery").click()
    expect(frame.get_by_role("button", name="Delivery")).to_have_attribute("aria-pressed", "true")
    write(frame, "Where is it?")

    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    assert [command["topic"] for command in stage.commands("message.send")] == ["delivery"]


def test_a_topic_asked_for_is_chosen_once(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "Hello")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    stage.tell(stage.add("topic.asked", AUTOMATIC, topics=[{"slug": "delivery", "label": "Delivery"}]))

    frame.get_by_role("button", name="Delivery").click()

    expect(frame.get_by_text("Topic: Delivery")).to_be_visible()
    expect(frame.get_by_role("button", name="Delivery")).to_have_count(0)
    assert [command["topic"] for command in stage.commands("topic.choose")] == ["delivery"]


def test_an_unanswered_message_survives_a_reload_and_arrives_once(page: "Page") -> None:
    # rule 8
    stage = Stage(answers=False)
    frame = open_panel(page, stage)
    write(frame, "Do not lose me")
    expect(frame.get_by_text("Sending…")).to_be_visible()

    page.reload()
    expect(frame.get_by_text("Do not lose me")).to_be_visible()
    stage.answers = True
    stage.hang_up(1012)

    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    cids = {command["cid"] for command in stage.commands("message.send")}
    assert len(stage.commands("message.send")) >= 3
    assert cids == {stage.facts[0]["cid"]}
    assert len(stage.facts) == 1


def test_a_message_that_is_not_acked_fails_after_twenty_seconds_and_can_be_sent_again(page: "Page") -> None:
    stage = Stage(answers=False)
    page.clock.install()
    frame = open_panel(page, stage)
    write(frame, "Hello?")
    expect(frame.get_by_text("Sending…")).to_be_visible()

    for _ in range(6):
        page.clock.run_for(3_500)
        stage.tell(stage.heartbeat())
    expect(frame.get_by_text("Not sent")).to_be_visible()
    stage.answers = True
    frame.get_by_role("button", name="Try again").click()

    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    assert len({command["cid"] for command in stage.commands("message.send")}) == 1


def test_a_draft_survives_a_reload(page: "Page") -> None:
    frame = open_panel(page, Stage())
    frame.get_by_label("Your message").fill("Half a thou")

    page.reload()

    expect(frame.get_by_label("Your message")).to_have_value("Half a thou")


def test_messages_travel_over_http_where_sockets_are_blocked(page: "Page") -> None:
    # rule 9
    stage = Stage(sockets_work=False)
    frame = open_panel(page, stage)

    write(frame, "Through the wall")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    stage.say("I hear you")

    expect(frame.get_by_text("I hear you")).to_be_visible()
    assert set(stage.carried) == {"http"}
    assert len(stage.facts) == 2


def test_a_socket_takes_over_from_polling_as_soon_as_one_opens(page: "Page") -> None:
    stage = Stage(sockets_work=False)
    frame = open_panel(page, stage)
    write(frame, "First")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()

    stage.sockets_work = True
    page.frames[1].evaluate("() => window.dispatchEvent(new Event('online'))")
    page.wait_for_timeout(500)
    write(frame, "Second")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()

    assert stage.carried[-1] == "socket"
    assert [fact["body"] for fact in stage.facts] == ["First", "Second"]


def test_half_the_hints_lost_the_rest_doubled_and_shuffled_shows_the_same_history(page: "Page") -> None:
    # rule 5
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "number 1")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    chance = random.Random(11)
    hints = [fact for fact in [stage.say(f"number {number}") for number in range(2, 32)] if chance.random() < 0.5] * 2
    chance.shuffle(hints)

    stage.tell(*hints, stage.heartbeat())

    expect(frame.locator(".bubble")).to_have_text([f"number {number}" for number in range(1, 32)])


def test_a_lost_last_hint_is_repaired_by_a_heartbeat(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "one")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    stage.say("never announced")

    stage.tell(stage.heartbeat())

    expect(frame.get_by_text("never announced")).to_be_visible()
    assert stage.commands("entries.fetch")[0]["since"] == 1


def test_a_reset_loads_the_conversation_again(page: "Page") -> None:
    # rule 7
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "one")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()

    stage.facts[0]["body"] = "one, restored"
    stage.tell({"type": "reset", "conversation": stage.facts[0]["conversation"]})

    expect(frame.locator(".bubble")).to_have_text(["one, restored"])
    assert stage.commands("entries.fetch")[-1]["since"] == 0


def test_a_closed_socket_is_opened_again_with_the_cursor(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "one")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    stage.say("while you were away")

    stage.hang_up(1012)

    expect(frame.get_by_text("while you were away")).to_be_visible()
    hello = stage.commands("hello")[-1]
    assert (hello["since"], hello["conversation"], hello["token"]) == (1, stage.facts[0]["conversation"], "v1.token")


def test_a_refusal_is_final(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    expect(frame.get_by_text("Usually answers")).to_be_visible()

    stage.hang_up(4404)
    expect(frame.get_by_text("cannot be reached")).to_be_visible()
    page.frames[1].evaluate("() => window.dispatchEvent(new Event('online'))")
    page.wait_for_timeout(2_500)

    assert len(stage.commands("hello")) == 1


def test_a_silent_socket_is_given_up_after_twelve_seconds(page: "Page") -> None:
    stage = Stage()
    page.clock.install()
    frame = open_panel(page, stage)
    write(frame, "one")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()

    page.clock.run_for(11_000)
    assert len(stage.commands("hello")) == 1
    page.clock.run_for(4_000)

    expect(frame.get_by_text("one")).to_be_visible()
    page.wait_for_timeout(300)
    assert len(stage.commands("hello")) == 2


def test_heartbeats_are_answered(page: "Page") -> None:
    stage = Stage()
    open_panel(page, stage)
    page.wait_for_timeout(300)

    stage.tell(stage.heartbeat(), stage.heartbeat())
    page.wait_for_timeout(300)

    assert stage.commands("heartbeat") == [{"type": "heartbeat"}] * 2


def test_what_others_write_is_shown_as_text(page: "Page") -> None:
    # rule 39
    stage = Stage()
    operator = {**OPERATOR, "name": XSS}
    stage.add("message.sent", VISITOR, body=XSS, cid=None, attachments=[])
    stage.add("conversation.assigned", SYSTEM, operator={"id": OLGA["id"], "name": XSS})
    stage.say(f"{XSS} javascript:alert(1)", operator)
    stage.add("topic.asked", AUTOMATIC, topics=[{"slug": "x", "label": XSS}])
    frame = open_panel(page, stage)

    expect(frame.locator(".bubble")).to_have_text([XSS, f"{XSS} javascript:alert(1)"])
    expect(frame.locator(".message-name")).to_have_text([XSS])
    page.wait_for_timeout(200)

    assert frame.locator(".thread :is(img, script, a)").count() == 0
    assert page.evaluate("() => window.hacked") is None
    assert page.frames[1].evaluate("() => window.hacked") is None


def test_ending_the_conversation_asks_first(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "Never mind")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()

    frame.get_by_role("button", name="End conversation").click()
    assert stage.commands("conversation.leave") == []
    frame.get_by_role("button", name="End it").click()

    expect(frame.get_by_text("You ended the conversation")).to_be_visible()
    assert len(stage.commands("conversation.leave")) == 1


def test_enter_that_ends_a_composition_does_not_send(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    field = frame.get_by_label("Your message")
    field.fill("テント")

    press = (
        "(field, detail) => field.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, key: 'Enter', ...detail}))"
    )
    field.evaluate(press, {"isComposing": True})
    field.evaluate(press, {"keyCode": 229})
    field.press("Shift+Enter")

    page.wait_for_timeout(200)
    assert stage.commands("message.send") == []
    expect(field).to_have_value("テント\n")
    field.press("Enter")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()


def test_typing_is_told_at_most_every_two_seconds(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "Hello")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()

    frame.get_by_label("Your message").press_sequentially("abcdefgh", delay=30)
    frame.get_by_label("Your message").fill("")
    page.wait_for_timeout(200)

    assert [command["typing"] for command in stage.commands("typing.set")] == [True, False]


def test_the_other_sides_typing_is_shown_until_its_message_comes(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "Hello")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    typing: dict[str, Any] = {"type": "typing.changed", "side": "operator", "name": "Olga", "typing": True}

    stage.tell({**typing, "conversation": stage.facts[0]["conversation"]})
    expect(frame.get_by_text("Olga is typing")).to_be_attached()
    stage.tell(stage.say("Here I am"))

    expect(frame.get_by_text("Olga is typing")).to_have_count(0)


def test_outside_opening_hours_a_question_is_kept_over_a_reload_and_sent(page: "Page") -> None:
    opens = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    stage = Stage(opening={**OPEN, "open": False, "next_opening": opens})
    frame = open_panel(page, stage)
    expect(frame.get_by_text("We are back tomorrow at")).to_be_visible()
    frame.get_by_label("Your name").fill("Vera")
    frame.get_by_label("Your question").fill("Do you ship to Belgium?")
    frame.get_by_role("button", name="Send question").click()
    expect(frame.get_by_text("Fill in an e-mail address")).to_be_visible()
    expect(frame.get_by_label("E-mail address")).to_be_focused()
    assert stage.commands("contact.send") == []

    page.reload()
    frame.get_by_label("E-mail address").fill("vera@example.com")
    frame.get_by_role("button", name="Send question").click()

    expect(frame.get_by_text("We answer to vera@example.com.")).to_be_visible()
    [command] = stage.commands("contact.send")
    assert (command["name"], command["email"]) == ("Vera", "vera@example.com")
    assert command["body"] == "Do you ship to Belgium?"


def test_shortly_before_closing_the_visitor_is_told_when(page: "Page") -> None:
    stage = Stage(opening={**OPEN, "until": in_minutes(40)})
    frame = open_panel(page, stage)
    expect(frame.get_by_label("Your message")).to_be_visible()
    expect(frame.get_by_text("We close at")).to_have_count(0)

    # The hours were changed meanwhile: a heartbeat brings it.
    stage.opening["until"] = in_minutes(10)
    stage.tell(stage.heartbeat())
    expect(frame.get_by_text(re.compile(r"We close at \d+:\d\d( [AP]M)?\.$"))).to_be_visible()

    write(frame, "Hello")
    stage.tell(stage.add("conversation.assigned", SYSTEM, operator=OLGA))
    expect(frame.get_by_text("This conversation is finished first.")).to_be_visible()


def test_on_a_special_day_the_visitor_is_told_why_it_is_closed(page: "Page") -> None:
    stage = Stage(opening={**OPEN, "open": False, "next_opening": in_minutes(24 * 60), "label": "Christmas Day"})
    frame = open_panel(page, stage)

    expect(frame.get_by_role("heading", name="Closed today: Christmas Day")).to_be_visible()
    expect(frame.get_by_text("We are back tomorrow at")).to_be_visible()


def test_an_own_history_can_be_read_while_closed(page: "Page") -> None:
    stage = Stage(opening={**OPEN, "open": False})
    closed_conversation(stage)
    long_ago = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    for fact in stage.facts:
        fact["at"] = long_ago
    frame = open_panel(page, stage)

    expect(frame.get_by_text("On its way.")).to_be_attached()
    expect(frame.get_by_text("We are closed right now")).to_be_visible()
    expect(frame.get_by_label("Your message")).to_have_count(0)


def test_long_after_closing_a_new_conversation_is_begun(page: "Page") -> None:
    stage = Stage()
    closed_conversation(stage)
    for fact in stage.facts:
        fact["at"] = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    frame = open_panel(page, stage)

    frame.get_by_role("button", name="Start a new conversation").click()

    expect(frame.get_by_label("Your message")).to_be_focused()
    expect(frame.get_by_text("Welcome to Acme Outdoor!")).to_be_visible()


def test_escape_closes_the_panel_and_the_focus_returns_to_the_button(page: "Page") -> None:
    frame = open_panel(page, Stage())
    expect(frame.get_by_label("Your message")).to_be_focused()
    assert frame_width(page) == 400

    page.keyboard.press("Escape")

    expect(frame.get_by_role("button", name="Chat with us")).to_be_focused()
    assert frame_width(page) == 96


def test_on_a_phone_the_panel_fills_the_screen(page: "Page") -> None:
    page.set_viewport_size({"width": 320, "height": 600})
    open_panel(page, Stage())

    box = frame_box(page)
    overflow = page.frames[1].evaluate("() => document.documentElement.scrollWidth > innerWidth")

    assert box == (0, 0, 320, 600)
    assert not overflow


def test_new_messages_are_counted_while_the_panel_is_closed(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    write(frame, "Hello")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    page.keyboard.press("Escape")

    stage.tell(stage.say("Hi"), stage.say("How can I help?"))
    frame.get_by_role("button", name="Chat with us: 2 new messages").click()

    expect(frame.get_by_text("How can I help?")).to_be_visible()
    page.wait_for_timeout(200)
    assert stage.commands("read.mark")[-1]["upto"] == 3


def test_a_second_tab_shows_the_same_conversation(page: "Page") -> None:
    stage = Stage()
    frame = open_panel(page, stage)
    second = page.context.new_page()
    other = stage.open_site(second)
    expect(other.get_by_role("button", name="Chat with us")).to_be_visible()

    write(frame, "From the first tab")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    stage.tell(stage.say("To both"))

    expect(frame.get_by_text("To both")).to_be_visible()
    other.get_by_role("button", name="Chat with us: 1 new message").click()
    expect(other.locator(".bubble")).to_have_text(["From the first tab", "To both"])


def test_an_image_is_uploaded_with_the_token_and_shown_in_the_thread(page: "Page") -> None:
    # rule 36
    stage = Stage()
    frame = open_panel(page, stage)
    tent: FilePayload = {"name": "tent.png", "mimeType": "image/png", "buffer": PIXEL}
    drawing: FilePayload = {"name": "bad.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    frame.locator("input[type=file]").set_input_files([tent, drawing])
    expect(frame.get_by_text("Only PNG, JPEG, GIF and WebP")).to_be_visible()
    expect(frame.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    frame.get_by_role("button", name="Remove bad.svg").click()

    frame.get_by_role("button", name="Send", exact=True).click()
    frame.get_by_role("button", name="Enlarge the image tent.png").click()

    expect(frame.get_by_role("dialog", name="tent.png")).to_be_visible()
    page.keyboard.press("Escape")
    expect(frame.get_by_role("dialog", name="tent.png")).to_have_count(0)
    expect(frame.get_by_label("Your message")).to_be_visible()
    [upload] = [request for request in stage.uploads if request.method == "POST"]
    assert upload.headers["authorization"] == "Bearer v1.token"
    assert len(stage.commands("message.send")[0]["attachments"]) == 1
    assert "token" not in upload.url


def test_a_change_of_address_is_told_to_the_server(page: "Page") -> None:
    stage = Stage()
    open_panel(page, stage)
    page.wait_for_timeout(200)

    page.evaluate("() => { history.pushState({}, '', '/tents/ridge'); document.title = 'Ridge tent'; }")
    page.wait_for_timeout(400)

    [visit] = stage.commands("page.visit")
    assert visit["page"] == {
        "url": "http://acme-shop.localhost:9/tents/ridge",
        "title": "Ridge tent",
        "referrer": "http://acme-shop.localhost:9/tents",
    }


def test_forged_messages_between_page_and_frame_are_ignored(page: "Page") -> None:
    # rule 35
    stage = Stage()
    frame = enter(page, stage)
    expect(frame.get_by_role("button", name="Chat with us")).to_be_visible()

    forged = {"source": "chatplatform-widget", "type": "size", "state": "open"}
    page.evaluate("(message) => window.postMessage(message, '*')", forged)
    page.wait_for_timeout(200)

    assert frame_width(page) == 96


def test_only_the_websites_own_origins_may_frame_it(page: "Page") -> None:
    # rule 35
    stage = Stage()
    stage.enter(page.context)
    frame = f"<iframe src='{HOST}/widget/?website=acme-shop'></iframe>"
    page.route("http://evil.localhost:9/**", lambda route: route.fulfill(body=frame, content_type="text/html"))
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text))

    page.goto("http://evil.localhost:9/")
    page.wait_for_timeout(500)

    assert [text for text in refusals if "frame-ancestors" in text]
    assert stage.heard == []


def test_loading_the_loader_twice_makes_one_frame(page: "Page") -> None:
    stage = Stage()
    frame = enter(page, stage)
    expect(frame.get_by_role("button", name="Chat with us")).to_be_visible()

    page.evaluate("""() => new Promise((done) => {
        // A clone of a script that ran would never run.
        const again = document.createElement("script");
        again.src = document.querySelector("script[data-website]").src;
        again.dataset.website = "acme-shop";
        again.onload = done;
        document.body.append(again);
    })""")

    assert page.locator("iframe").count() == 1


def test_the_frames_title_follows_the_pages_language(page: "Page") -> None:
    enter(page, Stage(language="nl"))

    expect(page.locator("iframe")).to_have_attribute("title", "Chat met ons")


def test_a_conversation_that_closed_meanwhile_moves_the_words_into_the_form(page: "Page") -> None:
    stage = Stage(answers=False)
    frame = open_panel(page, stage)
    write(frame, "Just too late")
    page.wait_for_timeout(200)
    stage.opening = {**OPEN, "open": False}

    refusal = {"type": "error", "code": "closed_hours", "message": "Closed.", "retry": False, "retry_after": None}
    stage.tell({**refusal, "cid": stage.commands("message.send")[0]["cid"]})

    expect(frame.get_by_label("Your question")).to_have_value("Just too late")
