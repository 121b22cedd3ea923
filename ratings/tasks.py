"""The nightly reports, drafts of statements, and asking by mail. A task names its schema, fails without, and is safe to
run twice."""

import logging
from datetime import date
from itertools import groupby

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError

from operators.reviews import conversations_to_review, week_before
from ratings import services
from ratings.models import Report
from ratings.periods import span_of
from ratings.selectors import local_today, spans_to_report
from ratings.services.mailing import mail_due_asks
from ratings.services.reviewing import sample_conversation
from ratings.services.statements import build_statement, months_to_state
from tenants.clock import platform_now
from tenants.context import in_organisation
from tenants.models import Organisation
from tenants.selectors import active_organisations, organisation_by_schema

logger = logging.getLogger(__name__)


@shared_task
def build_due_reports() -> None:
    """Sends one task per client and local day, week or month that is over and wants a report: missed nights and late
    ratings too."""
    for organisation in active_organisations():
        if organisation.kind != Organisation.Kind.CLIENT:
            continue
        try:
            spans = in_organisation(organisation, spans_to_report)
        except DatabaseError:
            # One client's broken schema must not cost the others their reports.
            logger.exception("Which reports %s wants could not be found out", organisation.schema_name)
            continue
        for span in spans:
            build_report.delay(organisation.schema_name, span.first.isoformat(), span.kind.value)


@shared_task
def mail_asks(schema_name: str) -> None:
    """Asks by mail who is to be asked by now. Raises NotFound for an unknown schema."""
    in_organisation(organisation_by_schema(schema_name), mail_due_asks)


@shared_task
def mail_asks_across_organisations() -> None:
    """The regular round. One organisation's trouble keeps nobody else's mails."""
    for organisation in active_organisations():
        mail_asks.delay(organisation.schema_name)


@shared_task
def sample_reviews() -> None:
    """The nightly round: which conversations of the week that is over are to be reviewed. Again changes nothing; a
    missed night is made up for by the next one of that week."""
    week = week_before(platform_now())
    sampled = conversations_to_review(week, settings.REVIEWS_PER_OPERATOR_AND_WEEK)
    for schema_name, conversations in groupby(sampled, key=lambda one: one.schema_name):
        organisation = organisation_by_schema(schema_name)
        for one in conversations:
            in_organisation(organisation, sample_conversation, one, week)


@shared_task
def build_report(schema_name: str, day: str, kind: str = Report.Period.DAY) -> None:
    """Builds one report. Raises NotFound for an unknown schema, ValueError for a period that is not over there."""
    organisation = organisation_by_schema(schema_name)
    span = span_of(kind, date.fromisoformat(day))
    if span.last >= local_today(organisation.time_zone):
        raise ValueError(f"The {kind} of {day} is not over in {organisation.time_zone}.")
    in_organisation(organisation, services.build_report, span.first, span.kind)


@shared_task
def build_due_statements() -> None:
    """Sends one task per client and month whose draft was not counted since the client's last midnight."""
    for organisation in active_organisations():
        if organisation.kind != Organisation.Kind.CLIENT:
            continue
        for month in months_to_state(organisation):
            build_statement_draft.delay(organisation.schema_name, month.isoformat())


@shared_task
def build_statement_draft(schema_name: str, month: str) -> None:
    """Counts one draft. Raises NotFound for an unknown schema."""
    in_organisation(organisation_by_schema(schema_name), build_statement, date.fromisoformat(month))
