"""The live queue and the lock under which an operator's load is counted."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from operators.access import operator_of
from operators.assigning import hold_conversation, operator_with_room, pick_operator
from operators.candidates import candidates_for
from operators.errors import AtCapacity
from operators.models import DueWork, Operator, Posting, QueueEntry
from operators.routing import PRESENT, Wanted
from operators.selectors import OperatorRef, load_of
from operators.services import (
    KEEP_CLOSED,
    enqueue_conversation,
    note_topic,
    register_operator,
    remove_closed_entries,
)
from tenants.access import Actor
from tenants.clock import platform_now
from tenants.errors import NotFound
from tenants.models import StaffRole
from tests.cast import account, acme, globex, olga
from tests.conversations.scene import due_work_of, in_threads, lay_conversation, queue_entry

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


def test_an_operator_is_filled_to_their_capacity_and_no_further(hire: Hire, noon: timedelta) -> None:
    operator = hire(globex(), capacity=3)
    conversations = [lay_conversation(globex()).id for _ in range(12)]

    def hold(conversation_id: object) -> bool:
        try:
            with operator_with_room(operator.id):
                hold_conversation(conversation_id, operator.id)  # type: ignore[arg-type]
        except AtCapacity:
            return False
        return True

    held = in_threads([partial(hold, one) for one in conversations], moved=noon)

    assert held.count(True) == load_of(operator.id) == 3


def test_an_operator_who_does_not_exist_has_no_room() -> None:
    with pytest.raises(NotFound), operator_with_room(uuid4()):
        raise AssertionError("not reached")


def test_a_full_operator_is_let_go_so_that_nobody_holds_two(hire: Hire, noon: timedelta) -> None:
    full = hire(globex(), capacity=1)
    hold_conversation(lay_conversation(globex()).id, full.id)

    def lock_free() -> bool:
        with transaction.atomic():
            return Operator.objects.select_for_update(skip_locked=True).filter(pk=full.id).exists()

    with transaction.atomic():
        with pytest.raises(AtCapacity), operator_with_room(full.id):
            raise AssertionError("not reached")
        [is_free] = in_threads([lock_free])

    assert is_free


def test_picking_goes_on_to_the_next_when_the_best_filled_up_meanwhile(
    hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    best, next_best = hire(globex(), capacity=1), hire(globex(), capacity=1, languages=())
    wanted = Wanted(language="en")
    seen = candidates_for(globex(), wanted)
    assert [one.operator.id for one in PRESENT.ranked(seen)] == [best.id, next_best.id]
    hold_conversation(lay_conversation(globex()).id, best.id)
    looks = [seen]  # what was true before the lock
    monkeypatch.setattr(
        "operators.assigning.candidates_for", lambda *given: looks.pop() if looks else candidates_for(*given)
    )

    with transaction.atomic():
        picked = pick_operator(globex(), wanted)

    assert picked is not None
    assert (picked.candidate.operator.id, picked.candidates, picked.decided_by) == (next_best.id, 1, "only_one")


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


def test_only_an_operator_sits_at_the_desk() -> None:  # rule 37
    user_id = olga().id

    assert operator_of(Actor(user_id, "Olga", frozenset({StaffRole.Role.OPERATOR.value}))) == olga()
    for nobody in (
        None,
        Actor(user_id, "Olga", frozenset()),
        Actor(user_id, "Olga", frozenset({"manager", "supervisor"})),
        Actor(account("sam@desk.example").pk, "Sam", frozenset({StaffRole.Role.OPERATOR.value})),
    ):
        with pytest.raises(NotFound):
            operator_of(nobody)
