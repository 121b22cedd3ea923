"""Starting children: they die with their supervisor, and PostgreSQL, which refuses to be root, runs as nobody."""

import ctypes
import os
import pwd
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chatplatform.embedded.errors import StartError

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec nothing may be imported.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """An account without rights, which every system has: nothing needs to be added."""

    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """The account for the database when we are root; otherwise None, and it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise StartError(
            "PostgreSQL does not run as root, and this system has no account 'nobody'. Start as another account, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def before_exec(death_signal: signal.Signals, account: Account | None = None) -> Callable[[], None]:
    """What a child does between fork and exec: drop root, and ask for ``death_signal`` when the supervisor dies.

    In this order, since changing the account clears the request. Beyond Linux there is no such request: what
    a killed supervisor leaves behind is found at the next start.
    """
    parent = os.getpid()

    def prepare() -> None:
        if account is not None:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return prepare


def can_reach(path: Path, account: Account) -> bool:
    """Whether the account may pass through every folder down to ``path`` and enter it."""
    return all(_may_enter(folder, account) for folder in [path.resolve(), *path.resolve().parents])


def _may_enter(folder: Path, account: Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
