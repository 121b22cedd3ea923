"""The ground of ``make bench``: cores, services, Django; then the phases."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import django

from bench.ground import Ground, free_port
from bench.machine import Cores

PARTS = ("messages", "screens", "asking", "crowd", "offers", "lateness", "suggestions", "satisfaction", "reports")
CLIENTS = 100
LOG_CHARACTERS = 3_000


def measure(parts: Sequence[str], clients: int, report: Callable[[str], None]) -> dict[str, Any]:
    """About half an hour for all parts. ``clients`` is the size of the reports' part; ``report`` is told what is being
    done."""
    cores = Cores.of_this_machine()
    os.sched_setaffinity(0, cores.others)
    report("starting PostgreSQL and Redis")
    ground = Ground(cores.others)
    port = free_port()
    os.environ.update(ground.environment(port), DJANGO_SETTINGS_MODULE="chatplatform.settings.dev")
    try:
        django.setup()
        from bench.phases import all_phases  # models may be imported from here on

        return all_phases(ground, cores, port, parts, clients, report)
    except Exception:
        for log in sorted(ground.folder.glob("*.log")):
            report(f"--- {log.name}\n{log.read_text(errors='replace')[-LOG_CHARACTERS:]}")
        raise
    finally:
        ground.close()
