"""Named reads of ratings and reports. They run inside an organisation's schema and return plain data."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from ratings.models import Report
from ratings.periods import CATCH_UP_DAYS, Span, spans_over
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.models import Organisation

COUNTED_AGAIN_AFTER = timedelta(hours=1)
STREAMED_PORTION = 500


def day_start(time_zone: str, day: date) -> datetime:
    """The first instant of a local day. Days have 23 or 25 hours when the clocks change; an hour that does not exist
    starts when they have jumped."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(time_zone))


def local_today(time_zone: str) -> date:
    """The local date now. One query."""
    return platform_now().astimezone(ZoneInfo(time_zone)).date()


# Each conversation is looked at once, on its day: weeks and months are added up from them.
_MARKS = """
SELECT d.day, count(r.id) AS given, coalesce(sum(r.mark), 0) AS mark_sum,
       greatest(max(r.given_at), max(r.changed_at), max(answered.at), max(ask.shown_at)) AS last_at
FROM unnest(%(days)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS d(day, starts_at, ends_at)
JOIN conversations_conversation c ON c.opened_at >= d.starts_at AND c.opened_at < d.ends_at
LEFT JOIN ratings_rating r ON r.conversation_id = c.id
LEFT JOIN ratings_ask ask ON ask.conversation_id = c.id
LEFT JOIN (
    SELECT ask_id, max(greatest(given_at, changed_at)) AS at FROM ratings_answer GROUP BY ask_id
) answered ON answered.ask_id = ask.id
GROUP BY d.day
"""


def spans_to_report(organisation: OrganisationRef) -> list[Span]:
    """Days, weeks and months that are over and lack a report, as far back as is caught up and none before the
    organisation was created; those that ended yesterday and were not counted for an hour, since their last
    conversations may still go on; and those whose marks or answers changed since. Oldest first, days before weeks
    before months. Four queries."""
    now = platform_now()
    zone = ZoneInfo(organisation.time_zone)
    today = now.astimezone(zone).date()
    created = Organisation.objects.values_list("created_at", flat=True).get(pk=organisation.id).astimezone(zone).date()
    spans = [
        span
        for kind, days in CATCH_UP_DAYS.items()
        for span in spans_over(kind, max(created, today - timedelta(days=days)), today)
    ]
    if not spans:
        return []
    reported = {
        (report.period_kind, report.starts_on): report
        for report in Report.objects.filter(is_current=True, starts_on__gte=min(span.first for span in spans))
    }
    marks = _marks(organisation.time_zone, spans)
    yesterday, hour_ago = today - timedelta(days=1), now - COUNTED_AGAIN_AFTER

    def is_due(span: Span) -> bool:
        report = reported.get((span.kind, span.first))
        given, mark_sum, last_at = marks[span.kind, span.first]
        if report is None or (report.ratings_given, report.mark_sum) != (given, mark_sum):
            return True
        if last_at is not None and last_at > report.looked_at:
            return True
        if report.looked_at < day_start(organisation.time_zone, span.last + timedelta(days=1)):
            return True  # counted by hand before it was over
        return span.last == yesterday and report.looked_at <= hour_ago

    return [span for span in spans if is_due(span)]


def _marks(time_zone: str, spans: Sequence[Span]) -> dict[tuple[str, date], tuple[int, int, datetime | None]]:
    """How many marks were given, their sum, and when something was last said about how it was, of each span."""
    first, last = min(span.first for span in spans), max(span.last for span in spans)
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    starts = [day_start(time_zone, day) for day in [*days, last + timedelta(days=1)]]
    by_day = {row["day"]: row for row in rows(_MARKS, {"days": days, "starts": starts[:-1], "ends": starts[1:]})}

    def of(span: Span) -> tuple[int, int, datetime | None]:
        of_days = [row for day, row in by_day.items() if span.first <= day <= span.last]
        said = [row["last_at"] for row in of_days if row["last_at"] is not None]
        return sum(row["given"] for row in of_days), sum(row["mark_sum"] for row in of_days), max(said, default=None)

    return {(span.kind, span.first): of(span) for span in spans}


def streamed_rows(statement: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same, read by a server-side cursor: only a portion is held at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, parameters)
        names: list[str] = []
        while portion := cursor.fetchmany(STREAMED_PORTION):
            names = names or [column.name for column in cursor.description]
            for row in portion:
                yield dict(zip(names, row, strict=True))


def rows(statement: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The statement's rows, each by column name."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
