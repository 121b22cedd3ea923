"""An operator who answers every measuring conversation that is offered, and closes it when all was said."""

import asyncio
import time
import uuid
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from chatplatform.replay.client import Client, Counters, Frame, Refused
from chatplatform.replay.platform import Login, Platform
from chatplatform.replay.play import Play, Plays
from chatplatform.replay.thread import Fact, Thread

SOCKET_PATH = "/socket/desk/"


class Operator:
    """Whoever holds a conversation says its next line: after a re-offer that may be another operator than before."""

    def __init__(self, platform: Platform, desk: str, login: Login, plays: Plays, counters: Counters) -> None:
        self._plays = plays
        self._counters = counters
        self._client = Client(platform, desk, SOCKET_PATH, self, counters, cookie=login.headers["Cookie"])
        self._own: set[str] = set()
        self._inbox: dict[str, int] = {}  # conversation → the last seq that its row told of
        self._busy: set[str] = set()
        self._said: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._me = ""
        self._began: datetime | None = None
        self.is_welcome = asyncio.Event()
        self.seen: set[str] = set()
        self.left_over: set[str] = set()

    async def serve(self) -> None:
        """Until cancelled or closed. Raises Refused."""
        await self._client.run()

    async def leave(self) -> None:
        """Says goodbye, so that nobody is offered to an empty chair."""
        await self._client.send({"type": "presence.set", "state": "away"})
        await self._client.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hello(self) -> Frame:
        cursors = {name: self._client.threads[name].cursor for name in self._own}
        return {"type": "hello", "protocol": 1, "cursors": cursors}

    def fetch(self, thread: Thread) -> Frame | None:
        if thread.conversation not in self._own:
            return None  # it waits for somebody: the desk hears of it, but reads it only when it is offered
        since, desk_since = thread.cursor
        return {
            "type": "entries.fetch",
            "organisation": thread.organisation,
            "conversation": thread.conversation,
            "since": since,
            "desk_since": desk_since,
        }

    async def heard(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "welcome":
            await self._welcomed(frame)
        elif kind == "inbox":
            await self._take_inbox(frame["inbox"])
        elif kind == "inbox.changed":
            await self._row(frame["entry"])
        elif kind == "heartbeat" and self._is_inbox_outdated(frame["tops"]):
            await self._client.send({"type": "inbox.fetch"})

    def _is_inbox_outdated(self, tops: dict[str, tuple[int, int]]) -> bool:
        """Also when a row that still waits here has moved on: the hint that it became ours may be what was lost."""
        if tops.keys() != self._inbox.keys():
            return True
        return any(tops[name][0] > last for name, last in self._inbox.items() if name not in self._own)

    async def _welcomed(self, frame: Frame) -> None:
        self._me = frame["operator"]["id"]
        if self._began is None:
            self._began = datetime.fromisoformat(frame["now"])
        if frame["operator"]["presence"]["state"] != "available":
            await self._client.send({"type": "presence.set", "state": "available"})
        await self._take_inbox(frame["inbox"])
        self.is_welcome.set()

    async def _take_inbox(self, rows: list[Frame]) -> None:
        self._inbox = {row["conversation"]: row["last_seq"] for row in rows}
        self._own &= self._inbox.keys()
        for row in rows:
            await self._row(row)

    async def _row(self, row: Frame) -> None:
        conversation = row["conversation"]
        is_mine = row["state"] == "assigned" and row["operator"] == self._me
        if is_mine or row["state"] == "waiting":
            self._inbox[conversation] = row["last_seq"]
        else:
            self._inbox.pop(conversation, None)
            self._client.threads.pop(conversation, None)
        if not is_mine:
            self._own.discard(conversation)
            return
        is_new = conversation not in self._own
        self._own.add(conversation)
        thread = self._client.thread(conversation, row["organisation"])
        thread.organisation = row["organisation"]
        thread.top = max(thread.top, row["last_seq"])
        if self._began is not None and datetime.fromisoformat(row["opened_at"]) < self._began:
            self.left_over.add(conversation)
            self._start(conversation, self._close(thread, str(uuid.uuid4()), "other"))
        elif thread.is_behind:
            await self._client.catch_up(thread)
        elif is_new:
            await self.changed(thread, [], time.perf_counter())

    async def changed(self, thread: Thread, facts: list[Fact], at: float) -> None:
        self.seen.add(thread.conversation)
        if thread.conversation not in self._own:
            return
        for fact in thread.facts:  # those known before it was offered stand on the screen from now on
            if fact["type"] == "message.sent" and fact["sender"]["kind"] == "visitor":
                self._arrived(fact, at)
        self._act(thread)

    def _arrived(self, fact: Fact, at: float) -> None:
        """It stands on the screen of the operator who holds the conversation."""
        found = self._plays.find(fact["cid"])
        if found is None or fact["cid"] in self._plays.delivered:
            return
        self._plays.delivered.add(fact["cid"])
        play, position = found
        measured = self._plays.measured
        (measured.first_screen if position == 0 else measured.delivery).append(at - play.sent_at[position])

    def _act(self, thread: Thread) -> None:
        """Says the next line, or closes, when it is this operator's turn and nothing is missing."""
        conversation = thread.conversation
        if conversation not in self._own or conversation in self._busy | self.left_over or thread.is_behind:
            return
        play = self._plays.of(thread)
        if play is None:
            return
        position = play.position(thread)
        if position == len(play.cids):
            self._start(conversation, self._close(thread, play.closing_cid, "information"))
        elif play.dialogue.turns[position].sender == "operator" and play.cids[position] not in self._said:
            self._start(conversation, self._say(thread, play, position))

    def _start(self, conversation: str, work: Coroutine[Any, Any, None]) -> None:
        if conversation in self._busy:
            work.close()
            return
        self._busy.add(conversation)
        task = asyncio.get_running_loop().create_task(self._finish(conversation, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self, conversation: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Refused as refused:
            # Somebody else holds it now: the inbox says so too. Whatever else it is stands in the summary.
            self._own.discard(conversation)
            self._counters.refused[refused.code] += 1
        finally:
            self._busy.discard(conversation)
        if (thread := self._client.threads.get(conversation)) is not None:
            self._act(thread)

    async def _say(self, thread: Thread, play: Play, position: int) -> None:
        play.sent_at.setdefault(position, time.perf_counter())
        cid = play.cids[position]
        await self._client.ask(
            {
                "type": "message.send",
                "organisation": thread.organisation,
                "conversation": thread.conversation,
                "cid": cid,
                "body": play.dialogue.turns[position].text,
                "attachments": [],
            }
        )
        self._said.add(cid)

    async def _close(self, thread: Thread, cid: str, purpose: str) -> None:
        await self._client.ask(
            {
                "type": "conversation.close",
                "organisation": thread.organisation,
                "conversation": thread.conversation,
                "cid": cid,
                "purpose": purpose,
            }
        )
        self._own.discard(thread.conversation)
