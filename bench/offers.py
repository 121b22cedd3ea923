"""What one offer costs, with a small desk in the tables and with a large one: it is to be the same."""

import random
import time
import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

from bench.stage import begin_conversation, clear_desk, make_present, measuring_organisations
from chatplatform.replay.summary import milliseconds
from conversations.services.offering import offer_conversation
from operators.models import Assignment, Operator, Posting, QueueEntry
from tenants.clock import platform_now
from tenants.context import in_organisation
from tenants.identifiers import uuid7
from tenants.models import Organisation, StaffRole, User

OFFERS = 200
# (organisations, operators, running conversations, organisations per operator, conversations of the last days)
SMALL = (2, 10, 20, 2, 200)
LARGE = (200, 500, 1000, 40, 20_000)
CAPACITY = 50  # room for every offer, so that each look-up has all its candidates
MAIL_HOST = "crowded.example"


def offer_costs() -> dict[str, Any]:
    """Milliseconds of an offer, from its start to its commit, one at a time; ``ratio`` of the medians."""
    small, large = _measure(*SMALL), _measure(*LARGE)
    return {"small": small, "large": large, "ratio": round(large["p50"] / small["p50"], 2)}


def _measure(organisations: int, operators: int, running: int, postings: int, past: int) -> dict[str, Any]:
    chance = random.Random(1)
    clear_desk()
    here = measuring_organisations()
    _forget_crowd()
    everywhere = [one.id for one in here] + _make_organisations(organisations - len(here))
    people = _hire(operators, everywhere, postings, chance)
    _fill_tables(everywhere, people, running, past, chance)
    seconds = []
    for number in range(OFFERS + 1):
        organisation = here[number % len(here)]
        conversation_id = begin_conversation(organisation)
        started_at = time.perf_counter()
        taken_by = in_organisation(organisation, offer_conversation, conversation_id)
        seconds.append(time.perf_counter() - started_at)
        if taken_by is None:
            raise RuntimeError("Somebody was free, and nobody was chosen.")
    return {
        "organisations": organisations,
        "operators": operators,
        "running": running,
        "candidates": Posting.objects.filter(organisation_id=here[0].id, operator_id__in=people).count(),
        **milliseconds(seconds[1:], 50, 95),  # the first one opens the connection
    }


def _make_organisations(count: int) -> list[UUID]:
    """Rows only: nobody visits them."""
    names = [f"crowded-{number:03}" for number in range(count)]
    rows = [
        Organisation(schema_name=f"o_{name.replace('-', '_')}", slug=name, name=name, state=Organisation.State.ACTIVE)
        for name in names
    ]
    return [row.id for row in Organisation.objects.bulk_create(rows)]


def _hire(count: int, organisations: list[UUID], postings: int, chance: random.Random) -> list[UUID]:
    users = User.objects.bulk_create(
        [User(email=f"{number}@{MAIL_HOST}", name=f"Operator {number}", password="!") for number in range(count)]
    )
    StaffRole.objects.bulk_create([StaffRole(user=user, role=StaffRole.Role.OPERATOR) for user in users])
    Operator.objects.bulk_create(
        [Operator(user=user, name=user.name, languages=["en"], capacity=CAPACITY) for user in users]
    )
    Posting.objects.bulk_create(
        [
            Posting(operator_id=user.pk, organisation_id=organisation_id)
            for user in users
            for organisation_id in chance.sample(organisations, min(postings, len(organisations)))
        ]
    )
    ids = [user.pk for user in users]
    make_present(ids)
    return ids


def _fill_tables(
    organisations: list[UUID], operators: list[UUID], running: int, past: int, chance: random.Random
) -> None:
    now = platform_now()
    entries, stretches = [], []
    for number in range(running + past):
        is_over = number >= running
        organisation_id, operator_id = chance.choice(organisations), chance.choice(operators)
        conversation_id = uuid.uuid4()
        started_at = now - timedelta(minutes=chance.uniform(0, 60 if not is_over else 3 * 24 * 60))
        stretches.append(
            Assignment(
                id=uuid7(),
                conversation_id=conversation_id,
                organisation_id=organisation_id,
                operator_id=operator_id,
                start=Assignment.Start.OFFERED,
                started_at=started_at,
                end=Assignment.End.CLOSED if is_over else "",
                ended_at=started_at + timedelta(minutes=4) if is_over else None,
            )
        )
        if not is_over:
            entries.append(
                QueueEntry(
                    conversation_id=conversation_id,
                    organisation_id=organisation_id,
                    schema_name="o_crowded",
                    state=QueueEntry.State.ASSIGNED,
                    operator_id=operator_id,
                    language="en",
                    website_key="shop",
                    opened_at=started_at,
                    offered_at=started_at,
                )
            )
    QueueEntry.objects.bulk_create(entries, batch_size=1000)
    Assignment.objects.bulk_create(stretches, batch_size=1000)


def _forget_crowd() -> None:
    Posting.objects.all().delete()
    Operator.objects.filter(user__email__endswith=f"@{MAIL_HOST}").delete()
    User.objects.filter(email__endswith=f"@{MAIL_HOST}").delete()
    Organisation.objects.filter(slug__startswith="crowded-").delete()
