"""One sweep sees what is due in all organisations, and needs neither Celery nor Redis."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from conversations.models import Conversation
from conversations.services import sweeping
from conversations.services.closing import leave_conversation
from conversations.services.offering import take_conversation
from conversations.services.sweeping import Duty, sweep_once, sweep_slow_work_once
from operators.models import Clock, DueWork, QueueEntry
from operators.selectors import OperatorRef
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme, globex
from tests.conversations.scene import (
    append,
    asked,
    assert_consistent,
    conversation_row,
    desk_entries_of,
    due_work_of,
    everything_about,
    in_threads,
    lay_conversation,
    lock_row,
    promises_of,
    queue_entry,
    separate_connection,
)

Hire = Callable[..., OperatorRef]


@pytest.fixture(autouse=True)
def _nothing_is_due_yet(noon: timedelta) -> None:
    """What earlier tests left open is not this test's, and nobody waits for operators who left with them."""
    QueueEntry.objects.exclude(state=QueueEntry.State.CLOSED).update(promise_due_at=None)
    Clock.objects.all().delete()
    DueWork.objects.all().delete()


def due_conversation(organisation: OrganisationRef) -> Conversation:
    """Waiting, and to be offered now."""
    conversation = lay_conversation(organisation)
    DueWork.objects.filter(subject_id=conversation.id).update(due_at=platform_now())
    return conversation


def test_it_offers_what_waits_in_every_organisation(hire: Hire) -> None:  # rule 12
    operator = hire(acme(), globex())
    waiting = [(organisation, due_conversation(organisation)) for organisation in (acme(), globex())]

    assert sweep_once() == 2

    for organisation, conversation in waiting:
        assert conversation_row(organisation, conversation.id).operator_id == operator.id
        assert due_work_of(conversation.id) == []
    assert sweep_once() == 0


def test_it_strikes_the_clocks_of_every_organisation_once(hire: Hire) -> None:  # rule 21
    holder = hire(acme(), globex())
    conversations = [(one, lay_conversation(one, operator=holder)) for one in (acme(), globex())]
    for organisation, conversation in conversations:
        append(organisation, asked(conversation))

    with clock_moved(timedelta(seconds=13)):
        assert (sweep_once(), sweep_once()) == (2, 0)
    with clock_moved(timedelta(seconds=21)):
        assert (sweep_once(), sweep_once()) == (2, 0)

    for organisation, conversation in conversations:
        assert [one.kind for one in desk_entries_of(organisation, conversation.id)] == [
            "promise.warned",
            "supervisor.alerted",
            "promise.broken",
        ]
        assert_consistent(organisation, conversation.id)


def test_two_sweeps_at_once_do_everything_once(hire: Hire, noon: timedelta) -> None:  # rule 21
    silent = hire(globex(), capacity=500)
    organisation = globex()
    late = [lay_conversation(organisation, operator=silent) for _ in range(5)]
    waiting = [due_conversation(acme()) for _ in range(5)]
    hire(acme(), capacity=500)
    for _ in late:  # nobody for whom others wait as well would be a gain for a visitor
        hire(globex())
    for conversation in late:
        append(organisation, asked(conversation))

    in_threads([sweep_once] * 4, moved=noon + timedelta(seconds=21))
    with clock_moved(timedelta(seconds=23)):
        sweep_once()  # what two of them met at and both left

    for conversation in waiting:
        assert [one.kind for one in desk_entries_of(acme(), conversation.id)] == ["offer.made"]
    for conversation in late:
        kinds = [one.kind for one in desk_entries_of(organisation, conversation.id)]
        assert kinds == ["promise.warned", "offer.withdrawn", "offer.made", "promise.broken"]
        assert conversation_row(organisation, conversation.id).operator_id != silent.id


def test_a_held_conversation_stalls_no_sweep(hire: Hire) -> None:  # rules 21, 25
    operator = hire(globex(), capacity=500)
    held, free = due_conversation(globex()), due_conversation(globex())
    late = lay_conversation(globex(), operator=operator)
    append(globex(), asked(late))
    with separate_connection() as holder:
        lock_row(holder, globex(), held.id)
        lock_row(holder, globex(), late.id)

        with clock_moved(timedelta(seconds=21)):
            assert sweep_once() == 1

        assert conversation_row(globex(), free.id).state == "assigned"
        holder.rollback()
        with clock_moved(timedelta(seconds=23)):
            assert sweep_once() == 2
    assert conversation_row(globex(), held.id).state == "assigned"
    assert [one.outcome for one in promises_of(globex(), late.id)] == ["broken"]


def test_one_thing_that_fails_does_not_stop_the_rest(hire: Hire) -> None:
    hire(globex())
    orphan = Clock.objects.create(
        id=uuid4(),
        schema_name=globex().schema_name,
        conversation_id=lay_conversation(globex()).id,
        due_at=platform_now(),
        next_at=platform_now(),
    )
    nowhere = DueWork.objects.create(
        schema_name="o_nowhere", kind=DueWork.Kind.OFFER, subject_id=uuid4(), due_at=platform_now()
    )
    conversation = due_conversation(globex())

    assert sweep_once() == 1

    assert conversation_row(globex(), conversation.id).state == "assigned"
    orphan.delete()
    nowhere.delete()


def test_more_work_than_one_sweep_takes_is_done_by_the_next(hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "ROWS_PER_SWEEP", 2)
    hire(globex(), capacity=500)
    waiting = [due_conversation(globex()) for _ in range(5)]

    assert [sweep_once() for _ in range(4)] == [2, 2, 1, 0]
    assert {conversation_row(globex(), one.id).state for one in waiting} == {"assigned"}


def test_work_of_what_is_gone_does_not_keep_others_from_their_turn(hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "ROWS_PER_SWEEP", 2)
    hire(globex())
    for schema_name in ("o_nowhere", globex().schema_name):
        for _ in range(2):
            DueWork.objects.create(
                schema_name=schema_name,
                kind=DueWork.Kind.OFFER,
                subject_id=uuid4(),
                due_at=platform_now() - timedelta(minutes=1),
            )
    conversation = due_conversation(globex())

    for _ in range(3):
        sweep_once()

    assert conversation_row(globex(), conversation.id).state == "assigned"


def test_what_waits_while_nobody_is_there_is_offered_when_somebody_comes(hire: Hire) -> None:
    conversation = due_conversation(globex())
    assert sweep_once() == 0

    operator = hire(globex())
    with clock_moved(timedelta(seconds=1.5)):
        assert sweep_once() == 1

    assert conversation_row(globex(), conversation.id).operator_id == operator.id


def test_queue_entries_are_kept_for_the_reopening_window_and_then_removed() -> None:
    conversation = lay_conversation(globex())
    in_organisation(globex(), leave_conversation, conversation.visitor_id, conversation.id, uuid4())

    with clock_moved(timedelta(minutes=16)):
        sweep_once()
        assert QueueEntry.objects.filter(pk=conversation.id).exists()
    with clock_moved(timedelta(minutes=21)):
        sweep_once()
    assert not QueueEntry.objects.filter(pk=conversation.id).exists()


def test_work_that_came_to_nothing_is_tried_again_ever_later_up_to_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[UUID] = []

    def fail(_organisation: OrganisationRef, subject_id: UUID) -> bool:
        tried.append(subject_id)
        return False

    monkeypatch.setitem(sweeping.DUTIES, DueWork.Kind.MAIL, Duty(work=fail, longest_pause_seconds=5.0, is_slow=True))
    work = lay_work(DueWork.Kind.MAIL, globex().schema_name)

    pauses = []
    for attempt in range(1, 6):
        with clock_moved(timedelta(minutes=attempt)):
            assert sweep_slow_work_once() == 0
            row = DueWork.objects.get(pk=work.pk)
            pauses.append(round((row.due_at - platform_now()).total_seconds()))
            assert row.attempts == attempt
            assert sweep_slow_work_once() == 0

    assert pauses == [1, 2, 4, 5, 5]
    assert tried == [work.subject_id] * 5


def test_slow_work_keeps_no_deadline_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[UUID] = []

    def mail(_organisation: OrganisationRef, subject_id: UUID) -> bool:
        done.append(subject_id)
        return bool(DueWork.objects.filter(subject_id=subject_id).delete()[0])

    monkeypatch.setitem(sweeping.DUTIES, DueWork.Kind.MAIL, Duty(work=mail, longest_pause_seconds=5.0, is_slow=True))
    work = lay_work(DueWork.Kind.MAIL, globex().schema_name)

    assert (sweep_once(), done) == (0, [])
    assert (sweep_slow_work_once(), sweep_slow_work_once()) == (1, 0)
    assert done == [work.subject_id]


def test_work_of_the_platform_belongs_to_no_organisation(monkeypatch: pytest.MonkeyPatch) -> None:
    def mail(alert_id: UUID) -> bool:
        return bool(DueWork.objects.filter(subject_id=alert_id).delete()[0])

    duty = Duty(work=mail, longest_pause_seconds=5.0, is_slow=True, is_public=True)
    monkeypatch.setitem(sweeping.DUTIES, DueWork.Kind.ALERT_MAIL, duty)
    lay_work(DueWork.Kind.ALERT_MAIL, "public")

    assert (sweep_slow_work_once(), sweep_slow_work_once()) == (1, 0)


def test_deadlines_that_come_during_a_long_pass_do_not_wait_for_its_end(
    hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:  # rule 21
    late = lay_conversation(globex(), operator=hire(globex()))
    append(globex(), asked(late))
    Clock.objects.filter(conversation_id=late.id).update(next_at=platform_now() + timedelta(minutes=1))
    broken_after: list[int] = []

    def slow_offer(_organisation: OrganisationRef, subject_id: UUID) -> bool:
        broken_after.append(len(desk_entries_of(globex(), late.id)))
        past = platform_now() - timedelta(seconds=1)
        Clock.objects.filter(conversation_id=late.id).update(warn_at=past, due_at=past, next_at=past)
        return bool(DueWork.objects.filter(subject_id=subject_id).delete()[0])

    monkeypatch.setattr(sweeping, "CLOCKS_EVERY_SECONDS", 0.0)
    monkeypatch.setitem(sweeping.DUTIES, DueWork.Kind.OFFER, Duty(work=slow_offer, longest_pause_seconds=1.0))
    for _ in range(2):
        lay_work(DueWork.Kind.OFFER, globex().schema_name)

    assert sweep_once() == 3

    assert broken_after == [0, 2]


def lay_work(kind: str, schema_name: str) -> DueWork:
    """Work about nothing, due now."""
    return DueWork.objects.create(schema_name=schema_name, kind=kind, subject_id=uuid4(), due_at=platform_now())


def test_one_free_place_goes_to_whose_promise_is_due_first(hire: Hire) -> None:
    waiting = [due_conversation(globex()) for _ in range(3)]
    for moved, conversation in zip((4, 0, 2), waiting, strict=True):
        with clock_moved(timedelta(seconds=moved)):
            append(globex(), asked(conversation))
    DueWork.objects.filter(subject_id=waiting[1].id).update(due_at=platform_now(), attempts=9)  # has just been tried
    operator = hire(globex(), capacity=1)

    with clock_moved(timedelta(seconds=5)):
        sweep_once()

    assert [queue_entry(one.id).operator_id for one in waiting] == [None, operator.id, None]


def test_nothing_is_tried_for_an_organisation_where_nobody_has_room(hire: Hire) -> None:
    full = hire(globex(), capacity=1)
    in_organisation(globex(), take_conversation, full, lay_conversation(globex()).id, uuid4())
    unserved, served = due_conversation(globex()), due_conversation(acme())
    operator = hire(acme())
    before = everything_about(globex(), unserved.id)

    sweep_once()

    assert everything_about(globex(), unserved.id) == before
    assert queue_entry(served.id).operator_id == operator.id
