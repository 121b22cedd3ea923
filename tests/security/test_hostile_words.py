"""Rule 39: what a visitor controls is shown as text in the organisation's own pages."""

import asyncio
import re
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ratings.models import Rating
from tenants.context import in_organisation
from tests.cast import acme, client_of, logged_in
from tests.desk_people import Colleague
from tests.protocol_client import desk, new_cid, take, token_of, visitor_door, visitor_hello, widget
from tests.servers import WebServer
from tests.tenants.test_images import drawn, encoded

PROBE = "<script>alert('xss')</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(2)>{{7*7}}{% now %}"
LINK = "javascript:alert(document.domain)//<b>xss</b>"
RAW = re.compile(r"<script>alert|<img src=x|<svg/onload|<b>xss|href=[\"']?\s*javascript:", re.IGNORECASE)


@pytest.fixture(scope="module")
def hostile_conversation(server: WebServer) -> str:
    """A conversation in which everything a visitor can write is a probe; rated and closed, a contact request beside."""
    from tests.cast import globex
    from tests.desk_people import colleague_of

    olga: Colleague = colleague_of(acme(), globex())
    page = {"url": LINK, "title": PROBE, "referrer": LINK}

    async def converse() -> tuple[str, str]:
        async with widget(server, page=page) as vera, desk(server, olga.cookie) as olgas:
            conversation = (await vera.say(PROBE))["conversation"]
            await take(olgas, conversation)
            return conversation, token_of(vera)

    async def finish(conversation: str, token: str, attachment: str) -> None:
        async with widget(server, token=token, page=page) as vera, desk(server, olga.cookie) as olgas:
            sent = await vera.say(LINK, attachments=[attachment])
            assert sent["type"] == "ack", sent
            await olgas.ask("note.add", organisation="acme", conversation=conversation, body=PROBE)
            await olgas.ask("conversation.close", organisation="acme", conversation=conversation, purpose="other")
            await vera.until("rating.requested")
            rated = await vera.ask("rating.give", conversation=conversation, mark=1, comment=PROBE)
            assert rated["type"] == "ack", rated
        contact = {
            "type": "contact.send",
            "cid": new_cid(),
            "name": PROBE[:80],
            "email": "v@example.com",
            "body": PROBE,
        }
        _, frames = await visitor_door(server, "acme", visitor_hello("acme", page=page), [contact])
        assert frames[-1]["type"] == "ack", frames

    conversation, token = asyncio.run(converse())
    uploaded = client_of("acme.localhost").post(
        "/api/widget/attachments",
        {"file": SimpleUploadedFile(f"{PROBE[:60]}.png", encoded(drawn(), "PNG"))},
        headers={"authorization": f"Bearer {token}"},
    )
    asyncio.run(finish(conversation, token, uploaded.json()["id"]))
    return conversation


def pages_of(conversation: str) -> Iterator[str]:
    rating = in_organisation(acme(), lambda _: str(Rating.objects.get(conversation_id=conversation).pk))
    yield "/admin/"
    yield "/admin/conversations/conversation/"
    yield f"/admin/conversations/conversation/{conversation}/change/"
    yield "/admin/conversations/contactrequest/"
    yield "/admin/ratings/rating/"
    yield f"/admin/ratings/rating/{rating}/change/"
    yield f"/admin/conversations/conversation/?q={PROBE}"


def test_probes_are_text_on_every_page_of_the_admin(hostile_conversation: str) -> None:
    # rule 39
    maud = logged_in("maud@acme.example", "acme.localhost")
    shown = ""
    for path in pages_of(hostile_conversation):
        answer = maud.get(path, follow=True)
        text = answer.content.decode()
        assert answer.status_code == 200, path
        assert RAW.search(text) is None, (path, RAW.search(text))
        shown += text
    assert "&lt;script&gt;alert(" in shown
    assert "{{7*7}}" in shown


def test_the_widgets_page_shows_no_word_of_its_address(hostile_conversation: str) -> None:
    client = client_of("acme.localhost")
    for query in (f"language={PROBE}", f"x={PROBE}", f"language=en&{PROBE}"):
        text = client.get(f"/widget/?website=acme-shop&{query}").content.decode()
        assert RAW.search(text) is None
    assert RAW.search(client.get(f"/login/?next={LINK}").content.decode()) is None
