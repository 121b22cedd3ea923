"""The watching loop, on small processes of our own."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatplatform.embedded.errors import StartError
from chatplatform.embedded.output import Terminal
from chatplatform.embedded.process import Process
from chatplatform.embedded.supervisor import Supervisor

pytestmark = pytest.mark.no_database

SLEEP = "import time; time.sleep(60)"
# Says when it is deaf, so that the test does not ask too early.
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


def python(name: str, code: str, *, stop_order: int = 0, stop_seconds: float = 10.0) -> Process:
    return Process(name=name, command=(sys.executable, "-c", code), stop_order=stop_order, stop_seconds=stop_seconds)


class Recorder(Terminal):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []

    def say(self, text: str, name: str = "platform") -> None:
        self.lines.append((name, text))


@pytest.fixture
def terminal() -> Recorder:
    return Recorder()


@pytest.fixture
def supervisor(terminal: Recorder) -> Iterator[Supervisor]:
    supervisor = Supervisor(terminal, dict(os.environ), lambda pids: None)
    yield supervisor
    supervisor.stop_all()


def test_lines_carry_the_name_of_their_process(supervisor: Supervisor, terminal: Recorder) -> None:
    supervisor.run_to_end(python("greeter", "print('hello')"))

    assert terminal.lines == [("greeter", "hello")]


def test_a_failing_preparation_stops_the_start_and_its_lines_are_shown(
    supervisor: Supervisor, terminal: Recorder
) -> None:
    with pytest.raises(StartError, match="migrate failed with status 3"):
        supervisor.run_to_end(python("migrate", "import sys; print('no such table'); sys.exit(3)"))

    assert ("migrate", "no such table") in terminal.lines


def test_a_child_that_ends_is_started_again(supervisor: Supervisor, terminal: Recorder, tmp_path: Path) -> None:
    marks = tmp_path / "starts"
    supervisor.start(python("mayfly", f"open({str(marks)!r}, 'a').write('x')"))

    supervisor.wait_until(lambda: marks.exists() and marks.read_text() == "xx", seconds=10, what="a second start")

    assert ("platform", "mayfly ended with status 0; starting it again in 0.5 s") in terminal.lines


def test_what_does_not_become_ready_is_told_by_name(supervisor: Supervisor) -> None:
    with pytest.raises(StartError, match="The moon did not become ready"):
        supervisor.wait_until(lambda: False, seconds=0.2, what="The moon")


def test_groups_stop_one_after_the_other(supervisor: Supervisor, terminal: Recorder) -> None:
    code = (
        "import signal, sys, time\n"
        "def stop(number, frame):\n    time.sleep(0.3); print('bye', flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, stop); print('up', flush=True); time.sleep(60)"
    )
    for name, order in (("database", 2), ("web", 0), ("redis", 1)):
        supervisor.start(python(name, code, stop_order=order))
    supervisor.wait_until(lambda: len(terminal.lines) == 3, seconds=10, what="all three")

    supervisor.stop_all()

    assert [name for name, line in terminal.lines if line == "bye"] == ["web", "redis", "database"]


def test_a_child_that_does_not_listen_is_killed(supervisor: Supervisor, terminal: Recorder) -> None:
    child = supervisor.start(python("deaf", DEAF, stop_seconds=0.3))
    supervisor.wait_until(lambda: ("deaf", "deaf") in terminal.lines, seconds=10, what="deafness")
    started_at = time.monotonic()

    supervisor.stop_all()

    assert time.monotonic() - started_at < 5
    assert child.pid is None
    assert ("platform", "deaf did not stop in time; killing it") in terminal.lines


def test_the_pids_are_told_at_each_start(terminal: Recorder) -> None:
    told: list[dict[str, int]] = []
    supervisor = Supervisor(terminal, dict(os.environ), told.append)
    try:
        first = supervisor.start(python("one", SLEEP)).pid
        second = supervisor.start(python("two", SLEEP)).pid
    finally:
        supervisor.stop_all()

    assert told == [{"one": first}, {"one": first, "two": second}]
