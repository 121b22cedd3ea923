"""The supervisors' staffing page on the desk's host: who is planned for each client's open hours of the coming week."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from operators.access import DESK_ROLES, SUPERVISOR
from operators.rosters import ClientWeek, StaffingPlan, half_hours_of, slots_by_day, staffing_plan
from operators.staffing import SLOT, Slot
from tenants.access import request_roles
from tenants.clock import platform_now
from tenants.hours import Span
from tenants.models import StaffRole
from tenants.views import ACCOUNT_PAGE_POLICY

TABLES_PER_PAGE = 10
GAPS_SHOWN = 4
MANY = 4
"""From so many operators on, a cell looks the same."""


@dataclass(frozen=True, slots=True)
class Gap:
    """``until_midnight``: it ends with its day, which is written as 24:00."""

    start: datetime
    end: datetime
    is_one_day: bool
    until_midnight: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """Half an hour on the wall: ``look`` names its style, ``count`` what stands in it."""

    look: str
    count: str
    begins: time
    ends: time
    names: str
    untrained: str


@require_safe
@cache_control(private=True, no_store=True)
def staffing(request: HttpRequest) -> HttpResponse:
    """For supervisors and platform administrators; whoever else is logged in finds nothing."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    roles = request_roles(request)
    is_admin = StaffRole.Role.PLATFORM_ADMIN in roles
    if SUPERVISOR not in roles and not is_admin:
        raise Http404
    plan = staffing_plan(platform_now(), settings.PLATFORM_TIME_ZONE)
    shown: Page[ClientWeek] = Paginator(plan.clients, TABLES_PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "plan": plan,
        "time_zone": settings.PLATFORM_TIME_ZONE,
        "short": [(client, *_gaps(client, plan)) for client in plan.clients if client.gaps],
        "tables": [(client, _rows(client, plan)) for client in shown],
        "shown": shown,
        "hours": range(24),
        "is_admin": is_admin,
        "is_supervisor": SUPERVISOR in roles,
        "answers": bool(roles & DESK_ROLES),
    }
    with timezone.override(plan.zone):
        response = render(request, "staffing/staffing.html", context)
    response["Content-Security-Policy"] = ACCOUNT_PAGE_POLICY
    return response


def _gaps(client: ClientWeek, plan: StaffingPlan) -> tuple[list[Gap], list[Gap]]:
    """The first few, and the others."""
    gaps = [_gap(span, plan) for span in client.gaps]
    return gaps[:GAPS_SHOWN], gaps[GAPS_SHOWN:]


def _gap(span: Span, plan: StaffingPlan) -> Gap:
    start, end = (moment.astimezone(plan.zone) for moment in span)
    until_midnight = end.time() == time(0) and end.date() == start.date() + timedelta(days=1)
    return Gap(start, end, until_midnight or start.date() == end.date(), until_midnight)


def _rows(client: ClientWeek, plan: StaffingPlan) -> list[tuple[date, list[Cell]]]:
    by_day = slots_by_day(half_hours_of(plan, client), plan.zone)
    return [(day, [_cell(begins, by_day[day].get(begins, []), plan) for begins in _half_hours()]) for day in plan.days]


def _half_hours() -> Iterator[time]:
    for half_hour in range(48):
        yield time(half_hour // 2, half_hour % 2 * 30)


def _cell(begins: time, slots: list[Slot], plan: StaffingPlan) -> Cell:
    """The wall's half hour; the one that comes twice shows its worse half."""
    ends = (datetime.combine(date.min, begins) + SLOT).time()
    counts = [slot.count for slot in slots if slot.count is not None]
    if not slots:
        look, count = "is-skipped", "×"
    elif not counts:
        look, count = "is-closed", ""
    else:
        look, count = (f"has-{min(*counts, MANY)}", str(min(counts)))
    if slots and slots[-1].start + SLOT <= plan.now:
        look += " is-past"
    names = dict.fromkeys(name for slot in slots for name in slot.names)
    untrained = dict.fromkeys(name for slot in slots for name in slot.untrained)
    return Cell(look, count, begins, ends, ", ".join(names), ", ".join(untrained))
