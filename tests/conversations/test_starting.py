"""A visitor's message begins a conversation, finds the open one, or reopens the last."""

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from conversations.errors import ClosedHours
from conversations.models import Conversation, Entry, Visitor, VisitorToken
from conversations.services.automation import answer_opening_question
from conversations.services.closing import leave_conversation
from conversations.services.writing import choose_topic
from conversations.tokens import new_token
from knowledgebase.selectors import topic_choices
from operators.models import DueWork, QueueEntry
from tenants.clock import clock_moved, platform_now
from tenants.context import in_organisation
from tenants.selectors import automatic_texts
from tests.cast import VisitorHere, acme, globex, olga, visitor_of
from tests.conversations.scene import (
    PAGE,
    answered,
    append,
    assert_consistent,
    conversation_row,
    due_work_of,
    entries_of,
    in_threads,
    kinds_of,
    promises_of,
    queue_entry,
    receive,
)

pytestmark = pytest.mark.usefixtures("noon")

BEGINNING = [("message.sent", "automatic"), ("message.sent", "visitor"), ("topic.asked", "automatic")]


def conversations_of(visitor: VisitorHere) -> list[Conversation]:
    return in_organisation(
        visitor.organisation, lambda _: list(Conversation.objects.filter(visitor_id=visitor.id).order_by("opened_at"))
    )


def leave(visitor: VisitorHere, conversation_id: object) -> None:
    in_organisation(visitor.organisation, leave_conversation, visitor.id, conversation_id, uuid4())  # type: ignore[arg-type]


def until_acme_has_closed() -> timedelta:
    """From now to half past eleven of this evening in Amsterdam: Acme closes at eleven."""
    now = platform_now().astimezone(ZoneInfo("Europe/Amsterdam"))
    return now.replace(hour=23, minute=30) - now


def test_the_first_message_makes_the_visitor_the_conversation_and_its_work() -> None:
    organisation = acme()
    newcomer = VisitorHere(uuid4(), new_token(organisation.schema_name), organisation)

    received = receive(newcomer, "Is the ridge tent waterproof?")

    conversation = conversation_row(organisation, received.conversation_id)
    assert received.needs_operator
    assert (conversation.visitor_id, conversation.state) == (received.visitor_id, "waiting")
    assert (conversation.page_url, conversation.page_title, conversation.referrer) == (
        PAGE.url,
        PAGE.title,
        PAGE.referrer,
    )
    assert (conversation.language, conversation.website_key, conversation.previous_id) == ("en", "acme-shop", None)
    row = queue_entry(conversation.id)
    assert (row.schema_name, row.organisation_id, row.website_key) == (
        organisation.schema_name,
        organisation.id,
        "acme-shop",
    )
    closing, work = sorted(due_work_of(conversation.id), key=lambda one: one.kind)
    assert closing.kind == DueWork.Kind.CLOSING
    assert closing.due_at > conversation.opened_at
    assert (work.schema_name, work.kind, work.attempts) == (organisation.schema_name, DueWork.Kind.OFFER, 0)
    assert_consistent(organisation, conversation.id)


def test_it_greets_then_stores_the_message_then_asks_the_topic_once() -> None:
    vera = visitor_of(acme())

    first = receive(vera, "Hello there")
    second = receive(vera, "Are you there?")

    assert second.conversation_id == first.conversation_id
    assert not second.needs_operator
    assert kinds_of(acme(), first.conversation_id)[:3] == BEGINNING
    assert [kind for kind, _ in kinds_of(acme(), first.conversation_id)].count("topic.asked") == 1
    greeting, message, question = entries_of(acme(), first.conversation_id)[:3]
    assert greeting.body == automatic_texts(acme(), "en")[0]
    assert (message.body, message.seq) == ("Hello there", first.message.seq)
    choices = in_organisation(acme(), topic_choices, "en")
    assert question.payload == {"topics": [{"slug": one.slug, "label": one.label} for one in choices]}


def test_it_speaks_the_visitors_language() -> None:
    vera = visitor_of(acme())

    received = receive(vera, "Hallo", language="nl")

    greeting, _, question = entries_of(acme(), received.conversation_id)
    assert greeting.body == automatic_texts(acme(), "nl")[0] != automatic_texts(acme(), "en")[0]
    assert {"slug": "delivery", "label": "Levering"} in question.payload["topics"]


def test_a_topic_chosen_beforehand_is_kept_and_not_asked_again() -> None:
    vera = visitor_of(acme())

    received = receive(vera, "Where is it?", topic="delivery")

    assert kinds_of(acme(), received.conversation_id) == BEGINNING[:2]
    assert conversation_row(acme(), received.conversation_id).topic == "delivery"
    assert queue_entry(received.conversation_id).topic == "delivery"


def test_a_topic_that_is_not_offered_is_asked_for() -> None:
    victor = visitor_of(globex())

    received = receive(victor, "Where is it?", topic="delivery")

    assert conversation_row(globex(), received.conversation_id).topic == ""
    assert kinds_of(globex(), received.conversation_id) == BEGINNING


def test_a_topic_recognised_in_the_first_question_is_told_and_not_asked_for() -> None:
    vera = visitor_of(acme())

    received = receive(vera, "When will my parcel be here?")
    receive(vera, "Or can I get a refund?")

    entries = entries_of(acme(), received.conversation_id)
    assert [(entry.kind, entry.sender_kind) for entry in entries] == [
        *BEGINNING[:2],
        ("topic.chosen", "automatic"),
        ("message.sent", "visitor"),
    ]
    assert entries[2].payload == {"topic": "delivery", "label": "Delivery"}
    assert conversation_row(acme(), received.conversation_id).topic == "delivery"
    assert queue_entry(received.conversation_id).topic == "delivery"


def test_a_visitor_corrects_the_recognised_topic() -> None:
    vera = visitor_of(acme())
    received = receive(vera, "When will my parcel be here?")

    in_organisation(acme(), choose_topic, vera.id, received.conversation_id, uuid4(), "returns")

    assert kinds_of(acme(), received.conversation_id)[-1] == ("topic.chosen", "visitor")
    assert conversation_row(acme(), received.conversation_id).topic == "returns"
    assert queue_entry(received.conversation_id).topic == "returns"


def test_what_the_visitor_chose_counts_more_than_their_words() -> None:
    vera = visitor_of(acme())

    received = receive(vera, "When will my parcel be here?", topic="returns")

    assert kinds_of(acme(), received.conversation_id) == BEGINNING[:2]
    assert conversation_row(acme(), received.conversation_id).topic == "returns"


def test_first_messages_from_two_pages_at_once_begin_one_conversation(noon: timedelta) -> None:
    organisation = globex()
    newcomer = VisitorHere(uuid4(), new_token(organisation.schema_name), organisation)

    received = in_threads([lambda: receive(newcomer, "Hello") for _ in range(12)], moved=noon)

    assert len({(one.visitor_id, one.conversation_id) for one in received}) == 1
    assert [one.needs_operator for one in received].count(True) == 1
    kinds = kinds_of(organisation, received[0].conversation_id)
    assert kinds[:3] == BEGINNING
    assert kinds[3:] == [("message.sent", "visitor")] * 11
    assert len(promises_of(organisation, received[0].conversation_id)) == 1
    assert_consistent(organisation, received[0].conversation_id)


def test_the_first_message_sent_many_times_at_once_is_stored_once(noon: timedelta) -> None:  # rule 2
    victor, cid = visitor_of(globex()), uuid4()

    received = in_threads([lambda: receive(victor, "Hello", cid=cid) for _ in range(12)], moved=noon)

    assert len({(one.conversation_id, one.message.id, one.message.seq, one.message.at) for one in received}) == 1
    assert [one.message.is_new for one in received].count(True) == 1
    assert kinds_of(globex(), received[0].conversation_id) == BEGINNING


def test_a_message_sent_again_after_a_new_conversation_began_answers_the_old_row() -> None:  # rule 1
    victor, cid = visitor_of(globex()), uuid4()
    first = receive(victor, "Hello", cid=cid)
    leave(victor, first.conversation_id)
    with clock_moved(timedelta(minutes=16)):
        second = receive(victor, "Something else")

        again = receive(victor, "Hello", cid=cid)

    assert second.conversation_id != first.conversation_id
    assert (again.conversation_id, again.message.id, again.message.seq, again.message.is_new, again.needs_operator) == (
        first.conversation_id,
        first.message.id,
        first.message.seq,
        False,
        False,
    )


def test_outside_opening_hours_nothing_is_stored_and_the_next_opening_is_told() -> None:
    organisation = acme()
    newcomer = VisitorHere(uuid4(), new_token(organisation.schema_name), organisation)

    def counts(_: object) -> tuple[int, ...]:
        tables = (Visitor, VisitorToken, Conversation, Entry, QueueEntry, DueWork)
        return tuple(table.objects.count() for table in tables)

    before = in_organisation(organisation, counts)
    with clock_moved(until_acme_has_closed()), pytest.raises(ClosedHours) as refusal:
        receive(newcomer)

    assert in_organisation(organisation, counts) == before
    assert refusal.value.next_opening is not None
    opening: datetime = refusal.value.next_opening.astimezone(ZoneInfo("Europe/Amsterdam"))
    assert (opening.hour, opening.minute) == (8, 0)
    assert opening > platform_now()


def test_within_a_quarter_of_an_hour_the_conversation_is_reopened() -> None:
    victor = visitor_of(globex())
    first = receive(victor, "Hello")
    leave(victor, first.conversation_id)
    before = len(entries_of(globex(), first.conversation_id))

    with clock_moved(timedelta(minutes=14, seconds=50)):
        again = receive(victor, "One more thing")

    assert again.conversation_id == first.conversation_id
    assert again.needs_operator
    assert kinds_of(globex(), first.conversation_id)[before:] == [
        ("conversation.reopened", "visitor"),
        ("message.sent", "visitor"),
    ]
    row = conversation_row(globex(), first.conversation_id)
    assert (row.state, row.closed_at, row.operator_id) == ("waiting", None, None)
    assert len(due_work_of(first.conversation_id)) == 1
    assert_consistent(globex(), first.conversation_id)


def test_later_than_that_a_new_linked_conversation_begins() -> None:
    victor = visitor_of(globex())
    first = receive(victor, "Hello")
    leave(victor, first.conversation_id)
    before = entries_of(globex(), first.conversation_id)

    with clock_moved(timedelta(minutes=15, seconds=10)):
        second = receive(victor, "One more thing")

    assert [one.id for one in conversations_of(victor)] == [first.conversation_id, second.conversation_id]
    assert conversation_row(globex(), second.conversation_id).previous_id == first.conversation_id
    assert entries_of(globex(), first.conversation_id) == before
    assert kinds_of(globex(), second.conversation_id) == BEGINNING


def test_reopening_is_never_refused_though_the_shop_has_closed() -> None:
    vera = visitor_of(acme())
    with clock_moved(until_acme_has_closed() - timedelta(minutes=35)):
        first = receive(vera, "Hello")

    # Closed at 22:55 and 23:05, five minutes after the shop.
    with clock_moved(until_acme_has_closed() - timedelta(minutes=35)):
        leave(vera, first.conversation_id)
    with clock_moved(until_acme_has_closed() - timedelta(minutes=25)):
        again = receive(vera, "One more thing")

    assert again.conversation_id == first.conversation_id


def test_a_conversation_that_is_open_goes_on_though_the_shop_has_closed() -> None:
    vera = visitor_of(acme())
    first = receive(vera, "Hello")

    with clock_moved(until_acme_has_closed()):
        again = receive(vera, "Are you still there?")

    assert (again.conversation_id, again.needs_operator) == (first.conversation_id, False)


def test_are_you_open_is_answered_by_itself_before_a_person_has_spoken() -> None:
    vera = visitor_of(acme())

    received = receive(vera, "Are you open today?")

    _, question, answer, topic = entries_of(acme(), received.conversation_id)
    assert (question.kind, answer.kind, topic.kind) == ("message.sent", "message.sent", "topic.asked")
    assert (answer.sender_kind, answer.sender_id, answer.sender_name) == ("automatic", None, "Acme Outdoor")
    assert answer.body == "Yes, we are open now, until 23:00."
    [promise] = promises_of(acme(), received.conversation_id)
    assert promise.settled_at is None


def test_are_you_open_is_answered_once_however_often_it_is_asked_of_the_service() -> None:
    vera, cid = visitor_of(acme()), uuid4()
    received = receive(vera, "Are you open today?", cid=cid)
    before = kinds_of(acme(), received.conversation_id)

    for _ in range(2):
        in_organisation(acme(), answer_opening_question, received.conversation_id, "Are you open today?", cid)

    assert kinds_of(acme(), received.conversation_id) == before


def test_are_you_open_is_left_to_the_person_who_has_spoken() -> None:
    vera = visitor_of(acme())
    received = receive(vera, "Hello")
    conversation = conversation_row(acme(), received.conversation_id)
    operator = olga()
    in_organisation(
        acme(),
        lambda _: Conversation.objects.filter(pk=conversation.id).update(
            state="assigned", operator_id=operator.id, operator_name=operator.name
        ),
    )
    append(acme(), answered(conversation, operator))

    receive(vera, "Are you open today?")
    in_organisation(acme(), answer_opening_question, conversation.id, "Are you open today?", uuid4())

    assert kinds_of(acme(), conversation.id)[-2:] == [("message.sent", "operator"), ("message.sent", "visitor")]


def test_the_answer_is_in_the_visitors_language_whatever_the_server_speaks() -> None:
    vera = visitor_of(acme())

    with translation.override("nl"):
        received = receive(vera, "Are you open today?", language="en")

    assert entries_of(acme(), received.conversation_id)[2].body == "Yes, we are open now, until 23:00."


def test_the_shop_that_never_closes_says_so() -> None:
    victor = visitor_of(globex())

    received = receive(victor, "What are your opening hours?")

    assert entries_of(globex(), received.conversation_id)[2].body == (
        "Yes, we are here: we answer day and night, every day."
    )
