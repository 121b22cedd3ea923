"""Choosing under the operator's lock: nobody above capacity, nobody holding two."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from operators.assigning import hold_conversation, operator_with_room, pick_operator
from operators.candidates import candidates_for
from operators.errors import AtCapacity
from operators.models import Operator
from operators.routing import PRESENT, Wanted
from operators.selectors import OperatorRef, load_of
from tenants.errors import NotFound
from tests.cast import globex
from tests.conversations.scene import in_threads, lay_conversation

Hire = Callable[..., OperatorRef]


def test_an_operator_is_filled_to_their_capacity_and_no_further(hire: Hire, noon: timedelta) -> None:
    operator = hire(globex(), capacity=3)
    conversations = [lay_conversation(globex()).id for _ in range(12)]

    def hold(conversation_id: UUID) -> bool:
        try:
            with operator_with_room(operator.id):
                hold_conversation(conversation_id, operator.id)
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


def test_when_somebody_else_is_better_by_the_time_of_the_lock_the_first_is_let_go(
    hire: Hire, noon: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, better = hire(globex()), hire(globex())
    wanted = Wanted(language="en")
    seen = candidates_for(globex(), wanted)
    assert PRESENT.ranked(seen)[0].operator.id == first.id
    hold_conversation(lay_conversation(globex()).id, first.id)
    looks = [seen]  # what was true before the lock
    monkeypatch.setattr(
        "operators.assigning.candidates_for", lambda *given: looks.pop() if looks else candidates_for(*given)
    )

    def lock_free(operator: OperatorRef) -> bool:
        with transaction.atomic():
            return Operator.objects.select_for_update(skip_locked=True).filter(pk=operator.id).exists()

    with transaction.atomic():
        picked = pick_operator(globex(), wanted)
        are_free = in_threads([partial(lock_free, first), partial(lock_free, better)])

    assert picked is not None
    assert (picked.candidate.operator.id, picked.candidate.load, picked.decided_by) == (better.id, 0, "load")
    assert are_free == [True, False]
