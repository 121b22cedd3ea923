"""Watches the platform's processes: starts them, restarts the dead with patience, stops all in the right order."""

import math
import selectors
import signal
import time
from collections.abc import Callable, Mapping
from types import FrameType

from chatplatform.embedded.child import Child
from chatplatform.embedded.errors import StartError
from chatplatform.embedded.output import Terminal
from chatplatform.embedded.process import Process

_TICK_SECONDS = 0.1
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Somebody asked the platform to stop."""


class Supervisor:
    """One thread, one loop. ``changed`` is called whenever a child was started, with the pids by name."""

    def __init__(
        self, terminal: Terminal, environment: Mapping[str, str], changed: Callable[[dict[str, int]], None]
    ) -> None:
        self._terminal = terminal
        self._environment = dict(environment)
        self._changed = changed
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._stop_requests = 0

    def listen_to_signals(self) -> None:
        for number in _STOP_SIGNALS:
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop_requests += 1

    def set_environment(self, values: Mapping[str, str]) -> None:
        """Variables for the children started from here on."""
        self._environment.update(values)

    def pids(self) -> dict[str, int]:
        return {child.process.name: child.pid for child in self._children if child.pid is not None}

    def start(self, process: Process) -> Child:
        child = Child(process, self._environment)
        self._children.append(child)
        self._launch(child)
        return child

    def run_to_end(self, process: Process) -> None:
        """Run a one-off command with its lines shown. Raises StartError when it fails."""
        child = Child(process, self._environment)
        child.start()
        self._selector.register(child.output, selectors.EVENT_READ, child)
        try:
            while (status := child.exit_status()) is None:
                self._watch_once()
        except StopRequested:
            child.kill()
            raise
        finally:
            self._finish(child)
        if status != 0:
            raise StartError(f"{process.name} failed {_in_words(status)}; its lines above say why.")

    def wait_until(
        self, condition: Callable[[], bool], *, seconds: float, what: str, asked_every_seconds: float = 0.0
    ) -> None:
        """Keep watching until the condition holds. Raises StartError after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not condition():
            asked_at = time.monotonic()
            if asked_at > deadline:
                raise StartError(f"{what} did not become ready within {seconds:.0f} s; the lines above say why.")
            self._watch_once()
            while time.monotonic() < asked_at + asked_every_seconds:
                self._watch_once()

    def watch_forever(self) -> None:
        """Until StopRequested."""
        while True:
            self._watch_once()

    def stop_all(self) -> None:
        """Stop in order; each group is gone before the next one's turn. A second Ctrl-C kills instead of asking."""
        requests = self._stop_requests
        for order in sorted({child.process.stop_order for child in self._children}):
            group = [child for child in self._children if child.process.stop_order == order]
            for child in group:
                child.ask_to_stop()
            deadline = time.monotonic() + max(child.process.stop_seconds for child in group)
            while running := [child for child in group if self._is_running(child)]:
                if time.monotonic() > deadline or self._stop_requests > requests:
                    requests, deadline = self._stop_requests, math.inf
                    for child in running:
                        self._terminal.say(f"{child.process.name} did not stop in time; killing it")
                        child.kill()
                self._read_output()
            for child in group:
                self._finish(child)
        self._children.clear()

    @staticmethod
    def _is_running(child: Child) -> bool:
        return child.pid is not None and child.exit_status() is None

    def _launch(self, child: Child) -> None:
        child.start()
        self._selector.register(child.output, selectors.EVENT_READ, child)
        self._changed(self.pids())

    def _watch_once(self) -> None:
        if self._stop_requests:
            raise StopRequested
        self._read_output()
        now = time.monotonic()
        for child in self._children:
            if child.restart_at is not None:
                if now >= child.restart_at:
                    self._launch(child)
            elif (status := child.exit_status()) is not None:
                self._finish(child)
                delay = child.plan_restart()
                self._terminal.say(f"{child.process.name} ended {_in_words(status)}; starting it again in {delay:g} s")

    def _read_output(self) -> None:
        for key, _ in self._selector.select(_TICK_SECONDS):
            child: Child = key.data
            lines = child.read_lines()
            if lines is None:
                # At its end the pipe stays readable for ever: stop waiting on it.
                self._selector.unregister(child.output)
            for line in lines or []:
                self._terminal.say(line, child.process.name)

    def _finish(self, child: Child) -> None:
        if child.pid is None:
            return
        if child.output in self._selector.get_map():
            self._selector.unregister(child.output)
        for line in child.close():
            self._terminal.say(line, child.process.name)


def _in_words(status: int) -> str:
    if status >= 0:
        return f"with status {status}"
    try:
        return f"by {signal.Signals(-status).name}"
    except ValueError:
        return f"by signal {-status}"
