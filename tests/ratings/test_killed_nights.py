"""Reports by real workers: sent twice, killed in the middle, nights missed. One report a period, one mail a reader."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.db.models import F

from conversations.models import OutgoingMail
from operators.models import DueWork
from ratings.delivering import MAILED_WITHIN_DAYS
from ratings.models import Report, ReportDelivery, ReportSubscription
from ratings.periods import Span
from ratings.selectors import local_today, spans_to_report
from ratings.tasks import build_report
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Membership, Organisation, ReportFigures
from tenants.services import NewOrganisation, create_account, create_organisation
from tests import servers
from tests.conversations.scene import separate_connection
from tests.ratings.rows import a_conversation, a_mark, a_promise

ZONE = "Europe/Amsterdam"
MISSED, READERS = 5, 2
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def organisation(platform_database: None) -> Iterator[OrganisationRef]:
    """Five nights were missed."""
    made = create_organisation(NewOrganisation(slug="killed", name="Killed", host="killed.localhost", time_zone=ZONE))
    Organisation.objects.filter(pk=made.id).update(created_at=platform_now() - timedelta(days=MISSED))
    for number in range(READERS):
        email = f"reader-{number}@killed.example"
        reader = create_account(email, "Reader", None, memberships=[(made, Membership.Role.MANAGER)])
        in_organisation(made, subscribe, reader.pk, email)
    in_organisation(made, write_days)
    yield made
    DueWork.objects.filter(schema_name=made.schema_name).delete()


def subscribe(_organisation: OrganisationRef, account_id: UUID, email: str) -> None:
    ReportSubscription.objects.create(account_id=account_id, email=email, kind="day")


def write_days(_organisation: OrganisationRef) -> None:
    for back in range(1, MISSED + 1):
        day = local_today(ZONE) - timedelta(days=back)
        noon = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
        for waited in (5.0, 15.0, 25.0):
            talk = a_conversation(_organisation, noon)
            a_promise(talk, 1, "first", noon, "kept" if waited < 20 else "broken", waited)
            a_mark(talk, 8, noon)


def due(organisation: OrganisationRef) -> list[Span]:
    return in_organisation(organisation, spans_to_report)


def send(organisation: OrganisationRef, spans: list[Span], *, times: int = 1) -> None:
    """As the nightly run sends them; of this organisation alone."""
    for _ in range(times):
        for span in spans:
            build_report.delay(organisation.schema_name, span.first.isoformat(), span.kind.value)


def reports(organisation: OrganisationRef) -> list[tuple[str, date, int, bool, int]]:
    columns = ("period_kind", "starts_on", "version", "is_current", "conversations")
    return in_organisation(organisation, lambda _: sorted(Report.objects.values_list(*columns)))


def mails(organisation: OrganisationRef) -> Counter[tuple[date, str]]:
    """How many of each day's report to each reader."""

    def read(_organisation: OrganisationRef) -> list[tuple[date, str]]:
        days = dict(ReportDelivery.objects.values_list("pk", "starts_on"))
        return [(days[mail.subject_id], mail.recipient) for mail in OutgoingMail.objects.filter(kind="report")]

    return Counter(in_organisation(organisation, read))


def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def were_looked_at_again(_organisation: OrganisationRef) -> bool:
    """Counted once more, and found unchanged."""
    return not Report.objects.filter(looked_at__lt=F("built_at") + timedelta(milliseconds=1)).exists()


def hold_last_step(holder: psycopg.Connection[tuple[object, ...]], organisation: OrganisationRef, span: Span) -> None:
    """The public row of numbers is the last that building a report writes: nobody can while this is not settled."""
    holder.execute(
        "INSERT INTO public.tenants_reportfigures (organisation_id, period_kind, starts_on, version, figures)"
        " VALUES (%s, %s, %s, 1, '{}')",
        [organisation.id, span.kind.value, span.first],
    )


def is_somebody_stuck() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND query LIKE 'INSERT INTO \"tenants_reportfigures\"%%' AND datname = current_database()", []
        )  # fmt: skip
        return bool(cursor.fetchone()[0])


def test_whatever_happens_to_the_workers_there_is_one_report_and_one_mail(organisation: OrganisationRef) -> None:
    # rules 12, 19 and 23
    missed = due(organisation)
    days = {span.first for span in missed if span.kind == "day"}
    assert len(days) == MISSED

    with separate_connection() as holder:
        hold_last_step(holder, organisation, missed[0])
        with servers.worker(queues="reports") as worker:
            send(organisation, missed[:1])
            wait_until(is_somebody_stuck, "a report that is all but built")
            worker.kill()
        holder.rollback()
    wait_until(lambda: not is_somebody_stuck(), "the end of what the worker left")
    assert (reports(organisation), mails(organisation)) == ([], Counter())
    assert due(organisation) == missed

    with servers.worker(queues="reports") as one, servers.worker(queues="reports") as other:
        send(organisation, missed, times=2)
        wait_until(lambda: len(reports(organisation)) >= len(missed) / 2, "half of the reports")
        one.kill()
        assert other.is_running()
        time.sleep(0.2)
        send(organisation, due(organisation))  # the next round, ten minutes later
        wait_until(lambda: not due(organisation), "all reports")
        send(organisation, missed)
        wait_until(lambda: in_organisation(organisation, were_looked_at_again), "another look at each")

    built = [(kind, first, version, current) for kind, first, version, current, _count in reports(organisation)]
    assert built == sorted((span.kind.value, span.first, 1, True) for span in missed)
    assert {first: count for kind, first, *_rest, count in reports(organisation) if kind == "day"} == dict.fromkeys(
        days, 3
    )
    mailed = sorted(days)[-MAILED_WITHIN_DAYS:]
    assert mails(organisation) == Counter(
        {(day, f"reader-{number}@killed.example"): 1 for day in mailed for number in range(READERS)}
    )
    assert ReportFigures.objects.filter(organisation_id=organisation.id).count() == len(missed)
