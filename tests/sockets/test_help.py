"""Articles for visitors over real sockets and the HTTP door."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from conversations.commands.sessions import MESSAGES_AT_ONCE
from knowledgebase.models import Article, Feedback, HelpSettings
from tenants.context import in_organisation, run_in_public
from tests.cast import acme, globex
from tests.desk_people import Colleague
from tests.knowledgebase.shelf import lay_article, shelf_cleared
from tests.knowledgebase.test_visitor_help import OPERATORS, QUESTION, returns
from tests.protocol_client import Frame, Line, desk, take, visitor_door, visitor_hello, widget
from tests.servers import WebServer

# A process looks for changes once a second.
FRESH_SECONDS = 2.0


@pytest.fixture
def articles(platform_database: None) -> Iterator[tuple[Article, Article]]:
    """For visitors, and for operators only; both answer the question."""
    with shelf_cleared(acme(), globex()):
        in_organisation(acme(), lambda _: HelpSettings.objects.create(sure_percent=50))
        yield lay_article(acme(), **returns()), lay_article(acme(), **returns("OPERATORS ONLY", audience=OPERATORS))
        in_organisation(acme(), lambda _: HelpSettings.objects.all().delete())


async def found(line: Line, text: str = QUESTION) -> Frame:
    start = len(line.frames)
    await line.send("help.search", text=text)
    return await line.until("help", start)


async def test_a_search_finds_what_is_for_visitors_over_both_doors(
    server: WebServer, articles: tuple[Article, Article]
) -> None:
    await asyncio.sleep(FRESH_SECONDS)
    async with widget(server) as vera, widget(server, "globex") as victor:
        reply = await found(vera)
        elsewhere = await found(victor)
        status, frames = await visitor_door(
            server, "acme", visitor_hello("acme"), [{"type": "help.search", "text": QUESTION}]
        )

    expected = {"article": str(articles[0].id), "title": "Returning a kayak paddle", "reply": "Send the paddle back."}
    assert reply["text"] == QUESTION
    assert expected in reply["articles"]
    assert (status, frames[-1]) == (200, reply)
    # rule 15
    assert "paddle" not in str(elsewhere["articles"])
    # what operators know never reaches a visitor
    assert "OPERATORS" not in str(vera.frames) + str(frames)


async def test_a_first_question_is_answered_by_itself_and_goes_to_an_operator_as_before(
    server: WebServer, articles: tuple[Article, Article], olga: Colleague
) -> None:
    await asyncio.sleep(FRESH_SECONDS)
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = (await vera.say(QUESTION))["conversation"]

        def is_answer(frame: Frame) -> bool:
            return frame["type"] == "message.sent" and "article" in frame

        answer = await vera.until(is_answer)
        assert (answer["article"], answer["sender"]["kind"]) == (str(articles[0].id), "automatic")
        assert answer["body"] == "Send the paddle back."
        rated = await vera.ask("help.rate", article=str(articles[0].id), helped=True)
        assert (rated["type"], rated["conversation"], rated["seq"]) == ("ack", None, None)
        assert (await take(olgas, conversation))["type"] == "ack"
        assert (await olgas.ask("message.send", organisation="acme", conversation=conversation, body="Hello"))[
            "type"
        ] == "ack"

    def kept(_organisation: object) -> list[tuple[str, str]]:
        return [(one.kind, str(one.conversation_id)) for one in Feedback.objects.filter(article=articles[0].id)]

    assert await run_in_public(lambda: in_organisation(acme(), kept)) == [("helped", conversation)]


async def test_a_question_behind_a_greeting_is_answered_as_well(
    server: WebServer, articles: tuple[Article, Article]
) -> None:
    await asyncio.sleep(FRESH_SECONDS)
    async with widget(server) as vera:
        await vera.say("Hello there")
        asked = await vera.say(QUESTION)

        answer = await vera.until(lambda frame: frame["type"] == "message.sent" and "article" in frame)

    assert (answer["article"], answer["body"]) == (str(articles[0].id), "Send the paddle back.")
    assert answer["seq"] > asked["seq"]


async def test_what_visitors_may_not_see_cannot_be_rated_and_nothing_is_kept(
    server: WebServer, articles: tuple[Article, Article]
) -> None:
    # rule 17
    async with widget(server) as vera, widget(server, "globex") as victor:
        absent = await vera.ask("help.rate", article=str(uuid4()), helped=True)
        hidden = await vera.ask("help.rate", article=str(articles[1].id), helped=True)
        anothers = await victor.ask("help.rate", article=str(articles[0].id), helped=True)

    answers = [(one["type"], one["code"], one["message"], one["retry"]) for one in (absent, hidden, anothers)]
    assert answers[0][:2] == ("error", "not_found")
    assert answers[1:] == answers[:1] * 2

    def kept(_organisation: object) -> int:
        return Feedback.objects.filter(article__in=[one.id for one in articles]).count()

    assert await run_in_public(lambda: in_organisation(acme(), kept)) == 0


async def test_searching_is_limited_per_visitor(server: WebServer, articles: tuple[Article, Article]) -> None:
    # rule 30
    async with widget(server) as vera:
        for _one in range(MESSAGES_AT_ONCE + 25):
            await vera.send("help.search", text="paddle")

        refused = await vera.until("error")

    assert (refused["code"], refused["retry"]) == ("rate_limited", True)
    assert refused["cid"] is None
