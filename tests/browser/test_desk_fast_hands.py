"""Hands that are faster than the page draws: all that was typed is sent, and once."""

from typing import TYPE_CHECKING

import pytest

from tests.browser.desk_stage import Stage
from tests.browser.test_desk import composer, open_talk, talk_with

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.no_database

# In one task of the page: nothing is drawn between the letters and the key.
TYPED_AND_SENT = """(field, {words, times}) => {
  field.focus();
  field.value = words;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  for (let time = 0; time < times; time += 1)
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}"""


@pytest.mark.parametrize("times", [1, 2])
def test_enter_before_the_page_has_drawn_sends_all_that_was_typed_once(page: "Page", times: int) -> None:
    talk = talk_with("Do you hear me?")
    stage = Stage([talk])
    stage.open(page)
    open_talk(page, talk)

    composer(page).evaluate(TYPED_AND_SENT, {"words": "Loud and clear.", "times": times})

    page.wait_for_function("() => document.querySelector('.is-operator .bubble')")
    assert [command["body"] for command in stage.commands("message.send")] == ["Loud and clear."]
