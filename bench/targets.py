"""The two servers to load: the platform and the baseline, each with 50 conversations spread over 10 operators."""

import json
import os
import subprocess
import sys
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from bench.desk import MeasuringDesk
from bench.ground import Ground, Running, free_port, listens
from bench.load import Lane, Load, hear_the_rest
from bench.machine import Cores
from bench.websocket import Socket, Sockets
from chatplatform.embedded import processes
from chatplatform.embedded.__main__ import ROOT

CONVERSATIONS = 50
OPERATORS = 10
ASSIGN_SECONDS = 60.0
BODY = "Is the ridge tent waterproof, and does it fit in a bicycle bag?"


class Target:
    """A running server with its lanes ready. ``pid`` is the web server's."""

    def __init__(self, pid: int, load: Load, sockets: Sockets) -> None:
        self.pid = pid
        self.load = load
        self.sockets = sockets


def message_frame(**more: Any) -> tuple[bytes, bytes]:
    """A message's frame before and after its cid."""
    command = {"type": "message.send", "cid": "CID", "body": BODY, "attachments": [], **more}
    before, after = json.dumps(command, ensure_ascii=False).split("CID")
    return before.encode(), after.encode()


def web_process(server: str, application: str, port: int) -> tuple[str, ...]:
    """The platform's own command line, for either application."""
    command = processes.web(server=server, host="127.0.0.1", port=port).command
    return tuple(application if part == "chatplatform.asgi:application" else part for part in command)


class Baseline(AbstractContextManager[Target]):
    def __init__(self, ground: Ground, cores: Cores, server: str) -> None:
        self._stack = ExitStack()
        port = free_port()
        environment = {
            "DATABASE_URL": ground.make_database(f"baseline_{server}"),
            "REDIS_URL": ground.redis_url,
            "DJANGO_SETTINGS_MODULE": "bench.baseline.settings",
        }
        prepare = [sys.executable, "-m", "bench.baseline.prepare", str(CONVERSATIONS), str(OPERATORS)]
        made = subprocess.run(
            prepare, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True, text=True
        )
        command = web_process(server, "bench.baseline.asgi:application", port)
        web = Running(command, environment, cores.server, ground.log(f"baseline-{server}"))
        self._stack.enter_context(web)
        web.wait_until(lambda: listens(port))
        sockets = Sockets()
        self._stack.callback(sockets.close)
        visitors = [Socket(port, "localhost", f"/visitor/{one}/", hear_the_rest) for one in json.loads(made.stdout)]
        before, after = message_frame()
        load = Load([Lane(number, visitor, before, after) for number, visitor in enumerate(visitors)], sockets)
        operators = [Socket(port, "localhost", f"/operator/{n}/", load.operator_hears) for n in range(OPERATORS)]
        for one in (*visitors, *operators):
            sockets.add(one)
        self._target = Target(web.pid, load, sockets)

    def __enter__(self) -> Target:
        return self._target

    def __exit__(self, *_error: object) -> None:
        self._stack.close()


class Platform(AbstractContextManager[Target]):
    """The real thing. The worker offers the conversations and is stopped before anything is measured."""

    def __init__(self, ground: Ground, cores: Cores, server: str, port: int, desk: MeasuringDesk) -> None:
        self._stack = ExitStack()
        environment = ground.environment(port)
        command = web_process(server, "chatplatform.asgi:application", port)
        web = Running(command, environment, cores.server, ground.log(f"platform-{server}"))
        self._stack.enter_context(web)
        web.wait_until(lambda: listens(port))
        sockets = Sockets()
        self._stack.callback(sockets.close)
        with running_worker(ground, port, cores.others):
            load = _conversations(port, desk, sockets)
        self._target = Target(web.pid, load, sockets)

    def __enter__(self) -> Target:
        return self._target

    def __exit__(self, *_error: object) -> None:
        self._stack.close()


def running_worker(ground: Ground, port: int, cores: frozenset[int]) -> Running:
    """Tasks wait in the queue until it is up."""
    worker = processes.worker(queues="default,routing,reports", concurrency=2)
    return Running(worker.command, ground.environment(port), cores, ground.log("worker"))


def _conversations(port: int, desk: MeasuringDesk, sockets: Sockets) -> Load:
    desk.open(port, sockets)
    visitors = [desk.open_visitor(port, number, sockets) for number in range(CONVERSATIONS)]
    before, after = message_frame(topic=None)
    load = Load([Lane(number, visitor, before, after) for number, visitor in enumerate(visitors)], sockets)
    load.begin()
    sockets.serve_until(lambda: len(desk.assigned) >= CONVERSATIONS, ASSIGN_SECONDS, "the last assignment")
    for one in desk.sockets:
        one.takes = load.operator_hears
    return load
