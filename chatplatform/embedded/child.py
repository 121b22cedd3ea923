"""One supervised child: start it, read its lines, end it with everything it started."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress

from chatplatform.embedded.output import LineBuffer
from chatplatform.embedded.privileges import before_exec
from chatplatform.embedded.process import Process

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
HEALTHY_AFTER_SECONDS = 60.0
_READ_BYTES = 64 * 1024


class Child:
    """A process in a session of its own, so that Ctrl-C in the terminal reaches the supervisor alone."""

    def __init__(self, process: Process, environment: Mapping[str, str]) -> None:
        self.process = process
        self.failures = 0
        self.restart_at: float | None = None
        self._environment = {**environment, **process.environment}
        self._popen: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._lines = LineBuffer()

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    def start(self) -> None:
        """Fork and exec. Must be called by the main thread: the kernel's death signal is bound to the thread."""
        self.restart_at = None
        self._started_at = time.monotonic()
        self._lines = LineBuffer()
        self._popen = subprocess.Popen(
            self.process.command,
            env=self._environment,
            cwd=self.process.working_folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self.process.pass_descriptors,
            start_new_session=True,
            preexec_fn=before_exec(self.process.death_signal, self.process.account),
        )
        os.set_blocking(self.output, False)

    @property
    def output(self) -> int:
        """The descriptor to wait on for its lines."""
        if self._popen is None or self._popen.stdout is None:
            raise RuntimeError(f"{self.process.name} was never started")
        return self._popen.stdout.fileno()

    def read_lines(self) -> list[str] | None:
        """The whole lines that came since; None when nobody can write any more."""
        try:
            data = os.read(self.output, _READ_BYTES)
        except BlockingIOError:
            return []
        return self._lines.feed(data) if data else None

    def exit_status(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._popen.poll() if self._popen else None

    def close(self) -> list[str]:
        """After its end: end what it left in its group, and return its last lines."""
        if self._popen is None or self._popen.stdout is None:
            return []
        self._signal_group(signal.SIGKILL)
        # A grandchild in a session of its own may hold the pipe open: take what is there, do not wait for its end.
        last: list[str] = []
        while select.select([self.output], [], [], 0)[0] and (lines := self.read_lines()) is not None:
            last += lines
        self._popen.stdout.close()
        self._popen = None
        return last + self._lines.end()

    def plan_restart(self) -> float:
        """Seconds until the next start: 0.5 doubling to 30, and back to 0.5 after a healthy minute."""
        if time.monotonic() - self._started_at >= HEALTHY_AFTER_SECONDS:
            self.failures = 0
        delay = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2**self.failures)
        # Bounded, so that the power stays small after a night of failures.
        self.failures = min(self.failures + 1, 16)
        self.restart_at = time.monotonic() + delay
        return delay

    def ask_to_stop(self) -> None:
        if self._popen and self._popen.poll() is None:
            self._popen.send_signal(self.process.stop_signal)

    def kill(self) -> None:
        self._signal_group(signal.SIGKILL)

    def _signal_group(self, number: signal.Signals) -> None:
        # Its own session, so its pid is also its group's. Another account's processes may have taken the number.
        if self._popen:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, number)
