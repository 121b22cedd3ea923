"""How a conversation went is noted at the desk by a tap or by keys, sent with the closing, and put right afterwards."""

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk_stage import OLGA, SYSTEM, Stage, Talk, stamp
from tests.chromium import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.no_database

CONVERSATION = "0190a1b2-0000-7000-8000-0000000000fe"


def opened(page: "Page", **fields: Any) -> tuple[Stage, Talk]:
    talk = Talk()
    talk.add("conversation.assigned", SYSTEM, operator=OLGA)
    talk.say("Thanks!")
    stage = Stage([talk], **fields)
    stage.open(page)
    page.locator(f'[data-conversation="{talk.id}"]').click()
    return stage, talk


def tap(page: "Page", field: str, words: str) -> None:
    page.locator(f'.ending [data-field="{field}"] label', has_text=words).click()


def chosen(page: "Page", field: str) -> list[str]:
    return page.locator(f'.ending [data-field="{field}"] label:has(input:checked)').all_inner_texts()


def noted(command: dict[str, Any]) -> dict[str, Any]:
    return {name: command.get(name) for name in ("purpose", "lead", "mood_start", "mood_end")}


def test_what_was_tapped_goes_out_with_the_closing(page: "Page") -> None:
    stage, _talk = opened(page)

    tap(page, "mood_start", "Annoyed")
    tap(page, "mood_end", "Delighted")
    tap(page, "lead", "Yes")
    tap(page, "mood_start", "Annoyed")  # once more takes it back
    page.keyboard.press("Alt+Shift+2")

    expect(page.locator(".toast")).to_contain_text("Closed as: Information.")
    [command] = stage.commands("conversation.close")
    assert noted(command) == {"purpose": "information", "lead": True, "mood_start": None, "mood_end": 2}


def test_keys_note_it_and_delete_takes_it_back(page: "Page") -> None:
    _stage, _talk = opened(page)

    page.keyboard.press("e")
    page.keyboard.press("Space")
    assert chosen(page, "mood_start") == ["Furious"]
    page.keyboard.press("ArrowRight")
    assert chosen(page, "mood_start") == ["Annoyed"]
    page.keyboard.press("Delete")
    assert chosen(page, "mood_start") == []


def test_nothing_has_to_be_noted(page: "Page") -> None:
    stage, _talk = opened(page)

    page.keyboard.press("Alt+Shift+1")

    expect(page.locator(".toast")).to_contain_text("Closed as: Problem.")
    [command] = stage.commands("conversation.close")
    assert noted(command) == {"purpose": "problem", "lead": None, "mood_start": None, "mood_end": None}


def test_for_a_while_it_can_be_put_right(page: "Page") -> None:
    stage, _talk = opened(page)
    tap(page, "mood_end", "Calm")
    page.keyboard.press("Alt+Shift+2")
    expect(page.get_by_role("heading", name="Recent")).to_be_visible()

    tap(page, "purpose", "Complaint")
    tap(page, "mood_end", "Furious")

    expect(page.locator('.ending [data-field="mood_end"] label:has(input:checked)')).to_have_text("Furious")
    last = stage.commands("ending.correct")[-1]
    assert (last["purpose"], last["mood_end"]) == ("complaint", -2)


def test_a_supervisor_hears_of_a_follow_up_and_sees_how_many_there_are(page: "Page") -> None:
    stage, _talk = opened(page, supervises=True)
    follow_up = {
        "id": CONVERSATION,
        "organisation": "acme",
        "conversation": CONVERSATION,
        "reason": "low_mark",
        "mark": 3,
    }

    stage.tell({"type": "follow_up.raised", "follow_up": {**follow_up, "due_at": stamp(3600)}})

    expect(page.locator(".toast")).to_contain_text("A visitor of Acme Outdoor gave a 3.")
    link = page.get_by_role("link", name="Follow-ups")
    expect(link).to_contain_text("1 open")
    expect(link).to_have_attribute("href", "/follow-ups/")
    stage.tell(
        {
            "type": "heartbeat",
            "now": stamp(),
            "tops": {},
            "alerts": [],
            "follow_ups": {"open": 2, "late": 1},
            "unread": 0,
        }
    )
    expect(link).to_contain_text("2 open")
    expect(link).to_contain_text("▲ 1 late")


def test_an_operator_hears_that_something_was_written_to_them(page: "Page") -> None:
    stage, _talk = opened(page)
    expect(page.get_by_role("link", name="Follow-ups")).to_have_count(0)

    stage.tell({"type": "coaching.written", "operator": OLGA["id"], "author": "Sam"})

    expect(page.locator(".toast")).to_contain_text("Sam wrote you something about your work.")
    expect(page.get_by_role("link", name="For you")).to_contain_text("1 new")
