"""Fan-out over a real Redis: delivered while it is there, repaired when it comes back, harmless while it is gone."""

import asyncio
import functools
import json
import logging
import operator
import threading
import time
from collections.abc import AsyncIterator, Callable
from uuid import UUID, uuid4

import pytest
import redis
import redis.asyncio
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

from tenants import realtime
from tenants.realtime import RealtimeLayer, group_name, publish_now, publish_on_commit, published_to

PATIENCE_SECONDS = 10.0
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
async def layer() -> AsyncIterator[RealtimeLayer]:
    made = RealtimeLayer(settings.REDIS_URL)
    yield made
    await made.flush()


@pytest.fixture
async def unreachable() -> AsyncIterator[RealtimeLayer]:
    made = RealtimeLayer(NOWHERE)
    yield made
    await made.flush()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - what is waited for is another thread's or the server's
            await asyncio.sleep(0.01)


def new_group() -> str:
    return f"test.{uuid4().hex}"


async def test_a_subscriber_hears_its_group_in_order_and_no_other(layer: RealtimeLayer) -> None:
    heard: list[str] = []
    group, other = new_group(), new_group()
    await layer.subscribe(group, heard.append)

    for number in range(200):
        layer.publish([other], "not for you")
        layer.publish([group], str(number))
    await until(lambda: len(heard) >= 200)

    assert heard == [str(number) for number in range(200)]


async def test_once_subscribed_nothing_published_is_missed(layer: RealtimeLayer) -> None:
    """Rule 6 rests on it: subscribe, then fetch."""
    publisher = RealtimeLayer(settings.REDIS_URL)
    for _ in range(20):
        heard: list[str] = []
        group = new_group()
        await layer.subscribe(group, heard.append)
        publisher.publish([group], "first")
        await until(functools.partial(operator.eq, heard, ["first"]))
    await publisher.flush()


async def test_everybody_in_a_group_hears_it_once(layer: RealtimeLayer) -> None:
    heard: list[list[str]] = [[], [], []]
    group = new_group()
    for sink in heard:
        await layer.subscribe(group, sink.append)

    layer.publish([group], "hello")
    await until(lambda: all(heard))
    await asyncio.sleep(0.05)

    assert heard == [["hello"]] * 3


async def test_who_left_hears_no_more_and_who_stayed_does(layer: RealtimeLayer) -> None:
    left: list[str] = []
    stayed: list[str] = []
    group = new_group()
    leave, stay = left.append, stayed.append
    await layer.subscribe(group, leave)
    await layer.subscribe(group, stay)

    layer.unsubscribe(group, leave)
    layer.unsubscribe(group, leave)
    layer.publish([group], "still here")
    await until(lambda: stayed == ["still here"])
    layer.unsubscribe(group, stay)
    await layer.subscribe(group, leave)
    layer.publish([group], "back")
    await until(lambda: left == ["back"])

    assert stayed == ["still here"]


async def test_two_event_loops_hear_each_other(layer: RealtimeLayer) -> None:
    """One layer object serves every loop of a process, each with a connection of its own."""
    here: list[str] = []
    there: list[str] = []
    group = new_group()
    await layer.subscribe(group, here.append)
    subscribed, done = threading.Event(), threading.Event()

    async def other_loop() -> None:
        await layer.subscribe(group, there.append)
        subscribed.set()
        await until(lambda: there == ["from here"])
        layer.publish([group], "from there")
        await until(done.is_set)
        await layer.flush()

    thread = threading.Thread(target=lambda: asyncio.run(other_loop()))
    thread.start()
    await asyncio.to_thread(subscribed.wait, PATIENCE_SECONDS)
    layer.publish([group], "from here")
    await until(lambda: here == ["from here", "from there"])
    done.set()
    await asyncio.to_thread(thread.join, PATIENCE_SECONDS)

    assert there == ["from here", "from there"]


async def test_a_cut_connection_is_made_again_with_everything_that_was_wanted(
    layer: RealtimeLayer, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []
    groups = [new_group() for _ in range(5)]
    for group in groups:
        await layer.subscribe(group, heard.append)
    admin = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_timeout=5)

    with caplog.at_level(logging.WARNING):
        await admin.client_kill_filter(_type="pubsub")
        await until(lambda: "was lost" in caplog.text)
    # From when on they hear again is not told to anybody: heartbeats carry the pages over the gap (rule 5).
    for group in groups:

        def heard_again(group: str = group) -> bool:
            layer.publish([group], group)
            return group in heard

        await until(heard_again)
    await admin.aclose()


async def test_without_redis_subscribing_waits_no_longer_than_promised(
    unreachable: RealtimeLayer, caplog: pytest.LogCaptureFixture
) -> None:
    started = time.monotonic()

    await unreachable.subscribe(new_group(), lambda _text: None)

    assert time.monotonic() - started < realtime.CONFIRMATION_SECONDS + 1
    assert "did not confirm" in caplog.text


async def test_without_redis_publishing_is_counted_and_never_raises(unreachable: RealtimeLayer) -> None:
    """Rule 11."""
    before = realtime.failures["publish"]

    started = time.monotonic()
    for _ in range(10):
        unreachable.publish([new_group(), new_group()], "lost")
    assert time.monotonic() - started < 0.1

    await until(lambda: realtime.failures["publish"] >= before + 20)
    assert realtime.failures["publish"] == before + 20


async def test_what_waits_for_redis_is_bounded(unreachable: RealtimeLayer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime, "MAX_PENDING", 100)
    before = realtime.failures["publish"]

    for _ in range(150):
        unreachable.publish([new_group()], "lost")

    assert realtime.failures["publish"] == before + 50


@pytest.fixture
def unreachable_from_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = redis.Redis.from_url(NOWHERE, socket_timeout=1, socket_connect_timeout=1)
    monkeypatch.setattr(realtime, "_sync_redis", lambda: gone)


def test_without_redis_sync_code_goes_on_as_well(unreachable_from_sync: None) -> None:
    before = realtime.failures["publish"]

    publish_now([(new_group(), "lost")])
    with transaction.atomic():
        publish_on_commit([(new_group(), "lost")])

    assert realtime.failures["publish"] == before + 2


class Listener:
    """Hears a group through a connection of its own, for sync tests."""

    def __init__(self, *groups: str) -> None:
        self._client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE_SECONDS)
        self._pubsub = self._client.pubsub()
        self._pubsub.subscribe(*groups)
        for _ in groups:
            assert self._pubsub.get_message(timeout=PATIENCE_SECONDS)

    def hear(self, seconds: float = 0.2) -> list[str]:
        texts = []
        while message := self._pubsub.get_message(timeout=seconds):
            texts.append(message["data"].decode())
        return texts

    def close(self) -> None:
        self._pubsub.close()
        self._client.close()


def test_a_hint_leaves_after_the_commit_and_never_when_it_fails() -> None:
    group = new_group()
    listener = Listener(group)

    with transaction.atomic():
        publish_on_commit([(group, "committed")])
        assert listener.hear() == []
    assert listener.hear() == ["committed"]

    with pytest.raises(LookupError), transaction.atomic():
        publish_on_commit([(group, "rolled back")])
        raise LookupError
    assert listener.hear() == []
    publish_on_commit([(group, "at once")])
    assert listener.hear() == ["at once"]
    listener.close()


async def test_it_is_the_channel_layer_of_channels(layer: RealtimeLayer) -> None:
    assert isinstance(get_channel_layer(), RealtimeLayer)
    group = new_group()
    first, second = await layer.new_channel(), await layer.new_channel("other")

    await layer.group_add(group, first)
    await layer.group_add(group, second)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await layer.group_send(group, {"type": "to.group", "n": 1})
        assert [await layer.receive(channel) for channel in (first, second)] == [{"type": "to.group", "n": 1}] * 2

        await layer.group_discard(group, second)
        await layer.group_send(group, {"type": "to.group", "n": 2})
        await layer.send(second, {"type": "to.one"})
        assert await layer.receive(first) == {"type": "to.group", "n": 2}
        assert await layer.receive(second) == {"type": "to.one"}


async def test_a_channel_whose_consumer_ended_is_forgotten(layer: RealtimeLayer) -> None:
    channel = await layer.new_channel()
    waiting = asyncio.ensure_future(layer.receive(channel))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    layer.publish([channel], json.dumps({"type": "nobody"}))

    assert channel not in layer._connection().channels
    assert channel not in layer._connection()._sinks


async def test_every_client_of_redis_has_its_timeouts(layer: RealtimeLayer) -> None:
    """Rule 29."""
    fanout = layer._connection()._redis.connection_pool.connection_kwargs
    sync = realtime._sync_redis().connection_pool.connection_kwargs
    broker = settings.CELERY_BROKER_TRANSPORT_OPTIONS

    assert (fanout["socket_timeout"], fanout["socket_connect_timeout"]) == (30, 2)
    assert (sync["socket_timeout"], sync["socket_connect_timeout"]) == (5, 2)
    assert (broker["socket_timeout"], broker["socket_connect_timeout"]) == (30, 2)
    # Something arrives in every third of the timeout, so silence means a dead connection.
    assert fanout["socket_timeout"] >= realtime.PULSE_SECONDS * 3


SUBJECT = UUID("0190a1b2-0000-7000-8000-000000000001")


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("kind", "schema", "subject", "name"),
    [
        ("conversation", "o_acme", SUBJECT, f"conversation.o_acme.{SUBJECT}"),
        ("operator", "", SUBJECT, f"operator.{SUBJECT}"),
        ("organisation", "o_acme", None, "organisation.o_acme"),
        ("account", "", SUBJECT, f"account.{SUBJECT}"),
    ],
)
def test_a_groups_name_carries_the_organisation(kind: str, schema: str, subject: UUID | None, name: str) -> None:
    """Rule 20."""
    assert group_name(kind, schema=schema, subject=subject) == name


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("kind", "schema", "subject"),
    [
        ("conversation", "", SUBJECT),
        ("conversation", "o_acme", None),
        ("organisation", "", SUBJECT),
        ("operator", "o_acme", None),
    ],
)
def test_a_group_without_its_organisation_or_subject_has_no_name(kind: str, schema: str, subject: UUID | None) -> None:
    with pytest.raises(ValueError, match="needs"):
        group_name(kind, schema=schema, subject=subject)


def test_a_simulation_hears_itself_what_is_published_and_only_inside_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, str]] = []
    sent: list[object] = []
    monkeypatch.setattr(realtime, "_sync_redis", lambda: sent.append("redis"))

    with published_to(heard.extend):
        publish_now([("group", "at once")])
        with transaction.atomic():
            publish_on_commit([("group", "committed")])
            assert heard == [("group", "at once")]

    assert heard == [("group", "at once"), ("group", "committed")]
    assert sent == []
