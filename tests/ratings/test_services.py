"""Giving a mark; building a report once, however often it is started."""

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from conversations.journal import Appended
from conversations.models import Entry
from ratings.errors import RatingClosed
from ratings.models import Rating, Report
from ratings.services import build_report, give_rating
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.models import ReportFigures
from tenants.services import NewOrganisation, create_organisation
from tests.cast import acme, visitor_of
from tests.ratings.rows import a_conversation, a_mark


def asked(visitor_id: UUID, *, was_asked: bool = True) -> UUID:
    opened_at = platform_now() - timedelta(minutes=10)
    return in_organisation(acme(), a_conversation, opened_at, visitor_id=visitor_id, asked=was_asked)


def give(visitor_id: UUID, conversation_id: UUID, cid: UUID, mark: int, comment: str = "") -> Appended:
    return in_organisation(
        acme(),
        give_rating,
        visitor_id=visitor_id,
        conversation_id=conversation_id,
        cid=cid,
        mark=mark,
        comment=comment,
    )


def stored(conversation_id: UUID) -> list[tuple[int, str]]:
    """The mark, if any, and every rating entry behind it."""

    def read(_organisation: OrganisationRef) -> list[tuple[int, str]]:
        marks = list(Rating.objects.filter(conversation_id=conversation_id).values_list("mark", "comment"))
        entries = (
            Entry.objects.filter(conversation_id=conversation_id).order_by("seq").values_list("payload", flat=True)
        )
        return [*marks, *((entry["mark"], entry["comment"]) for entry in entries)]

    return in_organisation(acme(), read)


def test_a_mark_is_stored_and_is_an_entry_of_the_conversation() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera.id)

    given = give(vera.id, conversation_id, uuid4(), 9, "Quick.")

    assert (given.seq, given.is_new) == (1, True)
    assert stored(conversation_id) == [(9, "Quick."), (9, "Quick.")]


def test_the_same_cid_gets_the_same_answer_and_changes_nothing() -> None:
    vera = visitor_of(acme())
    conversation_id, cid = asked(vera.id), uuid4()

    first = give(vera.id, conversation_id, cid, 9, "Quick.")
    again = give(vera.id, conversation_id, cid, 2, "Slow.")
    with clock_moved(timedelta(hours=1)):
        much_later = give(vera.id, conversation_id, cid, 2, "Slow.")

    assert (again.id, again.seq, again.at) == (first.id, first.seq, first.at)
    assert (much_later.id, much_later.seq, much_later.at) == (first.id, first.seq, first.at)
    assert stored(conversation_id) == [(9, "Quick."), (9, "Quick.")]


def test_a_mark_may_be_changed_for_fifteen_minutes_and_then_stands() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera.id)
    give(vera.id, conversation_id, uuid4(), 4)

    with clock_moved(timedelta(minutes=14)):
        give(vera.id, conversation_id, uuid4(), 8)
    with clock_moved(timedelta(minutes=16)), pytest.raises(RatingClosed) as refusal:
        give(vera.id, conversation_id, uuid4(), 10)

    assert refusal.value.code == "rating_closed"
    assert stored(conversation_id) == [(8, ""), (4, ""), (8, "")]


def test_only_the_visitor_who_was_asked_may_give_a_mark() -> None:
    vera, other = visitor_of(acme()), visitor_of(acme())
    conversation_id, not_asked = asked(vera.id), asked(vera.id, was_asked=False)

    for visitor_id, wanted in ((other.id, conversation_id), (vera.id, not_asked), (vera.id, uuid4())):
        with pytest.raises(NotFound):
            give(visitor_id, wanted, uuid4(), 1)

    assert stored(conversation_id) == []
    assert stored(not_asked) == []


def a_fresh_day() -> date:
    """A day of Acme's that no other test counts."""

    def unused(_organisation: OrganisationRef) -> date:
        earliest = Report.objects.order_by("starts_on").values_list("starts_on", flat=True).first()
        return min(earliest or date(2025, 6, 1), date(2025, 6, 1)) - timedelta(days=1)

    return in_organisation(acme(), unused)


def versions(day: date) -> list[tuple[int, bool, int]]:
    def read(_organisation: OrganisationRef) -> list[tuple[int, bool, int]]:
        reports = Report.objects.filter(starts_on=day).order_by("version")
        return list(reports.values_list("version", "is_current", "ratings_given"))

    return in_organisation(acme(), read)


def test_building_twice_changes_nothing() -> None:
    day = a_fresh_day()
    in_organisation(acme(), a_conversation, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))

    first = in_organisation(acme(), build_report, day)
    again = in_organisation(acme(), build_report, day)

    assert (again.pk, again.version, again.built_at) == (first.pk, 1, first.built_at)
    assert versions(day) == [(1, True, 0)]


def test_a_late_mark_makes_a_new_version_beside_the_old() -> None:
    day = a_fresh_day()
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    conversation_id = in_organisation(acme(), a_conversation, noon)
    in_organisation(acme(), build_report, day)

    in_organisation(acme(), lambda _organisation: a_mark(conversation_id, 7, noon + timedelta(days=2)))
    in_organisation(acme(), build_report, day)

    assert versions(day) == [(1, False, 0), (2, True, 1)]
    public = ReportFigures.objects.get(organisation_id=acme().id, starts_on=day)
    assert (public.version, public.figures["ratings_given"], public.figures["mark_sum"]) == (2, 1, 7)


def reasons(day: date) -> list[str]:
    def read(_organisation: OrganisationRef) -> list[str]:
        reports = Report.objects.filter(starts_on=day, period_kind="day").order_by("version")
        return list(reports.values_list("reason", flat=True))

    return in_organisation(acme(), read)


def test_a_new_version_says_why_it_is_there() -> None:
    day = a_fresh_day()
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    conversation_id = in_organisation(acme(), a_conversation, noon)
    in_organisation(acme(), build_report, day)

    in_organisation(acme(), lambda _organisation: a_mark(conversation_id, 7, noon))
    in_organisation(acme(), build_report, day)
    in_organisation(acme(), a_conversation, noon)
    in_organisation(acme(), build_report, day)

    assert reasons(day) == ["", "ratings", "events"]


def test_a_week_and_a_month_count_all_their_days_and_are_reports_of_their_own() -> None:
    organisation = create_organisation(
        NewOrganisation(slug="weekly", name="Weekly", host="weekly.localhost", time_zone="Europe/Amsterdam")
    )

    def conversations(at: datetime) -> None:
        in_organisation(organisation, a_conversation, at)

    # Summer time ends in the night to Sunday 25 October 2026: that day has 25 hours, this week 169.
    conversations(datetime(2026, 10, 18, 21, 59, tzinfo=UTC))  # Sunday 23:59: the week before
    conversations(datetime(2026, 10, 18, 22, 0, tzinfo=UTC))  # Monday 00:00
    conversations(datetime(2026, 10, 25, 22, 59, tzinfo=UTC))  # Sunday 23:59, after the clocks went back
    conversations(datetime(2026, 10, 25, 23, 0, tzinfo=UTC))  # Monday 00:00: the week after

    built = {
        kind: in_organisation(organisation, build_report, date(2026, 10, 25), kind) for kind in ("day", "week", "month")
    }

    assert {kind: (one.starts_on, one.conversations) for kind, one in built.items()} == {
        "day": (date(2026, 10, 25), 1),
        "week": (date(2026, 10, 19), 2),
        "month": (date(2026, 10, 1), 4),
    }
    public = ReportFigures.objects.filter(organisation_id=organisation.id).order_by("period_kind")
    assert [(row.period_kind, row.figures["conversations"]) for row in public] == [
        ("day", 1),
        ("month", 4),
        ("week", 2),
    ]


def test_the_public_row_holds_numbers_only() -> None:
    day = a_fresh_day()
    in_organisation(acme(), build_report, day)

    figures = ReportFigures.objects.get(organisation_id=acme().id, starts_on=day).figures

    numbers = [number for value in figures.values() for number in (value if isinstance(value, list) else [value])]
    assert all(number is None or isinstance(number, int | float) for number in numbers)


def test_two_builds_at_the_same_moment_make_one_report() -> None:  # rule 23
    day, organisation = a_fresh_day(), acme()
    in_organisation(organisation, a_conversation, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    start = threading.Barrier(4)
    built: list[UUID] = []

    def build() -> None:
        start.wait()
        built.append(in_organisation(organisation, build_report, day).pk)
        connection.close()

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(built) == 4
    assert len(set(built)) == 1
    assert versions(day) == [(1, True, 0)]


def test_an_organisation_made_for_measurements_has_no_public_figures() -> None:
    measured = create_organisation(
        NewOrganisation(slug="measured-only", name="Measured", host="measured-only.localhost", kind="measurement")
    )

    report = in_organisation(measured, build_report, date(2026, 3, 1))

    assert report.conversations == 0
    assert not ReportFigures.objects.filter(organisation_id=measured.id).exists()
