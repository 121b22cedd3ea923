"""The live queue and the lock under which an operator's load is counted."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from operators.access import operator_of
from operators.assigning import hold_conversation
from operators.models import Assignment, DueWork, Operator, Posting, QueueEntry
from operators.selectors import OperatorRef
from operators.services import (
    KEEP_CLOSED,
    enqueue_conversation,
    note_kind,
    note_topic,
    register_operator,
    remove_closed_entries,
)
from tenants.access import Actor
from tenants.clock import platform_now
from tenants.errors import NotFound
from tenants.models import StaffRole
from tests.cast import account, acme, globex, olga
from tests.conversations.scene import due_work_of, lay_conversation, queue_entry

Hire = Callable[..., OperatorRef]


def test_registering_twice_changes_nothing_but_adds_postings() -> None:
    user = account("omar@desk.example")
    before = Operator.objects.get(pk=user.pk)

    again = register_operator(user, name="Other", languages=["ja"], capacity=99, organisations=[acme()])

    assert (again.id, again.name, again.capacity, again.languages) == (
        user.pk,
        before.name,
        before.capacity,
        tuple(before.languages),
    )
    assert Posting.objects.filter(operator=before, organisation_id=acme().id).count() == 1


def test_enqueueing_is_one_row_and_one_piece_of_work_however_often() -> None:
    conversation = lay_conversation(globex())
    at = platform_now()

    for _ in range(2):
        with transaction.atomic():
            enqueue_conversation(
                globex(),
                conversation.id,
                language="en",
                topic="",
                website_key="globex-bank",
                last_seq=0,
                last_desk_seq=0,
                at=at,
            )

    [work] = due_work_of(conversation.id)
    assert (work.kind, work.schema_name, work.due_at, work.attempts) == (
        DueWork.Kind.OFFER,
        globex().schema_name,
        at,
        0,
    )
    assert queue_entry(conversation.id).state == QueueEntry.State.WAITING


def test_the_queue_refuses_an_assignment_to_nobody() -> None:
    conversation = lay_conversation(globex())

    with pytest.raises(IntegrityError), transaction.atomic():
        QueueEntry.objects.filter(pk=conversation.id).update(state="assigned")

    assert queue_entry(conversation.id).state == "waiting"


def test_only_entries_that_nobody_can_reopen_are_removed() -> None:
    gone, kept, waiting = (lay_conversation(globex()).id for _ in range(3))
    now = platform_now()
    QueueEntry.objects.filter(pk=gone).update(state="closed", closed_at=now - KEEP_CLOSED - timedelta(seconds=5))
    QueueEntry.objects.filter(pk=kept).update(state="closed", closed_at=now - KEEP_CLOSED + timedelta(minutes=1))

    assert remove_closed_entries() >= 1

    assert set(QueueEntry.objects.filter(pk__in=[gone, kept, waiting]).values_list("pk", flat=True)) == {kept, waiting}


def test_a_chosen_topic_is_seen_in_the_queue() -> None:
    conversation = lay_conversation(acme())

    note_topic(conversation.id, "delivery", "question")

    assert queue_entry(conversation.id).topic == "delivery"


def test_a_stretch_keeps_its_last_kind_and_that_a_specialist_was_asked() -> None:
    conversation, asked = lay_conversation(acme()), lay_conversation(acme())
    QueueEntry.objects.filter(pk=conversation.id).update(kind="advice")
    for one in (conversation, asked):
        hold_conversation(one.id, olga().id)

    note_topic(asked.id, "delivery", "complaint")
    note_kind(asked.id, "escalated")
    note_kind(asked.id, "complaint")

    kinds = dict(Assignment.objects.values_list("conversation_id", "kind"))
    assert (kinds[conversation.id], kinds[asked.id]) == ("advice", "escalated")
    assert queue_entry(asked.id).kind == "complaint"


def test_only_operators_and_supervisors_sit_at_the_desk() -> None:  # rule 37
    user_id = olga().id

    for role in (StaffRole.Role.OPERATOR.value, StaffRole.Role.SUPERVISOR.value):
        assert operator_of(Actor(user_id, "Olga", frozenset({role}))) == olga()
    for nobody in (
        None,
        Actor(user_id, "Olga", frozenset()),
        Actor(user_id, "Olga", frozenset({"manager", StaffRole.Role.PLATFORM_ADMIN.value})),
        Actor(account("ada@desk.example").pk, "Ada", frozenset({StaffRole.Role.OPERATOR.value})),
    ):
        with pytest.raises(NotFound):
            operator_of(nobody)
