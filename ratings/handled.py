"""What was handled for an organisation in a local month: conversations and time, per kind, in and out of its hours.

- A conversation counts in the month, and in or out of hours, in which its visitor's first message came. Its kind is
  that of its last stretch; "with a specialist" if any of its stretches was; a question if nobody ever held it.
- Handled time is the time in which an operator held a conversation: every stretch (``operators.Assignment``) from when
  it was given to somebody until it was closed, taken back or passed on. A stretch belongs to one operator and one
  conversation, so an operator who holds two conversations for a minute handled two minutes. A reopened conversation
  begins a new stretch; the time between does not count. What is still held counts up to the moment of counting.
- Stretches are cut, to the microsecond, at the month's local bounds and at opening and closing times; sums are rounded
  to whole seconds. On the days when the clocks change the calendar says what is open (:mod:`tenants.hours`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from operators.models import ConversationKind, DayHours
from ratings.periods import Span as Period
from ratings.selectors import day_start, rows
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.hours import Span, calendar_of, open_spans

KINDS = tuple(kind.value for kind in ConversationKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind of conversation, or their total: ``in_…`` and ``out_…`` of the organisation's hours, in seconds."""

    kind: str
    in_conversations: int = 0
    out_conversations: int = 0
    in_seconds: int = 0
    out_seconds: int = 0

    @property
    def conversations(self) -> int:
        return self.in_conversations + self.out_conversations

    @property
    def seconds(self) -> int:
        return self.in_seconds + self.out_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """``counted_until`` is the month's end once it is over. ``never_held`` of the total's conversations were held by
    nobody. ``open_seconds`` is how long the desk was open."""

    starts_at: datetime
    counted_until: datetime
    open_seconds: int
    lines: tuple[Line, ...]
    total: Line
    never_held: int

    def as_figures(self) -> dict[str, Any]:
        """As it is kept: JSON in which everything has its place and its unit."""
        return {
            "starts_at": self.starts_at.astimezone(UTC).isoformat(),
            "counted_until": self.counted_until.astimezone(UTC).isoformat(),
            "open_seconds": self.open_seconds,
            "lines": [asdict(line) for line in self.lines],
            "total": asdict(self.total),
            "never_held": self.never_held,
        }


_CONVERSATIONS = """
WITH hours AS MATERIALIZED (
    SELECT coalesce(range_agg(tstzrange(opens, closes)), '{}'::tstzmultirange) AS open
    FROM unnest(%(opens)s::timestamptz[], %(closes)s::timestamptz[]) AS span(opens, closes)
)
SELECT coalesce(held.kind, 'question') AS kind, hours.open @> c.opened_at AS inside, count(*) AS conversations,
       count(*) FILTER (WHERE held.kind IS NULL) AS never_held
FROM conversations_conversation c CROSS JOIN hours
LEFT JOIN LATERAL (
    SELECT a.kind FROM public.operators_assignment a WHERE a.conversation_id = c.id
    ORDER BY (a.kind = 'escalated') DESC, a.started_at DESC LIMIT 1
) AS held ON true
WHERE c.opened_at >= %(starts_at)s AND c.opened_at < %(until)s
GROUP BY 1, 2
"""
_TIME = """
WITH hours AS MATERIALIZED (
    SELECT coalesce(range_agg(tstzrange(opens, closes)), '{}'::tstzmultirange) AS open
    FROM unnest(%(opens)s::timestamptz[], %(closes)s::timestamptz[]) AS span(opens, closes)
), stretch AS (
    SELECT a.kind, tstzrange(greatest(a.started_at, %(starts_at)s), least(a.ended_at, %(until)s)) AS held
    FROM public.operators_assignment a
    WHERE a.organisation_id = %(organisation)s AND a.started_at < %(until)s
      AND (a.ended_at IS NULL OR a.ended_at > greatest(a.started_at, %(starts_at)s))
)
SELECT kind, round(sum(seconds))::bigint AS seconds, round(sum(inside))::bigint AS in_seconds
FROM (
    SELECT kind, extract(epoch FROM upper(held) - lower(held)) AS seconds,
           coalesce((SELECT sum(extract(epoch FROM upper(part) - lower(part)))
                     FROM unnest(hours.open * tstzmultirange(held)) AS part), 0) AS inside
    FROM stretch CROSS JOIN hours
) AS cut
GROUP BY kind
"""


def handled_in(organisation: OrganisationRef, month: Period, hours: Sequence[Span]) -> Handled:
    """Of a month that has begun, up to its end or now. Inside the organisation's schema; three queries, the widest over
    the month's stretches."""
    starts_at = day_start(organisation.time_zone, month.first)
    until = min(day_start(organisation.time_zone, month.last + timedelta(days=1)), platform_now())
    cut = [(max(opens, starts_at), min(closes, until)) for opens, closes in hours]
    cut = [(opens, closes) for opens, closes in cut if opens < closes]
    given = {
        "organisation": organisation.id,
        "starts_at": starts_at,
        "until": until,
        "opens": [opens for opens, _closes in cut],
        "closes": [closes for _opens, closes in cut],
    }
    counted = rows(_CONVERSATIONS, given)
    timed = {row["kind"]: row for row in rows(_TIME, given)}
    lines = tuple(_line(kind, counted, timed.get(kind)) for kind in KINDS)
    total = Line(
        kind="total",
        in_conversations=sum(line.in_conversations for line in lines),
        out_conversations=sum(line.out_conversations for line in lines),
        in_seconds=sum(line.in_seconds for line in lines),
        out_seconds=sum(line.out_seconds for line in lines),
    )
    return Handled(
        starts_at=starts_at,
        counted_until=until,
        open_seconds=round(sum((closes - opens).total_seconds() for opens, closes in cut)),
        lines=lines,
        total=total,
        never_held=sum(row["never_held"] for row in counted),
    )


def _line(kind: str, counted: Sequence[dict[str, Any]], timed: dict[str, Any] | None) -> Line:
    conversations = {row["inside"]: row["conversations"] for row in counted if row["kind"] == kind}
    seconds, inside = (timed["seconds"], timed["in_seconds"]) if timed else (0, 0)
    return Line(
        kind=kind,
        in_conversations=conversations.get(True, 0),
        out_conversations=conversations.get(False, 0),
        in_seconds=inside,
        out_seconds=seconds - inside,
    )


def hours_of_month(organisation: OrganisationRef, month: Period, *, as_now: bool = False) -> list[Span]:
    """When the desk was open, day by day: as was kept when each day was over, else as the calendar says now, which is
    then kept for days that are over. ``as_now`` keeps all of them anew: the hours had been entered wrongly.

    In the caller's transaction, under the statement's lock. Five queries, and one for what is kept.
    """
    calendar, now = calendar_of(organisation), platform_now()
    days = DayHours.objects.filter(organisation_id=organisation.id, day__range=(month.first, month.last))
    known = {} if as_now else {one.day: one.spans for one in days}
    spans: list[Span] = []
    new = []
    day = month.first
    while day <= month.last:
        begins, ends = (day_start(organisation.time_zone, one) for one in (day, day + timedelta(days=1)))
        if day in known:
            spans += [(datetime.fromisoformat(opens), datetime.fromisoformat(closes)) for opens, closes in known[day]]
        else:
            found = open_spans(calendar, begins, ends)
            spans += found
            if ends <= now:
                new.append(_kept(organisation, day, found, now))
        day += timedelta(days=1)
    DayHours.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["organisation", "day"], update_fields=["spans", "kept_at"]
    )
    return spans


def _kept(organisation: OrganisationRef, day: date, spans: Sequence[Span], now: datetime) -> DayHours:
    return DayHours(
        organisation_id=organisation.id,
        day=day,
        spans=[[opens.isoformat(), closes.isoformat()] for opens, closes in spans],
        kept_at=now,
    )
