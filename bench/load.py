"""Load: visitors who write, and the moment at which each message is acked and stands on its operator's socket."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.websocket import Socket, Sockets

PATIENCE_SECONDS = 30.0
_CID = b'"cid":"'
_CID_LENGTH = 36


def cid_of(lane: int, number: int) -> str:
    """A uuid (version 4 in form) that says whose message it is: nothing has to be looked up when it comes back."""
    return f"{lane:08x}-0000-4000-8000-{number:012x}"


@dataclass(slots=True)
class Lane:
    """One conversation. ``before`` and ``after`` are the message's frame around its cid."""

    number: int
    visitor: Socket
    before: bytes
    after: bytes
    sent: int = 0
    is_acked: bool = True
    is_delivered: bool = True

    def say(self) -> None:
        self.sent += 1
        self.is_acked = self.is_delivered = False
        self.visitor.send(self.before + cid_of(self.number, self.sent).encode() + self.after)


@dataclass(slots=True)
class Sample:
    """What one window of a load saw. Seconds."""

    seconds: float
    delivered: int = 0
    acked: int = 0
    delivery: list[float] = field(default_factory=list)
    undelivered: int = 0


class Load:
    """The lanes and the sockets of the operators who answer for them. Both servers speak the same two frames."""

    def __init__(self, lanes: list[Lane], sockets: Sockets) -> None:
        self._lanes = lanes
        self._by_visitor = {lane.visitor: lane for lane in lanes}
        self._sockets = sockets
        self._closed_loop = True
        self._sample = Sample(0)
        self._due: dict[bytes, float] = {}
        for lane in lanes:
            lane.visitor.takes = self._visitor_hears

    def begin(self) -> None:
        """Every conversation's first message; returns when all are acked, wherever they were delivered."""
        self._closed_loop = False
        for lane in self._lanes:
            lane.say()
            lane.is_delivered = True
        self._sockets.serve_until(lambda: all(lane.is_acked for lane in self._lanes), 60, "every first ack")

    def closed_loop(self, seconds: float) -> Sample:
        """One message in flight per conversation: the next one leaves when the last was acked and delivered."""
        self._closed_loop = True
        self._sample = Sample(seconds)
        for lane in self._lanes:
            if lane.is_acked and lane.is_delivered:
                lane.say()
        started_at = time.perf_counter()
        while (now := time.perf_counter()) - started_at < seconds:
            self._sockets.serve(seconds - (now - started_at))
        self._sample.seconds = time.perf_counter() - started_at
        return self._sample

    def open_loop(self, per_second: float, seconds: float) -> Sample:
        """Messages leave on time, whatever became of the earlier ones; each counts from when it was due."""
        self._finish()
        self._closed_loop = False
        self._sample = Sample(seconds)
        started_at = time.perf_counter()
        for number in range(int(per_second * seconds)):
            due = started_at + number / per_second
            while (now := time.perf_counter()) < due:
                self._sockets.serve(due - now)
            lane = self._lanes[number % len(self._lanes)]
            lane.say()
            self._due[cid_of(lane.number, lane.sent).encode()] = due
        self._wait(lambda: not self._due)
        self._sample.undelivered = len(self._due)
        self._due.clear()
        return self._sample

    def _finish(self) -> None:
        self._closed_loop = False
        self._wait(lambda: all(lane.is_acked and lane.is_delivered for lane in self._lanes))

    def _wait(self, condition: Callable[[], bool]) -> None:
        """A channel layer may drop what it was given: nobody waits for that for ever."""
        deadline = time.perf_counter() + PATIENCE_SECONDS
        while not condition() and time.perf_counter() < deadline:
            self._sockets.serve(0.1)

    def _visitor_hears(self, visitor: Socket, text: bytes) -> None:
        if b'"type":"ack"' in text:
            lane = self._by_visitor[visitor]
            lane.is_acked = True
            self._sample.acked += 1
            if lane.is_delivered and self._closed_loop:
                lane.say()
        else:
            hear_the_rest(visitor, text)

    def operator_hears(self, operator: Socket, text: bytes) -> None:
        if b'"type":"message.sent"' in text:
            at = text.index(_CID) + len(_CID)
            cid = text[at : at + _CID_LENGTH]
            lane = self._lanes[int(cid[:8], 16)]
            self._sample.delivered += 1
            if self._closed_loop:
                lane.is_delivered = True
                if lane.is_acked:
                    lane.say()
            elif (due := self._due.pop(cid, None)) is not None:
                self._sample.delivery.append(time.perf_counter() - due)
            else:
                lane.is_delivered = True
        else:
            hear_the_rest(operator, text)


def hear_the_rest(hearer: Socket, text: bytes) -> None:
    """Answers heartbeats. A refusal ends the measurement: its figures would mean nothing."""
    if b'"type":"heartbeat"' in text:
        hearer.send(b'{"type":"heartbeat"}')
    elif b'"type":"error"' in text:
        raise RuntimeError(f"The server refused: {text.decode()}")
