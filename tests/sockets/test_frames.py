"""What a client may throw at a socket: it gets an error frame, and the server's log stays clean (rule 28)."""

import asyncio
import json
import socket as sockets
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.cast import DESK
from tests.desk_people import Colleague
from tests.protocol_client import (
    DESK_PATH,
    WIDGET_PATH,
    desk,
    dial,
    new_cid,
    reply,
    take,
    token_of,
    violation,
    visitor_hello,
    widget,
)
from tests.servers import WebServer

SERVERS = ["uvicorn", "daphne"]
SOME_ID = "0190a1b2-0000-7000-8000-000000000001"
NESTED = '{"type":' + "[" * 30_000 + "]" * 30_000 + "}"

# What the frame is, and whether it is sent as text.
NONSENSE: dict[str, str | bytes] = {
    "empty": "",
    "not JSON": "{",
    "a list": "[]",
    "a number": "17",
    "no type": "{}",
    "unknown type": '{"type": "message.burn"}',
    "type of another kind": '{"type": 5}',
    "a fact": '{"type": "message.sent"}',
    "a second hello": json.dumps(visitor_hello("acme")),
    "unknown key": json.dumps({"type": "message.send", "cid": SOME_ID, "body": "x", "is_admin": True}),
    "missing key": '{"type": "message.send", "body": "x"}',
    "wrong type": json.dumps({"type": "message.send", "cid": SOME_ID, "body": 5}),
    "cid is no uuid": json.dumps({"type": "message.send", "cid": "1", "body": "x"}),
    "body too long": json.dumps({"type": "message.send", "cid": SOME_ID, "body": "x" * 4001}),
    "too many attachments": json.dumps(
        {"type": "message.send", "cid": SOME_ID, "body": "x", "attachments": [SOME_ID] * 6}
    ),
    "negative cursor": json.dumps({"type": "entries.fetch", "conversation": SOME_ID, "since": -1}),
    "huge cursor": json.dumps({"type": "entries.fetch", "conversation": SOME_ID, "since": 2**31}),
    "NUL in a name": json.dumps({"type": "message.send", "cid": SOME_ID, "body": "x", "topic": "a\x00b"}),
    "lone surrogate": '{"type": "message.send", "cid": "' + SOME_ID + '", "body": "\\ud800"}',
    "deep nesting": NESTED,
    "65 KiB": json.dumps({"type": "heartbeat", "padding": "x" * 65 * 1024}),
    "two frames in one": '{"type": "heartbeat"}{"type": "heartbeat"}',
    "binary": b'{"type": "heartbeat"}',
    "binary noise": bytes(range(256)),
}
DESK_ONLY = ["inbox.fetch", "conversation.take", "note.add", "presence.set"]
HASTY = 200  # messages; far more than the limit lets through, however slow the machine is


@pytest.mark.parametrize("name", NONSENSE)
async def test_nonsense_is_answered_with_an_error_frame_and_the_socket_goes_on(server: WebServer, name: str) -> None:
    # rule 28
    async with widget(server) as vera:
        await vera.socket.send(NONSENSE[name])

        error = await vera.until("error")
        assert (error["code"], error["retry"]) == ("invalid", False)
        assert error["message"]
        await vera.send("opening.fetch")
        await vera.until("opening")


@pytest.mark.parametrize("name", NONSENSE)
async def test_nonsense_instead_of_a_hello_closes_the_socket(server: WebServer, name: str) -> None:
    if name == "a second hello":
        return
    for host, path in (("acme.localhost", WIDGET_PATH), (DESK, DESK_PATH)):
        async with dial(server.port, host, path) as socket:
            await socket.send(NONSENSE[name])
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 5)
            assert socket.close_code == 4400


@pytest.mark.parametrize(
    "fields",
    [
        {"website": "acme\x00shop"},
        {"website": "nowhere"},
        {"website": "globex-bank"},
        {"website": ""},
    ],
    ids=["NUL", "unknown", "another organisation's", "empty"],
)
async def test_a_website_that_is_not_here_closes_the_socket(server: WebServer, fields: dict[str, Any]) -> None:
    async with dial(server.port, "acme.localhost", WIDGET_PATH) as socket:
        await socket.send(json.dumps(visitor_hello("acme", **fields)))
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        assert socket.close_code in (4404, 4400)


@pytest.mark.parametrize(
    "fields",
    [
        {"token": "\x00"},
        {"token": "v1.é.é"},
        {"token": "v1." + "x" * 190},
        {"language": "\x00"},
        {"page": {"url": "\x00http", "title": "\x00" * 500, "referrer": "\x00" + "x" * 5000}},
        {"page": {"url": "x" * 30_000, "title": "é" * 10_000, "referrer": ""}},
    ],
    ids=["NUL token", "token not ASCII", "long token", "NUL language", "NUL page", "long page"],
)
async def test_odd_words_in_a_hello_do_no_harm(server: WebServer, fields: dict[str, Any]) -> None:
    async with widget(server, **fields) as vera:
        assert (await vera.say("Hello"))["type"] == "ack"


@pytest.mark.parametrize("body", ["\x00", "a\x00b", "", "   ", "\n"])
async def test_a_body_that_cannot_be_kept_is_refused_by_its_cid(server: WebServer, body: str) -> None:
    async with widget(server) as vera:
        for _ in range(2):  # as the first message, and in an open conversation
            refused = await vera.say(body)
            assert (refused["type"], refused["code"], refused["retry"]) == ("error", "invalid", False)
            assert (await vera.say("😀 ﷽ \u202e right"))["type"] == "ack"


async def test_words_that_are_kept_come_back_unchanged(server: WebServer) -> None:
    body = "<b>&amp;</b> \u202e \u0007 😀 \r\n\t{{7*7}} %s \\u0000 '; DROP TABLE x; --"
    async with widget(server) as vera:
        ack = await vera.say(body)
        await vera.settled(lambda: vera.thread(ack["conversation"]).cursor[0] >= ack["seq"])
        assert body in vera.bodies(ack["conversation"])


async def test_an_unknown_topic_is_not_kept(server: WebServer) -> None:
    async with widget(server) as vera:
        ack = await vera.say("Hello", topic="no-such-topic")
        refused = await vera.ask("topic.choose", conversation=ack["conversation"], topic="no-such-topic")
        assert (refused["type"], refused["code"]) == ("error", "not_found")


async def test_odd_words_on_the_desk_do_no_harm(server: WebServer, olga: Colleague) -> None:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = (await vera.say("Hello"))["conversation"]
        await take(olgas, conversation)
        place = {"organisation": "acme", "conversation": conversation}
        codes = [
            (await olgas.ask("message.send", **place, body="a\x00b"))["code"],
            (await olgas.ask("note.add", **place, body="a\x00b"))["code"],
            (await olgas.ask("note.add", **place, body="   "))["code"],
            (await olgas.ask("conversation.close", **place, purpose="boredom"))["code"],
            (await olgas.ask("message.edit", **place, target=2, body="\x00"))["code"],
        ]
        assert codes == ["invalid"] * 5
        for state, code in (("\x00", "invalid"), ("asleep", "not_found")):
            await olgas.send("presence.set", state=state)
            assert (await olgas.until("error", len(olgas.frames)))["code"] == code


async def test_the_tenth_violation_closes_the_socket_with_1008(server: WebServer) -> None:
    # rule 28
    async with widget(server) as vera:
        for _ in range(9):
            await vera.socket.send("nonsense")
        await vera.send("opening.fetch")
        await vera.until("opening")
        await vera.socket.send("nonsense")

        assert await vera.closed() == violation(server)
        assert vera.kinds().count("error") == 9


async def test_a_frame_longer_than_the_server_reads_ends_the_socket_only(server: WebServer) -> None:
    async with widget(server) as vera, widget(server) as other:
        with suppress(ConnectionClosed):
            await vera.socket.send("x" * (8 * 1024 * 1024))
        with suppress(AssertionError):
            await vera.until("error")
        assert "error" in vera.kinds() or vera.close_code in (1006, 1009)
        assert (await other.say("Still served"))["type"] == "ack"


async def test_a_flood_of_commands_closes_the_flooding_socket_only(server: WebServer) -> None:
    # rule 27
    async with widget(server) as vera, widget(server) as other:
        await other.say("Hello")
        for _ in range(300):
            try:
                await vera.send("message.send", cid=new_cid(), body="flood")
            except ConnectionClosed:
                break
        with pytest.raises(AssertionError):
            await vera.until(lambda _: False)
        assert vera.close_code == violation(server)
        assert (await other.say("Still served"))["type"] == "ack"


async def test_a_visitor_is_slowed_down_with_the_time_to_wait(server: WebServer) -> None:
    # rule 30
    async with widget(server) as vera:
        answer = await vera.say("0")
        for number in range(1, HASTY):
            if answer["type"] == "error":
                break
            answer = await vera.say(f"{number}")

        assert (answer["type"], answer["code"], answer["retry"]) == ("error", "rate_limited", True)
        assert answer["retry_after"] > 0
        await asyncio.sleep(answer["retry_after"])
        assert (await vera.say("Again", cid=answer["cid"]))["type"] == "ack"


async def test_a_visitor_cannot_speak_the_desks_commands(server: WebServer) -> None:
    async with widget(server) as vera:
        for kind in DESK_ONLY:
            await vera.send(kind, organisation="acme", conversation=SOME_ID, cid=SOME_ID)
            assert (await vera.until("error", len(vera.frames)))["code"] == "invalid"


async def test_a_client_that_says_nothing_is_closed(server: WebServer) -> None:
    async with dial(server.port, "acme.localhost", WIDGET_PATH) as socket:
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 13)
        assert socket.close_code == 4400


async def test_clients_that_vanish_leave_no_trace_in_the_log(server: WebServer, olga: Colleague) -> None:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = (await vera.say("Hello"))["conversation"]
        await take(olgas, conversation)
        token = token_of(vera)
        for _ in range(5):
            connection = dial(server.port, "acme.localhost", WIDGET_PATH)
            socket = await connection
            await socket.send(json.dumps(visitor_hello("acme", token=token)))
            await socket.recv()
            sending = [asyncio.ensure_future(reply(olgas, conversation, "x" * 500)) for _ in range(4)]
            socket.transport.abort()
            await asyncio.gather(*sending)
        await olgas.until("heartbeat", len(olgas.frames))
    assert "never retrieved" not in server.log()


async def test_a_client_that_never_reads_is_given_up(server: WebServer, olga: Colleague) -> None:
    # rule 27; daphne has no back-pressure and keeps what it cannot send, so only uvicorn can prove it
    if "uvicorn" not in server.process.command:
        pytest.skip("daphne takes whatever it is given")
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = (await vera.say("Hello"))["conversation"]
        await take(olgas, conversation)
        plain = sockets.socket()
        plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", server.port))
        async with dial(server.port, "acme.localhost", WIDGET_PATH, sock=plain) as deaf:
            await deaf.send(json.dumps(visitor_hello("acme", token=token_of(vera))))
            await deaf.recv()
            deaf.transport.pause_reading()
            for number in range(900):
                await reply(olgas, conversation, f"{number} " + "€" * 3900)
            await vera.until("heartbeat", len(vera.frames))
            deaf.transport.resume_reading()
            heard = 0
            with pytest.raises(ConnectionClosed):
                while True:
                    text = await asyncio.wait_for(deaf.recv(), 20)
                    heard += msgspec.json.decode(text)["type"] == "message.sent"
            assert heard < 890


@pytest.mark.parametrize(
    ("path", "host"),
    [("/", "acme.localhost"), ("/socket/", "acme.localhost"), ("/socket/nothing/", "desk.localhost")],
)
async def test_there_is_no_socket_elsewhere(server: WebServer, path: str, host: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(server.port, host, path)
    assert refused.value.response.status_code == 403
