"""What is measured, in this order: the message path on each server beside the baseline, the way to the screen, how
soon a visitor is asked for a mark, a crowd at once, what an offer costs, how late deadlines are, what a suggestion
costs, whether satisfaction's analysis finds what is there, and what reports and their pages cost."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.core.management import call_command

from bench.asking import asking
from bench.crowd import crowd
from bench.desk import MeasuringDesk
from bench.figures import figures_costs
from bench.ground import Ground, Running, listens
from bench.lateness import lateness, lateness_over_a_restart
from bench.machine import BusyMeter, Cores
from bench.offers import offer_costs
from bench.routing import CONVERSATIONS, first_screens
from bench.satisfaction import satisfaction
from bench.stage import clear_desk
from bench.suggestions import suggestion_costs
from bench.targets import OPERATORS, Baseline, Platform, Target, running_worker, web_process
from bench.websocket import Sockets
from chatplatform.embedded import processes
from chatplatform.replay.setup import Ground as MeasuringGround
from chatplatform.replay.setup import prepare_ground
from chatplatform.replay.summary import milliseconds

WARM_UP_SECONDS = 3.0
CLOSED_LOOP_SECONDS = 10.0
OPEN_LOOP_PER_SECOND = 100.0
OPEN_LOOP_SECONDS = 20.0
SERVERS = ("uvicorn", "daphne")
CAPACITY = 10


def all_phases(
    ground: Ground, cores: Cores, port: int, parts: Sequence[str], clients: int, report: Callable[[str], None]
) -> dict[str, Any]:
    """``parts`` of ``measure.PARTS``, in that order."""
    report("migrating")
    call_command("migrate_schemas", executor="standard", verbosity=0)
    measuring = prepare_ground(operators=OPERATORS, capacity=CAPACITY, port=port)
    found: dict[str, Any] = {}
    if "messages" in parts:
        found |= _all_messages(ground, cores, port, measuring, report)
    if "screens" in parts:
        report("first message to the operator's screen")
        clear_desk()
        found["first_screen_ms"] = _first_screens(ground, cores, port, MeasuringDesk(measuring))
    if "asking" in parts:
        report("from the closing key to the question about it")
        if (asked := asking(ground, cores, port, measuring, report)) is not None:
            found["asking_ms"] = asked
    if "crowd" in parts:
        report("a crowd at once")
        found["crowd"] = crowd(ground, cores, port, kill_a_worker=False)
        report("a crowd at once, and a worker killed")
        found["crowd_and_a_killed_worker"] = crowd(ground, cores, port, kill_a_worker=True)
    if "offers" in parts:
        report("the cost of an offer")
        found["offer_ms"] = offer_costs()
    if "lateness" in parts:
        report("the lateness of deadlines, with a sweep killed")
        found["lateness"] = lateness(ground, cores, port)
        report("the lateness of deadlines, with PostgreSQL killed")
        found["lateness_over_a_restart"] = lateness_over_a_restart(ground, cores, port)
    if "suggestions" in parts:
        with cores.serving():
            found["suggestions"] = suggestion_costs(report)
    if "satisfaction" in parts:
        found["satisfaction"] = satisfaction(report)
    if "reports" in parts:
        found["reports"] = figures_costs(ground, cores, port, clients, report)
    return found


def _all_messages(
    ground: Ground, cores: Cores, port: int, measuring: MeasuringGround, report: Callable[[str], None]
) -> dict[str, Any]:
    found: dict[str, Any] = {"messages": {}, "delivery_ms": {}}
    for server in SERVERS:
        for name, target in (
            (f"baseline on {server}", lambda server=server: Baseline(ground, cores, server)),
            (
                f"platform on {server}",
                lambda server=server: Platform(ground, cores, server, port, MeasuringDesk(measuring)),
            ),
        ):
            report(name)
            clear_desk()
            found["messages"][name], found["delivery_ms"][name] = _messages(target(), ground)
    return found


def _messages(starting: AbstractContextManager[Target], ground: Ground) -> tuple[dict[str, Any], dict[str, Any]]:
    with starting as target:
        target.load.closed_loop(WARM_UP_SECONDS)
        meter = BusyMeter({"server": [target.pid], "services": ground.pids})
        closed = target.load.closed_loop(CLOSED_LOOP_SECONDS)
        busy = meter.stop()
        opened = target.load.open_loop(OPEN_LOOP_PER_SECOND, OPEN_LOOP_SECONDS)
    per_second = closed.delivered / closed.seconds
    messages = {
        "per_second": round(per_second, 1),
        "per_server_cpu_second": round(per_second / max(busy["server"], 0.001), 1),
        "busy_cores": busy,
    }
    latency = milliseconds(opened.delivery, 50, 99)
    return messages, {"per_second": OPEN_LOOP_PER_SECOND, "undelivered": opened.undelivered, **latency}


def _first_screens(ground: Ground, cores: Cores, port: int, desk: MeasuringDesk) -> dict[str, Any]:
    everywhere = cores.server | cores.others
    environment = ground.environment(port)
    web = web_process("uvicorn", "chatplatform.asgi:application", port)
    sockets = Sockets()
    with (
        Running(web, environment, everywhere, ground.log("first-web")) as running,
        running_worker(ground, port, everywhere),
        Running(processes.sweep().command, environment, everywhere, ground.log("first-sweep")),
    ):
        running.wait_until(lambda: listens(port))
        try:
            seconds = first_screens(port, desk, sockets)
        finally:
            sockets.close()
    return {"conversations": CONVERSATIONS, **milliseconds(seconds, 50, 95)}
