"""``manage.py simulate_day``: a made-up day at the desk under each routing rule, side by side.

Everything happens in databases of its own on the same server, which are dropped at the end.
"""

import json
import os
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatplatform.simulation.scratch import NoScratch, scratch_databases
from chatplatform.simulation.steps import StepFailed, live_days
from chatplatform.simulation.table import table
from operators.routing import RULES
from tenants.models import Organisation


class Command(BaseCommand):
    help = "Lives a made-up day under each routing rule, with the real code and SQL, and compares what came of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisations", type=int, default=40)
        parser.add_argument("--operators", type=int, default=25)
        parser.add_argument("--conversations", type=int, default=4000)
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same day")
        parser.add_argument(
            "--reoffer-seconds",
            type=int,
            default=Organisation._meta.get_field("reoffer_seconds").default,
            help="without a first reply, then somebody else gets the offer",
        )
        parser.add_argument("--rule", action="append", choices=list(RULES), help="only this one; may be given again")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="rules lived at the same time")
        parser.add_argument("--json", action="store_true", help="print the figures for programs instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PLATFORM_CLOCK_MOVABLE:
            raise CommandError(
                "The clock of these settings cannot be moved, and a simulation lives by moving it. Run it with the"
                " development settings: DJANGO_SETTINGS_MODULE=chatplatform.settings.dev"
            )
        size = {
            name: options[name] for name in ("organisations", "operators", "conversations", "seed", "reoffer_seconds")
        }
        if min(size["organisations"], size["operators"], size["conversations"], options["processes"]) < 1:
            raise CommandError("At least one organisation, operator, conversation and process is needed.")
        rules = list(dict.fromkeys(options["rule"] or RULES))
        signal.signal(signal.SIGTERM, _interrupt)
        self.stderr.write("making the clients and the operators")
        started = time.monotonic()
        try:
            with scratch_databases() as scratch:
                figures = dict(zip(rules, live_days(scratch, size, rules, options["processes"]), strict=True))
        except NoScratch as error:
            raise CommandError(f"No database could be made for the simulation: {error}") from error
        except StepFailed as error:
            raise CommandError(f"The simulation failed at: {error}") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. Its databases are gone.") from None
        seconds = round(time.monotonic() - started, 1)
        if options["json"]:
            self.stdout.write(json.dumps({**size, "seconds": seconds, "rules": figures}, indent=2))
            return
        self.stdout.write(table(figures))
        self.stdout.write(f"\n{' '.join(f'{name} {value}' for name, value in size.items())}: {seconds:.0f} s")


def _interrupt(*_signal: object) -> None:
    raise KeyboardInterrupt
