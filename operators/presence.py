"""Is an operator there, and may conversations come? Presence is heard of, and expires by itself (rule 22).

All sockets of an operator, on whatever device, are one presence: one row. What the operator chose stays when the line
breaks; only being heard runs out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from operators.attendance import AT_WORK, end_attendance, note_attendance
from operators.models import Presence
from operators.selectors import PRESENT_SECONDS
from tenants.clock import platform_now
from tenants.errors import Invalid, NotFound

MAX_BREAK_MINUTES = 8 * 60


@dataclass(frozen=True, slots=True)
class PresenceRef:
    """What an operator chose. ``reason`` and ``until`` (the planned end) belong to a break; ``since`` is when ``state``
    began."""

    state: str
    reason: str
    until: datetime | None
    since: datetime


def record_beats(operator_ids: Collection[UUID]) -> None:
    """Notes that these operators' desks were heard. A new one is available; a chosen state is kept."""
    now = platform_now()
    Presence.objects.bulk_create(
        [Presence(operator_id=operator_id, seen_at=now) for operator_id in sorted(operator_ids)],
        update_conflicts=True,
        unique_fields=["operator"],
        update_fields=["seen_at"],
    )
    note_attendance(operator_ids)


def presence_of(operator_id: UUID) -> PresenceRef:
    """What the operator chose, whether or not it has expired; available for one who never was here. One query."""
    row = Presence.objects.filter(operator_id=operator_id).first()
    if row is None:
        return PresenceRef(Presence.State.AVAILABLE.value, "", None, platform_now())
    return _ref(row)


def unheard_since(operator_id: UUID) -> datetime | None:
    """When the operator was last heard, if they count as gone by now; None otherwise. Two queries."""
    seen_at = Presence.objects.filter(operator_id=operator_id).values_list("seen_at", flat=True).first()
    if seen_at is None or platform_now() - seen_at <= timedelta(seconds=PRESENT_SECONDS):
        return None
    return seen_at


def set_presence(operator_id: UUID, state: str, reason: str = "", minutes: int | None = None) -> PresenceRef:
    """Sets what the operator chose. A break has a reason and may say for how many minutes; other states have neither.

    ``since`` stays while the state does: changing a break's end is not another break. Locks the presence row. Raises
    NotFound for a state or reason that does not exist, Invalid for a break of no or too many minutes.
    """
    if state not in Presence.State.values:
        raise NotFound()
    is_break = state == Presence.State.ON_BREAK
    if is_break and reason not in Presence.Reason.values:
        raise NotFound()
    if is_break and minutes is not None and not 0 < minutes <= MAX_BREAK_MINUTES:
        raise Invalid()
    now = platform_now()
    with transaction.atomic():
        row = Presence.objects.select_for_update().filter(operator_id=operator_id).first()
        if row is None:
            row = Presence(operator_id=operator_id, since=now)
        elif row.state != state:
            row.since = now
        row.state = state
        row.reason = reason if is_break else ""
        row.until = now + timedelta(minutes=minutes) if is_break and minutes is not None else None
        row.seen_at = now
        Presence.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["operator"],
            update_fields=["state", "reason", "until", "since", "seen_at"],
        )
        if state in AT_WORK:
            note_attendance([operator_id])
        else:
            end_attendance(operator_id)
    return _ref(row)


def _ref(row: Presence) -> PresenceRef:
    return PresenceRef(row.state, row.reason, row.until, row.since)
