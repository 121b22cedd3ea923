"""The visitor's side of a dialogue."""

import asyncio
import time
from collections.abc import Callable

from chatplatform.replay.client import Client, Counters, Frame
from chatplatform.replay.platform import Platform
from chatplatform.replay.play import Play, Plays
from chatplatform.replay.thread import Fact, Thread

SOCKET_PATH = "/socket/widget/"


class Visitor:
    """Says the next line when everything before it stands in the thread, then rates when asked."""

    def __init__(self, platform: Platform, play: Play, plays: Plays, counters: Counters) -> None:
        self._play = play
        self._plays = plays
        self._client = Client(platform, play.site.host, SOCKET_PATH, self, counters)
        self._progressed = asyncio.Event()
        self._is_asked_to_rate = False

    async def converse(self) -> None:
        """Plays the whole dialogue. Raises Refused when the platform will not have it."""
        serving = asyncio.create_task(self._client.run())
        talking = asyncio.create_task(self._talk())
        try:
            await asyncio.wait([serving, talking], return_when=asyncio.FIRST_COMPLETED)
            if serving.done() and serving.exception() is not None:
                serving.result()
            await talking
        finally:
            talking.cancel()
            await self._client.close()
            await asyncio.gather(serving, talking, return_exceptions=True)

    async def _talk(self) -> None:
        await self._until(lambda: self._play.token is not None)
        turns = self._play.dialogue.turns
        for position, turn in enumerate(turns):
            await self._until(lambda wanted=position: self._position() >= wanted)  # type: ignore[misc]
            if turn.sender == "visitor":
                await self._say(position, turn.text)
        await self._until(lambda: self._position() >= len(turns) and self._is_asked_to_rate)
        rating = {
            "type": "rating.give",
            "conversation": self._play.conversation,
            "cid": self._play.rating_cid,
            "mark": self._play.dialogue.mark,
            "comment": "",
        }
        await self._client.ask(rating)
        self._play.is_rated = True
        self._play.is_finished = True

    async def _say(self, position: int, text: str) -> None:
        cid = self._play.cids[position]
        self._play.sent_at[position] = time.perf_counter()
        ack = await self._client.ask(
            {"type": "message.send", "cid": cid, "body": text, "attachments": [], "topic": None}
        )
        if self._play.conversation is None:
            self._play.conversation = ack["conversation"]

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._progressed.clear()
            await self._progressed.wait()

    def _position(self) -> int:
        """How many turns stand in the conversation, as this visitor sees it. Before the first message: none."""
        thread = self._client.threads.get(self._play.conversation or "")
        return self._play.position(thread) if thread else 0

    def hello(self) -> Frame:
        thread = self._client.threads.get(self._play.conversation or "")
        return {
            "type": "hello",
            "protocol": 1,
            "token": self._play.token,
            "website": self._play.site.website,
            "language": "en",
            "conversation": self._play.conversation,
            "since": thread.cursor[0] if thread else 0,
            "page": {"url": f"http://{self._play.site.host}/", "title": "Replay", "referrer": ""},
        }

    def fetch(self, thread: Thread) -> Frame:
        return {"type": "entries.fetch", "conversation": thread.conversation, "since": thread.cursor[0]}

    async def heard(self, frame: Frame) -> None:
        if frame["type"] == "welcome":
            self._play.token = frame["token"]
            self._progressed.set()

    async def changed(self, thread: Thread, facts: list[Fact], at: float) -> None:
        self._play.seen_by_visitor.add(thread.conversation)
        for fact in facts:
            if fact["type"] == "message.sent" and fact["sender"]["kind"] == "operator":
                self._arrived(fact, at)
            elif fact["type"] == "rating.requested":
                self._is_asked_to_rate = True
        self._progressed.set()

    def _arrived(self, fact: Fact, at: float) -> None:
        found = self._plays.find(fact["cid"])
        if found is None or fact["cid"] in self._plays.delivered or found[1] not in found[0].sent_at:
            return
        self._plays.delivered.add(fact["cid"])
        play, position = found
        self._plays.measured.delivery.append(at - play.sent_at[position])
        if position == 1:
            self._plays.measured.first_reply.append(at - play.sent_at[0])
