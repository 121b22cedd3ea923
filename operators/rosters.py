"""The coming week of every client: its open half hours, who is planned for them, and where nobody is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max

from operators.models import ClientCard, Posting, Shift, ShiftException
from operators.staffing import (
    PLAN_DAYS,
    Planned,
    ShiftChange,
    Slot,
    WeeklyShift,
    gaps_of,
    shift_spans,
    slots_of,
)
from tenants.context import OrganisationRef
from tenants.hours import Span, calendars_of, instant_of, open_spans
from tenants.models import Organisation, StaffRole
from tenants.selectors import active_organisations


@dataclass(frozen=True, slots=True)
class ClientWeek:
    """A client's ``open_time`` of whole days, who is ``planned``, and its ``gaps`` from now on."""

    organisation: OrganisationRef
    open_time: list[Span]
    planned: list[Planned]
    gaps: list[Span]


@dataclass(frozen=True, slots=True)
class StaffingPlan:
    """``days`` are local dates of the platform's zone, from ``start`` to ``end``. ``has_shifts``: whether any shift is
    planned at all."""

    now: datetime
    zone: ZoneInfo
    days: list[date]
    start: datetime
    end: datetime
    clients: list[ClientWeek]
    has_shifts: bool


def staffing_plan(now: datetime, time_zone: str) -> StaffingPlan:
    """Every client's coming seven days, by name. Seven queries, however many clients and operators there are."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=offset) for offset in range(PLAN_DAYS)]
    start = instant_of(today, time(0), zone)
    end = instant_of(today + timedelta(days=PLAN_DAYS), time(0), zone)
    organisations = [one for one in active_organisations() if one.kind == Organisation.Kind.CLIENT]
    calendars = calendars_of(organisations)
    shifts, changes = _shifts(), _changes(today)
    spans = {
        operator: tuple(shift_spans(shifts.get(operator, []), changes.get(operator, []), zone, start, end))
        for operator in shifts.keys() | changes.keys()
    }
    planned = _planned(spans)
    clients = []
    for organisation in organisations:
        people = planned.get(organisation.id, [])
        open_time = open_spans(calendars[organisation.id], start, end)
        ahead = open_spans(calendars[organisation.id], max(now, start), end)
        clients.append(ClientWeek(organisation, open_time, people, gaps_of(ahead, people)))
    return StaffingPlan(now.astimezone(UTC), zone, days, start, end, clients, bool(shifts or changes))


def half_hours_of(plan: StaffingPlan, client: ClientWeek) -> list[Slot]:
    """Every half hour of the plan for one client. No query; some milliseconds, so only for clients that are shown."""
    return slots_of(client.open_time, client.planned, plan.start, plan.end)


def slots_by_day(slots: Sequence[Slot], zone: ZoneInfo) -> dict[date, dict[time, list[Slot]]]:
    """Local date → wall-clock half hour → its slots: none in the hour that is left out, two in the one that comes
    twice."""
    days: dict[date, dict[time, list[Slot]]] = {}
    for slot in slots:
        local = slot.start.astimezone(zone)
        days.setdefault(local.date(), {}).setdefault(local.time(), []).append(slot)
    return days


def _shifts() -> dict[UUID, list[WeeklyShift]]:
    found: dict[UUID, list[WeeklyShift]] = {}
    rows = Shift.objects.values_list("operator_id", "weekday", "starts", "ends", "valid_from", "valid_until")
    for operator_id, weekday, starts, ends, valid_from, valid_until in rows:
        shift = WeeklyShift(weekday, starts, ends, valid_from, valid_until)
        found.setdefault(operator_id, []).append(shift)
    return found


def _changes(today: date) -> dict[UUID, list[ShiftChange]]:
    found: dict[UUID, list[ShiftChange]] = {}
    near = ShiftException.objects.filter(date__gte=today - timedelta(days=2), date__lte=today + timedelta(PLAN_DAYS))
    for operator_id, day, kind, starts, ends in near.values_list("operator_id", "date", "kind", "starts", "ends"):
        change = ShiftChange(day, kind == ShiftException.Kind.ABSENT, starts, ends)
        found.setdefault(operator_id, []).append(change)
    return found


def _planned(spans: dict[UUID, tuple[Span, ...]]) -> dict[UUID, list[Planned]]:
    """Organisation → who answers for it and is still an operator, by name. Two queries."""
    newest = dict(ClientCard.objects.order_by().values_list("organisation_id").annotate(Max("version")))
    rows = (
        Posting.objects.filter(
            operator__user__is_active=True, operator__user__staff_roles__role=StaffRole.Role.OPERATOR
        )
        .order_by("operator__name", "operator_id")
        .values_list("organisation_id", "operator_id", "operator__name", "confirmed_version")
    )
    planned: dict[UUID, list[Planned]] = {}
    for organisation_id, operator_id, name, confirmed in rows:
        is_trained = organisation_id not in newest or newest[organisation_id] == confirmed
        person = Planned(name, spans.get(operator_id, ()), is_trained)
        planned.setdefault(organisation_id, []).append(person)
    return planned
