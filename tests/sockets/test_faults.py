"""What breaks underneath: lost hints, a Redis that goes away, a killed server, a locked row, very many sockets."""

import asyncio
import json
import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import psycopg
import pytest
from django.conf import settings
from websockets.exceptions import ConnectionClosed

from conversations.journal import _conninfo as settings_of_the_journal
from tests.desk_people import Colleague
from tests.protocol_client import (
    WIDGET_PATH,
    Frame,
    Line,
    desk,
    dial,
    new_cid,
    reply,
    take,
    token_of,
    visitor_door,
    visitor_hello,
    widget,
)
from tests.redis_proxy import RedisProxy, redis_proxy
from tests.servers import WebServer

HEARTBEAT_SECONDS = 5.0
SERVERS = ["uvicorn", "daphne"]
StartWeb = Callable[..., WebServer]


@asynccontextmanager
async def behind_proxy(start_web: StartWeb, name: str) -> AsyncIterator[tuple[WebServer, RedisProxy]]:
    async with redis_proxy(settings.REDIS_URL) as proxy:
        server = await asyncio.to_thread(start_web, server=name, environment={"REDIS_URL": proxy.url})
        yield server, proxy
        await asyncio.to_thread(server.stop)
        assert "Traceback" not in server.log(), server.log()


def history(line: Line, conversation: str) -> list[str]:
    return [fact["id"] for fact in line.thread(conversation).facts]


@pytest.mark.parametrize("name", SERVERS)
async def test_lost_doubled_and_shuffled_hints_are_repaired_within_a_heartbeat(
    start_web: StartWeb, name: str, olga: Colleague
) -> None:
    # rule 5
    async with behind_proxy(start_web, name) as (server, proxy):
        proxy.loses = 0.5
        async with (
            widget(server) as vera,
            widget(server, token=token_of(vera)) as second,
            desk(server, olga.cookie) as olgas,
        ):
            conversation = (await vera.say("Hello"))["conversation"]
            await second.say("From the other page")
            await take(olgas, conversation)
            for number in range(12):
                await asyncio.gather(vera.say(f"v{number}"), reply(olgas, conversation, f"o{number}"))
                note = f"n{number}"
                await olgas.ask("note.add", organisation="acme", conversation=conversation, body=note)
            last = await reply(olgas, conversation, "The very last")

            for page in (vera, second, olgas):
                await page.shows(conversation, last["seq"], HEARTBEAT_SECONDS)
            assert history(vera, conversation) == history(second, conversation) == history(olgas, conversation)
            assert [fact["seq"] for fact in vera.threads[conversation].facts] == list(range(1, last["seq"] + 1))
            await olgas.settled(lambda: olgas.thread(conversation).cursor[1] >= 13, HEARTBEAT_SECONDS)
        assert min(proxy.lost, proxy.doubled) > 10


@pytest.mark.parametrize("name", SERVERS)
async def test_without_redis_everything_is_still_acked_and_arrives(
    start_web: StartWeb, name: str, olga: Colleague
) -> None:
    # rules 11 and 29
    async with (
        behind_proxy(start_web, name) as (server, proxy),
        widget(server) as vera,
        desk(server, olga.cookie) as olgas,
    ):
        conversation = (await vera.say("Hello"))["conversation"]
        await take(olgas, conversation)
        await proxy.go_away()

        for number in range(5):
            start = time.perf_counter()
            ack = await vera.say(f"Without Redis {number}")
            assert ack["type"] == "ack"
            assert time.perf_counter() - start < 1
        await olgas.settled(lambda: olgas.thread(conversation).cursor[0] >= ack["seq"], 2 * HEARTBEAT_SECONDS)
        start = time.perf_counter()
        async with widget(server) as newcomer:  # first message and everything before it
            assert (await newcomer.say("Hello without Redis"))["type"] == "ack"
        assert time.perf_counter() - start < 5
        assert (await olgas.ask("note.add", organisation="acme", conversation=conversation, body="x"))["type"] == "ack"

        await proxy.start()
        for number in range(10):
            sent = await vera.say(f"Back again? {number}")
            await asyncio.sleep(1)
            if any(frame.get("cid") == sent["cid"] for frame in olgas.frames):
                break
        else:
            pytest.fail("Hints did not come back after Redis did.")


@pytest.mark.parametrize("name", SERVERS)
async def test_a_message_resent_after_a_kill_is_stored_once_with_its_first_number(
    start_web: StartWeb, name: str
) -> None:
    # rule 1: killed somewhere between receiving, committing and acking, again and again
    server = await asyncio.to_thread(start_web, server=name)
    async with widget(server) as vera:
        conversation = (await vera.say("Hello"))["conversation"]
        token = token_of(vera)
    known: dict[str, Frame] = {}
    unacked = 0
    for attempt in range(4):
        cids = [new_cid() for _ in range(8)]
        async with widget(server, token=token) as vera:
            sending = [asyncio.ensure_future(vera.say(cid, cid=cid)) for cid in cids]
            await asyncio.sleep(random.uniform(0.001, 0.012))
            server.kill()
            acks = await asyncio.gather(*sending, return_exceptions=True)
        acked = {ack["cid"]: ack for ack in acks if isinstance(ack, dict) and ack["type"] == "ack"}
        unacked += len(cids) - len(acked)
        server = await asyncio.to_thread(start_web, server=name, port=server.port)
        async with widget(server, token=token) as vera:
            for cid in cids:
                again = await vera.say(cid, cid=cid)
                if cid in acked:
                    assert again == acked[cid], attempt
                known[cid] = again

    assert unacked > 0
    async with widget(server, token=token) as vera:
        await vera.settled(lambda: len(vera.thread(conversation).facts) >= len(known))
        facts = [fact for fact in vera.threads[conversation].facts if fact.get("cid") in known]
        assert len(facts) == len(known)
        assert all((fact["id"], fact["seq"]) == (known[fact["cid"]]["id"], known[fact["cid"]]["seq"]) for fact in facts)
        numbers = [fact["seq"] for fact in vera.threads[conversation].facts]
        assert numbers == list(range(1, len(numbers) + 1))


def _connection() -> psycopg.Connection:
    return psycopg.connect(settings_of_the_journal())


@asynccontextmanager
async def locked(conversation: str) -> AsyncIterator[None]:
    """Somebody else holds the conversation's row."""

    def hold() -> psycopg.Connection:
        connection = _connection()
        connection.execute("SELECT 1 FROM o_acme.conversations_conversation WHERE id = %s FOR UPDATE", [conversation])
        return connection

    connection = await asyncio.to_thread(hold)
    try:
        yield
    finally:
        await asyncio.to_thread(connection.close)


async def median_ack(send: Callable[[], Awaitable[Frame]]) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(9):
        start = time.perf_counter()
        assert (await send())["type"] == "ack"
        taken.append((time.perf_counter() - start) * 1000)
        await asyncio.sleep(0.02)
    return statistics.median(taken)


async def test_a_locked_conversation_delays_no_other(server: WebServer, olga: Colleague) -> None:
    # rule 25
    async with widget(server) as vera, widget(server) as victor, desk(server, olga.cookie) as olgas:
        first = (await vera.say("Hello"))["conversation"]
        second = (await victor.say("Hello"))["conversation"]
        await take(olgas, first)
        await take(olgas, second)
        by_visitor = partial(victor.say, "Not locked")
        by_operator = partial(reply, olgas, second, "Not locked")
        normal = [await median_ack(by_visitor), await median_ack(by_operator)]
        async with locked(first):
            waiting = [
                asyncio.ensure_future(vera.say("Locked")),
                asyncio.ensure_future(reply(olgas, first, "Locked too")),
                asyncio.ensure_future(olgas.ask("note.add", organisation="acme", conversation=first, body="locked")),
            ]
            start = time.perf_counter()
            meanwhile = [await median_ack(by_visitor), await median_ack(by_operator)]
            await asyncio.sleep(max(0, 2 - (time.perf_counter() - start)))
            assert not any(one.done() for one in waiting)
        acks = await asyncio.gather(*waiting)

        assert [ack["type"] for ack in acks] == ["ack"] * 3
        for before, during in zip(normal, meanwhile, strict=True):
            assert during <= before + 50, (normal, meanwhile)


async def test_five_hundred_sockets_need_no_more_connections_than_the_pools_have(start_web: StartWeb) -> None:
    # rule 26
    server = await asyncio.to_thread(start_web, server="uvicorn", environment={"PGAPPNAME": "five-hundred"})
    allowed = settings.DATABASE_POOL_SIZE + settings.JOURNAL_POOL_SIZE
    highest = 0

    def connections() -> int:
        with _connection() as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'five-hundred'"
            return len(connection.execute(query).fetchall())

    # A hundred of them have a conversation: beginning one costs twenty times an ack.
    async def greet(line: Line) -> None:
        assert (await line.say("Hello"))["type"] == "ack"

    async def look_up(line: Line) -> None:
        start = len(line.frames)
        await line.send("opening.fetch")
        await line.until("opening", start)

    async with AsyncExitStack() as stack:
        lines: list[Line] = []
        for wave in range(10):
            arrived = await asyncio.gather(*(stack.enter_async_context(widget(server)) for _ in range(50)))
            lines += arrived
            if wave < 2:
                await asyncio.gather(*(greet(line) for line in arrived))
            highest = max(highest, await asyncio.to_thread(connections))
        counting = asyncio.ensure_future(asyncio.to_thread(connections))
        # Both pools at once: the journal's, and the one of everything else.
        await asyncio.gather(*(greet(line) for line in lines[:100]), *(look_up(line) for line in lines[100:]))
        highest = max(highest, await counting)
        assert len(lines) == 500
    assert 0 < highest <= allowed


async def test_many_requests_at_once_do_not_wait_for_each_others_connections(start_web: StartWeb) -> None:
    server = await asyncio.to_thread(start_web, server="uvicorn")
    answers = []
    for seconds_later in (0, 5.5):  # then hosts are looked up anew
        await asyncio.sleep(seconds_later)
        start = time.perf_counter()
        answers += await asyncio.gather(*(visitor_door(server, "acme", visitor_hello("acme"), []) for _ in range(24)))
        assert time.perf_counter() - start < 8
    assert {status for status, _ in answers} == {200}
    assert "Traceback" not in server.log(), server.log()


@pytest.mark.parametrize("name", SERVERS)
async def test_a_server_that_is_asked_to_stop_tells_its_sockets(start_web: StartWeb, name: str) -> None:
    # rule 13
    server = await asyncio.to_thread(start_web, server=name)
    async with dial(server.port, "acme.localhost", WIDGET_PATH) as socket:
        await socket.send(json.dumps(visitor_hello("acme")))
        await socket.recv()
        stopping = asyncio.ensure_future(asyncio.to_thread(server.stop))
        with pytest.raises(ConnectionClosed):
            while True:
                await asyncio.wait_for(socket.recv(), 20)
        await stopping
