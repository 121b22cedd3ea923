"""Building the nightly report, inside the organisation's schema."""

from dataclasses import asdict
from datetime import date

from django.db import connection, transaction

from ratings.models import Report
from ratings.reports import figures_for_day
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.models import Organisation, ReportFigures

REPORT_LOCK = 0x7265706F  # an advisory lock of this platform, taken per organisation and day


def build_report(organisation: OrganisationRef, day: date) -> Report:
    """The current report of a local day. Unchanged figures make no new version; changed ones keep the old beside them.

    Takes an advisory lock per organisation and day, so that the same work started twice is done once. Also writes the
    public row of numbers, except for organisations that exist only for measurements.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            subject = f"{organisation.schema_name} {day.isoformat()}"
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [REPORT_LOCK, subject])
        figures = asdict(figures_for_day(organisation, day))
        current = Report.objects.filter(period_kind=Report.Period.DAY, starts_on=day, is_current=True).first()
        if current is None or any(getattr(current, name) != value for name, value in figures.items()):
            version = current.version + 1 if current else 1
            Report.objects.filter(period_kind=Report.Period.DAY, starts_on=day).update(is_current=False)
            current = Report.objects.create(period_kind=Report.Period.DAY, starts_on=day, version=version, **figures)
        if organisation.kind != Organisation.Kind.MEASUREMENT:
            _publish(organisation, current, figures)
    return current


def _publish(organisation: OrganisationRef, report: Report, figures: dict[str, float | int | None]) -> None:
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
