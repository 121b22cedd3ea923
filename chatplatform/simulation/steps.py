"""A simulation's steps, each in a process of its own that knows no database but the scratch one it is given."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings

from chatplatform.simulation.scratch import Scratch, address


class StepFailed(Exception):
    """A step ended with an error, which it has printed."""


def live_days(scratch: Scratch, size: dict[str, int], rules: Sequence[str], processes: int) -> list[dict[str, Any]]:
    """The figures of the day under each rule, in their order; the same rule may be given twice. Raises StepFailed.

    Clients and operators are made once, and copied. ``size`` is what ``make_day`` takes. However it ends, no step goes
    on after it.
    """
    text = json.dumps(size)
    steps = _Steps()
    try:
        stage = scratch.make("stage")
        steps.run(stage, "stage", text)
        days = [scratch.make(f"{number}_{rule}", copy_of=stage) for number, rule in enumerate(rules)]
        with ThreadPoolExecutor(processes) as pool, steps:
            lived = list(pool.map(lambda day, rule: steps.run(day, "live", text, rule), days, rules))
        return [json.loads(one) for one in lived]
    finally:
        steps.stop()


class _Steps:
    """The processes that were started. Leaving the block with an error stops them, so that nobody waits for them."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[str]] = []
        self._is_stopped = False

    def run(self, database: str, *arguments: str) -> str:
        """What the step printed. Raises StepFailed."""
        if self._is_stopped:
            raise StepFailed(" ".join(arguments))
        process = subprocess.Popen(
            [sys.executable, "-m", "chatplatform.simulation", *arguments],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": address(database)},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running.append(process)
        output, _ = process.communicate()
        if process.returncode:
            raise StepFailed(" ".join(arguments))
        return output

    def stop(self) -> None:
        self._is_stopped = True
        for process in self._running:
            process.kill()  # does nothing to one that has ended
            process.wait()

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        if kind is not None:
            self.stop()
