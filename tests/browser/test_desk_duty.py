"""Presence, client cards and "why did I get this?" at the desk, against a scripted server."""

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk_stage import OLGA, OMAR, SYSTEM, Stage, Talk, card, promise, stamp
from tests.chromium import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.no_database

REASONS: dict[str, Any] = {
    "load": 1.5,
    "capacity": 4,
    "candidates": 5,
    "idle_seconds": 185.0,
    "speaks_language": True,
    "helped_before": True,
    "taken_last_hour": 3,
    "waiting": 1,
    "level": 2,
    "rule": "present",
    "decided_by": "load",
    "attempt": 2,
    "previous": OMAR,
}


def presence(state: str, reason: str = "", until: float | None = None, since: float = 0) -> dict[str, Any]:
    """The frame that another device of Olga's causes; times in seconds from now."""
    chosen = {
        "state": state,
        "reason": reason,
        "until": until if until is None else stamp(until),
        "since": stamp(since),
    }
    return {"type": "presence.changed", "operator": OLGA["id"], "presence": chosen}


def asked(*bodies: str, **fields: Any) -> Talk:
    talk = Talk(promise=promise("first", 5, 20), **fields)
    for body in bodies:
        talk.say(body)
    return talk


def test_a_break_begins_with_the_keyboard_alone_and_says_until_when(page: "Page") -> None:
    stage = Stage()
    stage.open(page)

    page.keyboard.press("b")
    expect(page.get_by_role("radio", name="Short pause")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page.get_by_text(re.compile(r"Meal until \d?\d:\d\d, 30 min left"))).to_be_visible()
    expect(page.get_by_role("button", name="Break", exact=True)).to_be_focused()
    page.keyboard.press("b")
    expect(page.get_by_text("New conversations come to you")).to_be_visible()
    chosen = [(command["state"], command["reason"], command["minutes"]) for command in stage.commands("presence.set")]
    assert chosen == [("on_break", "meal", 30), ("available", "", None)]


def test_escape_leaves_the_break_unbegun(page: "Page") -> None:
    stage = Stage()
    stage.open(page)

    page.get_by_role("button", name="Break", exact=True).click()
    page.keyboard.press("Escape")

    expect(page.get_by_role("form", name="Take a break")).to_have_count(0)
    expect(page.get_by_role("button", name="Available", exact=True)).to_have_attribute("aria-pressed", "true")
    assert stage.commands("presence.set") == []


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("busy", "No new conversations, you keep your own"),
        ("away", "No new conversations come to you"),
    ],
)
def test_what_another_device_chose_shows_here(page: "Page", state: str, says: str) -> None:
    stage = Stage()
    stage.open(page)

    stage.tell(presence(state))

    expect(page.locator(".identity-name").get_by_text(says)).to_be_visible()
    expect(page.locator(f".switch .is-{state}")).to_have_attribute("aria-pressed", "true")


def test_a_break_that_is_over_asks_and_can_be_lengthened(page: "Page") -> None:
    stage = Stage()
    stage.open(page)

    stage.tell(presence("on_break", "meal", until=1, since=-60))

    call = page.locator(".call", has_text="Your break is over. Are you back?")
    expect(call).to_be_visible()
    expect(page.locator(".identity-name")).to_contain_text(re.compile(r"Meal was over at \d?\d:\d\d"))
    call.get_by_role("button", name="10 more minutes").click()
    expect(call).to_have_count(0)
    assert [(one["reason"], one["minutes"]) for one in stage.commands("presence.set")] == [("meal", 10)]


def test_who_goes_on_a_break_learns_that_visitors_wait_and_go_to_colleagues(page: "Page") -> None:
    waits, done = asked("Hello?"), asked("Thanks!")
    done.promise = None
    stage = Stage([waits, asked("Anybody?"), done])
    stage.open(page)

    stage.tell(presence("on_break", "meal", until=900))
    call = page.locator(".call.is-broken")
    expect(call).to_contain_text(
        re.compile(r"2 visitors wait for you, and go to colleagues in 4\d s unless you answer.")
    )
    stage.tell(presence("away", since=-50))
    expect(call).to_contain_text("2 visitors wait for you, and go to colleagues as soon as one is free.")
    stage.tell(presence("busy"))

    expect(call).to_have_count(0)


def test_a_desk_that_was_not_heard_for_long_says_so_once(page: "Page") -> None:
    stage = Stage(gone_since=stamp(-120))
    stage.open(page)

    call = page.locator(".call", has_text="this desk could not be heard")
    expect(call).to_contain_text("Visitors who waited for you then went to colleagues.")
    call.get_by_role("button", name="Dismiss").click()

    expect(call).to_have_count(0)


def test_a_new_day_is_no_absence(page: "Page") -> None:
    stage = Stage(gone_since=stamp(-12 * 3600))
    stage.open(page)

    expect(page.get_by_text("New conversations come to you")).to_be_visible()
    assert page.locator(".call").count() == 0


def test_a_card_is_read_and_confirmed_and_can_be_read_again(page: "Page") -> None:
    talk = asked("Hello?")
    stage = Stage([talk], cards={"acme": card()})
    stage.open(page)
    call = page.locator(
        ".call", has_text="You get no conversations for Acme Outdoor until you have confirmed its card."
    )

    call.get_by_role("button", name="Read the card").click()
    dialog = page.get_by_role("dialog", name="Before you answer for Acme Outdoor: read this card")
    expect(dialog.locator(".is-dos li")).to_have_text(["Name the delivery day.", "Smile."])
    expect(dialog.locator(".is-donts")).to_have_count(0)
    expect(dialog.locator("mark")).to_have_count(0)
    dialog.get_by_role("button", name="I have read it").click()

    expect(dialog).to_have_count(0)
    expect(call).to_have_count(0)
    assert stage.commands("card.confirm") == [{"type": "card.confirm", "organisation": "acme", "version": 1}]
    page.locator(f'[data-conversation="{talk.id}"]').click()
    page.get_by_role("button", name="Client card").click()
    again = page.get_by_role("dialog", name="The card of Acme Outdoor")
    expect(again).to_contain_text("Stan: tents")
    expect(again.get_by_role("button", name="I have read it")).to_have_count(0)


def test_a_card_that_changes_asks_again_and_marks_what_is_new(page: "Page") -> None:
    stage = Stage(cards={"acme": card(confirmed=1)})
    stage.open(page)
    expect(page.get_by_text("New conversations come to you")).to_be_visible()
    assert page.locator(".call").count() == 0

    before = {"tone": "First names.", "dos": "Smile.", "donts": "", "specialists": "Stan: tents"}
    stage.cards["acme"] = card(version=2, confirmed=1, before=before)
    stage.tell({"type": "card.changed", "organisation": "acme", "version": 2})
    page.locator(".call", has_text="The card of Acme Outdoor has changed.").get_by_role("button").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.locator("li mark")).to_have_text(["Name the delivery day."])
    stage.tell({"type": "card.confirmed", "operator": OMAR["id"], "organisation": "acme", "version": 2})
    stage.tell({"type": "card.confirmed", "operator": OLGA["id"], "organisation": "acme", "version": 2})
    expect(page.locator(".call")).to_have_count(0)


def test_why_did_i_get_this_is_answered_from_the_reasons_kept(page: "Page") -> None:
    talk = asked("Hello?")
    talk.add("offer.made", SYSTEM, operator=OLGA, reasons=REASONS)
    Stage([talk]).open(page)
    page.locator(f'[data-conversation="{talk.id}"]').click()

    page.locator(".line").get_by_role("button", name="Why did I get this?").click()

    answer = page.get_by_role("dialog", name="Why did I get this?")
    expect(answer.locator(".why-decided")).to_have_text("The lowest load decided.")
    expect(answer.locator("li")).to_have_text(
        [
            "Speaks English.",
            "Helped this visitor last time.",
            "1 visitor was waiting for an answer.",
            "1.5 of 4 places were taken.",
            "The last offer was 3 minutes ago.",
            "3 conversations in the last hour.",
            "Chosen from 5 who could have it.",
            "Offer number 2: Omar had it before.",
        ]
    )
    expect(answer.locator(".is-decisive")).to_have_text("1.5 of 4 places were taken.")


def test_an_old_offer_tells_what_was_kept_of_it(page: "Page") -> None:
    talk = asked("Hello?")
    old = {"load": 1.0, "capacity": 4, "candidates": 1, "idle_seconds": None, "speaks_language": False}
    nothing = {
        "helped_before": False,
        "taken_last_hour": 0,
        "waiting": 0,
        "level": None,
        "rule": "",
        "decided_by": "",
        "attempt": 1,
    }
    talk.add("offer.made", SYSTEM, operator=OMAR, reasons={**old, **nothing, "previous": None})
    Stage([talk]).open(page)
    page.locator(f'[data-conversation="{talk.id}"]').click()

    page.get_by_role("button", name="Why Omar?").click()

    answer = page.get_by_role("dialog")
    expect(answer.locator(".why-decided")).to_have_count(0)
    expect(answer.locator("li")).to_have_text(
        [
            "Does not speak English; nobody who does was free.",
            "1 of 4 places were taken.",
            "Had no offer before.",
            "Nobody else could have it.",
        ]
    )


def test_who_lost_a_conversation_learns_why_and_keeps_the_draft(page: "Page") -> None:
    talk = asked("Hello?")
    stage = Stage([talk])
    stage.open(page)
    page.locator(f'[data-conversation="{talk.id}"]').click()
    page.keyboard.press("r")
    page.keyboard.type("It is water")

    withdrawn = talk.add("offer.withdrawn", SYSTEM, operator=OLGA, reason="silent")
    talk.operator = OMAR["id"]
    stage.tell(withdrawn, {"type": "inbox.changed", "entry": talk.row})

    says = "Acme Outdoor: given to a colleague, no reply within 15 s. Your draft is kept."
    expect(page.locator(".toast")).to_contain_text(says)
    expect(page.locator(".talk").get_by_text(says)).to_be_visible()
    expect(page.locator(".line", has_text="Taken back from Olga: no reply in time.")).to_be_visible()
    page.reload()
    kept = page.evaluate("Object.values(localStorage).join()")
    assert "It is water" in kept


def test_pauses_alerts_and_changes_of_hands_are_lines_for_staff(page: "Page") -> None:
    talk = asked("Hello?")
    talk.add("offer.made", SYSTEM, operator=OMAR, reasons={**REASONS, "decided_by": "taken"})
    talk.add("offer.withdrawn", SYSTEM, operator=OMAR, reason="gone")
    talk.add("supervisor.alerted", SYSTEM, kind="nobody_free")
    talk.add("promise.paused", SYSTEM, reason="escalated", resumes_at=None)
    talk.add("promise.paused", SYSTEM, reason="outside_hours", resumes_at=stamp(60))
    talk.add("promise.resumed", SYSTEM, reason="outside_hours", due_at=stamp(90))
    Stage([talk]).open(page)
    page.locator(f'[data-conversation="{talk.id}"]').click()

    lines = page.locator(".line.is-staff > span:not(.visually-hidden)")
    expect(lines.nth(0)).to_have_text("Omar took it.")
    expect(lines.nth(1)).to_have_text("Taken back from Omar, who was not there.")
    expect(lines.nth(2)).to_have_text("A supervisor was told: nobody is free.")
    expect(lines.nth(3)).to_have_text("The clock rests: a specialist was asked.")
    expect(lines.nth(4)).to_contain_text("The clock rests outside opening hours, until ")
    expect(lines.nth(5)).to_contain_text("The clock runs again: an answer is due at ")
    expect(lines).to_have_count(6)
