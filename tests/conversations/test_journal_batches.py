"""The journal's async door: messages that wait at the same moment share a commit, and stall nobody."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

import psycopg
import pytest

from conversations.errors import NotAssigned
from conversations.journal import Appended, Journal, close_journal, journal
from tenants.context import run_in_public
from tenants.errors import NotFound, Unavailable
from tests.cast import acme, globex, olga, omar
from tests.conversations.scene import (
    answered,
    asked,
    assert_consistent,
    entries_of,
    everything_about,
    lay_conversation,
    lock_row,
    promises_of,
    separate_connection,
)

T = TypeVar("T")

LOCKED_SECONDS = 2.0
DELAY_SECONDS = 0.05


def with_journal(scenario: Callable[[Journal], Awaitable[T]]) -> T:
    """The scenario's answer, played on a loop and a journal of its own."""

    async def play() -> T:
        try:
            return await scenario(await journal())
        finally:
            await close_journal()

    return asyncio.run(play())


def test_a_lone_message_is_committed_when_the_door_returns() -> None:  # rule 1
    organisation, conversation = acme(), lay_conversation(acme(), operator=olga())
    seen: list[int] = []

    async def scenario(door: Journal) -> Appended:
        appended = await door.append(organisation.schema_name, asked(conversation))
        # Another connection sees it at once.
        seen.append(len(await run_in_public(entries_of, organisation, conversation.id)))
        return appended

    assert with_journal(scenario).seq == 1
    assert seen == [1]
    assert_consistent(organisation, conversation.id)


def test_fifty_concurrent_sends_of_one_cid_are_one_row_with_fifty_equal_answers() -> None:  # rule 2
    organisation, conversation = acme(), lay_conversation(acme(), operator=olga())
    cid = uuid4()

    async def scenario(door: Journal) -> list[Appended]:
        sends = (door.append(organisation.schema_name, asked(conversation, cid=cid)) for _ in range(50))
        return await asyncio.gather(*sends)

    answers = with_journal(scenario)

    assert {(one.id, one.seq, one.at) for one in answers} == {(answers[0].id, 1, answers[0].at)}
    assert [one.is_new for one in answers].count(True) == 1
    assert len(entries_of(organisation, conversation.id)) == 1
    assert_consistent(organisation, conversation.id)


def test_a_turn_and_its_answer_that_arrive_together_are_opened_and_settled() -> None:
    organisation, conversation, operator = acme(), lay_conversation(acme(), operator=olga()), olga()
    entries = [asked(conversation), answered(conversation, operator), asked(conversation), asked(conversation)]

    async def scenario(door: Journal) -> list[Appended]:
        return await asyncio.gather(*(door.append(organisation.schema_name, entry) for entry in entries))

    assert [one.seq for one in with_journal(scenario)] == [1, 2, 3, 4]
    first, second = promises_of(organisation, conversation.id)
    assert (first.kind, first.opened_seq, first.answered_seq, first.outcome) == ("first", 1, 2, "kept")
    assert (second.kind, second.opened_seq, second.settled_at) == ("follow_up", 3, None)
    assert_consistent(organisation, conversation.id)


def test_one_batch_holds_several_organisations() -> None:
    organisations, operator = [acme(), globex()] * 5, olga()
    conversations = [lay_conversation(organisation, operator=operator) for organisation in organisations]

    async def scenario(door: Journal) -> list[Appended]:
        sends = [
            door.append(organisation.schema_name, asked(conversation))
            for _ in range(3)
            for organisation, conversation in zip(organisations, conversations, strict=True)
        ]
        return await asyncio.gather(*sends)

    answers = with_journal(scenario)

    assert [one.seq for one in answers] == [1] * 10 + [2] * 10 + [3] * 10
    for organisation, conversation in zip(organisations, conversations, strict=True):
        assert_consistent(organisation, conversation.id)
        assert len(promises_of(organisation, conversation.id)) == 1


def test_bad_messages_of_a_batch_fail_alone() -> None:
    organisation, operator, other = acme(), olga(), omar()
    good = [lay_conversation(organisation, operator=operator) for _ in range(4)]
    foreign = lay_conversation(globex(), operator=operator)
    untouched = everything_about(globex(), foreign.id)
    entries = [
        asked(good[0]),
        asked(foreign),
        asked(good[1], "no database keeps \x00"),
        answered(good[2], other),
        asked(good[3]),
        asked(good[1]),
    ]

    async def scenario(door: Journal) -> list[Appended | BaseException]:
        sends = (door.append(organisation.schema_name, entry) for entry in entries)
        return await asyncio.gather(*sends, return_exceptions=True)

    answers = with_journal(scenario)

    refused = [type(one) for one in answers if isinstance(one, BaseException)]
    assert refused == [NotFound, Unavailable, NotAssigned]
    assert [one.seq for one in answers if isinstance(one, Appended)] == [1, 1, 1]
    assert [len(entries_of(organisation, one.id)) for one in good] == [1, 1, 0, 1]
    assert everything_about(globex(), foreign.id) == untouched


def test_a_locked_conversation_stalls_nobody_and_is_stored_afterwards_in_order() -> None:  # rule 25
    organisation, operator = acme(), olga()
    locked, free = (lay_conversation(organisation, operator=operator) for _ in range(2))
    holder = separate_connection()

    async def timed(door: Journal) -> float:
        started = time.perf_counter()
        await door.append(organisation.schema_name, asked(free))
        return time.perf_counter() - started

    async def scenario(door: Journal) -> tuple[list[float], list[float], list[Appended]]:
        before = [await timed(door) for _ in range(20)]
        lock_row(holder, organisation, locked.id)
        until = time.perf_counter() + LOCKED_SECONDS
        during: list[float] = []
        waiting: list[asyncio.Future[Appended]] = []
        while time.perf_counter() < until:
            # Some of them wait at the same moment, most arrive while others wait for the lock already.
            count = 3 if len(waiting) < 6 else 1
            if len(waiting) < 20:
                entries = [asked(locked, f"line {len(waiting) + number}") for number in range(count)]
                waiting += [asyncio.ensure_future(door.append(organisation.schema_name, one)) for one in entries]
            during.append(await timed(door))
            await asyncio.sleep(0.02)
        assert not any(one.done() for one in waiting)
        holder.commit()
        return before, during, await asyncio.gather(*waiting)

    with holder:
        before, during, stored = with_journal(scenario)

    assert statistics.median(during) - statistics.median(before) <= DELAY_SECONDS
    assert max(during) < LOCKED_SECONDS / 2
    assert [one.seq for one in stored] == list(range(1, 21))
    assert [entry.body for entry in entries_of(organisation, locked.id)] == [f"line {number}" for number in range(20)]
    assert_consistent(organisation, locked.id)
    assert_consistent(organisation, free.id)


def test_many_locked_conversations_leave_a_connection_for_the_rest() -> None:  # rule 25
    organisation, operator = acme(), olga()
    locked = [lay_conversation(organisation, operator=operator) for _ in range(10)]
    free = lay_conversation(organisation, operator=operator)
    holder = separate_connection()
    for conversation in locked:
        lock_row(holder, organisation, conversation.id)

    async def scenario(door: Journal) -> tuple[Appended, list[Appended]]:
        waiting = [asyncio.ensure_future(door.append(organisation.schema_name, asked(one))) for one in locked]
        await asyncio.sleep(0.2)
        through = await asyncio.wait_for(door.append(organisation.schema_name, asked(free)), 1)
        holder.commit()
        return through, await asyncio.gather(*waiting)

    with holder:
        through, stored = with_journal(scenario)

    assert through.seq == 1
    assert [one.seq for one in stored] == [1] * 10


def test_a_duplicate_and_a_reply_wait_together_and_come_out_right() -> None:  # rules 2, 3
    organisation, conversation, operator = acme(), lay_conversation(acme(), operator=olga()), olga()
    known, fresh = uuid4(), uuid4()
    holder = separate_connection()

    async def scenario(door: Journal) -> list[Appended]:
        await door.append(organisation.schema_name, asked(conversation, cid=known))
        lock_row(holder, organisation, conversation.id)
        entries = [
            asked(conversation, cid=known),
            asked(conversation, cid=fresh),
            asked(conversation, cid=fresh),
            answered(conversation, operator),
        ]
        waiting = [asyncio.ensure_future(door.append(organisation.schema_name, one)) for one in entries]
        await asyncio.sleep(0.3)
        holder.commit()
        return await asyncio.gather(*waiting)

    with holder:
        answers = with_journal(scenario)

    assert [(one.seq, one.is_new) for one in answers] == [(1, False), (2, True), (2, False), (3, True)]
    [promise] = promises_of(organisation, conversation.id)
    assert (promise.opened_seq, promise.answered_seq, promise.outcome) == (1, 3, "kept")
    assert_consistent(organisation, conversation.id)


def test_a_lock_that_is_never_released_is_answered_as_unavailable_and_nothing_is_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("conversations.journal.LOCK_TIMEOUT_SECONDS", 1)
    organisation, conversation = acme(), lay_conversation(acme(), operator=olga())
    holder = separate_connection()
    lock_row(holder, organisation, conversation.id)

    async def scenario(door: Journal) -> Appended:
        return await door.append(organisation.schema_name, asked(conversation))

    with holder, pytest.raises(Unavailable) as refusal:
        with_journal(scenario)

    assert refusal.value.retry
    assert entries_of(organisation, conversation.id) == []


def test_a_message_whose_page_went_away_is_stored_all_the_same() -> None:
    organisation, conversation = acme(), lay_conversation(acme(), operator=olga())

    async def scenario(door: Journal) -> None:
        going = asyncio.ensure_future(door.append(organisation.schema_name, asked(conversation)))
        await asyncio.sleep(0)
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going

    with_journal(scenario)

    assert len(entries_of(organisation, conversation.id)) == 1


def test_a_name_without_its_schema_is_not_found_on_the_journals_connections() -> None:  # rule 14
    async def scenario(door: Journal) -> str:
        async with door._pool.connection() as connection:
            with pytest.raises(psycopg.errors.UndefinedTable):
                await connection.execute("SELECT 1 FROM conversations_entry")
            row = await (await connection.execute("SHOW search_path")).fetchone()
        return str(row and row[0])

    assert with_journal(scenario) in ("", '""')
