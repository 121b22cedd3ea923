"""Which reports are due, and the tasks that build them."""

from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from ratings import tasks
from ratings.models import Report
from ratings.periods import CATCH_UP_DAYS, Kind, Span, span_of, spans_over
from ratings.selectors import day_start, local_today, spans_to_report
from ratings.services import build_report
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.models import Organisation
from tenants.services import NewOrganisation, create_organisation
from tests.ratings.rows import a_conversation, a_mark, an_answer, an_ask

ZONE = "Pacific/Auckland"


def a_client(slug: str, *, age_days: int) -> OrganisationRef:
    organisation = create_organisation(NewOrganisation(slug=slug, name=slug, host=f"{slug}.localhost", time_zone=ZONE))
    Organisation.objects.filter(pk=organisation.id).update(created_at=platform_now() - timedelta(days=age_days))
    return organisation


def reported(organisation: OrganisationRef, kind: Kind = Kind.DAY) -> list[date]:
    def read(_organisation: OrganisationRef) -> list[date]:
        reports = Report.objects.filter(is_current=True, period_kind=kind).order_by("starts_on")
        return list(reports.values_list("starts_on", flat=True))

    return in_organisation(organisation, read)


def coming_noon() -> timedelta:
    """How far ahead the next noon there is."""
    now = platform_now().astimezone(ZoneInfo(ZONE))
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    return noon - now if noon > now else noon + timedelta(days=1) - now


def due(organisation: OrganisationRef) -> list[Span]:
    return in_organisation(organisation, spans_to_report)


def over(kind: Kind, *, age_days: int) -> list[Span]:
    """What has ended since then, by the calendar of today."""
    today = local_today(ZONE)
    return spans_over(kind, today - timedelta(days=age_days), today)


def build(organisation: OrganisationRef, spans: Iterable[Span]) -> None:
    for span in spans:
        tasks.build_report(organisation.schema_name, span.first.isoformat(), span.kind.value)


def everything_over() -> list[Span]:
    return [span for kind, days in CATCH_UP_DAYS.items() for span in over(kind, age_days=days)]


def test_days_before_the_organisation_existed_are_never_due() -> None:
    organisation = a_client("due-young", age_days=3)
    today = local_today(ZONE)

    days = [span.first for span in due(organisation) if span.kind == Kind.DAY]

    assert days == [today - timedelta(days=3), today - timedelta(days=2), today - timedelta(days=1)]


def test_a_week_and_a_month_are_due_once_they_are_over() -> None:
    organisation = a_client("due-longer", age_days=80)

    spans = due(organisation)

    assert spans == everything_over()
    assert {span.kind for span in spans} == {Kind.DAY, Kind.WEEK, Kind.MONTH}
    assert all(span.last < local_today(ZONE) for span in spans)


def test_nothing_is_due_on_the_first_day() -> None:
    organisation = a_client("due-newborn", age_days=0)

    assert due(organisation) == []


def test_missed_nights_are_caught_up_and_what_ended_yesterday_is_counted_again_after_an_hour() -> None:
    with clock_moved(coming_noon()):  # an hour later it is the same day
        organisation = a_client("due-missed", age_days=80)
        yesterday = local_today(ZONE) - timedelta(days=1)
        spans = everything_over()
        missed = [spans[3], next(span for span in spans if span.kind == Kind.WEEK)]
        build(organisation, [span for span in spans if span not in missed])

        assert due(organisation) == missed

        build(organisation, missed)
        assert due(organisation) == []
        with clock_moved(timedelta(minutes=61)):
            again = due(organisation)
        assert all(span.last == yesterday for span in again)
        assert span_of(Kind.DAY, yesterday) in again


def test_what_was_counted_before_it_was_over_is_counted_again() -> None:  # rule 23
    organisation = a_client("due-early", age_days=80)
    build(organisation, everything_over())
    today = local_today(ZONE)
    for kind in Kind:
        in_organisation(organisation, build_report, today, kind)

    for kind in Kind:
        span = span_of(kind, today)
        with clock_moved(timedelta(days=(span.last - today).days + 3)):
            assert span in due(organisation)


def test_a_mark_that_came_late_makes_its_periods_due_until_it_is_counted() -> None:
    organisation = a_client("due-late", age_days=80)
    day = local_today(ZONE) - timedelta(days=4)
    noon = day_start(ZONE, day) + timedelta(hours=12)
    conversation_id = in_organisation(organisation, a_conversation, noon)
    build(organisation, everything_over())
    in_organisation(organisation, lambda _organisation: a_mark(conversation_id, 6, platform_now()))

    before = due(organisation)
    build(organisation, before)

    assert before == [span for span in everything_over() if span.first <= day <= span.last]
    assert due(organisation) == []


def test_an_answer_that_came_late_makes_its_periods_due_until_it_is_counted() -> None:
    organisation = a_client("due-answer", age_days=20)
    day = local_today(ZONE) - timedelta(days=4)
    noon = day_start(ZONE, day) + timedelta(hours=12)
    conversation_id = in_organisation(organisation, a_conversation, noon)
    in_organisation(organisation, lambda _: a_mark(conversation_id, 6, noon))
    ask = in_organisation(organisation, lambda _: an_ask(conversation_id, noon, ["expectation"], shown=True))
    build(organisation, due(organisation))
    assert due(organisation) == []
    in_organisation(organisation, lambda _: an_answer(ask, "expectation", 3, platform_now()))

    late = due(organisation)
    build(organisation, late)

    assert span_of(Kind.DAY, day) in late
    current = in_organisation(
        organisation, lambda _: Report.objects.get(period_kind="day", starts_on=day, is_current=True)
    )
    assert (current.version, current.reason, current.better_than_expected) == (2, Report.Reason.RATINGS, 1)
    assert due(organisation) == []


def test_every_due_period_of_every_client_gets_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = a_client("due-tasks", age_days=40)
    sent: list[tuple[str, str, str]] = []
    monkeypatch.setattr(tasks.build_report, "delay", lambda schema, day, kind: sent.append((schema, day, kind)))

    tasks.build_due_reports()
    mine = [one for one in sent if one[0] == organisation.schema_name]
    for one in [*mine, *mine]:
        tasks.build_report(*one)

    expected = [span for kind, days in CATCH_UP_DAYS.items() for span in over(kind, age_days=min(days, 40))]
    assert mine == [(organisation.schema_name, span.first.isoformat(), span.kind.value) for span in expected]
    for kind in Kind:
        assert reported(organisation, kind) == [span.first for span in expected if span.kind == kind]


def test_one_clients_broken_schema_does_not_cost_the_others_their_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, healthy = a_client("due-a-broken", age_days=2), a_client("due-b-healthy", age_days=2)
    sent: list[str] = []
    monkeypatch.setattr(tasks.build_report, "delay", lambda schema, _day, _kind: sent.append(schema))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {broken.schema_name}.ratings_report RENAME TO elsewhere")

    try:
        tasks.build_due_reports()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {broken.schema_name}.elsewhere RENAME TO ratings_report")

    assert broken.schema_name not in sent
    assert sent.count(healthy.schema_name) >= 2


def test_measurement_organisations_get_no_nightly_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = a_client("due-measured", age_days=2)
    Organisation.objects.filter(pk=organisation.id).update(kind=Organisation.Kind.MEASUREMENT)
    sent: list[str] = []
    monkeypatch.setattr(tasks.build_report, "delay", lambda schema, _day, _kind: sent.append(schema))

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
