"""One supervised child: its lines, its end, the patience before its next start."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from chatplatform.embedded import child as child_module
from chatplatform.embedded.child import Child
from chatplatform.embedded.output import LineBuffer
from chatplatform.embedded.process import Process
from tests.embedded.platform_run import wait_for

pytestmark = pytest.mark.no_database


@pytest.fixture
def start_child() -> Iterator[Callable[[str], Child]]:
    children: list[Child] = []

    def start(code: str) -> Child:
        child = Child(Process(name="sample", command=(sys.executable, "-c", code)), dict(os.environ))
        child.start()
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        wait_for(lambda child=child: child.pid is None or child.exit_status() is not None, "its end")  # type: ignore[misc]
        child.close()


def wait_ended(child: Child) -> None:
    wait_for(lambda: child.exit_status() is not None, "the child's end")


def test_lines_are_whole_and_the_last_one_needs_no_line_end(start_child: Callable[[str], Child]) -> None:
    child = start_child("import sys; print('one'); print('two', file=sys.stderr); print('three', end='')")
    wait_ended(child)

    assert sorted(child.close()) == ["one", "three", "two"]


def test_output_larger_than_one_read_is_complete(start_child: Callable[[str], Child]) -> None:
    child = start_child("for n in range(5_000): print(n)")
    lines: list[str] = []

    while child.exit_status() is None:
        lines += child.read_lines() or []
    lines += child.close()

    assert lines == [str(n) for n in range(5_000)]


def test_what_a_child_left_in_its_group_ends_with_it(start_child: Callable[[str], Child]) -> None:
    child = start_child(
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)"
    )
    wait_ended(child)

    grandchild = int(child.close()[0])

    wait_for(lambda: not psutil.pid_exists(grandchild) or _is_zombie(grandchild), "the grandchild's end")


def test_a_child_is_out_of_reach_of_the_terminals_interrupt(start_child: Callable[[str], Child]) -> None:
    child = start_child("import time; time.sleep(60)")
    assert child.pid is not None

    assert os.getsid(child.pid) == child.pid != os.getsid(0)


def test_the_wait_doubles_up_to_half_a_minute_and_is_short_again_after_a_healthy_minute(
    start_child: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    child = start_child("pass")

    assert [child.plan_restart() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]

    now = time.monotonic()
    monkeypatch.setattr(child_module.time, "monotonic", lambda: now + 61)
    assert child.plan_restart() == 0.5
    assert child.restart_at == now + 61.5


def test_a_child_that_was_asked_to_stop_stops(start_child: Callable[[str], Child]) -> None:
    child = start_child("import time; time.sleep(60)")

    child.ask_to_stop()

    wait_ended(child)
    assert child.exit_status() == -signal.SIGTERM


def test_an_endless_line_is_cut_so_that_memory_stays_flat() -> None:
    buffer = LineBuffer()

    lines = [line for _ in range(100) for line in buffer.feed(b"x" * 10_000)]

    assert sum(map(len, lines)) + sum(map(len, buffer.end())) == 1_000_000
    assert max(map(len, lines)) < 80_000


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert LineBuffer().feed(b"\xff ok\r\n") == ["� ok"]


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
