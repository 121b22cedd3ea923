"""What choosing costs when the tables are full: 200 organisations, 500 operators, 1,000 conversations in hand."""

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from operators import candidates, places
from operators.candidates import candidates_for
from operators.models import Assignment, DueWork, Operator, Posting, Presence, QueueEntry
from operators.places import queue_places
from operators.routing import PLACE, Wanted
from operators.selectors import PRESENT_SECONDS, due_work
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.identifiers import uuid7
from tenants.models import Organisation, StaffRole, User
from tenants.selectors import organisation_ref

ORGANISATIONS, OPERATORS, RUNNING, WAITING, KEPT = 200, 500, 1_000, 100, 5_000
POSTINGS_EACH = 20
THERE = timedelta(hours=1)  # filling the tables may take longer than a presence lasts


@pytest.fixture(scope="module")
def full(platform_database: None) -> Iterator[list[OrganisationRef]]:
    """A full platform and nothing else in the queue, gone after the module's tests, which only read: the organisations
    have no schema of their own."""
    dice = random.Random(1)
    now = platform_now()
    with transaction.atomic():
        with connection.cursor() as cursor:  # new files: no plan depends on where other tests left room in the old ones
            for model in (QueueEntry, DueWork, Assignment):
                cursor.execute(f"TRUNCATE public.{model._meta.db_table}")
        organisations = Organisation.objects.bulk_create(
            Organisation(
                slug=f"full-{n}", name=f"Full {n}", schema_name=f"o_full_{n}", state="active", languages=["en"]
            )
            for n in range(ORGANISATIONS)
        )
        users = User.objects.bulk_create(
            User(email=f"full-{n}@desk.example", name="Olga", password="!") for n in range(OPERATORS)
        )
        StaffRole.objects.bulk_create(StaffRole(user=user, role="operator") for user in users)
        operators = Operator.objects.bulk_create(
            Operator(user=user, name="Olga", languages=["en"], capacity=4, last_offered_at=now) for user in users
        )
        Presence.objects.bulk_create(Presence(operator=one, seen_at=now + THERE) for one in operators)
        Posting.objects.bulk_create(
            Posting(operator=one, organisation=each)
            for one in operators
            for each in dice.sample(organisations, POSTINGS_EACH)
        )
        QueueEntry.objects.bulk_create(
            QueueEntry(
                conversation_id=uuid7(),
                organisation=each,
                schema_name=each.schema_name,
                state="assigned" if number < RUNNING else "waiting",
                operator=operators[number % OPERATORS] if number < RUNNING else None,
                language="en",
                website_key="full",
                opened_at=now,
            )
            for number, each in enumerate(dice.choices(organisations, k=RUNNING + WAITING))
        )
        DueWork.objects.bulk_create(
            DueWork(schema_name=row.schema_name, kind="offer", subject_id=row.conversation_id, due_at=now)
            for row in QueueEntry.objects.filter(state="waiting", website_key="full")
        )
        Assignment.objects.bulk_create(
            Assignment(
                conversation_id=uuid4(),
                organisation=dice.choice(organisations),
                operator=dice.choice(operators),
                start="offered",
                started_at=now - timedelta(minutes=minutes),
                end="closed",
                ended_at=now - timedelta(minutes=max(minutes - 6, 0)),
            )
            for minutes in (dice.randint(6, 2 * 24 * 60) for _ in range(KEPT))
        )
        with connection.cursor() as cursor:
            for each_model in (
                Organisation,
                User,
                StaffRole,
                Operator,
                Presence,
                Posting,
                QueueEntry,
                DueWork,
                Assignment,
            ):
                cursor.execute(f"ANALYZE public.{each_model._meta.db_table}")
        yield [organisation_ref(each) for each in organisations]
        transaction.set_rollback(True)


def plan_of(sql: str, parameters: dict[str, Any]) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql, parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_full_platform_is_not_read_through_to_choose_or_to_count(full: list[OrganisationRef]) -> None:
    eligible = {
        "organisation": full[0].id,
        "language": "en",
        "topic": "",
        "weight": PLACE,
        "excluded": [],
        "present_seconds": PRESENT_SECONDS,
        "place": PLACE,
        "fewer": None,
    }
    waiting = list(QueueEntry.objects.filter(state="waiting", website_key="full").values_list("pk", flat=True))
    plans = [
        plan_of(candidates._ELIGIBLE, eligible),
        plan_of(places._PLACES, {"conversations": waiting, "present_seconds": PRESENT_SECONDS}),
    ]

    for plan in plans:
        assert "operators_assignment_operator" in plan  # each operator's own, by the index
        assert re.findall(r"Seq Scan on operators_(?:assignment|queueentry).*", plan) == []


def test_on_a_full_platform_everybody_posted_can_be_chosen_and_everybody_waiting_has_a_place(
    full: list[OrganisationRef],
) -> None:
    posted = Posting.objects.filter(organisation_id=full[0].id).count()
    waiting = list(QueueEntry.objects.filter(state="waiting", website_key="full").values_list("pk", flat=True))

    found = candidates_for(full[0], Wanted(language="en"))
    queue = queue_places(waiting)

    assert len(found) == posted > 10
    assert {one.load for one in found} == {RUNNING // OPERATORS * PLACE}
    assert set(queue) == set(waiting)
    assert all(place.seconds is not None for place in queue.values())
    assert len(due_work(["offer"], 500)) == WAITING
