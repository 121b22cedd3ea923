"""The nightly run, by a real worker of one process on a core of its own: every client's reports that are due."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from django.db import connection
from django.db.models import Max
from django.test.utils import CaptureQueriesContext

from bench.ground import Ground, Running
from bench.machine import BusyMeter, Cores
from chatplatform.embedded import processes
from ratings.models import Report
from ratings.selectors import spans_to_report
from ratings.services import build_report
from ratings.tasks import build_due_reports
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import PeriodKind, Pulse, ReportFigures

PATIENCE_SECONDS = 1800.0
MEGABYTE = 1024 * 1024
PER = 10


def missed_nights(ground: Ground, cores: Cores, port: int, clients: Sequence[OrganisationRef]) -> dict[str, Any]:
    """Everything that is caught up: two weeks of days, five weeks and the months in them, for every client."""
    return _run(ground, cores, port, clients)


def one_night(ground: Ground, cores: Cores, port: int, clients: Sequence[OrganisationRef]) -> dict[str, Any]:
    """The most that an ordinary night asks for: for every client a day, a week and a month that ended. They are there
    already, and are forgotten first."""
    for organisation in clients:
        in_organisation(organisation, _forget_newest)
    return _run(ground, cores, port, clients)


def queries_of(organisation: OrganisationRef) -> dict[str, Any]:
    """How many queries looking what is due takes, and building one report."""
    spans, looking = in_organisation(organisation, _counted, spans_to_report)
    if spans:
        raise RuntimeError("A report is due that was built just now.")
    in_organisation(organisation, _forget_newest)
    [first, *_rest] = in_organisation(organisation, spans_to_report)
    _report, building = in_organisation(organisation, _counted, lambda of: build_report(of, first.first, first.kind))
    _report, again = in_organisation(organisation, _counted, lambda of: build_report(of, first.first, first.kind))
    return {"looking": looking, "building": building, "unchanged": again}


def looking(clients: Sequence[OrganisationRef]) -> float:
    """Seconds per ten clients of a look that finds nothing: every ten minutes, all day."""
    started_at = time.perf_counter()
    for organisation in clients:
        in_organisation(organisation, spans_to_report)
    return round((time.perf_counter() - started_at) * PER / len(clients), 2)


def _run(ground: Ground, cores: Cores, port: int, clients: Sequence[OrganisationRef]) -> dict[str, Any]:
    due = [len(in_organisation(one, spans_to_report)) for one in clients]
    wanted, counted = ReportFigures.objects.count() + sum(due), sum(reports > 0 for reports in due)
    started = platform_now()
    worker = processes.worker(queues="default,reports", concurrency=1)
    with Running(worker.command, ground.environment(port), cores.server, ground.log("nightly")) as running:
        running.wait_until(lambda: _is_ready(started))
        idle = _memory(running.pid)
        meter = BusyMeter({"worker": [running.pid], "services": [ground.postgres_pid()]})
        started_at = time.perf_counter()
        build_due_reports.delay()
        while ReportFigures.objects.count() < wanted:
            if time.perf_counter() - started_at > PATIENCE_SECONDS:
                raise RuntimeError("The reports were not finished.")
            time.sleep(0.1)
        seconds = time.perf_counter() - started_at
        busy = meter.stop()
        most = _memory(running.pid)
    return {
        "clients": counted,
        "reports": sum(due),
        "seconds": round(seconds, 1),
        "seconds_per_ten_clients": round(seconds * PER / counted, 2),
        "megabytes_at_start": idle,
        "megabytes_at_most": most,
        "busy_cores": busy,
    }


def _is_ready(since: datetime) -> bool:
    return Pulse.objects.filter(name="worker", at__gte=since).exists()


def _memory(pid: int) -> float:
    """The most that the processes of the worker ever had, in megabytes, theirs together."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return round(sum(_peak_bytes(one.pid) for one in family) / MEGABYTE, 1)


def _peak_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def _forget_newest(organisation: OrganisationRef) -> None:
    for kind in PeriodKind:
        of_kind = Report.objects.filter(period_kind=kind)
        newest = of_kind.aggregate(newest=Max("starts_on"))["newest"]
        of_kind.filter(starts_on=newest).delete()
        ReportFigures.objects.filter(organisation_id=organisation.id, period_kind=kind, starts_on=newest).delete()


def _counted(organisation: OrganisationRef, work: Callable[[OrganisationRef], Any]) -> tuple[Any, int]:
    with CaptureQueriesContext(connection) as captured:
        answer = work(organisation)
    return answer, len(captured)
