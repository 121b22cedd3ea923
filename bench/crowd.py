"""Two hundred first messages at once and 120 places: through the real web server, workers and a sweep.

Afterwards every conversation has one operator or waits, every operator is full and none is above it. The second time
one of two workers is killed in the middle.
"""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from bench.desk import MeasuringDesk
from bench.ground import Ground, Running, listens
from bench.machine import Cores
from bench.stage import bring_operators, clear_desk
from bench.targets import running_worker, web_process
from bench.websocket import Sockets
from chatplatform.embedded import processes
from operators.models import Assignment, DueWork, QueueEntry

VISITORS = 200
OPERATORS = 40
CAPACITY = 3
PLACES = OPERATORS * CAPACITY
KILL_AFTER = 20  # conversations that have an operator
PATIENCE_SECONDS = 40.0
SETTLE_SECONDS = 2.5  # the sweep goes on offering what is left over


def crowd(ground: Ground, cores: Cores, port: int, *, kill_a_worker: bool) -> dict[str, Any]:
    """Raises TimeoutError when places stay empty."""
    clear_desk()
    measuring, _operators = bring_operators(port, count=OPERATORS, capacity=CAPACITY)
    everywhere = cores.server | cores.others
    environment = ground.environment(port)
    sockets = Sockets()
    with ExitStack() as stack:
        web = web_process("uvicorn", "chatplatform.asgi:application", port)
        running = stack.enter_context(Running(web, environment, everywhere, ground.log("crowd-web")))
        workers = [running_worker(ground, port, everywhere) for _ in range(2 if kill_a_worker else 1)]
        for worker in workers:
            stack.enter_context(worker)
        stack.enter_context(Running(processes.sweep().command, environment, everywhere, ground.log("crowd-sweep")))
        stack.callback(sockets.close)
        running.wait_until(lambda: listens(port))
        seconds = _all_at_once(port, MeasuringDesk(measuring), sockets, workers if kill_a_worker else [])
        time.sleep(SETTLE_SECONDS)
    return {"visitors": VISITORS, "places": PLACES, "seconds_until_full": round(seconds, 2), **_outcome()}


def _all_at_once(port: int, desk: MeasuringDesk, sockets: Sockets, victims: list[Running]) -> float:
    """Seconds from the first message to the last free place taken."""
    visitors = [desk.open_visitor(port, number, sockets) for number in range(VISITORS)]
    message: dict[str, Any] = {"type": "message.send", "body": "Are you there?", "attachments": [], "topic": None}
    started_at = time.perf_counter()
    for visitor in visitors:
        visitor.send(json.dumps({**message, "cid": str(uuid.uuid4())}).encode())
    if victims:
        _until(sockets, lambda: _assigned() >= KILL_AFTER, "the first offers")
        victims[0].kill()
    _until(sockets, lambda: _assigned() >= PLACES, "the last place")
    seconds = time.perf_counter() - started_at
    _until(sockets, lambda: QueueEntry.objects.count() == VISITORS, "the last first message")
    return seconds


def _until(sockets: Sockets, condition: Callable[[], bool], what: str) -> None:
    sockets.serve_until(condition, PATIENCE_SECONDS, what)


def _assigned() -> int:
    return QueueEntry.objects.filter(state=QueueEntry.State.ASSIGNED).count()


def _outcome() -> dict[str, int]:
    """Everything but ``assigned``, ``waiting`` and ``still_offered`` is to be 0: conversations in two hands or with
    another holder than their stretch says, operators above or below their capacity."""
    held = dict(
        QueueEntry.objects.filter(state=QueueEntry.State.ASSIGNED).values_list("conversation_id", "operator_id")
    )
    waiting = list(QueueEntry.objects.filter(state=QueueEntry.State.WAITING).values_list("conversation_id", flat=True))
    stretches = list(Assignment.objects.filter(ended_at=None).values_list("conversation_id", "operator_id"))
    loads = Counter(held.values())
    return {
        "assigned": len(held),
        "waiting": len(waiting),
        "still_offered": DueWork.objects.filter(kind=DueWork.Kind.OFFER, subject_id__in=waiting).count(),
        "in_two_hands": len(stretches) - len({conversation for conversation, _ in stretches}),
        "wrong_stretches": len(set(stretches) ^ set(held.items())),
        "above_capacity": sum(load > CAPACITY for load in loads.values()),
        "below_capacity": OPERATORS - sum(load == CAPACITY for load in loads.values()),
    }
