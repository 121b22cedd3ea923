"""Building the nightly report, inside the organisation's schema."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import connection, transaction

from ratings.delivering import queue_deliveries
from ratings.models import Report
from ratings.periods import span_of
from ratings.reports import figures_for_days
from tenants.clock import PlatformNow, platform_now
from tenants.context import OrganisationRef
from tenants.models import Organisation, ReportFigures

OF_RATINGS = {
    "ratings_shown", "ratings_given", "mark_sum", "marks", "better_than_expected", "as_expected", "worse_than_expected",
    "solved", "partly_solved", "not_solved", "moods_noted", "angry_ends",
}  # fmt: skip
"""Figures that change because visitors answer later how it was."""
REPORT_LOCK = 0x7265706F  # an advisory lock of this platform, taken per organisation and day


def build_report(organisation: OrganisationRef, day: date, kind: str = Report.Period.DAY) -> Report:
    """The current report of the local day, week or month in which ``day`` lies. Unchanged figures make no new version;
    changed ones keep the old beside them, and say why.

    Takes an advisory lock per organisation and period, so that the same work started twice is done once. Queues its
    mails, and writes the public row of numbers, except for organisations that exist only for measurements.
    """
    span = span_of(kind, day)
    with transaction.atomic():
        with connection.cursor() as cursor:
            subject = f"{organisation.schema_name} {span.kind} {span.first.isoformat()}"
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [REPORT_LOCK, subject])
        figures = asdict(figures_for_days(organisation, span.first, span.last))
        of_period = Report.objects.filter(period_kind=span.kind, starts_on=span.first)
        current = of_period.filter(is_current=True).first()
        changed = {name for name, value in figures.items() if current is None or getattr(current, name) != value}
        if current is None or changed:
            reason = _reason(changed) if current else Report.Reason.FIRST
            version = current.version + 1 if current else 1
            of_period.update(is_current=False)
            current = Report.objects.create(
                period_kind=span.kind, starts_on=span.first, version=version, reason=reason, **figures
            )
            if organisation.kind == Organisation.Kind.CLIENT:
                queue_deliveries(organisation, current)
        else:
            Report.objects.filter(pk=current.pk).update(looked_at=PlatformNow())
        if organisation.kind != Organisation.Kind.MEASUREMENT:
            _publish(organisation, current, figures)
    return current


def _reason(changed: set[str]) -> Report.Reason:
    return Report.Reason.RATINGS if changed <= OF_RATINGS else Report.Reason.EVENTS


def _publish(organisation: OrganisationRef, report: Report, figures: dict[str, Any]) -> None:
    row = ReportFigures.objects.filter(
        organisation_id=organisation.id, period_kind=report.period_kind, starts_on=report.starts_on
    ).first()
    if row is None:
        row = ReportFigures(
            organisation_id=organisation.id, period_kind=report.period_kind, starts_on=report.starts_on, version=0
        )
    if row.version != report.version:
        row.version, row.figures, row.built_at = report.version, figures, platform_now()
        row.save()
