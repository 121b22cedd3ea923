"""Who is eligible: posting, training, topic, language, presence and room in one query."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from conversations.services.offering import offer_conversation, take_conversation
from knowledgebase.models import Topic
from operators.answering import visitors_waiting_for
from operators.candidates import candidate_again, candidates_for
from operators.errors import NotTrained
from operators.models import Assignment, ClientCard, KindWeight, Posting, QueueEntry
from operators.routing import Wanted
from operators.selectors import OperatorRef, is_trained, waiting_for, weight_held_by
from operators.services import note_topic
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme, globex, visitor_of
from tests.conversations.scene import (
    dismiss_operators,
    everything_about,
    lay_conversation,
    queue_entry,
    receive,
)
from tests.desk_people import open_all_day

Hire = Callable[..., OperatorRef]

english = partial(Wanted, language="en")


@pytest.fixture
def card() -> object:
    """Publishes a version of Globex's client card; all of them are gone after the test."""

    def publish(version: int) -> None:
        ClientCard.objects.create(organisation_id=globex().id, version=version, tone="Formal.")

    yield publish
    ClientCard.objects.filter(organisation_id=globex().id).delete()


def chosen(*operators: OperatorRef, wanted: Wanted, organisation: OrganisationRef | None = None) -> set[str]:
    """Names of those of these operators who are eligible."""
    ids = {one.id: one.name for one in operators}
    found = candidates_for(organisation or globex(), wanted)
    return {ids[one.operator.id] for one in found if one.operator.id in ids}


def post(operator: OperatorRef, **how: object) -> None:
    Posting.objects.filter(operator_id=operator.id, organisation_id=globex().id).update(**how)


def hold(operator: OperatorRef, *, kind: str = "question", weight: int = 100) -> UUID:
    conversation = lay_conversation(globex())
    type(queue_entry(conversation.id)).objects.filter(pk=conversation.id).update(kind=kind, weight=weight)
    in_organisation(globex(), take_conversation, operator, conversation.id, uuid4())
    return conversation.id


def test_only_who_confirmed_the_newest_card_is_eligible(hire: Hire, card: Callable[[int], None]) -> None:
    fresh, trained = hire(globex(), name="Fresh"), hire(globex(), name="Trained")
    assert chosen(fresh, trained, wanted=english()) == {"Fresh", "Trained"}

    card(1)
    post(trained, confirmed_version=1)
    assert chosen(fresh, trained, wanted=english()) == {"Trained"}
    assert (is_trained(fresh.id, globex()), is_trained(trained.id, globex())) == (False, True)

    card(2)
    assert chosen(fresh, trained, wanted=english()) == set()
    post(fresh, confirmed_version=2)
    assert chosen(fresh, trained, wanted=english()) == {"Fresh"}


def test_a_card_of_one_organisation_asks_nothing_of_another(hire: Hire, card: Callable[[int], None]) -> None:
    card(1)
    operator = hire(acme(), globex())

    assert chosen(operator, wanted=english(), organisation=acme()) == {"Olga"}
    assert chosen(operator, wanted=english()) == set()


def test_an_unconfirmed_card_keeps_an_operator_from_taking_too(hire: Hire, card: Callable[[int], None]) -> None:
    card(1)
    operator, conversation = hire(globex()), lay_conversation(globex())
    before = everything_about(globex(), conversation.id)

    with pytest.raises(NotTrained):
        in_organisation(globex(), take_conversation, operator, conversation.id, uuid4())

    assert everything_about(globex(), conversation.id) == before
    assert (globex().schema_name, conversation.id) not in waiting_for(operator.id, limit=1000)


def test_a_posting_for_some_topics_is_for_those_and_for_what_nobody_has_named_yet(hire: Hire) -> None:
    all_topics, cards_only = hire(globex(), name="All"), hire(globex(), name="Cards")
    post(cards_only, topics=["card"])

    assert chosen(all_topics, cards_only, wanted=english(topic="card")) == {"All", "Cards"}
    assert chosen(all_topics, cards_only, wanted=english(topic="account")) == {"All"}
    assert chosen(all_topics, cards_only, wanted=english()) == {"All", "Cards"}


def test_a_postings_languages_stand_before_the_operators_own(hire: Hire) -> None:
    operator = hire(globex(), languages=("en", "nl"))

    def speaks(language: str) -> bool:
        [one] = [one for one in candidates_for(globex(), Wanted(language=language)) if one.operator.id == operator.id]
        return one.speaks_language

    assert (speaks("en"), speaks("nl"), speaks("ja")) == (True, True, False)
    post(operator, languages=["ja"])
    assert (speaks("en"), speaks("nl"), speaks("ja")) == (False, False, True)


def test_weights_are_added_up_over_all_that_an_operator_holds(hire: Hire) -> None:
    operator = hire(globex(), capacity=3)
    hold(operator, kind="complaint", weight=150)

    assert weight_held_by(operator.id) == 150
    assert chosen(operator, wanted=english(weight=150)) == {"Olga"}
    assert chosen(operator, wanted=english(weight=151)) == set()
    hold(operator, weight=50)
    assert chosen(operator, wanted=english(weight=101)) == set()


def test_the_excluded_are_left_out(hire: Hire) -> None:
    one, other = hire(globex(), name="One"), hire(globex(), name="Other")

    assert chosen(one, other, wanted=english(excluded=frozenset({one.id}))) == {"Other"}
    assert chosen(one, other, wanted=english(excluded=frozenset({one.id, other.id}))) == set()


def test_what_was_taken_in_the_last_hour_is_counted(hire: Hire) -> None:
    operator = hire(globex(), capacity=10)
    for _ in range(3):
        hold(operator)
    Assignment.objects.filter(operator_id=operator.id).order_by("started_at").first().delete()  # type: ignore[union-attr]
    Assignment.objects.filter(pk=Assignment.objects.filter(operator_id=operator.id)[0].pk).update(
        started_at=platform_now() - timedelta(minutes=61)
    )

    [one] = [one for one in candidates_for(globex(), english()) if one.operator.id == operator.id]

    assert (one.taken_last_hour, one.load) == (1, 300)


def test_a_topic_makes_a_conversation_heavier_for_its_holder_as_well(hire: Hire) -> None:
    KindWeight.objects.create(kind="complaint", weight=250)
    try:
        operator, conversation = hire(globex(), capacity=2), lay_conversation(globex())
        in_organisation(globex(), take_conversation, operator, conversation.id, uuid4())

        note_topic(conversation.id, "security", "complaint")

        row = queue_entry(conversation.id)
        assert (row.kind, row.weight, row.topic) == ("complaint", 250, "security")
        assert weight_held_by(operator.id) == Assignment.objects.get(conversation_id=conversation.id).weight == 250
        assert chosen(operator, wanted=english()) == set()  # over their capacity: nothing more until there is room
    finally:
        KindWeight.objects.filter(kind="complaint").delete()


def test_a_topic_leaves_a_conversation_with_a_specialist_what_it_is(hire: Hire) -> None:
    conversation = lay_conversation(globex())
    type(queue_entry(conversation.id)).objects.filter(pk=conversation.id).update(kind="escalated", weight=20)

    note_topic(conversation.id, "security", "complaint")

    row = queue_entry(conversation.id)
    assert (row.kind, row.weight, row.topic) == ("escalated", 20, "security")


def test_a_conversation_begins_with_the_weight_of_its_topics_kind(hire: Hire) -> None:
    def kind_of_security(kind: str) -> None:
        in_organisation(globex(), lambda _: Topic.objects.filter(slug="security").update(kind=kind))

    KindWeight.objects.create(kind="advice", weight=200)
    kind_of_security("advice")
    try:
        with open_all_day(globex()):
            heavy = receive(visitor_of(globex()), "Hello there", topic="security").conversation_id
            plain = receive(visitor_of(globex()), "Hello there").conversation_id
        small, large = hire(globex(), capacity=1), hire(globex(), capacity=2)

        assert (queue_entry(heavy).kind, queue_entry(heavy).weight) == ("advice", 200)
        assert (queue_entry(plain).kind, queue_entry(plain).weight) == ("question", 100)
        assert in_organisation(globex(), offer_conversation, heavy) == large.id
        assert in_organisation(globex(), offer_conversation, plain) == small.id
    finally:
        kind_of_security("question")
        KindWeight.objects.filter(kind="advice").delete()


def test_an_operator_without_a_posting_is_told_of_nothing_that_waits(hire: Hire) -> None:
    operator = hire(globex())
    conversation = lay_conversation(globex())
    assert (globex().schema_name, conversation.id) in waiting_for(operator.id, limit=1000)

    dismiss_operators([operator.id])

    assert waiting_for(operator.id, limit=1000) == []


def test_presence_is_asked_by_the_platforms_clock(hire: Hire) -> None:  # rule 22
    operator = hire(globex())

    for seconds, there in ((40, {"Olga"}), (46, set())):
        with clock_moved(timedelta(seconds=seconds)):
            assert chosen(operator, wanted=english()) == there


def test_visitors_who_wait_for_them_are_counted_and_can_be_too_many(hire: Hire) -> None:
    operator = hire(globex(), capacity=10)
    hold(operator)
    waiting = hold(operator)
    QueueEntry.objects.filter(pk=waiting).update(promise_opened_at=platform_now())

    [one] = [one for one in candidates_for(globex(), english()) if one.operator.id == operator.id]
    assert (one.waiting, one.load) == (1, 200)
    assert visitors_waiting_for(operator.id) == 1
    assert chosen(operator, wanted=english(fewer_waiting_than=2)) == {"Olga"}
    assert chosen(operator, wanted=english(fewer_waiting_than=1)) == set()


def test_one_is_read_again_with_what_changed_meanwhile(hire: Hire) -> None:
    one, other = hire(globex(), capacity=1), hire(globex(), name="Other")

    again = candidate_again(globex(), english(), one.id)
    assert again is not None
    assert (again.operator.id, again.load) == (one.id, 0)
    hold(one)
    assert candidate_again(globex(), english(), one.id) is None
    assert candidate_again(globex(), english(excluded=frozenset({other.id})), other.id) is None
