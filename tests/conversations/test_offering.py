"""A waiting conversation gets exactly one operator, for reasons that are kept."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from conversations.errors import AlreadyTaken, ConversationClosed
from conversations.events import OfferMade
from conversations.models import Conversation, DeskEntry
from conversations.replies import Entries
from conversations.selectors import desk_entries
from conversations.services.closing import close_conversation, leave_conversation
from conversations.services.locks import lock_visitor
from conversations.services.offering import offer_conversation, offer_conversation_if_free, take_conversation
from operators.errors import AtCapacity
from operators.models import DueWork, Presence
from operators.presence import set_presence
from operators.selectors import OperatorRef, load_of
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tests.cast import acme, globex, visitor_of
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    conversation_row,
    desk_entries_of,
    due_work_of,
    entries_of,
    everything_about,
    in_threads,
    lay_conversation,
    lock_row,
    queue_entry,
    receive,
    separate_connection,
)

Hire = Callable[..., OperatorRef]


def offer(organisation: OrganisationRef, conversation_id: UUID) -> UUID | None:
    return in_organisation(organisation, offer_conversation, conversation_id)


def take(organisation: OrganisationRef, operator: OperatorRef, conversation_id: UUID, cid: UUID | None = None) -> int:
    return in_organisation(organisation, take_conversation, operator, conversation_id, cid or uuid4()).seq


def test_the_only_operator_who_is_there_gets_it_and_the_reasons_are_kept(hire: Hire) -> None:
    operator, conversation = hire(globex()), lay_conversation(globex())

    assert offer(globex(), conversation.id) == operator.id

    row = conversation_row(globex(), conversation.id)
    assert (row.state, row.operator_id, row.operator_name) == ("assigned", operator.id, "Olga")
    queued = queue_entry(conversation.id)
    assert (queued.state, queued.operator_id) == ("assigned", operator.id)
    assert queued.offered_at is not None
    assert due_work_of(conversation.id) == []
    [assigned] = entries_of(globex(), conversation.id)
    assert (assigned.kind, assigned.sender_kind) == ("conversation.assigned", "system")
    assert assigned.payload == {"operator": {"id": str(operator.id), "name": "Olga"}}
    [made] = desk_entries_of(globex(), conversation.id)
    assert made.kind == DeskEntry.Kind.OFFER_MADE
    assert made.payload["reasons"] == {
        "load": 0.0,
        "capacity": 4,
        "candidates": 1,
        "idle_seconds": None,
        "speaks_language": True,
        "helped_before": False,
        "taken_last_hour": 0,
        "waiting": 0,
        "level": 2,
        "rule": "present",
        "decided_by": "only_one",
        "attempt": 1,
        "previous": None,
    }
    assert_consistent(globex(), conversation.id)


def test_an_offer_made_twice_changes_nothing_the_second_time(hire: Hire) -> None:  # rule 19
    operator, conversation = hire(globex()), lay_conversation(globex())
    offer(globex(), conversation.id)
    before = everything_about(globex(), conversation.id)

    assert offer(globex(), conversation.id) == operator.id
    assert everything_about(globex(), conversation.id) == before


def test_of_twenty_parallel_offers_exactly_one_assigns(hire: Hire, noon: timedelta) -> None:
    organisation, conversation = globex(), lay_conversation(globex())
    for _ in range(3):
        hire(organisation)

    answers = in_threads([lambda: offer(organisation, conversation.id) for _ in range(20)], moved=noon)

    assert len(set(answers)) == 1
    assert queue_entry(conversation.id).operator_id == answers[0]
    assert len(entries_of(organisation, conversation.id)) == len(desk_entries_of(organisation, conversation.id)) == 1
    assert load_of(answers[0]) == 1  # type: ignore[arg-type]


def test_an_offer_does_not_wait_for_its_visitor_who_is_just_writing(hire: Hire, noon: timedelta) -> None:
    # Who writes locks the visitor, then waits for the conversation: an offer that waited for the visitor deadlocked.
    organisation, operator, vera = globex(), hire(globex()), visitor_of(globex())
    conversation_id = receive(vera).conversation_id

    def offer_at_once() -> UUID | None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '3s'")
            return offer(organisation, conversation_id)

    def offer_meanwhile(_organisation: OrganisationRef) -> list[UUID | None]:
        with transaction.atomic():
            lock_visitor(vera.id)
            return in_threads([offer_at_once], moved=noon)

    assert in_organisation(organisation, offer_meanwhile) == [operator.id]


def test_twenty_conversations_of_two_organisations_never_exceed_one_capacity(hire: Hire, noon: timedelta) -> None:
    organisations = [acme(), globex()] * 10
    operator = hire(acme(), globex(), capacity=4)
    conversations = [lay_conversation(organisation) for organisation in organisations]

    answers = in_threads(
        [
            partial(offer, organisation, conversation.id)
            for organisation, conversation in zip(organisations, conversations, strict=True)
        ],
        moved=noon,
    )

    assert Counter(answers) == {operator.id: 4, None: 16}
    assert load_of(operator.id) == 4
    for answer, organisation, conversation in zip(answers, organisations, conversations, strict=True):
        assert conversation_row(organisation, conversation.id).operator_id == answer
        assert len(due_work_of(conversation.id)) == (0 if answer else 1)
        assert_consistent(organisation, conversation.id)


def test_parallel_offers_fill_two_operators_and_no_more(hire: Hire, noon: timedelta) -> None:
    organisation = globex()
    operators = [hire(organisation, capacity=3) for _ in range(2)]
    conversations = [lay_conversation(organisation) for _ in range(12)]

    answers = in_threads([partial(offer, organisation, conversation.id) for conversation in conversations], moved=noon)

    assert Counter(answers) == {operators[0].id: 3, operators[1].id: 3, None: 6}


def test_when_nobody_is_free_it_waits_and_is_tried_again_in_a_second(hire: Hire) -> None:  # rule 12
    conversation = lay_conversation(globex())
    DueWork.objects.filter(subject_id=conversation.id).update(due_at=platform_now())

    started = platform_now()
    assert offer(globex(), conversation.id) is None

    [work] = due_work_of(conversation.id)
    assert work.attempts == 1
    assert timedelta(seconds=1) <= work.due_at - started < timedelta(seconds=6)
    assert conversation_row(globex(), conversation.id).state == "waiting"
    assert not entries_of(globex(), conversation.id)
    assert not desk_entries_of(globex(), conversation.id)


@pytest.mark.parametrize(("unheard_seconds", "chosen"), [(44, True), (46, False)])
def test_an_operator_unheard_for_over_45_seconds_is_not_there(  # rule 22
    hire: Hire, unheard_seconds: int, chosen: bool
) -> None:
    operator, conversation = hire(globex()), lay_conversation(globex())

    with clock_moved(timedelta(seconds=unheard_seconds)):
        assert offer(globex(), conversation.id) == (operator.id if chosen else None)


def test_an_operator_who_is_away_is_not_chosen_until_they_are_back(hire: Hire) -> None:
    operator, conversation = hire(globex()), lay_conversation(globex())
    set_presence(operator.id, Presence.State.AWAY)

    assert offer(globex(), conversation.id) is None

    set_presence(operator.id, Presence.State.AVAILABLE)
    assert offer(globex(), conversation.id) == operator.id


def test_an_operator_of_another_organisation_is_not_chosen(hire: Hire) -> None:
    hire(acme())
    conversation = lay_conversation(globex())

    assert offer(globex(), conversation.id) is None


def test_who_speaks_the_language_comes_before_who_has_less_to_do(hire: Hire) -> None:
    busy = hire(globex(), languages=("en", "nl"))
    for _ in range(2):
        take(globex(), busy, lay_conversation(globex()).id)
    hire(globex(), languages=("nl",))

    conversation = lay_conversation(globex())

    assert offer(globex(), conversation.id) == busy.id
    reasons = desk_entries_of(globex(), conversation.id)[0].payload["reasons"]
    assert (reasons["load"], reasons["candidates"], reasons["speaks_language"]) == (2, 2, True)


def test_somebody_who_does_not_speak_the_language_is_better_than_nobody(hire: Hire) -> None:
    operator, conversation = hire(globex(), languages=("nl",)), lay_conversation(globex())

    assert offer(globex(), conversation.id) == operator.id
    assert desk_entries_of(globex(), conversation.id)[0].payload["reasons"]["speaks_language"] is False


def test_load_is_compared_as_a_share_of_each_ones_capacity(hire: Hire) -> None:
    small, large = hire(globex(), capacity=2), hire(globex(), capacity=8)
    for operator in (small, large, large):
        take(globex(), operator, lay_conversation(globex()).id)

    assert offer(globex(), lay_conversation(globex()).id) == large.id


def test_of_equals_the_one_longest_without_an_offer_is_chosen(hire: Hire) -> None:
    first, second = hire(globex()), hire(globex())
    for operator in (second, first):
        taken = lay_conversation(globex())
        take(globex(), operator, taken.id)
        in_organisation(globex(), close_conversation, operator, taken.id, uuid4(), "other")

    conversation = lay_conversation(globex())

    assert offer(globex(), conversation.id) == second.id
    idle = desk_entries_of(globex(), conversation.id)[0].payload["reasons"]["idle_seconds"]
    assert 0 < idle < 30


def test_somebody_who_never_had_an_offer_comes_first_of_equals(hire: Hire) -> None:
    seasoned, fresh = hire(globex()), hire(globex())
    taken = lay_conversation(globex())
    take(globex(), seasoned, taken.id)
    in_organisation(globex(), close_conversation, seasoned, taken.id, uuid4(), "other")

    assert offer(globex(), lay_conversation(globex()).id) == fresh.id


def test_a_conversation_that_is_gone_cannot_be_offered(hire: Hire) -> None:
    hire(globex())

    with pytest.raises(NotFound):
        offer(globex(), uuid4())
    assert in_organisation(globex(), offer_conversation_if_free, uuid4()) is None


def test_the_sweeps_offer_does_not_wait_for_a_conversation_that_is_held(hire: Hire) -> None:
    operator, conversation = hire(globex()), lay_conversation(globex())
    with separate_connection() as holder:
        lock_row(holder, globex(), conversation.id)
        before = everything_about(globex(), conversation.id)

        assert in_organisation(globex(), offer_conversation_if_free, conversation.id) is None
        assert everything_about(globex(), conversation.id) == before

    assert in_organisation(globex(), offer_conversation_if_free, conversation.id) == operator.id


def test_taking_what_waits(hire: Hire) -> None:
    operator, conversation, cid = hire(globex()), lay_conversation(globex()), uuid4()

    taken = take(globex(), operator, conversation.id, cid)
    again = take(globex(), operator, conversation.id, cid)

    assert (taken, again) == (1, 1)
    assert queue_entry(conversation.id).operator_id == operator.id
    assert due_work_of(conversation.id) == []
    assert len(entries_of(globex(), conversation.id)) == len(desk_entries_of(globex(), conversation.id)) == 1
    assert_consistent(globex(), conversation.id)


def test_a_take_that_is_sent_again_after_the_end_gets_its_first_answer(hire: Hire) -> None:
    operator, conversation, cid = hire(globex()), lay_conversation(globex()), uuid4()
    take(globex(), operator, conversation.id, cid)
    in_organisation(globex(), leave_conversation, conversation.visitor_id, conversation.id, uuid4())
    before = everything_about(globex(), conversation.id)

    assert take(globex(), operator, conversation.id, cid) == 1
    assert everything_about(globex(), conversation.id) == before


def test_two_operators_who_take_at_once_get_one_conversation_between_them(hire: Hire, noon: timedelta) -> None:
    organisation, conversation = globex(), lay_conversation(globex())
    operators = [hire(organisation) for _ in range(6)]

    def attempt(operator: OperatorRef) -> bool:
        try:
            take(organisation, operator, conversation.id)
        except AlreadyTaken:
            return False
        return True

    answers = in_threads([partial(attempt, operator) for operator in operators], moved=noon)

    assert answers.count(True) == 1
    assert queue_entry(conversation.id).operator_id == operators[answers.index(True)].id
    assert len(entries_of(organisation, conversation.id)) == 1


def test_what_somebody_else_has_is_already_taken(hire: Hire) -> None:  # rule 45
    olga, omar, conversation = hire(globex()), hire(globex(), name="Omar"), lay_conversation(globex())
    take(globex(), olga, conversation.id)
    before = everything_about(globex(), conversation.id)

    with pytest.raises(AlreadyTaken):
        take(globex(), omar, conversation.id)

    assert everything_about(globex(), conversation.id) == before


def test_an_operator_takes_no_more_than_their_capacity_over_all_organisations(hire: Hire) -> None:  # rule 45
    operator = hire(acme(), globex(), capacity=2)
    take(acme(), operator, lay_conversation(acme()).id)
    take(globex(), operator, lay_conversation(globex()).id)
    third = lay_conversation(acme())
    before = everything_about(acme(), third.id)

    with pytest.raises(AtCapacity):
        take(acme(), operator, third.id)

    assert everything_about(acme(), third.id) == before
    assert load_of(operator.id) == 2


def test_a_closed_conversation_cannot_be_taken(hire: Hire) -> None:
    operator, conversation = hire(globex()), lay_conversation(globex())
    in_organisation(globex(), leave_conversation, conversation.visitor_id, conversation.id, uuid4())
    before = everything_about(globex(), conversation.id)

    with pytest.raises(ConversationClosed):
        take(globex(), operator, conversation.id)

    assert everything_about(globex(), conversation.id) == before


def answer_and_close(organisation: OrganisationRef, operator: OperatorRef, conversation: Conversation) -> None:
    take(organisation, operator, conversation.id)
    append(organisation, asked(conversation), answered(conversation, operator))
    in_organisation(organisation, close_conversation, operator, conversation.id, uuid4(), "information")


def test_who_helped_this_visitor_last_comes_before_who_has_less_to_do(hire: Hire) -> None:
    helper, other = hire(globex()), hire(globex())
    earlier, later = lay_conversation(globex()), lay_conversation(globex())
    visitor_id = earlier.visitor_id
    answer_and_close(globex(), other, earlier)
    second = lay_conversation(globex(), visitor_id=visitor_id)
    answer_and_close(globex(), helper, second)
    take(globex(), helper, later.id)

    third = lay_conversation(globex(), visitor_id=visitor_id)

    assert offer(globex(), third.id) == helper.id
    reasons = desk_entries_of(globex(), third.id)[0].payload["reasons"]
    assert (reasons["helped_before"], reasons["decided_by"], reasons["load"]) == (True, "helped_before", 1.0)


def test_who_only_held_it_and_never_answered_is_no_helper(hire: Hire) -> None:
    silent, other = hire(globex()), hire(globex())
    earlier = lay_conversation(globex())
    take(globex(), silent, earlier.id)
    in_organisation(globex(), leave_conversation, earlier.visitor_id, earlier.id, uuid4())
    take(globex(), other, lay_conversation(globex()).id)

    again = lay_conversation(globex(), visitor_id=earlier.visitor_id)

    assert offer(globex(), again.id) == silent.id
    reasons = desk_entries_of(globex(), again.id)[0].payload["reasons"]
    assert (reasons["helped_before"], reasons["decided_by"]) == (False, "load")


def test_a_reopened_conversation_goes_back_to_whoever_closed_it_if_they_are_free(hire: Hire, noon: timedelta) -> None:
    vera = visitor_of(acme())
    conversation_id = receive(vera).conversation_id
    helper = hire(acme())
    take(acme(), helper, conversation_id)
    append(acme(), answered(conversation_row(acme(), conversation_id), helper))
    in_organisation(acme(), close_conversation, helper, conversation_id, uuid4(), "information")
    take(acme(), helper, lay_conversation(acme()).id)
    hire(acme())

    assert receive(vera, "One more thing").conversation_id == conversation_id

    assert offer(acme(), conversation_id) == helper.id
    reasons = desk_entries_of(acme(), conversation_id)[-1].payload["reasons"]
    assert (reasons["decided_by"], reasons["attempt"]) == ("helped_before", 1)


def test_an_earlier_helper_who_is_full_or_away_is_not_waited_for(hire: Hire) -> None:
    helper, other = hire(globex(), capacity=1), hire(globex())
    earlier = lay_conversation(globex())
    answer_and_close(globex(), helper, earlier)
    take(globex(), helper, lay_conversation(globex()).id)

    again = lay_conversation(globex(), visitor_id=earlier.visitor_id)

    assert offer(globex(), again.id) == other.id


def test_an_offer_stored_before_all_reasons_were_kept_still_reads(hire: Hire) -> None:
    operator, conversation = hire(globex()), lay_conversation(globex())
    offer(globex(), conversation.id)
    old = {"load": 1, "capacity": 4, "candidates": 2, "idle_seconds": None, "speaks_language": True}
    payload = {"operator": {"id": str(operator.id), "name": "Olga"}, "reasons": old}

    def rewrite(_organisation: OrganisationRef) -> Entries:
        DeskEntry.objects.filter(conversation_id=conversation.id).update(payload=payload)
        return desk_entries(Conversation.objects.get(pk=conversation.id), 0, 0)

    [made] = in_organisation(globex(), rewrite).desk_entries

    assert isinstance(made, OfferMade)
    assert (made.reasons.load, made.reasons.decided_by, made.reasons.attempt) == (1.0, "", 1)
