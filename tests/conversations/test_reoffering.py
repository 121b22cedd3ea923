"""A conversation changes hands: re-offered, given back to the queue, or assigned by a person."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from conversations.errors import ConversationClosed, NotAssigned
from conversations.models import Conversation
from conversations.services.closing import close_conversation, leave_conversation
from conversations.services.locks import lock_conversation
from conversations.services.offering import (
    assign_conversation,
    offer_conversation,
    release_conversation,
    reoffer_conversation,
    take_conversation,
)
from operators.errors import AtCapacity
from operators.models import Assignment, Clock, Presence
from operators.presence import set_presence
from operators.selectors import OperatorRef, load_of
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tests.cast import globex
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    clocks_of,
    conversation_row,
    desk_entries_of,
    due_work_of,
    entries_of,
    everything_about,
    in_threads,
    lay_conversation,
    queue_entry,
)

Hire = Callable[..., OperatorRef]

SILENT, GONE = Assignment.End.SILENT, Assignment.End.GONE


def under_lock(work: Callable[[Conversation], object], conversation_id: UUID) -> object:
    """``work`` with the conversation, as the sweep and supervisors call these services."""

    def run(_organisation: OrganisationRef) -> object:
        with transaction.atomic():
            return work(lock_conversation(conversation_id))

    return in_organisation(globex(), run)


def reoffer(conversation_id: UUID, reason: Assignment.End = SILENT) -> OperatorRef | None:
    return under_lock(lambda held: reoffer_conversation(globex(), held, reason), conversation_id)  # type: ignore[return-value]


def release(conversation_id: UUID, reason: Assignment.End = GONE) -> None:
    under_lock(lambda held: release_conversation(globex(), held, reason), conversation_id)


def assign(conversation_id: UUID, operator: OperatorRef, start: Assignment.Start = Assignment.Start.TAKEN_OVER) -> None:
    under_lock(lambda held: assign_conversation(globex(), held, operator, start), conversation_id)


def offer(conversation_id: UUID) -> UUID | None:
    return in_organisation(globex(), offer_conversation, conversation_id)


def stretches(conversation_id: UUID) -> list[tuple[UUID, str, str]]:
    """(operator, start, end) in order."""
    rows = Assignment.objects.filter(conversation_id=conversation_id).order_by("started_at")
    return [(row.operator_id, row.start, row.end) for row in rows]


def reasons_of(conversation_id: UUID) -> dict[str, object]:
    """Of the last offer."""
    made = [one for one in desk_entries_of(globex(), conversation_id) if one.kind == "offer.made"]
    return made[-1].payload["reasons"]


def test_a_silent_holders_conversation_goes_to_somebody_else(hire: Hire) -> None:
    holder, conversation = hire(globex()), lay_conversation(globex())
    offer(conversation.id)
    other = hire(globex(), name="Omar")

    given = reoffer(conversation.id)

    assert given is not None
    assert given.id == other.id
    row = conversation_row(globex(), conversation.id)
    assert (row.state, row.operator_id, row.operator_name) == ("assigned", other.id, "Omar")
    assert (queue_entry(conversation.id).operator_id, load_of(holder.id), load_of(other.id)) == (other.id, 0, 1)
    assert stretches(conversation.id) == [(holder.id, "offered", "silent"), (other.id, "offered", "")]
    assert [one.kind for one in desk_entries_of(globex(), conversation.id)] == [
        "offer.made",
        "offer.withdrawn",
        "offer.made",
    ]
    withdrawn = desk_entries_of(globex(), conversation.id)[1]
    assert withdrawn.payload == {"operator": {"id": str(holder.id), "name": "Olga"}, "reason": "silent"}
    assert [one.payload["operator"]["name"] for one in entries_of(globex(), conversation.id)] == ["Olga", "Omar"]
    assert reasons_of(conversation.id)["attempt"] == 2
    assert reasons_of(conversation.id)["previous"] == {"id": str(holder.id), "name": "Olga"}
    assert_consistent(globex(), conversation.id)


def test_with_nobody_else_there_the_holder_keeps_it_and_nothing_changes(hire: Hire) -> None:
    hire(globex())
    away = hire(globex())
    set_presence(away.id, Presence.State.AWAY)
    conversation = lay_conversation(globex())
    offer(conversation.id)
    before = everything_about(globex(), conversation.id)

    assert reoffer(conversation.id) is None

    assert everything_about(globex(), conversation.id) == before
    assert len(stretches(conversation.id)) == 1


def test_a_conversation_nobody_holds_is_not_reoffered(hire: Hire) -> None:
    hire(globex())
    conversation = lay_conversation(globex())
    before = everything_about(globex(), conversation.id)

    assert reoffer(conversation.id) is None
    release(conversation.id)

    assert everything_about(globex(), conversation.id) == before


def test_never_to_the_same_one_twice_in_a_row_and_first_to_whoever_was_not_silent_yet(hire: Hire) -> None:
    operators = [hire(globex()) for _ in range(3)]
    conversation = lay_conversation(globex())
    holders = [offer(conversation.id)]

    for _ in range(5):
        given = reoffer(conversation.id)
        assert given is not None
        holders.append(given.id)

    assert set(holders[:3]) == {one.id for one in operators}
    assert all(one != following for one, following in pairwise(holders))
    assert reasons_of(conversation.id)["attempt"] == 6


def test_a_late_reply_of_the_former_holder_is_refused(hire: Hire) -> None:
    holder, conversation = hire(globex()), lay_conversation(globex())
    append(globex(), asked(conversation))
    offer(conversation.id)
    hire(globex())
    reoffer(conversation.id)
    before = everything_about(globex(), conversation.id)

    with pytest.raises(NotAssigned):
        append(globex(), answered(conversation, holder))
    with pytest.raises(NotAssigned):
        in_organisation(globex(), close_conversation, holder, conversation.id, uuid4(), "other")

    assert everything_about(globex(), conversation.id) == before


def test_the_new_holder_has_the_whole_time_before_it_is_offered_on(hire: Hire) -> None:
    organisation, conversation = globex(), lay_conversation(globex())
    append(organisation, asked(conversation))
    [clock] = clocks_of(conversation.id)
    hire(organisation)
    with clock_moved(timedelta(seconds=10)):
        offer(conversation.id)
        offered_at = queue_entry(conversation.id).offered_at
        assert offered_at is not None
    [moved] = clocks_of(conversation.id)

    assert moved.reoffer_at is not None
    assert abs(moved.reoffer_at - offered_at - timedelta(seconds=organisation.reoffer_seconds)) < timedelta(seconds=2)
    assert (moved.warn_at, moved.due_at) == (clock.warn_at, clock.due_at)
    assert moved.next_at == min(one for one in (moved.warn_at, moved.reoffer_at, moved.due_at) if one)


def test_once_answered_no_offer_is_timed_any_more(hire: Hire) -> None:
    holder, conversation = hire(globex()), lay_conversation(globex())
    offer(conversation.id)
    append(globex(), asked(conversation))
    append(globex(), answered(conversation, holder))
    append(globex(), asked(conversation))
    hire(globex())
    before = Clock.objects.filter(conversation_id=conversation.id).values().get()

    assert reoffer(conversation.id, GONE) is not None

    assert Clock.objects.filter(conversation_id=conversation.id).values().get() == before


def test_what_is_given_back_waits_again_and_is_due_now(hire: Hire) -> None:
    holder, conversation = hire(globex()), lay_conversation(globex())
    offer(conversation.id)

    release(conversation.id)

    row, queued = conversation_row(globex(), conversation.id), queue_entry(conversation.id)
    assert (row.state, row.operator_id, row.operator_name) == ("waiting", None, "")
    assert (queued.state, queued.operator_id, queued.offered_at) == ("waiting", None, None)
    [work] = due_work_of(conversation.id)
    assert work.due_at <= platform_now()
    assert stretches(conversation.id) == [(holder.id, "offered", "gone")]
    assert entries_of(globex(), conversation.id)[-1].payload == {"operator": None}
    assert [one.kind for one in desk_entries_of(globex(), conversation.id)] == ["offer.made", "offer.withdrawn"]
    assert_consistent(globex(), conversation.id)


def test_whoever_vanished_gets_it_back_only_when_nobody_else_came_for_as_long_as_an_offer_lasts(hire: Hire) -> None:
    holder, conversation = hire(globex()), lay_conversation(globex())
    offer(conversation.id)
    release(conversation.id)

    assert offer(conversation.id) is None
    with clock_moved(timedelta(seconds=globex().reoffer_seconds - 5)):
        assert offer(conversation.id) is None
    with clock_moved(timedelta(seconds=globex().reoffer_seconds + 1)):
        other = hire(globex())
        assert offer(conversation.id) == other.id
        release(conversation.id)
        Presence.objects.filter(pk=other.id).delete()
        assert offer(conversation.id) == holder.id


def test_a_supervisor_gives_it_to_somebody_by_name(hire: Hire) -> None:
    holder, conversation = hire(globex()), lay_conversation(globex())
    offer(conversation.id)
    chosen = hire(globex(), name="Omar", is_present=False)

    assign(conversation.id, chosen, Assignment.Start.REASSIGNED)

    assert conversation_row(globex(), conversation.id).operator_id == chosen.id
    assert stretches(conversation.id) == [(holder.id, "offered", "reassigned"), (chosen.id, "reassigned", "")]
    assert desk_entries_of(globex(), conversation.id)[1].payload["reason"] == "reassigned"
    assert reasons_of(conversation.id)["decided_by"] == "reassigned"
    assert_consistent(globex(), conversation.id)


def test_a_supervisor_takes_what_waits(hire: Hire) -> None:
    conversation, chosen = lay_conversation(globex()), hire(globex(), is_present=False)

    assign(conversation.id, chosen)
    assign(conversation.id, chosen)  # a second press changes nobody

    assert stretches(conversation.id) == [(chosen.id, "taken_over", "")]
    assert due_work_of(conversation.id) == []
    assert [one.kind for one in desk_entries_of(globex(), conversation.id)] == ["offer.made"]


def test_nobody_is_given_more_than_they_can_take_and_nothing_closed(hire: Hire) -> None:  # rule 45
    holder, full = hire(globex()), hire(globex(), capacity=1, is_present=False)
    assign(lay_conversation(globex()).id, full)
    conversation, closed = lay_conversation(globex()), lay_conversation(globex())
    offer(conversation.id)
    in_organisation(globex(), leave_conversation, closed.visitor_id, closed.id, uuid4())
    before = everything_about(globex(), conversation.id), everything_about(globex(), closed.id)

    with pytest.raises(AtCapacity):
        assign(conversation.id, full)
    with pytest.raises(ConversationClosed):
        assign(closed.id, holder)

    assert (everything_about(globex(), conversation.id), everything_about(globex(), closed.id)) == before
    assert stretches(conversation.id) == [(holder.id, "offered", "")]


def test_every_stretch_ends_with_the_conversation(hire: Hire) -> None:
    operator = hire(globex())
    closed, left = lay_conversation(globex()), lay_conversation(globex())
    for conversation in (closed, left):
        in_organisation(globex(), take_conversation, operator, conversation.id, uuid4())

    in_organisation(globex(), close_conversation, operator, closed.id, uuid4(), "other")
    in_organisation(globex(), leave_conversation, left.visitor_id, left.id, uuid4())

    assert stretches(closed.id) == stretches(left.id) == [(operator.id, "taken", "closed")]
    assert not Assignment.objects.filter(operator_id=operator.id, ended_at__isnull=True).exists()


def test_two_sweeps_that_reoffer_at_once_move_it_to_one_and_leave_one_stretch_open(hire: Hire, noon: timedelta) -> None:
    holder = hire(globex())
    conversation = lay_conversation(globex())
    offer(conversation.id)
    others = [hire(globex()) for _ in range(4)]

    def reoffer_if_still_held_by(expected: UUID) -> UUID | None:
        def work(held: Conversation) -> object:
            return reoffer_conversation(globex(), held, SILENT) if held.operator_id == expected else None

        given = under_lock(work, conversation.id)
        return given.id if isinstance(given, OperatorRef) else None

    answers = in_threads([partial(reoffer_if_still_held_by, holder.id) for _ in range(6)], moved=noon)

    [given] = [one for one in answers if one]
    assert given in {one.id for one in others}
    assert [one[2] for one in stretches(conversation.id)] == ["silent", ""]
