"""A conversation over real sockets and the HTTP doors, on both servers: order, catching up, resets, heartbeats."""

import asyncio
from typing import Any

import pytest

from conversations.models import Conversation, Entry
from operators.models import Operator, Presence, QueueEntry
from tenants.context import OrganisationRef, run_in_organisation, run_in_public
from tests.cast import acme
from tests.conversations.scene import empty_queue
from tests.desk_people import Colleague
from tests.protocol_client import (
    Line,
    desk,
    desk_door,
    new_cid,
    reply,
    take,
    token_of,
    visitor_door,
    visitor_hello,
    widget,
)
from tests.servers import Started, WebServer

HEARTBEAT_SECONDS = 5.0
SERVERS = ["uvicorn", "daphne"]


@pytest.fixture(autouse=True)
def _nobody_of_other_tests(platform_database: None) -> None:
    """A worker that runs already offers to whoever was heard in the last 45 s, and brings what still waits."""
    Presence.objects.all().delete()
    empty_queue()


async def begun(visitor: Line, body: str = "Hello") -> str:
    return (await visitor.say(body))["conversation"]


def is_gapless(line: Line, conversation: str) -> bool:
    numbers = [fact["seq"] for fact in line.threads[conversation].facts]
    return numbers == list(range(1, len(numbers) + 1))


async def test_visitor_and_operator_see_one_gapless_history(server: WebServer, olga: Colleague) -> None:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = await begun(vera, "Is the ridge tent waterproof?")
        await take(olgas, conversation)
        await reply(olgas, conversation, "It is: 4,000 mm.")
        last = await vera.say("Thank you!")

        for line in (vera, olgas):
            await line.shows(conversation, last["seq"])
            assert is_gapless(line, conversation)
        assert vera.threads[conversation].facts == olgas.threads[conversation].facts
        said = ["Is the ridge tent waterproof?", "It is: 4,000 mm.", "Thank you!"]
        assert vera.bodies(conversation)[1:] == said


async def test_a_visitor_never_hears_what_staff_write_for_staff(server: WebServer, olga: Colleague) -> None:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = await begun(vera)
        await take(olgas, conversation)
        note = await olgas.ask("note.add", organisation="acme", conversation=conversation, body="A secret note")
        assert note["desk_seq"] and note["seq"] is None
        await olgas.until("note.added")
        fence = await vera.say("Still there?")
        await vera.send("entries.fetch", conversation=conversation, since=0)
        await vera.until(lambda frame: frame["type"] == "entries" and frame["last_seq"] >= fence["seq"])

        assert "A secret note" not in str(vera.frames)
        assert not {"note.added", "offer.made", "promise.warned"} & set(vera.kinds())
        assert all(not frame["desk_entries"] for frame in vera.frames if frame["type"] == "entries")


async def test_the_first_message_sent_from_two_sockets_at_once_begins_one_conversation(server: WebServer) -> None:
    # rule 8: the very first message takes the same path, with the same cid
    for _ in range(5):
        cid = new_cid()
        async with widget(server) as first, widget(server, token=token_of(first)) as second:
            acks = await asyncio.gather(*(page.say("Hello", cid=cid) for page in (first, second)))

            assert acks[0] == acks[1]
            conversation = acks[0]["conversation"]
            later = await second.say("And another thing")
            for page in (first, second):
                await page.shows(conversation, later["seq"])
                assert page.bodies(conversation)[1:] == ["Hello", "And another thing"]


async def test_two_pages_that_begin_with_different_words_share_one_conversation(server: WebServer) -> None:
    for _ in range(5):
        async with widget(server) as first, widget(server, token=token_of(first)) as second:
            acks = await asyncio.gather(first.say("From the first"), second.say("From the second"))

            [conversation] = {ack["conversation"] for ack in acks}
            top = max(ack["seq"] for ack in acks)
            for page in (first, second):
                await page.shows(conversation, top)
                assert is_gapless(page, conversation)
                assert set(page.bodies(conversation)[1:]) == {"From the first", "From the second"}


async def test_a_resent_message_gets_the_same_answer_over_either_door(server: WebServer) -> None:
    async with widget(server) as vera:
        first = await vera.say("Hello", cid=(cid := new_cid()))
        again = await vera.say("Hello", cid=cid)
        token = token_of(vera)
    send = {"type": "message.send", "cid": cid, "body": "Hello"}
    status, frames = await visitor_door(server, "acme", visitor_hello("acme", token=token), [send])

    assert (status, first) == (200, again)
    assert [frame for frame in frames if frame["type"] == "ack"] == [first]


async def test_a_message_slipped_in_between_subscribing_and_fetching_is_never_lost(
    server: WebServer, olga: Colleague
) -> None:
    # rule 6: pages arrive while messages are being sent; each shows them all without waiting for a heartbeat
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = await begun(vera)
        await take(olgas, conversation)
        token = token_of(vera)

        async def arrive(delay: float, **hello: Any) -> None:
            await asyncio.sleep(delay)
            async with widget(server, token=token, **hello) as page:
                await said
                top = said.result()
                await page.shows(conversation, top, HEARTBEAT_SECONDS)
                assert is_gapless(page, conversation)
                assert page.bodies(conversation) == vera.bodies(conversation)

        async def speak() -> int:
            for number in range(40):
                last = await reply(olgas, conversation, f"line {number}")
                await asyncio.sleep(0.005)
            await vera.shows(conversation, last["seq"])
            return last["seq"]

        said = asyncio.ensure_future(speak())
        await asyncio.gather(*(arrive(number * 0.03) for number in range(10)))


async def test_a_page_that_was_away_gets_exactly_what_it_missed(server: WebServer, olga: Colleague) -> None:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = await begun(vera)
        await take(olgas, conversation)
        token = token_of(vera)
        seen = (await reply(olgas, conversation, "one"))["seq"]
        await vera.shows(conversation, seen)
    async with desk(server, olga.cookie) as olgas:
        last = await reply(olgas, conversation, "two")
        await olgas.ask("note.add", organisation="acme", conversation=conversation, body="a note")

    async with widget(server, token=token, conversation=conversation, since=seen) as back:
        missed = await back.until("entries")
        assert [(fact["seq"], fact["body"]) for fact in missed["entries"]] == [(last["seq"], "two")]
        assert "reset" not in back.kinds()
    async with desk(server, olga.cookie, cursors={conversation: [seen, 1]}) as back:
        missed = await back.until("entries")
        assert [fact["body"] for fact in missed["entries"]] == ["two"]
        assert [fact["type"] for fact in missed["desk_entries"]] == ["note.added"]
    async with desk(server, olga.cookie, cursors={conversation: [last["seq"], 2]}) as back:
        await back.until("heartbeat")
        assert not {"entries", "reset"} & set(back.kinds())


async def test_a_cursor_ahead_of_the_conversation_is_reset(server: WebServer, olga: Colleague) -> None:
    # rule 7
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        ack = await vera.say("Hello")
        conversation, ahead = ack["conversation"], ack["seq"] + 50
        await take(olgas, conversation)
        token = token_of(vera)
    async with widget(server, token=token, conversation=conversation, since=ahead) as back:
        assert (await back.until("reset"))["conversation"] == conversation
        await back.settled(lambda: "Hello" in back.bodies(conversation))
        await back.send("entries.fetch", conversation=conversation, since=ahead)
        await back.until("reset", len(back.frames))
    async with widget(server, token=token, conversation=new_cid(), since=3) as back:
        await back.until("reset")
        await back.settled(lambda: "Hello" in back.bodies(conversation))
    for cursor in ([ahead, 0], [0, 50]):
        async with desk(server, olga.cookie, cursors={conversation: cursor}) as back:
            await back.until("reset")
            await back.shows(conversation, ack["seq"])
            assert "Hello" in back.bodies(conversation)


async def test_heartbeats_come_within_five_seconds_and_carry_the_tops(server: WebServer, olga: Colleague) -> None:
    async with widget(server) as vera, widget(server) as silent, desk(server, olga.cookie) as olgas:
        conversation = await begun(vera)
        await take(olgas, conversation)
        top = (await vera.say("One more"))["seq"]
        beats = []
        for _ in range(3):
            start = asyncio.get_running_loop().time()
            beats.append((await vera.until("heartbeat", len(vera.frames)), start))
            assert asyncio.get_running_loop().time() - start <= HEARTBEAT_SECONDS

        assert [beat["last_seq"] for beat, _ in beats] == [top] * 3
        assert beats[0][0]["open"] is True
        empty = await silent.until("heartbeat")
        assert (empty["conversation"], empty["last_seq"]) == (None, None)
        assert (await olgas.until("heartbeat", len(olgas.frames)))["tops"][conversation][0] == top


async def test_a_lost_assignment_shows_up_with_the_next_heartbeat(server: WebServer, olga: Colleague) -> None:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = await begun(vera)
        await olgas.until(lambda frame: conversation in frame.get("tops", {}))  # it waits, for all to see
        colleague_id = olga.id

        def given_silently() -> None:
            QueueEntry.objects.filter(pk=conversation).update(state="assigned", operator_id=colleague_id, last_seq=99)

        await run_in_public(given_silently)

        beat = await olgas.until(lambda frame: frame.get("tops", {}).get(conversation, [0])[0] == 99)
        assert beat["type"] == "heartbeat"


async def test_the_http_doors_answer_with_the_same_frames_as_the_sockets(server: WebServer, olga: Colleague) -> None:
    # rule 9: the whole conversation without a single socket
    hello = visitor_hello("acme")
    first = {"type": "message.send", "cid": new_cid(), "body": "Hello over HTTP"}
    status, frames = await visitor_door(server, "acme", hello, [first])
    assert status == 200
    assert [frame["type"] for frame in frames] == ["welcome", "entries", "ack"]
    token, conversation = frames[0]["token"], frames[2]["conversation"]

    commands = [
        {"type": "conversation.take", "organisation": "acme", "conversation": conversation, "cid": new_cid()},
        {"type": "message.send", "organisation": "acme", "conversation": conversation, "cid": new_cid(), "body": "Hi"},
    ]
    status, frames = await desk_door(server, olga.cookie, commands)
    assert status == 200
    assert [frame["type"] for frame in frames] == ["welcome", "ack", "ack"]

    status, polled = await visitor_door(server, "acme", visitor_hello("acme", token=token), [])
    assert [frame["type"] for frame in polled] == ["welcome", "entries"]
    async with widget(server, token=token) as vera:
        over_socket = await vera.until("entries")
        assert over_socket == polled[1]
    assert [fact["body"] for fact in polled[1]["entries"] if fact["type"] == "message.sent"][1:] == [
        "Hello over HTTP", "Hi",
    ]  # fmt: skip
    cursor = {"token": token, "conversation": conversation, "since": polled[1]["last_seq"]}
    _, nothing_new = await visitor_door(server, "acme", visitor_hello("acme", **cursor), [])
    assert [frame["type"] for frame in nothing_new] == ["welcome"]


async def test_a_refused_attachment_leaves_the_page_listening(server: WebServer, olga: Colleague) -> None:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = await begun(vera)
        await take(olgas, conversation)
        await vera.settled(lambda: "conversation.assigned" in vera.kinds())

        refused = await vera.say("Look", attachments=[new_cid()])
        assert refused["type"] == "error"
        beats = vera.kinds().count("heartbeat")
        await reply(olgas, conversation, "I am listening")

        await vera.until(lambda frame: frame.get("body") == "I am listening")
        assert vera.kinds().count("heartbeat") == beats


async def test_what_another_conversation_of_the_visitor_is_told_stays_there(server: WebServer, olga: Colleague) -> None:
    async with widget(server) as vera, widget(server) as other, desk(server, olga.cookie) as olgas:
        mine, theirs = await begun(vera), await begun(other)
        await take(olgas, theirs)
        await reply(olgas, theirs, "For the other one")
        await other.until(lambda frame: frame.get("body") == "For the other one")
        await vera.until("heartbeat", len(vera.frames))

        assert theirs not in str(vera.frames)
        assert mine not in str(other.frames)


async def test_nothing_is_stored_of_a_page_that_only_looks(server: WebServer) -> None:
    def count(_organisation: OrganisationRef) -> tuple[int, int]:
        return Conversation.objects.count(), Entry.objects.count()

    before = await run_in_organisation(acme_ref := await run_in_public(acme), count)
    async with widget(server) as vera:
        await vera.send("page.visit", page={"url": "http://acme-shop.localhost/", "title": "", "referrer": ""})
        await vera.until("heartbeat")

    assert await run_in_organisation(acme_ref, count) == before


async def test_the_automatic_answer_follows_the_ack_of_the_question(server: WebServer) -> None:
    async with widget(server) as vera:
        conversation = await begun(vera)
        for _ in range(3):
            question = await vera.say("Are you open today?")
            await vera.shows(conversation, question["seq"] + 1)

            order = [
                "ack" if frame["type"] == "ack" else frame["seq"]
                for frame in vera.frames
                if (frame["type"] == "ack" and frame["cid"] == question["cid"])
                or (frame["type"] == "message.sent" and frame["sender"]["kind"] == "automatic")
            ]
            assert order.index("ack") < order.index(question["seq"] + 1)


async def test_a_waiting_visitor_is_told_their_place_and_nobody_else_is(server: WebServer, olga: Colleague) -> None:
    async with widget(server) as first, widget(server) as second:
        conversations = [await begun(page) for page in (first, second)]
        beats = [await page.until("heartbeat", len(page.frames)) for page in (first, second)]
        _, answer = await visitor_door(server, "acme", visitor_hello("acme", token=token_of(second)), [])

        assert [beat["queue"]["position"] for beat in (*beats, answer[0])] == [1, 2, 2]
        async with desk(server, olga.cookie) as olgas:
            await take(olgas, conversations[0])
            assert (await first.until("heartbeat", len(first.frames) + 1))["queue"] is None


async def test_whoever_comes_to_the_desk_gets_what_waits(server: WebServer, worker: Started, olga: Colleague) -> None:
    async with widget(server) as vera:
        conversation = await begun(vera)
        async with desk(server, olga.cookie):
            assigned = await vera.until("conversation.assigned")

    assert (assigned["conversation"], assigned["operator"]["id"]) == (conversation, str(olga.id))


async def test_a_visitor_who_leaves_makes_room_for_one_who_waits(
    server: WebServer, worker: Started, olga: Colleague
) -> None:
    await run_in_public(Operator.objects.filter(pk=olga.id).update, capacity=1)
    async with widget(server) as first, widget(server) as second, desk(server, olga.cookie):
        leaving = await begun(first)
        await first.until("conversation.assigned")
        waiting = await begun(second)
        await first.send("conversation.leave", conversation=leaving, cid=new_cid())
        assigned = await second.until("conversation.assigned")

    assert (assigned["conversation"], assigned["operator"]["id"]) == (waiting, str(olga.id))
