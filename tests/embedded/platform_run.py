"""A real supervisor as a child process, and what a test asks about it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from chatplatform.embedded.__main__ import ROOT
from chatplatform.embedded.folder import DataFolder

PATIENCE_SECONDS = 30.0


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for: {what}"
        time.sleep(0.05)


class PlatformRun:
    def __init__(self, folder: Path, *, services_only: bool, environment: Mapping[str, str]) -> None:
        self.folder = folder
        unset = ("DATABASE_URL", "REDIS_URL", "PORT")
        inherited = {key: value for key, value in os.environ.items() if key not in unset}
        command = [sys.executable, "-m", "chatplatform.embedded", "--fast-and-unsafe"]
        self.process = subprocess.Popen(
            [*command, *(["--services-only"] if services_only else [])],
            cwd=ROOT,
            env={**inherited, "DATA_DIR": str(folder), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def says(self, text: str) -> bool:
        return text in self.output

    def wait_ready(self) -> "PlatformRun":
        wait_for(lambda: self.says("are ready") or self.process.poll() is not None, "the services")
        assert self.process.poll() is None, self.output
        return self

    def services(self) -> dict[str, str]:
        text = (self.folder / "services.env").read_text()
        return dict(line.split("=", 1) for line in text.splitlines())

    def processes(self) -> list[psutil.Process]:
        """Everything alive that this folder's supervisors ever started."""
        return [each for each in DataFolder(self.folder).leftovers() if _is_alive(each)]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        status = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return status

    def end(self) -> None:
        if self.process.poll() is None:
            self.stop()
        for process in self.processes():
            process.kill()
        self._reader.join(PATIENCE_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
