"""A visitor with several pages: the desk hears where they walk, and each page follows what another began."""

from conversations.commands.sessions import MESSAGES_AT_ONCE
from tests.desk_people import Colleague
from tests.protocol_client import desk, new_cid, take, token_of, visitor_door, visitor_hello, widget
from tests.servers import WebServer


async def test_the_desk_hears_where_the_visitor_walks(server: WebServer, olga: Colleague) -> None:
    page = {"url": "https://acme-shop.example/tents/", "title": "Tents", "referrer": ""}
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = (await vera.say("Hello"))["conversation"]
        await take(olgas, conversation)

        await vera.send("page.visit", page=page)

        visited = await olgas.until("page.visited")
        assert visited["conversation"] == conversation
        assert visited["page"]["title"] == "Tents"
        await olgas.send("conversation.fetch", organisation="acme", conversation=conversation)
        told = await olgas.until("conversation")
        assert told["page"]["url"] == page["url"]
        assert "page.visited" not in vera.kinds()


async def test_a_page_opened_before_the_first_message_follows_the_conversation_another_began(server: WebServer) -> None:
    async with widget(server) as first, widget(server, token=token_of(first)) as second:
        begun = await first.say("Hello from the first page")

        told = await second.until(
            lambda frame: frame["type"] == "heartbeat" and frame["conversation"] == begun["conversation"]
        )
        assert told["last_seq"] >= begun["seq"]
        later = await first.say("And one more")

        await second.until(lambda frame: frame["type"] == "message.sent" and frame["seq"] == later["seq"])


async def test_a_visitor_gains_no_room_by_changing_doors(server: WebServer) -> None:  # rule 30
    async with widget(server) as vera:
        await vera.say("Hello")
        hello = visitor_hello("acme", token=token_of(vera), since=1_000_000)
        codes = []
        for _ in range(3):
            commands = [{"type": "message.send", "cid": new_cid(), "body": "Again"} for _ in range(MESSAGES_AT_ONCE)]
            _status, frames = await visitor_door(server, "acme", hello, commands)
            codes += [frame["code"] for frame in frames if frame["type"] == "error"]

        assert set(codes) == {"rate_limited"}
