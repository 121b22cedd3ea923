"""``manage.py simulate_day``: a made-up day at the desk under each routing rule, side by side.

Everything happens in databases of its own on the same server, which are dropped at the end.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatplatform.simulation.scratch import NoScratch, Scratch, address, scratch_databases
from chatplatform.simulation.table import table
from operators.routing import RULES


class Command(BaseCommand):
    help = "Lives a made-up day under each routing rule, with the real code and SQL, and compares what came of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisations", type=int, default=40)
        parser.add_argument("--operators", type=int, default=25)
        parser.add_argument("--conversations", type=int, default=4000)
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same day")
        parser.add_argument("--rule", action="append", choices=list(RULES), help="only this one; may be given again")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="rules lived at the same time")
        parser.add_argument("--json", action="store_true", help="print the figures for programs instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PLATFORM_CLOCK_MOVABLE:
            raise CommandError(
                "The clock of these settings cannot be moved, and a simulation lives by moving it. Run it with the"
                " development settings: DJANGO_SETTINGS_MODULE=chatplatform.settings.dev"
            )
        size = {name: options[name] for name in ("organisations", "operators", "conversations", "seed")}
        if min(size["organisations"], size["operators"], size["conversations"], options["processes"]) < 1:
            raise CommandError("At least one organisation, operator, conversation and process is needed.")
        signal.signal(signal.SIGTERM, _interrupt)
        started = time.monotonic()
        try:
            with scratch_databases() as scratch:
                figures = self._live(scratch, json.dumps(size), options["rule"] or list(RULES), options["processes"])
        except NoScratch as error:
            raise CommandError(f"No database could be made for the simulation: {error}") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. Its databases are gone.") from None
        seconds = round(time.monotonic() - started, 1)
        if options["json"]:
            self.stdout.write(json.dumps({**size, "seconds": seconds, "rules": figures}, indent=2))
            return
        self.stdout.write(table(figures))
        self.stdout.write(f"\n{' '.join(f'{name} {value}' for name, value in size.items())}: {seconds:.0f} s")

    def _live(self, scratch: Scratch, size: str, rules: Sequence[str], processes: int) -> dict[str, dict[str, Any]]:
        self.stderr.write("making the clients and the operators")
        stage = scratch.make("stage")
        _step(stage, "stage", size)
        days = {rule: scratch.make(rule, copy_of=stage) for rule in dict.fromkeys(rules)}
        with ThreadPoolExecutor(processes) as pool:
            lived = {rule: pool.submit(_step, name, "live", size, rule) for rule, name in days.items()}
            return {rule: json.loads(one.result()) for rule, one in lived.items()}


def _step(database: str, *arguments: str) -> str:
    """A process of its own: it knows no other database than this one."""
    done = subprocess.run(
        [sys.executable, "-m", "chatplatform.simulation", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": address(database)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"The simulation failed at: {' '.join(arguments)}")
    return done.stdout


def _interrupt(*_signal: object) -> None:
    raise KeyboardInterrupt
