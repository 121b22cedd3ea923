"""Real processes for tests: the session's PostgreSQL and Redis, web servers, workers, sweeps."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from chatplatform.celery import app as celery_app
from chatplatform.embedded import processes
from chatplatform.embedded.__main__ import ROOT, SERVICES_READY, answers_ready
from chatplatform.embedded.folder import OWNER_VARIABLE
from chatplatform.embedded.privileges import before_exec
from chatplatform.embedded.process import Process

QUEUES = ("default", "routing", "reports")
START_SECONDS = 60.0
STOP_SECONDS = 30.0


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Started:
    """A running process with its log. A context manager; ``stop`` and ``kill`` may be called twice."""

    def __init__(self, process: Process, *, ready: Callable[["Started"], bool], environment: Mapping[str, str]) -> None:
        self.process = process
        self.log_path = Path(os.environ["DATA_DIR"]) / f"{process.name}-{time.monotonic_ns()}.log"
        with self.log_path.open("wb") as log:
            self._popen = subprocess.Popen(
                process.command,
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **process.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # A killed test run leaves nothing behind.
                preexec_fn=before_exec(signal.SIGKILL),
            )
        deadline = time.monotonic() + START_SECONDS
        while not ready(self):
            if self._popen.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"{process.name} did not start. Its log:\n{self.log()}")
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def is_running(self) -> bool:
        return self._popen.poll() is None

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def stop(self) -> int:
        """Ask it to end, as a deploy does; returns its exit status."""
        if self._popen.poll() is None:
            self._popen.send_signal(self.process.stop_signal)
        try:
            status = self._popen.wait(max(STOP_SECONDS, self.process.stop_seconds))
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.process.name} did not stop. Its log:\n{self.log()}") from None
        self._end_group()
        return status

    def kill(self) -> None:
        """kill -9, with everything it started."""
        self._end_group()
        self._popen.wait(STOP_SECONDS)

    def _end_group(self) -> None:
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class WebServer(Started):
    """Connect to 127.0.0.1 with the Host header of the wanted site: Python does not resolve ``*.localhost``."""

    def __init__(self, *, server: str, port: int, environment: Mapping[str, str]) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        super().__init__(
            processes.web(server=server, host="127.0.0.1", port=port),
            ready=lambda _: answers_alive(port),
            environment=environment,
        )

    def url(self, host: str, path: str = "/") -> str:
        """For the browser, which resolves ``*.localhost`` itself."""
        return f"http://{host}:{self.port}{path}"

    def is_ready(self) -> bool:
        return answers_ready(self.port)


def web(*, server: str = "uvicorn", port: int | None = None, environment: Mapping[str, str] | None = None) -> WebServer:
    """A web server that answers /healthz. ``PUBLIC_PORT`` stays the session's unless the environment says otherwise."""
    return WebServer(server=server, port=port or free_port(), environment=environment or {})


def worker(*, queues: str = ",".join(QUEUES), environment: Mapping[str, str] | None = None) -> Started:
    """A Celery worker that answers."""
    process = processes.worker(queues=queues, concurrency=1)
    name = f"tests-{time.monotonic_ns()}@localhost"
    return Started(
        replace(process, command=(*process.command, "--hostname", name)),
        ready=lambda _: bool(celery_app.control.ping(destination=[name], timeout=0.2)),
        environment=environment or {},
    )


def empty_queues() -> None:
    """Forgets the tasks that nobody has begun."""
    with celery_app.connection_for_write() as connection:
        for queue in QUEUES:
            connection.default_channel.queue_purge(queue)


def sweep(*, environment: Mapping[str, str] | None = None) -> Started:
    """Ready when it was seen alive after its start; it needs no announcement."""
    return Started(processes.sweep(), ready=lambda started: started.is_running(), environment=environment or {})


def beat(*, environment: Mapping[str, str] | None = None) -> Started:
    schedule = Path(os.environ["DATA_DIR"]) / f"beat-{time.monotonic_ns()}"
    return Started(
        processes.beat(schedule=schedule), ready=lambda started: started.is_running(), environment=environment or {}
    )


def answers_alive(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def new_data_folder() -> Path:
    """One that the database's account can walk to."""
    folder = Path(tempfile.mkdtemp(prefix="chatplatform-tests-"))
    folder.chmod(0o711)
    return folder


class Services:
    """The session's own PostgreSQL and Redis, under the same supervisor as `make run`."""

    def __init__(self, supervisor: subprocess.Popen[str], folder: Path, environment: dict[str, str]) -> None:
        self._supervisor = supervisor
        self.folder = folder
        self.environment = environment

    @classmethod
    def start(cls, folder: Path | None = None) -> "Services":
        """About a second. The folder is thrown away at the end, so the database need not survive a power cut."""
        folder = folder or new_data_folder()
        unset = ("DATABASE_URL", "REDIS_URL", "PORT", "SERVER")
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "chatplatform.embedded", "--services-only", "--fast-and-unsafe"],
            cwd=ROOT,
            env={**{key: value for key, value in os.environ.items() if key not in unset}, "DATA_DIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=before_exec(signal.SIGTERM),
        )
        assert supervisor.stdout is not None
        lines = []
        for line in supervisor.stdout:
            lines.append(line)
            if SERVICES_READY in line:
                break
        else:
            raise AssertionError(f"The test database did not start:\n{''.join(lines)}")
        services = dict(line.split("=", 1) for line in (folder / "services.env").read_text().splitlines())
        environment = {name: services[name] for name in ("DATABASE_URL", "REDIS_URL")}
        return cls(supervisor, folder, {**environment, "DATA_DIR": str(folder), OWNER_VARIABLE: str(folder)})

    def stop(self) -> None:
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def end(self) -> None:
        """The processes end; what they wrote stays. May be called twice."""
        if self._supervisor.poll() is None:
            self._supervisor.send_signal(signal.SIGTERM)
            self._supervisor.communicate(timeout=STOP_SECONDS)
