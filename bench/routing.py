"""From a visitor's first message to the operator's screen: web server, Celery, worker, offer, socket."""

import json
import time
import uuid

from bench.desk import MeasuringDesk
from bench.websocket import Sockets

CONVERSATIONS = 120
PATIENCE_SECONDS = 20.0


def first_screens(port: int, desk: MeasuringDesk, sockets: Sockets) -> list[float]:
    """Seconds, one fresh conversation at a time, always with a free operator; each is closed before the next."""
    desk.open(port, sockets, operators=1)
    _first_screen(port, desk, sockets, 0)  # the worker's first task imports what the others find imported
    return [_first_screen(port, desk, sockets, number) for number in range(CONVERSATIONS)]


def _first_screen(port: int, desk: MeasuringDesk, sockets: Sockets, number: int) -> float:
    visitor = desk.open_visitor(port, number, sockets)
    desk.assigned.clear()
    message = {"type": "message.send", "cid": str(uuid.uuid4()), "body": "Are you there?", "attachments": []}
    started_at = time.perf_counter()
    visitor.send(json.dumps({**message, "topic": None}).encode())
    sockets.serve_until(lambda: bool(desk.assigned), PATIENCE_SECONDS, "the offer")
    seconds = time.perf_counter() - started_at
    [(conversation, operator)] = desk.assigned.items()
    cid = str(uuid.uuid4())
    close = {"type": "conversation.close", "organisation": desk.organisation_of[conversation]}
    close |= {"conversation": conversation, "cid": cid, "purpose": "information"}
    operator.send(json.dumps(close).encode())
    sockets.serve_until(lambda: cid in desk.acked, PATIENCE_SECONDS, "the closing")
    sockets.remove(visitor)
    return seconds
