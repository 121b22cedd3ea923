"""What a supervised process is: its name, its command, and how it wants to be stopped."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chatplatform.embedded.privileges import Account


@dataclass(frozen=True, kw_only=True)
class Process:
    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    # Killed with everything in its group when it has not ended by then.
    stop_seconds: float = 10.0
    # Lower numbers are stopped first, and gone before the next number's turn.
    stop_order: int = 0
    # What the kernel sends when the supervisor itself is killed.
    death_signal: signal.Signals = signal.SIGKILL
    account: Account | None = None
    pass_descriptors: tuple[int, ...] = ()
    working_folder: Path | None = None
