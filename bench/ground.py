"""PostgreSQL and Redis of the bench's own, and the processes that it starts beside them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from chatplatform.embedded.__main__ import ROOT, SERVICES_READY
from chatplatform.embedded.privileges import before_exec

START_SECONDS = 60.0
STOP_SECONDS = 30.0
_OWN = ("DATABASE_URL", "REDIS_URL", "PORT", "SERVER", "DJANGO_SETTINGS_MODULE", "PUBLIC_PORT")


class Running:
    """A process with everything it started, on the given cores. Ends with the block."""

    def __init__(
        self, command: Iterable[str], environment: Mapping[str, str], cores: frozenset[int], log: Path
    ) -> None:
        before = before_exec(signal.SIGTERM)

        def prepare() -> None:
            os.sched_setaffinity(0, cores)
            before()

        self._command = list(command)
        self._log = log
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=prepare,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def wait_until(self, ready: Callable[[], bool], seconds: float = START_SECONDS) -> Self:
        deadline = time.monotonic() + seconds
        while not ready():
            if self._popen.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{' '.join(self._command)} did not start:\n{self.log()}")
            time.sleep(0.05)
        return self

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """SIGKILL, to all of it."""
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait(STOP_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Ground:
    """The services: durable (fsync and synchronous_commit are on), thrown away at the end."""

    def __init__(self, cores: frozenset[int]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="chatplatform-bench-"))
        self.folder.chmod(0o711)
        for name in _OWN:
            os.environ.pop(name, None)
        self._supervisor = Running(
            [sys.executable, "-m", "chatplatform.embedded", "--services-only"],
            {"DATA_DIR": str(self.folder)},
            cores,
            self.folder / "services.log",
        )
        try:
            self._supervisor.wait_until(lambda: SERVICES_READY in self._supervisor.log())
        except RuntimeError:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        lines = (self.folder / "services.env").read_text().splitlines()
        services = dict(line.split("=", 1) for line in lines)
        self.database_url, self.redis_url = services["DATABASE_URL"], services["REDIS_URL"]
        self.pids = [int(value) for name, value in services.items() if name in ("POSTGRES_PID", "REDIS_PID")]

    def postgres_pid(self) -> int:
        """Of the server that runs now: the supervisor starts another when it dies."""
        lines = (self.folder / "services.env").read_text().splitlines()
        return int(dict(line.split("=", 1) for line in lines)["POSTGRES_PID"])

    def make_database(self, name: str) -> str:
        """Another database in the same cluster; returns its address."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.database_url.replace("/chatplatform?", f"/{name}?")

    def environment(self, port: int) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DATA_DIR": str(self.folder),
            "PORT": str(port),
        }

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def close(self) -> None:
        self._supervisor.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False
