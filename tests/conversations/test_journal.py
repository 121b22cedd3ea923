"""What one append does, through the sync door: numbers, refusals, turns and their promises."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import psycopg
import pytest
from django.db import transaction

from conversations.errors import ConversationClosed, NotAssigned
from conversations.journal import Appended, NewEntry, append_desk_now, append_now
from conversations.models import Conversation, Entry, Promise
from tenants.clock import clock_moved, platform_now
from tenants.context import in_organisation
from tenants.errors import NotFound
from tenants.models import Organisation
from tenants.selectors import organisation_by_slug
from tests.cast import acme, globex, olga, omar
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    clocks_of,
    entries_of,
    everything_about,
    in_threads,
    lay_conversation,
    lock_row,
    promises_of,
    queue_entry,
    said_by_itself,
    separate_connection,
)


def test_entries_are_numbered_from_one_without_gaps() -> None:  # rule 3
    conversation = lay_conversation(acme(), operator=olga())

    appended = [append(acme(), asked(conversation))[0], *append(acme(), asked(conversation), asked(conversation))]
    appended += append(acme(), answered(conversation, olga()))

    assert [one.seq for one in appended] == [1, 2, 3, 4]
    assert all(one.is_new for one in appended)
    assert_consistent(acme(), conversation.id)


def test_parallel_sends_of_one_cid_over_the_sync_door_are_one_row_with_equal_answers() -> None:  # rule 2
    organisation, conversation = acme(), lay_conversation(acme(), operator=olga())
    cid = uuid4()

    answers = in_threads([lambda: append(organisation, asked(conversation, cid=cid))[0] for _ in range(50)])

    assert len({(one.id, one.seq, one.at) for one in answers}) == 1
    assert [one.is_new for one in answers].count(True) == 1
    assert len(entries_of(organisation, conversation.id)) == 1
    assert_consistent(organisation, conversation.id)


def test_a_duplicate_and_a_reply_that_waited_for_the_lock_are_numbered_and_settled_right() -> None:  # rules 2, 3
    organisation, conversation, operator = acme(), lay_conversation(acme(), operator=olga()), olga()
    holder = separate_connection()
    lock_row(holder, organisation, conversation.id)
    cid = uuid4()
    waiting = [asked(conversation, cid=cid), asked(conversation, cid=cid), asked(conversation, cid=cid)]
    waiting.append(answered(conversation, operator))

    def send(entry: NewEntry) -> list[Appended]:
        return append(organisation, entry)

    def release() -> list[Appended]:
        while not _blocks_somebody(holder):
            time.sleep(0.01)
        holder.commit()
        return []

    with holder:
        works: list[Callable[[], list[Appended]]] = [*(partial(send, entry) for entry in waiting), release]
        *sent, _ = in_threads(works)
    *duplicates, reply = [one for [one] in sent]

    assert len({(one.id, one.seq) for one in duplicates}) == 1
    assert sorted([duplicates[0].seq, reply.seq]) == [1, 2]
    [promise] = promises_of(organisation, conversation.id)
    assert promise.opened_seq == duplicates[0].seq
    assert (promise.settled_at is not None) is (reply.seq > duplicates[0].seq)
    assert_consistent(organisation, conversation.id)


def _blocks_somebody(holder: psycopg.Connection[tuple[object, ...]]) -> bool:
    row = holder.execute(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    ).fetchone()
    return bool(row and row[0])


def test_time_never_runs_against_the_sequence() -> None:
    ahead = platform_now() + timedelta(seconds=30)
    conversation = lay_conversation(acme(), operator=olga(), last_entry_at=ahead)

    [first] = append(acme(), asked(conversation))
    [second] = append(acme(), answered(conversation, olga()))

    assert first.at == second.at == ahead


def test_two_conversations_are_appended_in_one_go() -> None:
    first, second = lay_conversation(acme(), operator=olga()), lay_conversation(acme(), operator=omar())

    appended = append(acme(), asked(first), asked(second), asked(first), answered(second, omar()))

    assert [(one.conversation_id, one.seq) for one in appended] == [
        (first.id, 1),
        (second.id, 1),
        (first.id, 2),
        (second.id, 2),
    ]


def test_the_sync_door_belongs_inside_a_transaction() -> None:
    conversation = lay_conversation(acme())

    with pytest.raises(RuntimeError):
        in_organisation(acme(), lambda _: append_now(acme().schema_name, [asked(conversation)]))
    assert entries_of(acme(), conversation.id) == []


def test_a_closed_conversation_takes_no_message_of_a_person() -> None:  # rule 45
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation))
    in_organisation(
        acme(),
        lambda _: Conversation.objects.filter(pk=conversation.id).update(state="closed", closed_at=platform_now()),
    )
    before = everything_about(acme(), conversation.id)

    for entry in (asked(conversation), answered(conversation, olga())):
        with pytest.raises(ConversationClosed):
            append(acme(), entry)

    assert everything_about(acme(), conversation.id) == before


def test_only_the_operator_who_holds_the_conversation_may_send() -> None:  # rule 45
    held, waiting = lay_conversation(acme(), operator=olga()), lay_conversation(acme())
    before = [everything_about(acme(), one.id) for one in (held, waiting)]

    with pytest.raises(NotAssigned):
        append(acme(), answered(held, omar()))
    with pytest.raises(NotAssigned):
        append(acme(), answered(waiting, olga()))

    assert [everything_about(acme(), one.id) for one in (held, waiting)] == before


def test_another_organisations_conversation_does_not_exist() -> None:  # rule 17
    conversation = lay_conversation(globex(), operator=olga())
    before = everything_about(globex(), conversation.id)

    with pytest.raises(NotFound):
        append(acme(), asked(conversation))

    assert everything_about(globex(), conversation.id) == before


def test_a_known_cid_is_answered_with_the_old_row_even_when_the_conversation_has_closed() -> None:  # rule 1
    conversation = lay_conversation(acme(), operator=olga())
    entry = asked(conversation)
    [first] = append(acme(), entry)
    in_organisation(
        acme(),
        lambda _: Conversation.objects.filter(pk=conversation.id).update(state="closed", closed_at=platform_now()),
    )

    [again] = append(acme(), asked(conversation, "Another text", cid=entry.cid))

    assert (again.id, again.seq, again.at, again.is_new) == (first.id, first.seq, first.at, False)
    assert [one.body for one in entries_of(acme(), conversation.id)] == [entry.body]


def test_a_cid_of_an_older_conversation_of_the_visitor_is_answered_with_that_row() -> None:
    old = lay_conversation(acme(), operator=olga())
    new = lay_conversation(acme(), operator=olga(), visitor_id=old.visitor_id)
    cid = uuid4()
    [first] = append(acme(), asked(old, cid=cid))

    [again] = append(acme(), asked(new, cid=cid))

    assert (again.id, again.seq, again.conversation_id, again.is_new) == (first.id, 1, old.id, False)
    assert entries_of(acme(), new.id) == []


def test_two_senders_may_happen_to_use_the_same_cid() -> None:
    first, second = lay_conversation(acme(), operator=olga()), lay_conversation(acme(), operator=olga())
    cid = uuid4()

    appended = [
        append(acme(), entry)[0]
        for entry in (asked(first, cid=cid), answered(first, olga(), cid=cid), asked(second, cid=cid))
    ]

    assert [(one.seq, one.is_new) for one in appended] == [(1, True), (2, True), (1, True)]


def test_what_only_staff_see_has_numbers_of_its_own() -> None:
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation), asked(conversation))
    note = NewEntry(
        conversation_id=conversation.id,
        kind="note.added",
        sender_kind="operator",
        sender_id=olga().id,
        sender_name="Olga",
        cid=uuid4(),
        body="Asked the same last week.",
    )

    def add(_: object) -> list[tuple[int, bool]]:
        with transaction.atomic():
            return [(one.seq, one.is_new) for one in append_desk_now(acme().schema_name, [note])]

    assert [in_organisation(acme(), add) for _ in range(2)] == [[(1, True)], [(1, False)]]
    assert len(entries_of(acme(), conversation.id)) == 2
    assert_consistent(acme(), conversation.id)


def test_the_first_turn_and_later_ones_get_the_organisations_own_seconds() -> None:
    organisation = acme()
    Organisation.objects.filter(pk=organisation.id).update(
        first_reply_seconds=25, follow_up_seconds=40, warn_percent=50
    )
    try:
        conversation = lay_conversation(organisation, operator=olga())
        append(organisation, asked(conversation))
        append(organisation, answered(conversation, olga()))
        append(organisation, asked(conversation))
    finally:
        Organisation.objects.filter(pk=organisation.id).update(
            first_reply_seconds=organisation.first_reply_seconds,
            follow_up_seconds=organisation.follow_up_seconds,
            warn_percent=organisation.warn_percent,
        )
    assert organisation_by_slug("acme") == organisation

    first, second = promises_of(organisation, conversation.id)

    assert [first.kind, second.kind] == ["first", "follow_up"]
    assert first.warn_at - first.opened_at == timedelta(seconds=12.5)
    assert first.due_at - first.opened_at == timedelta(seconds=25)
    assert second.warn_at - second.opened_at == timedelta(seconds=20)
    assert second.due_at - second.opened_at == timedelta(seconds=40)
    [clock] = clocks_of(conversation.id)
    assert (clock.id, clock.schema_name) == (second.id, organisation.schema_name)
    assert (clock.warn_at, clock.due_at, clock.next_at) == (second.warn_at, second.due_at, second.warn_at)


def test_a_burst_opens_one_promise_that_starts_at_its_first_message() -> None:
    conversation = lay_conversation(acme(), operator=olga())

    [first] = append(acme(), asked(conversation))
    with clock_moved(timedelta(seconds=5)):
        append(acme(), asked(conversation), asked(conversation))

    [promise] = promises_of(acme(), conversation.id)
    assert (promise.opened_seq, promise.opened_at) == (first.seq, first.at)
    assert queue_entry(conversation.id).promise_due_at == promise.due_at == first.at + timedelta(seconds=20)


@pytest.mark.parametrize(("seconds", "outcome"), [(1, "kept"), (19.5, "kept"), (20.5, "broken"), (90, "broken")])
def test_an_answer_settles_the_promise_with_what_the_visitor_waited(seconds: float, outcome: str) -> None:
    conversation = lay_conversation(acme(), operator=olga())
    [question] = append(acme(), asked(conversation))

    with clock_moved(timedelta(seconds=seconds)):
        [answer] = append(acme(), answered(conversation, olga()))

    [promise] = promises_of(acme(), conversation.id)
    assert promise.outcome == outcome
    assert promise.waited_seconds == (answer.at - question.at).total_seconds()
    assert promise.answered_at == promise.settled_at == answer.at
    assert (promise.answered_seq, promise.responsible_id, promise.responsible_name) == (2, olga().id, "Olga")
    assert (promise.broken_at is not None) is (outcome == "broken")
    assert_consistent(acme(), conversation.id)


def test_what_automation_says_neither_opens_nor_settles_a_promise() -> None:
    conversation = lay_conversation(acme(), operator=olga())

    append(acme(), said_by_itself(conversation))
    assert promises_of(acme(), conversation.id) == []

    append(acme(), asked(conversation))
    append(acme(), said_by_itself(conversation))

    [promise] = promises_of(acme(), conversation.id)
    assert (promise.settled_at, promise.outcome) == (None, Promise.Outcome.OPEN)
    assert_consistent(acme(), conversation.id)


def test_an_answer_without_a_question_opens_and_settles_nothing() -> None:
    conversation = lay_conversation(acme(), operator=olga())

    append(acme(), answered(conversation, olga()))
    append(acme(), asked(conversation))

    [promise] = promises_of(acme(), conversation.id)
    assert (promise.kind, promise.opened_seq) == ("follow_up", 2)


def test_only_messages_open_and_settle_turns() -> None:
    conversation = lay_conversation(acme(), operator=olga())
    read = NewEntry(
        conversation_id=conversation.id,
        kind=Entry.Kind.READ_MARKED,
        sender_kind="visitor",
        sender_id=conversation.visitor_id,
        payload={"upto": 1},
    )

    append(acme(), answered(conversation, olga()))
    append(acme(), read)

    assert promises_of(acme(), conversation.id) == []
