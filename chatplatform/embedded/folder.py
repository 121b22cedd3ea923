"""The places that belong to one running platform: its data folder, its lock, its short path for sockets."""

import fcntl
import hashlib
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from chatplatform.embedded.errors import StartError

# Every process we start carries this variable, so that what a killed supervisor left behind can be found.
OWNER_VARIABLE = "CHATPLATFORM_CHILD_OF"
LEFTOVER_GRACE_SECONDS = 10.0


class DataFolder:
    """``DATA_DIR``, held by exactly one supervisor. Costs no more than an open file."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.services_file = self.path / "services.env"
        # A unix socket's path may have 107 bytes: sockets live under the system's temporary folder.
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        self.runtime = Path(tempfile.gettempdir()) / f"cp-{digest}"
        self._lock: int | None = None

    def take(self) -> None:
        """Make the folders and take the lock. Raises StartError when another supervisor holds it."""
        try:
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            self._lock = os.open(self.path / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            reason = error.strerror
            raise StartError(f"The data folder {self.path} cannot be written ({reason}). Set DATA_DIR.") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = None
            raise StartError(
                f"The platform already runs on {self.path}. Stop it first, or start beside it with "
                "DATA_DIR=another-folder and PORT=another-port."
            ) from None
        self._make_runtime()

    def _make_runtime(self) -> None:
        # As root the database's account must pass through; it may not list or write.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        self.runtime.mkdir(mode=mode, exist_ok=True)
        found = self.runtime.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise StartError(f"{self.runtime} belongs to somebody else. Remove it, or set TMPDIR to another folder.")
        self.runtime.chmod(mode)

    def release(self) -> None:
        """At the clean end: nothing stays outside the data folder."""
        if self._lock is not None:
            shutil.rmtree(self.runtime, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    def write_services(self, values: Mapping[str, str]) -> None:
        """Say where the services listen. Replaced in one step, so that a reader never sees half a file."""
        draft = self.services_file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.writelines(f"{key}={value}\n" for key, value in values.items())
        draft.replace(self.services_file)

    def remove_services(self) -> None:
        self.services_file.unlink(missing_ok=True)

    def leftovers(self) -> list[psutil.Process]:
        """Processes that an earlier supervisor of this folder started. Costs one look at every process."""
        found = []
        for process in psutil.process_iter():
            try:
                # The database's own children hide their environment behind a title; they end with their parent.
                if process.environ().get(OWNER_VARIABLE) == str(self.path) and process.pid != os.getpid():
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def end_leftovers(self) -> int:
        """End what a killed supervisor left behind; call only while holding the lock. Returns how many there were."""
        found = self.leftovers()
        _send(found, signal.SIGINT)
        _send(found, signal.SIGCONT)
        deadline = time.monotonic() + LEFTOVER_GRACE_SECONDS
        alive = found
        while alive and time.monotonic() < deadline:
            time.sleep(0.05)
            alive = [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
        _send(alive, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=LEFTOVER_GRACE_SECONDS)
        return len(found)


def _send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.Error:
            continue
