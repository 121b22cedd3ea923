"""All clients side by side: one day, week or month, beside the one before it.

Everything comes from the public rows of numbers. The total is made of sums: its shares are sums over sums, its mean
mark the sum of marks over how many were given. Medians do not add up, so it has none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext, gettext_lazy, ngettext

from ratings.documents.building import shown_seconds
from ratings.documents.comparing import shares_differ
from ratings.documents.document import SMALL_GROUP, Amount, Figure, Tone, Unit
from ratings.documents.sheet import Column, Kind, Sheet, Value
from ratings.documents.words import title
from ratings.periods import Span, span_of
from ratings.selectors import local_today
from tenants.models import Organisation, PeriodKind, ReportFigures
from tenants.shares import mean_of, share_percent

BY_NAME = "client"
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Measure:
    """``parts`` are the summed columns: one for a count, two for a share or mean, none for what has no sum."""

    name: str
    label: str | LazyText
    unit: Unit
    parts: tuple[str, ...]
    promise: str = ""
    """The organisation's column that says what was promised."""


MEASURES = (
    Measure("conversations", gettext_lazy("Conversations"), Unit.COUNT, ("conversations",)),
    Measure(
        "first_replies_in_time",
        gettext_lazy("First replies in time"),
        Unit.PERCENT,
        ("first_replies_kept", "first_replies"),
        "first_reply_seconds",
    ),
    Measure(
        "follow_ups_in_time",
        gettext_lazy("Following replies in time"),
        Unit.PERCENT,
        ("follow_ups_kept", "follow_ups"),
        "follow_up_seconds",
    ),
    Measure("first_wait_median_seconds", gettext_lazy("First reply, half within"), Unit.SECONDS, ()),
    Measure("ratings_response", gettext_lazy("Gave a mark"), Unit.PERCENT, ("ratings_given", "ratings_asked")),
    Measure("mean_mark", gettext_lazy("Mean mark"), Unit.MARK, ("mark_sum", "ratings_given")),
    Measure("contact_requests", gettext_lazy("Contact requests"), Unit.COUNT, ("contact_requests",)),
    Measure(
        "with_article", gettext_lazy("With an article"), Unit.PERCENT, ("with_article", "conversations")
    ),
    Measure("new_gaps", gettext_lazy("New gaps"), Unit.COUNT, ("new_gaps",)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure beside the one of the period before, and whether it is better or worse by more than chance."""

    figure: Figure
    tone: Tone

    @property
    def tone_text(self) -> str:
        """For those who see no sign."""
        words = {Tone.BETTER: gettext("better"), Tone.WORSE: gettext("worse"), Tone.NOTE: ""}
        return words[self.tone]


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One client. ``figures`` is empty when it has no report of this period."""

    id: UUID | None
    name: str
    colour: str
    state: str
    is_active: bool
    figures: tuple[Compared, ...]

    def sort_value(self, measure: str) -> float | None:
        found = next((one.figure.now.value for one in self.figures if one.figure.name == measure), None)
        return None if found is None else float(found)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """``total`` is of the clients that have a report; None when none has."""

    span: Span
    before: Span
    rows: tuple[ClientRow, ...]
    total: ClientRow | None
    sort: str
    is_descending: bool

    @property
    def counted(self) -> int:
        return sum(bool(row.figures) for row in self.rows)


def newest_span(kind: str) -> Span:
    """The last day, week or month that is over on the platform's calendar. One query."""
    today = local_today(settings.PLATFORM_TIME_ZONE)
    return span_of(kind, span_of(kind, today).first - timedelta(days=1))


def side_by_side(span: Span, sort: str = BY_NAME, *, is_descending: bool = False) -> SideBySide:
    """Two queries. An unknown ``sort`` is by name; clients without the number come last either way."""
    before = span_of(span.kind, span.first - timedelta(days=1))
    found = ReportFigures.objects.filter(period_kind=span.kind, starts_on__in=[span.first, before.first])
    figures = {(row.organisation_id, row.starts_on): row.figures for row in found}
    clients = Organisation.objects.filter(~Q(state=Organisation.State.ARCHIVED), kind=Organisation.Kind.CLIENT)
    rows, sums, sums_before = [], [], []
    for client in clients.order_by("name"):
        now, then = figures.get((client.pk, span.first)), figures.get((client.pk, before.first))
        compared = _compared(now, then, promises=client) if now else ()
        state, is_active = client.get_state_display(), client.state == Organisation.State.ACTIVE
        rows.append(ClientRow(client.pk, client.name, client.colour, state, is_active, compared))
        sums += [now] if now else []
        sums_before += [then] if then else []
    total = None
    if sums:
        words = ngettext("%(count)s client", "%(count)s clients", len(sums)) % {"count": len(sums)}
        compared = _compared(_summed(sums), _summed(sums_before) if sums_before else None)
        total = ClientRow(None, words, "", "", True, compared)
    names = {measure.name for measure in MEASURES}
    if sort not in names:
        rows.sort(key=lambda row: row.name.casefold(), reverse=is_descending)
        return SideBySide(span, before, tuple(rows), total, BY_NAME, is_descending)
    with_number = [(value, row) for row in rows if (value := row.sort_value(sort)) is not None]
    without = [row for row in rows if row.sort_value(sort) is None]
    with_number.sort(key=lambda pair: pair[0], reverse=is_descending)
    ordered = (*(row for _value, row in with_number), *without)
    return SideBySide(span, before, ordered, total, sort, is_descending)


def _summed(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    parts = {part for measure in MEASURES for part in measure.parts}
    sums: dict[str, Any] = {part: sum(row.get(part) or 0 for row in rows) for part in parts}
    if all(row.get("marks") for row in rows):  # figures from before they were kept have none
        sums["marks"] = [sum(counts) for counts in zip(*(row["marks"] for row in rows), strict=True)]
    return sums


def _compared(
    now: Mapping[str, Any], before: Mapping[str, Any] | None, promises: Organisation | None = None
) -> tuple[Compared, ...]:
    return tuple(_one(measure, now, before, promises) for measure in MEASURES)


def _one(
    measure: Measure, now: Mapping[str, Any], before: Mapping[str, Any] | None, promises: Organisation | None
) -> Compared:
    amount = amount_of(measure, now)
    earlier = None if before is None else amount_of(measure, before)
    difference = _difference(amount, earlier)
    promised = getattr(promises, measure.promise) if promises is not None and measure.promise else None
    figure = Figure(
        name=measure.name,
        label=measure.label,
        now=amount,
        before=earlier,
        difference=difference,
        promised_seconds=promised,
    )
    if difference is None or before is None or earlier is None or not _is_clear(measure, amount, earlier, now, before):
        return Compared(figure, Tone.NOTE)
    return Compared(figure, Tone.BETTER if (difference.value or 0) > 0 else Tone.WORSE)


def _is_clear(
    measure: Measure, amount: Amount, earlier: Amount, now: Mapping[str, Any], before: Mapping[str, Any]
) -> bool:
    """Whether chance alone would seldom show as much. Counts and medians have no test here, and get no verdict."""
    if measure.unit == Unit.PERCENT:
        return shares_differ(amount, earlier)
    if measure.unit != Unit.MARK or not (now.get("marks") and before.get("marks")):
        return False
    from ratings.analysis.marks import Distribution  # scipy: not before somebody looks at two periods of marks
    from ratings.analysis.trend import Difference, mean_difference

    found = mean_difference(Distribution(tuple(before["marks"])), Distribution(tuple(now["marks"])))
    return isinstance(found, Difference) and found.is_significant


def amount_of(measure: Measure, figures: Mapping[str, Any]) -> Amount:
    """The measure as it is shown: rounded here, for page and files alike."""
    if not measure.parts:
        seconds = figures.get(measure.name)
        return Amount(None if seconds is None else shown_seconds(seconds), measure.unit)
    part = figures.get(measure.parts[0])
    if len(measure.parts) == 1:
        return Amount(part, measure.unit)
    whole = figures.get(measure.parts[1]) or 0
    if not whole or part is None:
        return Amount(None, measure.unit, whole)
    return Amount((mean_of if measure.unit == Unit.MARK else share_percent)(part, whole), measure.unit, whole)


def _difference(now: Amount, before: Amount | None) -> Amount | None:
    if before is None or now.value is None or before.value is None:
        return None
    if now.n is not None and before.n is not None and min(now.n, before.n) < SMALL_GROUP:
        return None
    return Amount(round(now.value - before.value, 1), now.unit)


_KINDS = {Unit.COUNT: Kind.COUNT, Unit.PERCENT: Kind.PERCENT, Unit.SECONDS: Kind.SECONDS, Unit.MARK: Kind.MARK}


def sheet_of(shown: SideBySide) -> Sheet:
    """What the page shows, in its order, the total last."""
    columns = [Column("client", gettext("Client"), Kind.TEXT)]
    for measure in MEASURES:
        label = str(measure.label)
        columns.append(Column(measure.name, label, _KINDS[measure.unit]))
        if len(measure.parts) == 2:
            columns.append(Column(f"{measure.name}_n", gettext("n of %(figure)s") % {"figure": label}, Kind.COUNT))
        columns.append(
            Column(f"{measure.name}_difference", gettext("Difference of %(figure)s") % {"figure": label}, Kind.SIGNED)
        )
    rows = [tuple(_cells(row)) for row in [*shown.rows, *([shown.total] if shown.total else [])]]
    notes = [
        gettext("Differences are against %(period)s; those of shares are in percentage points.")
        % {"period": title(shown.before)},
        gettext("The last row is made of sums over all clients."),
    ]
    return Sheet(gettext("All clients"), columns, rows, notes)


def _cells(row: ClientRow) -> Iterable[Value]:
    yield row.name
    if not row.figures:
        yield from [None] * sum(2 + (len(measure.parts) == 2) for measure in MEASURES)
    for measure, one in zip(MEASURES, row.figures, strict=False):
        yield one.figure.now.value
        if len(measure.parts) == 2:
            yield one.figure.now.n
        yield None if one.figure.difference is None else one.figure.difference.value


def span_asked(kind: str, day: str) -> Span:
    """The span that a link names; the newest where it names none that is over."""
    known = kind if kind in PeriodKind.values else PeriodKind.DAY.value
    newest = newest_span(known)
    try:
        asked = span_of(known, date.fromisoformat(day))
    except (ValueError, OverflowError):
        return newest
    return asked if EARLIEST <= asked.first <= newest.first else newest
