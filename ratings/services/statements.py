"""Statements of what was handled for a client in a month: counted as drafts, locked once, corrected beside."""

import hashlib
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from operators.models import Statement
from ratings.errors import StatementChanged, StatementNotOver
from ratings.handled import handled_in, hours_of_month
from ratings.periods import Span, span_of
from ratings.selectors import day_start
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid, NotFound
from tenants.models import Organisation, PeriodKind, User
from tenants.services import record_audit

STATEMENT_LOCK = 0x73746D74  # an advisory lock of this platform, taken per organisation and month
LONGEST_REASON = 300


def checksum_of(slug: str, month: date, version: int, reason: str, figures: dict[str, Any]) -> str:
    """SHA-256 over canonical JSON: sorted keys, no spaces, UTF-8. Two copies with the same one say the same."""
    said = {"organisation": slug, "month": f"{month:%Y-%m}", "version": version, "reason": reason, "figures": figures}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def build_statement(organisation: OrganisationRef, day: date) -> Statement | None:
    """Counts the draft of the month in which ``day`` lies. A month that is locked stays as it is: then None.

    Inside the organisation's schema. Takes an advisory lock per organisation and month, so that the same work started
    twice leaves one draft.
    """
    month = span_of(PeriodKind.MONTH, day)
    with transaction.atomic():
        _lock(organisation, month)
        newest = _newest(organisation, month)
        if newest is not None and newest.is_locked:
            return None
        statement = newest or Statement(organisation_id=organisation.id, month=month.first)
        _count(organisation, month, statement)
        statement.save()
    return statement


def lock_statement(organisation: OrganisationRef, statement_id: UUID, *, actor: User, checksum: str) -> Statement:
    """Makes a draft final, as it was shown: ``checksum`` is the one its reader saw.

    Locks the statement. Raises NotFound, StatementChanged when it is not that draft any more, StatementNotOver before
    the month was over and counted.
    """
    with transaction.atomic():
        statement = _locked_row(organisation, statement_id)
        if statement.is_locked or statement.checksum != checksum:
            raise StatementChanged()
        if not is_over(organisation, statement):
            raise StatementNotOver()
        statement.state = Statement.State.LOCKED
        statement.locked_at, statement.locked_by, statement.locked_by_name = platform_now(), actor.pk, actor.name
        statement.save(update_fields=["state", "locked_at", "locked_by", "locked_by_name"])
        record_audit(organisation.id, actor.pk, "statement.locked", str(statement.pk))
    return statement


def is_over(organisation: OrganisationRef, statement: Statement) -> bool:
    """Whether it was counted after its month had ended there."""
    month = span_of(PeriodKind.MONTH, statement.month)
    return statement.built_at >= day_start(organisation.time_zone, month.last + timedelta(days=1))


def correct_statement(
    organisation: OrganisationRef, statement_id: UUID, *, actor: User, reason: str, hours_as_now: bool = False
) -> Statement:
    """A new draft beside the newest, locked version, counted now, with its reason; the old one stays.

    ``hours_as_now`` takes the opening hours as they are entered today for every day of the month. Inside the
    organisation's schema. Locks the month and the statement. Raises NotFound, Invalid without a reason,
    StatementChanged when it is not the newest or not locked.
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid()
    with transaction.atomic():
        old = Statement.objects.filter(pk=statement_id, organisation_id=organisation.id).first()
        if old is None:
            raise NotFound()
        month = span_of(PeriodKind.MONTH, old.month)
        _lock(organisation, month)
        newest = _newest(organisation, month)
        if newest is None or newest.pk != old.pk or not newest.is_locked:
            raise StatementChanged()
        statement = Statement(organisation_id=organisation.id, month=old.month, version=old.version + 1, reason=reason)
        _count(organisation, month, statement, hours_as_now=hours_as_now)
        statement.save(force_insert=True)
        record_audit(organisation.id, actor.pk, "statement.corrected", str(statement.pk))
    return statement


def months_to_state(organisation: OrganisationRef) -> list[date]:
    """First days of months whose draft is missing or was not counted since the last local midnight: the running month
    and the one before, and older drafts that were never counted after their end. Oldest first. Three queries."""
    now = platform_now()
    today = now.astimezone(day_start(organisation.time_zone, now.date()).tzinfo).date()
    created = Organisation.objects.values_list("created_at", flat=True).get(pk=organisation.id)
    running = span_of(PeriodKind.MONTH, today).first
    before = span_of(PeriodKind.MONTH, running - timedelta(days=1)).first
    found = Statement.objects.filter(organisation_id=organisation.id).order_by("month", "version")
    newest = {one.month: one for one in found.only("id", "month", "version", "state", "built_at", "organisation_id")}
    months = {before, running, *(month for month, one in newest.items() if not one.is_locked)}
    midnight = day_start(organisation.time_zone, today)

    def is_due(month: date) -> bool:
        statement = newest.get(month)
        ends_at = day_start(organisation.time_zone, span_of(PeriodKind.MONTH, month).last + timedelta(days=1))
        if statement is None:
            return created < ends_at
        if statement.is_locked:
            return False
        return statement.built_at < (midnight if month >= before else ends_at)

    return sorted(month for month in months if is_due(month))


def _count(organisation: OrganisationRef, month: Span, statement: Statement, *, hours_as_now: bool = False) -> None:
    hours = hours_of_month(organisation, month, as_now=hours_as_now)
    figures = handled_in(organisation, month, hours).as_figures()
    statement.figures = {"time_zone": organisation.time_zone, **figures}
    statement.built_at = platform_now()
    statement.checksum = checksum_of(
        organisation.slug, statement.month, statement.version, statement.reason, statement.figures
    )


def _lock(organisation: OrganisationRef, month: Span) -> None:
    with connection.cursor() as cursor:
        subject = f"{organisation.schema_name} {month.first.isoformat()}"
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [STATEMENT_LOCK, subject])


def _newest(organisation: OrganisationRef, month: Span) -> Statement | None:
    of_month = Statement.objects.filter(organisation_id=organisation.id, month=month.first)
    return of_month.select_for_update(of=("self",)).order_by("-version").first()


def _locked_row(organisation: OrganisationRef, statement_id: UUID) -> Statement:
    rows = Statement.objects.select_for_update(of=("self",))
    statement = rows.filter(pk=statement_id, organisation_id=organisation.id).first()
    if statement is None:
        raise NotFound()
    return statement
