"""How it was, asked and answered over real sockets and over HTTP: the same, once, and heard by those who may."""

import asyncio
import time

from ratings.models import Answer, Ask
from tenants.context import in_organisation, run_in_public
from tests.cast import acme
from tests.desk_people import Colleague
from tests.protocol_client import (
    Frame,
    Line,
    desk,
    new_cid,
    reply,
    take,
    token_of,
    visitor_door,
    visitor_hello,
    widget,
)
from tests.servers import WebServer


async def closed(vera: Line, olgas: Line) -> tuple[str, Frame]:
    """A conversation that the operator closed, and the request that came to the visitor within a second."""
    conversation = (await vera.say("Is it waterproof?"))["conversation"]
    await take(olgas, conversation)
    await reply(olgas, conversation, "It is.")
    started = time.monotonic()
    await olgas.ask("conversation.close", organisation="acme", conversation=conversation, purpose="information")
    request = await vera.until("rating.requested")
    assert time.monotonic() - started < 1
    return conversation, request


def stored(conversation: str) -> tuple[dict[str, int | None], str, bool]:
    """Answers, the way they were asked, and whether that was seen."""
    answers = Answer.objects.filter(ask__conversation_id=conversation).values_list("question", "value")

    def read(_organisation: object) -> tuple[dict[str, int | None], str, bool]:
        ask = Ask.objects.get(conversation_id=conversation)
        return dict(answers.all()), ask.way, ask.shown_at is not None

    return in_organisation(acme(), read)


async def test_answers_over_the_socket_are_told_once_to_the_visitors_pages_and_the_desk(
    server: WebServer, olga: Colleague
) -> None:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation, request = await closed(vera, olgas)
        assert (await run_in_public(stored, conversation)) == ({}, "", False)
        async with widget(server, token=token_of(vera)) as second_page, widget(server) as stranger:
            marks = [len(line.frames) for line in (vera, second_page, olgas, stranger)]
            await vera.send("rating.shown", conversation=conversation)
            question = request["questions"][1]["question"]
            fields = {"conversation": conversation, "question": question, "answer": 4}
            cid = new_cid()
            ack = await vera.ask("rating.answer", cid=cid, **fields)
            again = await vera.ask("rating.answer", cid=cid, **{**fields, "answer": 1})
            assert again == ack
            for line in (vera, second_page, olgas, stranger):
                await line.until("heartbeat", len(line.frames))

            told = [
                [frame for frame in line.frames[mark:] if frame["type"] == "rating.answered"]
                for line, mark in zip((vera, second_page, olgas, stranger), marks, strict=True)
            ]
            assert [[(one["question"], one["answer"], one["seq"]) for one in heard] for heard in told] == [
                *[[(question, 4, ack["seq"])]] * 3,
                [],
            ]
        assert (await run_in_public(stored, conversation)) == ({question: 4}, "thread", True)


async def test_where_sockets_are_blocked_http_takes_the_same(server: WebServer, olga: Colleague) -> None:  # rule 9
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation, _request = await closed(vera, olgas)
        commands: list[Frame] = [
            {"type": "rating.shown", "conversation": conversation},
            {"type": "rating.give", "cid": new_cid(), "conversation": conversation, "mark": 8},
            {"type": "rating.answer", "cid": new_cid(), "conversation": conversation, "question": "expectation",
             "answer": None},
            {"type": "rating.answer", "cid": new_cid(), "conversation": conversation, "question": "weather",
             "answer": 3},
        ]  # fmt: skip
        hello = visitor_hello("acme", token=token_of(vera))

        status, frames = await visitor_door(server, "acme", hello, commands)
        repeated = (await visitor_door(server, "acme", hello, commands))[1]

        replies = [frame for frame in frames if frame["type"] in ("ack", "error")]
        assert (status, [frame["type"] for frame in replies]) == (200, ["ack", "ack", "error"])
        assert (replies[2]["code"], replies[2]["cid"]) == ("invalid", commands[3]["cid"])
        assert [frame for frame in repeated if frame["type"] in ("ack", "error")] == replies
        await asyncio.sleep(0.2)
        assert [frame["mark"] for frame in vera.frames if frame["type"] == "rating.given"] == [8]
        assert (await run_in_public(stored, conversation)) == ({"expectation": None}, "thread", True)
