"""How late deadlines are struck: 500 running clocks, two real sweeps, one of them killed in the middle.

Nobody answers, so each turn is warned, offered to somebody else (or, when nobody could see to it sooner, a supervisor
is alerted), and broken: three steps, each planned to the second. Half of the operators come when all turns are running,
so that there is somebody to offer to.
The second time PostgreSQL itself is killed in the middle, and both sweeps have to find everything that was left.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from bench.ground import Ground, Running
from bench.machine import Cores
from bench.stage import begin_conversation, bring_operators, clear_desk, make_present, measuring_organisations
from chatplatform.embedded import processes
from chatplatform.replay.summary import percentile
from conversations.models import DeskEntry, Promise
from conversations.services.offering import offer_conversation
from operators.models import Assignment, Clock, Presence
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Organisation

CLOCKS = 500
CLOCKS_AT_RESTART = 200
SPREAD_SECONDS = 20.0
# All are running before the first of them warns. Percentages and seconds of one turn:
FIRST_REPLY_SECONDS, WARN_PERCENT, REOFFER_SECONDS = 38, 60, 33
OPERATORS, CAPACITY = 40, 30
NEXT_SECONDS = REOFFER_SECONDS - 1  # a second offer to somebody else is planned again, so much later
PATIENCE_SECONDS = 90.0
STEPS = {
    DeskEntry.Kind.PROMISE_WARNED: "warned",
    DeskEntry.Kind.OFFER_WITHDRAWN: "offered_again",
    DeskEntry.Kind.SUPERVISOR_ALERTED: "offered_again",
    DeskEntry.Kind.PROMISE_BROKEN: "broken",
}
WARNED, OFFERED_AGAIN, BROKEN = dict.fromkeys(STEPS.values())


def lateness(ground: Ground, cores: Cores, port: int) -> dict[str, Any]:
    """One of two sweeps gets SIGKILL when half of the warnings are due."""
    return _run(ground, cores, port, CLOCKS, lambda sweeps: sweeps[0].kill())


def lateness_over_a_restart(ground: Ground, cores: Cores, port: int) -> dict[str, Any]:
    """PostgreSQL gets SIGQUIT then: it ends at once, loses what was not committed, and recovers from its log."""
    return _run(ground, cores, port, CLOCKS_AT_RESTART, lambda _: os.kill(ground.postgres_pid(), signal.SIGQUIT))


def _run(
    ground: Ground, cores: Cores, port: int, clocks: int, strike: Callable[[list[Running]], None]
) -> dict[str, Any]:
    clear_desk()
    _, operators = bring_operators(port, count=OPERATORS, capacity=CAPACITY)
    late = operators[: OPERATORS // 2]
    Presence.objects.filter(operator_id__in=late).delete()
    Organisation.objects.update(
        first_reply_seconds=FIRST_REPLY_SECONDS, warn_percent=WARN_PERCENT, reoffer_seconds=REOFFER_SECONDS
    )
    everywhere = cores.server | cores.others
    environment = ground.environment(port)
    with ExitStack() as stack:
        sweeps = [
            stack.enter_context(
                Running(processes.sweep().command, environment, everywhere, ground.log(f"lateness-sweep-{number}"))
            )
            for number in range(2)
        ]
        started_at = time.monotonic()
        conversations = _begin(clocks)
        make_present(late)
        laid_seconds = time.monotonic() - started_at
        running = Clock.objects.count()
        connection.close()
        first_warning = FIRST_REPLY_SECONDS * WARN_PERCENT / 100
        time.sleep(max(0.0, started_at + first_warning + laid_seconds / 2 - time.monotonic()))
        strike(sweeps)
        _wait_until_all_broken(clocks)
    return {"clocks": running, "laid_in_seconds": round(laid_seconds, 1), **_figures(conversations)}


def _begin(count: int) -> dict[UUID, OrganisationRef]:
    """Spread over the time before the first of them warns; each has an operator, who will not answer."""
    organisations = measuring_organisations()
    conversations = {}
    started_at = time.monotonic()
    for number in range(count):
        organisation = organisations[number % len(organisations)]
        conversation_id = begin_conversation(organisation)
        in_organisation(organisation, offer_conversation, conversation_id)
        conversations[conversation_id] = organisation
        time.sleep(max(0.0, started_at + SPREAD_SECONDS * (number + 1) / count - time.monotonic()))
    return conversations


def _wait_until_all_broken(count: int) -> None:
    """Until every turn is broken, or long after all should have been: then the figures say what is missing."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        time.sleep(1)
        try:
            broken = sum(in_organisation(one, _broken) for one in measuring_organisations())
        except DatabaseError:
            connection.close()
            continue
        if broken >= count:
            return


def _broken(_organisation: OrganisationRef) -> int:
    return Promise.objects.filter(broken_at__isnull=False, conversation_id__in=_held()).count()


def _held() -> list[UUID]:
    return list(Assignment.objects.values_list("conversation_id", flat=True).distinct())


def _figures(conversations: dict[UUID, OrganisationRef]) -> dict[str, Any]:
    """Per step: seconds late, and how many were lost or happened more than once; how many offers changed hands."""
    late: dict[str, list[float]] = {step: [] for step in (WARNED, OFFERED_AGAIN, BROKEN)}
    lost, doubled = Counter[str](), Counter[str]()
    moved = 0
    for organisation in measuring_organisations():
        planned, happened, withdrawn = in_organisation(organisation, _read, list(conversations))
        moved += withdrawn
        for conversation_id, times in planned.items():
            for step in late:
                found = happened.get((conversation_id, step), [])
                lost[step] += not found
                doubled[step] += any((later - at).total_seconds() < NEXT_SECONDS for at, later in pairwise(found))
                late[step] += [(at - times[step]).total_seconds() for at in found[:1]]
    figures = {
        step: {
            "p50": _rounded(percentile(late[step], 50)),
            "p99": _rounded(percentile(late[step], 99)),
            "latest": _rounded(max(late[step], default=None)),
            "lost": lost[step],
            "doubled": doubled[step],
        }
        for step in late
    }
    return {**figures, "changed_hands": moved}


_Planned = dict[UUID, dict[str, datetime]]
_Happened = dict[tuple[UUID, str], list[datetime]]


def _read(_organisation: OrganisationRef, conversation_ids: list[UUID]) -> tuple[_Planned, _Happened, int]:
    """When each step was planned, when the desk was told of it, and how many conversations changed hands by then."""
    planned: _Planned = {}
    rows = Promise.objects.filter(conversation_id__in=conversation_ids)
    offers = dict(
        DeskEntry.objects.filter(kind=DeskEntry.Kind.OFFER_MADE, conversation_id__in=conversation_ids)
        .order_by("-desk_seq")
        .values_list("conversation_id", "at")
    )
    for conversation_id, warn, due in rows.values_list("conversation_id", "warn_at", "due_at"):
        # So long after it was first offered, it goes to somebody else.
        reoffer = offers[conversation_id] + timedelta(seconds=REOFFER_SECONDS)
        planned[conversation_id] = {WARNED: warn, OFFERED_AGAIN: reoffer, BROKEN: due}
    happened: _Happened = {}
    told = DeskEntry.objects.filter(kind__in=STEPS, conversation_id__in=conversation_ids).order_by("at")
    withdrawn = set()
    for conversation_id, kind, at in told.values_list("conversation_id", "kind", "at"):
        happened.setdefault((conversation_id, STEPS[DeskEntry.Kind(kind)]), []).append(at)
        if kind == DeskEntry.Kind.OFFER_WITHDRAWN and at < planned[conversation_id][BROKEN]:
            withdrawn.add(conversation_id)
    return planned, happened, len(withdrawn)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
