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

    Clients and operators are made once, and copied. ``size`` is what ``make_day`` takes.
    """
    text = json.dumps(size)
    stage = scratch.make("stage")
    _step(stage, "stage", text)
    days = [scratch.make(f"{number}_{rule}", copy_of=stage) for number, rule in enumerate(rules)]
    with ThreadPoolExecutor(processes) as pool:
        lived = list(pool.map(lambda day, rule: _step(day, "live", text, rule), days, rules))
    return [json.loads(one) for one in lived]


def _step(database: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "chatplatform.simulation", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": address(database)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StepFailed(" ".join(arguments))
    return done.stdout
