"""Thresholds that supervisors are told of by itself: looked at every five seconds, by one sweep at a time.

What crossed its threshold becomes one open alert, and ends when it no longer does. An organisation's own rule replaces
the general one of its kind.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min

from operators.models import Alert, AlertKind, AlertRule, Clock, DueWork
from operators.wallboard import GONE, Board, read_board, wallboard_of
from tenants.clock import platform_now
from tenants.errors import NotFound
from tenants.models import Organisation, Pulse
from tenants.shares import share_percent

EVERY = timedelta(seconds=5)
# A share of fewer turns says little: one broken promise in the morning is no alarm.
SHARE_OF_AT_LEAST = 10
PULSE = "alerts"
PUBLIC_SCHEMA = "public"

# What a new platform begins with. Seconds, numbers and per cent, as AlertKind says.
THRESHOLDS = {
    AlertKind.LONGEST_WAIT: 60,
    AlertKind.QUEUE_LENGTH: 5,
    AlertKind.KEPT_SHARE: 80,
    AlertKind.NOBODY_FREE: 30,
    AlertKind.OPERATOR_GONE: 1,
    AlertKind.ESCALATION_SILENT: 1,
}


@dataclass(frozen=True, slots=True)
class Crossing:
    """A threshold that is crossed now. ``organisation_id`` or ``operator_id`` says whose number it is."""

    kind: str
    organisation_id: UUID | None
    operator_id: UUID | None
    value: float
    threshold: int
    by_mail: bool

    @property
    def key(self) -> tuple[str, UUID | None, UUID | None]:
        return self.kind, self.organisation_id, self.operator_id


@dataclass(frozen=True, slots=True)
class AlertRef:
    """An open alert, with the names that its ids have."""

    id: UUID
    kind: str
    organisation: str | None
    organisation_name: str
    operator_id: UUID | None
    operator_name: str
    value: float
    threshold: float
    raised_at: datetime
    seen_by: UUID | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What one look changed: alerts that began, and the ids of those that ended."""

    raised: Sequence[AlertRef]
    ended: Sequence[UUID]


def look_at_thresholds() -> Changes | None:
    """Raises and ends alerts; None when it is not yet time, or another sweep is at it. In a transaction: about ten
    queries, whatever the number of organisations. Locks the pulse ``alerts``."""
    if not _claim():
        return None
    board = read_board()
    crossed = {one.key: one for one in crossings(board, _rules())}
    known = {
        (one.kind, one.organisation_id, one.operator_id): one for one in Alert.objects.filter(ended_at__isnull=True)
    }
    over = [alert.id for key, alert in known.items() if key not in crossed]
    Alert.objects.filter(pk__in=over).update(ended_at=board.now)
    new = [(one, _alert(one, board.now)) for key, one in crossed.items() if key not in known]
    Alert.objects.bulk_create(alert for _, alert in new)
    DueWork.objects.bulk_create(
        DueWork(schema_name=PUBLIC_SCHEMA, kind=DueWork.Kind.ALERT_MAIL, subject_id=alert.id, due_at=board.now)
        for one, alert in new
        if one.by_mail
    )
    return Changes(open_alerts({alert.id for _, alert in new}) if new else [], over)


def _claim() -> bool:
    """Whether it is time and nobody else is at it: then it is ours until the transaction ends."""
    now = platform_now()
    pulse = Pulse.objects.select_for_update(skip_locked=True).filter(name=PULSE).first()
    if pulse is None:  # somebody has it, or nobody ever looked: one of those who look first makes the row
        Pulse.objects.bulk_create([Pulse(name=PULSE, at=now - EVERY)], ignore_conflicts=True)
        return False
    # A clock that was set back is no reason to wait for it.
    if now - EVERY < pulse.at <= now:
        return False
    Pulse.objects.filter(name=PULSE).update(at=now)
    return True


def crossings(board: Board, rules: Iterable[AlertRule]) -> Iterator[Crossing]:
    """Every threshold that is crossed on this board. Two queries, for what is not on it."""
    known = {(rule.kind, rule.organisation_id): rule for rule in rules}
    for (kind, organisation_id, operator_id), value in _numbers(board).items():
        rule = known.get((kind, organisation_id)) or known.get((kind, None))
        if rule is not None and rule.is_active and _is_crossed(kind, value, rule.threshold):
            yield Crossing(kind, organisation_id, operator_id, value, rule.threshold, rule.by_mail)


def _is_crossed(kind: str, value: float, threshold: int) -> bool:
    if kind == AlertKind.KEPT_SHARE:
        return value < threshold
    if kind in (AlertKind.OPERATOR_GONE, AlertKind.ESCALATION_SILENT):
        return value >= threshold
    return value > threshold


def _numbers(board: Board) -> dict[tuple[str, UUID | None, UUID | None], float]:
    """(kind, organisation, operator) → the number as it is now; what there is nothing of is left out."""
    numbers: dict[tuple[str, UUID | None, UUID | None], float] = {}
    ids = {client.slug: client.id for client in board.clients}
    for line in wallboard_of(board, None).clients:
        organisation_id = ids[line.slug]
        if line.live.waits_since is not None:
            waits = (board.now - line.live.waits_since).total_seconds()
            numbers[AlertKind.LONGEST_WAIT, organisation_id, None] = waits
        numbers[AlertKind.QUEUE_LENGTH, organisation_id, None] = line.live.waiting
        if line.kept.total >= SHARE_OF_AT_LEAST:
            share = share_percent(line.kept.kept, line.kept.total)
            numbers[AlertKind.KEPT_SHARE, organisation_id, None] = share
    for person in board.people:
        if person.line.state == GONE:
            numbers[AlertKind.OPERATOR_GONE, None, person.line.id] = person.line.held
    by_schema = dict(Organisation.objects.filter(pk__in=ids.values()).values_list("schema_name", "pk"))
    for schema_name, since in _queued_since().items():
        if schema_name in by_schema:
            waits = (board.now - since).total_seconds()
            numbers[AlertKind.NOBODY_FREE, by_schema[schema_name], None] = waits
    for schema_name, count in _silent_specialists().items():
        if schema_name in by_schema:
            numbers[AlertKind.ESCALATION_SILENT, by_schema[schema_name], None] = count
    return numbers


def _queued_since() -> dict[str, datetime]:
    """Schema → since when its longest conversation is in the queue: offering it is tried every second."""
    offers = DueWork.objects.filter(kind=DueWork.Kind.OFFER).values("schema_name")
    return dict(offers.annotate(since=Min("created_at")).values_list("schema_name", "since"))


def _silent_specialists() -> dict[str, int]:
    """Schema → how many specialists were reminded and have not answered yet."""
    reminded = Clock.objects.filter(kind=Clock.Kind.ESCALATION, warn_at__isnull=True).values("schema_name")
    return dict(reminded.annotate(count=Count("pk")).values_list("schema_name", "count"))


def _rules() -> list[AlertRule]:
    """Every rule; the general ones that are missing are made. One query, two with the first look."""
    rules = list(AlertRule.objects.all())
    general = {rule.kind for rule in rules if rule.organisation_id is None}
    missing = [AlertRule(kind=kind, threshold=value) for kind, value in THRESHOLDS.items() if kind not in general]
    return [*rules, *AlertRule.objects.bulk_create(missing, ignore_conflicts=True)]


def _alert(crossing: Crossing, now: datetime) -> Alert:
    return Alert(
        kind=crossing.kind,
        organisation_id=crossing.organisation_id,
        operator_id=crossing.operator_id,
        value=crossing.value,
        threshold=crossing.threshold,
        raised_at=now,
    )


def open_alerts(ids: Collection[UUID] | None = None) -> list[AlertRef]:
    """What is open (among these), the latest first. One query."""
    alerts = Alert.objects.filter(ended_at__isnull=True).select_related("organisation", "operator")
    if ids is not None:
        alerts = alerts.filter(pk__in=ids)
    return [alert_ref(alert) for alert in alerts]


def alert_ref(alert: Alert) -> AlertRef:
    return AlertRef(
        id=alert.id,
        kind=alert.kind,
        organisation=alert.organisation.slug if alert.organisation else None,
        organisation_name=alert.organisation.name if alert.organisation else "",
        operator_id=alert.operator_id,
        operator_name=alert.operator.name if alert.operator else "",
        value=alert.value,
        threshold=alert.threshold,
        raised_at=alert.raised_at,
        seen_by=alert.seen_by,
    )


def acknowledge_alert(alert_id: UUID, supervisor_id: UUID) -> bool:
    """Notes who has seen it; false when somebody had already. One query. Raises NotFound."""
    seen = Alert.objects.filter(pk=alert_id, seen_at__isnull=True).update(seen_by=supervisor_id, seen_at=platform_now())
    if not seen and not Alert.objects.filter(pk=alert_id).exists():
        raise NotFound()
    return bool(seen)
