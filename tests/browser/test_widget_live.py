"""The widget on the demo bank, whose desk never closes, against the real server."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from conversations.models import ContactRequest, Conversation
from conversations.services.closing import close_conversation
from conversations.services.supervising import take_over
from conversations.services.sweeping import sweep_once
from operators.models import Presence
from ratings.models import Ask, Rating
from tenants.calendars import hours_changed
from tenants.clock import platform_now
from tenants.context import in_organisation
from tenants.models import SpecialDay
from tests.browser.widget_stage import PIXEL
from tests.cast import globex
from tests.chromium import outside_browser
from tests.conversations.scene import answered, append, dismiss_operators, hire_operator
from tests.desk_people import open_all_day

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

    from tests.servers import WebServer

PATIENCE_SECONDS = 10.0


@pytest.fixture
def demo(platform_database: None) -> None:
    globex()


@pytest.fixture
def closing(demo: None) -> Iterator[Callable[[], None]]:
    """Makes today a special day at Globex, and sweeps once."""
    today = platform_now().astimezone(ZoneInfo(globex().time_zone)).date()
    Presence.objects.all().delete()

    def close() -> None:
        # The hours of the evening before end at midnight, so both days are needed early in the day.
        for day in (today, today - timedelta(days=1)):
            SpecialDay.objects.create(organisation_id=globex().id, date=day, label="Stocktaking")
        hours_changed(globex().id)
        sweep_once()

    yield close
    SpecialDay.objects.filter(organisation_id=globex().id, label="Stocktaking").delete()


def open_panel(page: "Page", web_server: "WebServer") -> "FrameLocator":
    page.goto(web_server.url("globex-bank.localhost"))
    frame = page.frame_locator("iframe[data-widget-frame]")
    frame.get_by_role("button", name="Chat with us").click()
    return frame


def write(frame: "FrameLocator", text: str) -> None:
    frame.get_by_label("Your message").fill(text)
    frame.get_by_label("Your message").press("Enter")


def test_a_conversation_is_there_again_after_a_reload(demo: None, web_server: "WebServer", page: "Page") -> None:
    frame = open_panel(page, web_server)
    write(frame, "What is the interest on savings?")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()

    page.reload()

    expect(frame.get_by_text("What is the interest on savings?")).to_have_count(1)
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    expect(frame.locator(".message-automatic .bubble")).to_have_count(1)


def test_a_message_arrives_where_sockets_are_blocked(demo: None, web_server: "WebServer", page: "Page") -> None:
    # rule 9
    page.context.route_web_socket("**/socket/widget/", lambda socket: socket.close(code=1011))
    frame = open_panel(page, web_server)
    write(frame, "Through the wall")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible(timeout=15_000)

    page.reload()

    expect(frame.get_by_text("Through the wall")).to_have_count(1)
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible(timeout=15_000)


def test_who_waits_at_closing_time_leaves_only_an_address(
    demo: None, web_server: "WebServer", page: "Page", closing: Callable[[], None]
) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    frame = open_panel(page, web_server)
    write(frame, "What is the interest on savings?")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()

    with outside_browser():
        closing()

    expect(frame.get_by_text("We closed before somebody could answer.")).to_be_visible()
    email = f"victor-{uuid4().hex[:8]}@example.com"
    frame.get_by_label("E-mail address").fill(email)
    frame.get_by_role("button", name="Answer me there").click()
    expect(frame.get_by_text(f"We answer to {email}.")).to_be_visible()
    with outside_browser():
        requests = in_organisation(globex(), lambda _: list(ContactRequest.objects.filter(email=email)))
    [kept] = requests
    assert (kept.reason, kept.body) == ("closing_time", "What is the interest on savings?")


def test_an_image_arrives_and_is_fetched_with_the_token(demo: None, web_server: "WebServer", page: "Page") -> None:
    frame = open_panel(page, web_server)
    frame.locator("input[type=file]").set_input_files({"name": "card.png", "mimeType": "image/png", "buffer": PIXEL})
    frame.get_by_role("button", name="Send", exact=True).click()
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()

    page.reload()

    expect(frame.locator(".picture img")).to_be_visible()
    source = frame.locator(".picture img").get_attribute("src") or ""
    assert source.startswith("blob:")


def test_who_waits_while_nobody_is_free_reads_their_place(demo: None, web_server: "WebServer", page: "Page") -> None:
    with outside_browser():
        opened = open_all_day(globex())
        opened.__enter__()
    frame = open_panel(page, web_server)
    write(frame, "Is anybody there?")

    expect(frame.locator(".strip-queue")).to_contain_text(re.compile(r"You are (next|number \d+)\."))
    expect(frame.locator(".header-status")).to_have_text("We have your message")
    with outside_browser():
        opened.__exit__(None, None, None)


def mark_of(talk: Conversation) -> int | None:
    """Once it is stored: the page goes on before the answer is back."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        rating = in_organisation(globex(), lambda _: Rating.objects.filter(conversation=talk).first())
        if rating is not None:
            return rating.mark
        time.sleep(0.05)
    return None


def test_the_mark_is_asked_within_a_second_of_the_end_and_is_one_tap(
    demo: None, web_server: "WebServer", page: "Page"
) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    frame = open_panel(page, web_server)
    write(frame, "Do you have savings accounts?")
    expect(frame.get_by_text("Sent", exact=True)).to_be_visible()
    with outside_browser():
        operator = hire_operator(globex(), name="Olga", capacity=500)
        # By its key, which follows the real time: other tests' conversations may have begun in the future.
        talk = in_organisation(globex(), lambda _: Conversation.objects.latest("pk"))
        in_organisation(globex(), take_over, operator, talk.id, uuid4())
        append(globex(), answered(talk, operator, "We do."))
        in_organisation(globex(), close_conversation, operator, talk.id, uuid4(), "information")

    eight = frame.get_by_role("button", name="8 out of 10")
    expect(eight).to_be_in_viewport()
    eight.click()
    expect(frame.get_by_text("2 of 6")).to_be_visible()

    with outside_browser():
        ask = in_organisation(globex(), lambda _: Ask.objects.select_related("conversation").get(conversation=talk))
        mark = mark_of(talk)
        dismiss_operators([operator.id])
    assert (ask.way, mark) == (Ask.Way.THREAD, 8)
    assert ask.conversation.closed_at is not None
    assert ask.shown_at is not None
    # Stored is when the page told that the question is in sight: the way there and back is in it.
    assert ask.shown_at - ask.conversation.closed_at < timedelta(seconds=1)
