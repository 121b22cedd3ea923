"""Named reads of ratings and reports. They run inside an organisation's schema and return plain data."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from ratings.models import Report
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.models import Organisation

CATCH_UP_DAYS = 14


def day_start(time_zone: str, day: date) -> datetime:
    """The first instant of a local day. Days have 23 or 25 hours when the clocks change; an hour that does not exist
    starts when they have jumped."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(time_zone))


def local_today(time_zone: str) -> date:
    """The local date now. One query."""
    return platform_now().astimezone(ZoneInfo(time_zone)).date()


_MARKS_BY_DAY = """
SELECT d.day, count(r.id) AS given, coalesce(sum(r.mark), 0) AS mark_sum
FROM unnest(%(days)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS d(day, starts_at, ends_at)
LEFT JOIN conversations_conversation c ON c.opened_at >= d.starts_at AND c.opened_at < d.ends_at
LEFT JOIN ratings_rating r ON r.conversation_id = c.id
GROUP BY d.day
"""


def days_to_report(organisation: OrganisationRef) -> list[date]:
    """Local days that are over and lack a report, at most 14 back and none before the organisation was created;
    yesterday, whose last conversations may still be going on; and days whose ratings changed since. Four queries."""
    today = local_today(organisation.time_zone)
    zone = ZoneInfo(organisation.time_zone)
    created = Organisation.objects.values_list("created_at", flat=True).get(pk=organisation.id).astimezone(zone).date()
    oldest = max(created, today - timedelta(days=CATCH_UP_DAYS))
    days = [oldest + timedelta(days=offset) for offset in range((today - oldest).days)]
    if not days:
        return []
    reported = {
        starts_on: (given, mark_sum)
        for starts_on, given, mark_sum in Report.objects.filter(
            period_kind=Report.Period.DAY, is_current=True, starts_on__gte=oldest
        ).values_list("starts_on", "ratings_given", "mark_sum")
    }
    marks = _marks_by_day(organisation.time_zone, days)
    return [day for day in days if day == days[-1] or reported.get(day) != marks[day]]


def _marks_by_day(time_zone: str, days: Sequence[date]) -> dict[date, tuple[int, int]]:
    bounds = {
        "days": list(days),
        "starts": [day_start(time_zone, day) for day in days],
        "ends": [day_start(time_zone, day + timedelta(days=1)) for day in days],
    }
    return {row["day"]: (row["given"], row["mark_sum"]) for row in rows(_MARKS_BY_DAY, bounds)}


def rows(statement: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The statement's rows, each by column name."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
