"""The whole of `make run`: every process, killed and stopped."""

import http.client
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.embedded.platform_run import PlatformRun, wait_for
from tests.servers import free_port

pytestmark = pytest.mark.no_database
EVERYTHING = {"SUPERVISOR", "POSTGRES", "REDIS", "WEB", "WORKER", "SWEEP_1", "SWEEP_2", "BEAT", "MAILBOX"}
START_SECONDS = 120.0


def alive(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read() == b"ok"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_started(run: PlatformRun) -> None:
    last = "Ctrl-C stops everything."
    wait_for(lambda: run.says(last) or run.process.poll() is not None, "the start", seconds=START_SECONDS)
    assert run.process.poll() is None, run.output


def started_again(run: PlatformRun, name: str, old_pid: int) -> bool:
    """While a child is down the services file does not name it."""
    pid = run.services().get(f"{name}_PID")
    return pid is not None and int(pid) != old_pid


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One DATA_DIR for all: it is prepared once. The database's account must be able to walk to it."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o711)
    yield path / "data"
    shutil.rmtree(path)


def start_and_recover(start_run: Callable[..., PlatformRun], folder: Path, server: str) -> PlatformRun:
    """All of it on this server; what is killed of it comes back."""
    port = free_port()
    run = start_run(folder, services_only=False, PORT=str(port), SERVER=server)
    wait_started(run)
    assert set(pids(run)) == EVERYTHING
    assert run.says(f"http://desk.localhost:{port}/")
    assert run.says("Ctrl-C stops everything.")

    killed = {name: pids(run)[name] for name in ("WEB", "WORKER", "SWEEP_1")}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: all(started_again(run, name, pid) for name, pid in killed.items()), "restarts")
    wait_for(lambda: alive(port), "the web server")
    return run


def pids(run: PlatformRun) -> dict[str, int]:
    return {name.removesuffix("_PID"): int(pid) for name, pid in run.services().items() if name.endswith("_PID")}


def test_everything_starts_recovers_and_stops(start_run: Callable[..., PlatformRun], folder: Path) -> None:
    run = start_and_recover(start_run, folder, "daphne")

    assert run.stop() == 0
    assert run.processes() == []


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_needs_no_preparation(
    start_run: Callable[..., PlatformRun], folder: Path
) -> None:
    run = start_and_recover(start_run, folder, "uvicorn")

    run.process.kill()
    run.process.wait()
    wait_for(lambda: run.processes() == [], "the end of every process", seconds=15)

    again = start_run(folder, services_only=False, PORT=str(free_port()), SERVER="uvicorn")
    wait_started(again)
    assert not again.says("migrating")
    assert again.stop() == 0
    assert again.processes() == []
