"""The machine: which cores do what, how busy they were, and how to call all that."""

import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

SERVER_CORES = 1


class TooFewCores(RuntimeError):
    """The server needs a core of its own."""


@dataclass(frozen=True, slots=True)
class Cores:
    """The web server has one core; database, Redis, workers and clients share the others."""

    server: frozenset[int]
    others: frozenset[int]

    @classmethod
    def of_this_machine(cls) -> "Cores":
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) < 2:
            raise TooFewCores("Two cores are needed: one for the server, one for everything else.")
        return cls(frozenset(usable[:SERVER_CORES]), frozenset(usable[SERVER_CORES:]))

    @contextmanager
    def serving(self) -> Iterator[None]:
        """This process does a web server's work, on a web server's core."""
        os.sched_setaffinity(0, self.server)
        try:
            yield
        finally:
            os.sched_setaffinity(0, self.others)


def machine_line() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def versions_line() -> str:
    names = ("Django", "channels", "channels-redis", "uvicorn", "daphne", "psycopg", "celery")
    return ", ".join(f"{name} {version(name)}" for name in names)


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


class BusyMeter:
    """The share of one core that was used between start and stop: by processes with their children, by name, and by
    this one (the clients) without its children."""

    def __init__(self, processes: dict[str, Sequence[int]]) -> None:
        self._processes = {
            name: [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)] for name, pids in processes.items()
        }
        self._started_at = time.perf_counter()
        self._own_before = time.process_time()
        self._before = self._seconds()

    def stop(self) -> dict[str, float]:
        elapsed = time.perf_counter() - self._started_at
        after = self._seconds()
        used = {name: after[name] - self._before[name] for name in after}
        used["clients"] = time.process_time() - self._own_before
        return {name: round(seconds / elapsed, 3) for name, seconds in used.items()}

    def _seconds(self) -> dict[str, float]:
        return {name: sum(_cpu_seconds(one) for one in processes) for name, processes in self._processes.items()}


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0.0
    for one in family:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        # Children that ended count with their parent.
        total += times.user + times.system + times.children_user + times.children_system
    return total


def command_line() -> str:
    return " ".join(["python -m bench", *sys.argv[1:]])
