"""Which reports are due, and the tasks that build them."""

from datetime import date, timedelta

import pytest
from django.db import connection

from ratings import tasks
from ratings.models import Report
from ratings.selectors import CATCH_UP_DAYS, day_start, days_to_report, local_today
from ratings.services import build_report
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.models import Organisation
from tenants.services import NewOrganisation, create_organisation
from tests.ratings.rows import a_conversation, a_mark

ZONE = "Pacific/Auckland"


def a_client(slug: str, *, age_days: int) -> OrganisationRef:
    organisation = create_organisation(NewOrganisation(slug=slug, name=slug, host=f"{slug}.localhost", time_zone=ZONE))
    Organisation.objects.filter(pk=organisation.id).update(created_at=platform_now() - timedelta(days=age_days))
    return organisation


def reported(organisation: OrganisationRef) -> list[date]:
    def read(_organisation: OrganisationRef) -> list[date]:
        return list(Report.objects.filter(is_current=True).order_by("starts_on").values_list("starts_on", flat=True))

    return in_organisation(organisation, read)


def test_days_before_the_organisation_existed_are_never_due() -> None:
    organisation = a_client("due-young", age_days=3)
    today = local_today(ZONE)

    due = in_organisation(organisation, days_to_report)

    assert due == [today - timedelta(days=3), today - timedelta(days=2), today - timedelta(days=1)]


def test_nothing_is_due_on_the_first_day() -> None:
    organisation = a_client("due-newborn", age_days=0)

    assert in_organisation(organisation, days_to_report) == []


def test_missed_nights_are_caught_up_and_yesterday_is_looked_at_again() -> None:
    organisation = a_client("due-missed", age_days=60)
    today = local_today(ZONE)
    for days_ago in range(1, CATCH_UP_DAYS + 1):
        if days_ago != 5:
            in_organisation(organisation, build_report, today - timedelta(days=days_ago))

    due = in_organisation(organisation, days_to_report)

    assert due == [today - timedelta(days=5), today - timedelta(days=1)]


def test_a_mark_that_came_late_makes_its_day_due_until_it_is_counted() -> None:
    organisation = a_client("due-late", age_days=60)
    today = local_today(ZONE)
    day = today - timedelta(days=4)
    noon = day_start(ZONE, day) + timedelta(hours=12)
    conversation_id = in_organisation(organisation, a_conversation, noon)
    for days_ago in range(1, CATCH_UP_DAYS + 1):
        in_organisation(organisation, build_report, today - timedelta(days=days_ago))
    in_organisation(organisation, lambda _organisation: a_mark(conversation_id, 6, platform_now()))

    before = in_organisation(organisation, days_to_report)
    tasks.build_report(organisation.schema_name, day.isoformat())
    after = in_organisation(organisation, days_to_report)

    assert before == [day, today - timedelta(days=1)]
    assert after == [today - timedelta(days=1)]


def test_every_due_day_of_every_client_gets_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = a_client("due-tasks", age_days=2)
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(tasks.build_report, "delay", lambda schema, day: sent.append((schema, day)))

    tasks.build_due_reports()
    mine = [(schema, day) for schema, day in sent if schema == organisation.schema_name]
    for schema, day in [*mine, *mine]:
        tasks.build_report(schema, day)

    today = local_today(ZONE)
    expected = [today - timedelta(days=2), today - timedelta(days=1)]
    assert mine == [(organisation.schema_name, day.isoformat()) for day in expected]
    assert reported(organisation) == expected


def test_one_clients_broken_schema_does_not_cost_the_others_their_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, healthy = a_client("due-a-broken", age_days=2), a_client("due-b-healthy", age_days=2)
    sent: list[str] = []
    monkeypatch.setattr(tasks.build_report, "delay", lambda schema, _day: sent.append(schema))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {broken.schema_name}.ratings_report RENAME TO elsewhere")

    try:
        tasks.build_due_reports()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {broken.schema_name}.elsewhere RENAME TO ratings_report")

    assert broken.schema_name not in sent
    assert sent.count(healthy.schema_name) == 2


def test_measurement_organisations_get_no_nightly_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = a_client("due-measured", age_days=2)
    Organisation.objects.filter(pk=organisation.id).update(kind=Organisation.Kind.MEASUREMENT)
    sent: list[str] = []
    monkeypatch.setattr(tasks.build_report, "delay", lambda schema, _day: sent.append(schema))

    tasks.build_due_reports()

    assert organisation.schema_name not in sent


def test_a_day_that_is_not_over_there_is_refused_until_it_is() -> None:
    organisation = a_client("due-today", age_days=2)
    today = local_today(ZONE)

    with pytest.raises(ValueError, match="not over"):
        tasks.build_report(organisation.schema_name, today.isoformat())
    assert reported(organisation) == []
    with clock_moved(timedelta(days=1)):
        tasks.build_report(organisation.schema_name, today.isoformat())

    assert reported(organisation) == [today]


def test_a_task_without_a_schema_does_not_run() -> None:  # rule 19
    with pytest.raises(TypeError):
        tasks.build_report("2026-11-21")
    for schema_name in ("", "public", "o_nobody"):
        with pytest.raises(NotFound):
            tasks.build_report(schema_name, "2026-11-20")
