"""Statements: what they count, by an oracle that looks at every second; when they are locked, and that they stay so."""

import hashlib
import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import Error, connection, transaction

from operators.models import Assignment, ConversationKind, DayHours, Statement
from ratings import tasks
from ratings.errors import StatementChanged, StatementNotOver
from ratings.services.statements import (
    build_statement,
    checksum_of,
    correct_statement,
    lock_statement,
    months_to_state,
)
from ratings.tasks import build_due_statements, build_statement_draft
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import Invalid, NotFound
from tenants.identifiers import uuid7
from tenants.models import AuditRecord, OpeningHours, Organisation, SpecialDay, SpecialInterval
from tenants.services import NewOrganisation, create_organisation
from tests.cast import account
from tests.conversations.scene import hire_operator, in_threads
from tests.ratings.rows import a_conversation

ZONE = ZoneInfo("Europe/Amsterdam")
OCTOBER = date(2025, 10, 1)  # the clocks go back in the night to the 26th
MARCH = date(2026, 3, 1)  # and forward in the night to the 29th
WEEKDAYS = [(day, time(9), time(17, 30)) for day in range(5)]
NIGHT = (5, time(22), time(4))
KINDS = [kind.value for kind in ConversationKind]
ADA = "ada@desk.example"


def a_client(slug: str, *, hours: list[tuple[int, time, time]] | None = None) -> OrganisationRef:
    """One that was there long before the months of these tests."""
    organisation = create_organisation(
        NewOrganisation(slug=slug, name=slug.title(), host=f"{slug}.localhost", hours=hours or [*WEEKDAYS, NIGHT])
    )
    Organisation.objects.filter(pk=organisation.id).update(created_at=datetime(2025, 1, 1, tzinfo=UTC))
    return organisation


def held(
    organisation: OrganisationRef,
    operator_id: UUID,
    begun: datetime,
    seconds: float | None,
    *,
    kind: str = "question",
    conversation_id: UUID | None = None,
) -> Assignment:
    """A stretch as closing leaves it; without seconds it goes on."""
    return Assignment.objects.create(
        conversation_id=conversation_id or uuid7(),
        organisation_id=organisation.id,
        operator_id=operator_id,
        kind=kind,
        start="offered",
        started_at=begun,
        end="closed" if seconds is not None else "",
        ended_at=begun + timedelta(seconds=seconds) if seconds is not None else None,
    )


def built(organisation: OrganisationRef, month: date) -> Statement:
    statement = in_organisation(organisation, build_statement, month)
    assert statement is not None
    return statement


def line(statement: Statement, kind: str) -> dict[str, Any]:
    return next(one for one in [*statement.figures["lines"], statement.figures["total"]] if one["kind"] == kind)


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


def wall_is_open(moment: datetime, special: dict[date, list[tuple[time, time]]]) -> bool:
    """By reading the clock on the wall and the calendar beside it."""
    local = moment.astimezone(ZONE)

    def hours_on(day: date) -> list[tuple[time, time]]:
        if day in special:
            return special[day]
        return [(opens, closes) for weekday, opens, closes in [*WEEKDAYS, NIGHT] if weekday == day.weekday()]

    now = local.time()
    today = any(opens <= now and (now < closes or closes <= opens) for opens, closes in hours_on(local.date()))
    yesterday = hours_on(local.date() - timedelta(days=1))
    return today or any(closes <= opens and now < closes for opens, closes in yesterday)


@pytest.mark.parametrize("month", [OCTOBER, MARCH])
def test_every_second_is_counted_once_where_it_belongs(month: date) -> None:
    organisation = a_client(f"seconds-{month.month}")
    special = {month + timedelta(days=8): [], month + timedelta(days=9): [(time(6), time(8)), (time(20), time(2))]}
    for day, intervals in special.items():
        row = SpecialDay.objects.create(organisation_id=organisation.id, date=day, label="Other")
        for opens, closes in intervals:
            SpecialInterval.objects.create(special_day=row, opens=opens, closes=closes)
    operators = [hire_operator(organisation, is_present=False).id for _ in range(2)]
    begins = datetime.combine(month, time(), ZONE).astimezone(UTC)
    ends = datetime.combine((month + timedelta(days=31)).replace(day=1), time(), ZONE).astimezone(UTC)
    length = int((ends - begins).total_seconds())
    assert length == (31 * 24 + (1 if month == OCTOBER else -1)) * 3600
    is_open = bytearray()
    for minute in range(length // 60):
        is_open += bytes([wall_is_open(begins + timedelta(minutes=minute), special)]) * 60
    chance = random.Random(7)
    inside, outside = Counter[str](), Counter[str]()
    for _ in range(250):
        kind = chance.choice(KINDS)
        first = chance.randrange(-90_000, length)  # some begin before the month, and some end after it
        seconds = chance.choice([chance.randrange(5, 900), chance.randrange(900, 90_000)])
        held(organisation, chance.choice(operators), begins + timedelta(seconds=first), seconds, kind=kind)
        for second in range(max(first, 0), min(first + seconds, length)):
            (inside if is_open[second] else outside)[kind] += 1

    statement = built(organisation, month)

    assert {one["kind"]: one["in_seconds"] for one in statement.figures["lines"]} == dict(inside)
    assert {one["kind"]: one["out_seconds"] for one in statement.figures["lines"]} == dict(outside)
    assert statement.figures["open_seconds"] == sum(is_open)
    total = statement.figures["total"]
    assert (total["in_seconds"], total["out_seconds"]) == (inside.total(), outside.total())


def test_conversations_count_where_their_first_message_came_and_by_their_last_kind() -> None:
    organisation = a_client("by-kind")
    olga, omar = (hire_operator(organisation, is_present=False).id for _ in range(2))

    def write(_organisation: OrganisationRef) -> None:
        # Over closing time, passed on, and reopened: one conversation in hours, three stretches.
        opened = at(2025, 10, 7, 17, 20)
        passed_on = a_conversation(organisation, opened)
        held(organisation, olga, opened, 300, conversation_id=passed_on)
        held(organisation, omar, opened + timedelta(seconds=300), 600, kind="complaint", conversation_id=passed_on)
        held(organisation, omar, opened + timedelta(hours=1), 60, kind="complaint", conversation_id=passed_on)
        # Asked a specialist, and came back as a question.
        asked = a_conversation(organisation, opened)
        held(organisation, olga, opened, 60, kind="escalated", conversation_id=asked)
        held(organisation, olga, opened + timedelta(seconds=60), 60, conversation_id=asked)
        # Over midnight into the month: its time counts here, the conversation in September.
        before = a_conversation(organisation, at(2025, 9, 30, 23, 59))
        held(organisation, olga, at(2025, 9, 30, 23, 59), 120, conversation_id=before)
        # Nobody ever held it, after hours.
        a_conversation(organisation, at(2025, 10, 8, 23))

    in_organisation(organisation, write)

    october, september = built(organisation, OCTOBER), built(organisation, date(2025, 9, 1))

    assert line(october, "complaint") == {
        "kind": "complaint", "in_conversations": 1, "out_conversations": 0, "in_seconds": 300, "out_seconds": 360,
    }  # fmt: skip
    assert line(october, "escalated")["in_conversations"] == 1
    assert line(october, "escalated")["in_seconds"] == 60
    assert line(october, "question") == {
        "kind": "question", "in_conversations": 0, "out_conversations": 1, "in_seconds": 360, "out_seconds": 60,
    }  # fmt: skip
    assert (october.figures["never_held"], september.figures["never_held"]) == (1, 0)
    assert (line(september, "total")["out_conversations"], line(september, "total")["out_seconds"]) == (1, 60)
    total = line(october, "total")
    assert total["in_conversations"] + total["out_conversations"] == 3


def test_what_is_still_held_counts_up_to_now_and_again_the_next_night() -> None:
    organisation = a_client("still-held", hours=[(day, time(0), time(0)) for day in range(7)])
    operator = hire_operator(organisation, is_present=False).id
    with clock_moved(at(2025, 10, 20, 12) - platform_now()):
        stretch = held(organisation, operator, platform_now() - timedelta(minutes=10), None)
        first = built(organisation, OCTOBER)
        with clock_moved(timedelta(hours=1)):
            again = built(organisation, OCTOBER)
    stretch.delete()

    assert again.pk == first.pk
    assert 600 <= line(first, "total")["in_seconds"] < 660
    assert 4200 <= line(again, "total")["in_seconds"] < 4260
    assert Statement.objects.filter(organisation_id=organisation.id).count() == 1


def test_hours_that_are_changed_later_do_not_move_what_was_handled_inside_them() -> None:
    organisation = a_client("new-hours")
    operator = hire_operator(organisation, is_present=False).id
    held(organisation, operator, at(2025, 10, 7, 10), 600)
    before = built(organisation, OCTOBER)
    OpeningHours.objects.filter(organisation_id=organisation.id).delete()

    after = built(organisation, OCTOBER)

    assert line(before, "total")["in_seconds"] == line(after, "total")["in_seconds"] == 600
    assert DayHours.objects.filter(organisation_id=organisation.id).count() == 31


def lock(organisation: OrganisationRef, statement: Statement) -> Statement:
    return lock_statement(organisation, statement.pk, actor=account(ADA), checksum=statement.checksum)


def test_a_locked_statement_can_be_changed_by_nobody() -> None:
    organisation = a_client("locked")
    statement = lock(organisation, built(organisation, OCTOBER))
    before = Statement.objects.values().get(pk=statement.pk)

    for change in (
        "UPDATE operators_statement SET figures = '{}' WHERE id = %s",
        "UPDATE operators_statement SET state = 'draft', locked_at = NULL, locked_by = NULL WHERE id = %s",
        "DELETE FROM operators_statement WHERE id = %s",
        "TRUNCATE operators_statement -- %s",
    ):
        with pytest.raises(Error, match="ocked"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change, [statement.pk])
    assert in_organisation(organisation, build_statement, OCTOBER) is None
    with pytest.raises(StatementChanged):
        lock(organisation, statement)
    assert Statement.objects.values().get(pk=statement.pk) == before
    assert (statement.state, statement.locked_by) == ("locked", account(ADA).pk)
    audit = AuditRecord.objects.filter(organisation_id=organisation.id, subject_id=str(statement.pk))
    assert [(one.action, one.actor_id) for one in audit] == [("statement.locked", account(ADA).pk)]


def test_only_what_was_shown_is_locked_and_only_once_the_month_was_counted_after_its_end() -> None:
    organisation = a_client("shown")
    statement = built(organisation, OCTOBER)
    held(organisation, hire_operator(organisation, is_present=False).id, at(2025, 10, 7, 10), 600)
    recounted = built(organisation, OCTOBER)

    with pytest.raises(StatementChanged):
        lock(organisation, statement)
    running = built(organisation, platform_now().date())
    with pytest.raises(StatementNotOver):
        lock(organisation, running)
    with pytest.raises(NotFound):
        lock(a_client("somebody-else"), recounted)

    assert not Statement.objects.filter(organisation_id=organisation.id, state="locked").exists()
    assert lock(organisation, recounted).is_locked


def test_a_correction_is_a_new_version_with_its_reason_beside_the_old_one() -> None:
    organisation = a_client("corrected")
    held(organisation, hire_operator(organisation, is_present=False).id, at(2025, 10, 7, 18), 600)
    first = lock(organisation, built(organisation, OCTOBER))
    OpeningHours.objects.filter(organisation_id=organisation.id).update(closes=time(19))

    def correct(reason: str, hours_as_now: bool = False) -> Statement:
        return in_organisation(
            organisation, correct_statement, first.pk, actor=account(ADA), reason=reason, hours_as_now=hours_as_now
        )

    with pytest.raises(Invalid):
        correct("  ")
    second = correct("Hours of October were entered wrongly", hours_as_now=True)
    with pytest.raises(StatementChanged):  # one correction at a time
        correct("Again")

    assert (second.version, second.state, second.reason) == (2, "draft", "Hours of October were entered wrongly")
    assert line(first, "total")["out_seconds"] == 600
    assert line(second, "total")["in_seconds"] == 600
    assert Statement.objects.get(pk=first.pk).figures == first.figures
    assert first.checksum != second.checksum
    assert lock(organisation, second).is_locked


def test_the_checksum_is_of_what_stands_there_in_whatever_order() -> None:
    one = checksum_of("acme", OCTOBER, 1, "", {"a": 1, "b": [{"c": 2, "d": "é"}]})

    assert one == checksum_of("acme", OCTOBER, 1, "", {"b": [{"d": "é", "c": 2}], "a": 1})
    text = '{"figures":{"a":1,"b":[{"c":2,"d":"é"}]},"month":"2025-10","organisation":"acme","reason":"","version":1}'
    assert one == hashlib.sha256(text.encode()).hexdigest()
    assert len({one, checksum_of("acme", OCTOBER, 2, "", {}), checksum_of("globex", OCTOBER, 1, "", {})}) == 3


def test_started_twice_at_once_a_month_has_one_draft() -> None:
    organisation = a_client("twice")

    in_threads([lambda: in_organisation(organisation, build_statement, OCTOBER)] * 6)

    assert Statement.objects.filter(organisation_id=organisation.id).count() == 1


def test_the_running_month_and_the_one_before_are_counted_each_night_and_a_missed_end_is_caught_up() -> None:
    organisation = a_client("nightly")

    def due() -> list[date]:
        return months_to_state(organisation)

    with clock_moved(at(2025, 10, 20, 12) - platform_now()):
        assert due() == [date(2025, 9, 1), OCTOBER]
        for month in due():
            build_statement_draft(organisation.schema_name, month.isoformat())
        assert due() == []
        with clock_moved(timedelta(days=1)):
            assert due() == [date(2025, 9, 1), OCTOBER]
            lock(organisation, Statement.objects.get(organisation_id=organisation.id, month=date(2025, 9, 1)))
            assert due() == [OCTOBER]
    with clock_moved(at(2025, 12, 20, 12) - platform_now()):
        assert due() == [OCTOBER, date(2025, 11, 1), date(2025, 12, 1)]


def test_organisations_that_are_only_measured_with_have_no_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    client, measured = a_client("for-money"), a_client("for-measuring")
    Organisation.objects.filter(pk=measured.id).update(kind=Organisation.Kind.MEASUREMENT)
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(tasks.build_statement_draft, "delay", lambda *given: sent.append(given))

    build_due_statements()

    assert {schema for schema, _month in sent} >= {client.schema_name}
    assert measured.schema_name not in {schema for schema, _month in sent}
