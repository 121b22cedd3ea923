"""What people write beside plain messages, each change once and each text gone when it is taken back."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection

from conversations.errors import ConversationClosed, NotAssigned
from conversations.frames import Page
from conversations.journal import Appended
from conversations.models import ContactRequest, Conversation
from conversations.services import writing
from conversations.services.closing import leave_conversation
from conversations.tokens import new_token
from operators.selectors import OperatorRef
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import Invalid, NotFound
from tenants.selectors import website_by_key
from tests.cast import VisitorHere, acme, globex, olga, omar, visitor_of
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    conversation_row,
    desk_entries_of,
    entries_of,
    everything_about,
    in_threads,
    kinds_of,
    lay_conversation,
    promises_of,
    queue_entry,
    said_by_itself,
)

Sender = tuple[str, UUID, str]


def visitor_in(conversation: Conversation) -> Sender:
    return "visitor", conversation.visitor_id, ""


def operator_as(operator: OperatorRef) -> Sender:
    return "operator", operator.id, operator.name


def edit(conversation: Conversation, sender: Sender, target: int, body: str, cid: UUID | None = None) -> Appended:
    return in_organisation(acme(), writing.edit_message, sender, conversation.id, cid or uuid4(), target, body)


def delete(conversation: Conversation, sender: Sender, target: int, cid: UUID | None = None) -> Appended:
    return in_organisation(acme(), writing.delete_message, sender, conversation.id, cid or uuid4(), target)


def read(conversation: Conversation, sender: Sender, upto: int) -> None:
    in_organisation(acme(), writing.mark_read, sender, conversation.id, upto)


def choose(conversation: Conversation, topic: str, cid: UUID | None = None, visitor: UUID | None = None) -> Appended:
    return in_organisation(
        acme(), writing.choose_topic, visitor or conversation.visitor_id, conversation.id, cid or uuid4(), topic
    )


def rows_that_contain(organisation: OrganisationRef, text: str) -> list[str]:
    """Every table, public or the organisation's, with a row in which this text occurs."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for schema in (organisation.schema_name, "public"):
            with connection.cursor() as cursor:
                cursor.execute("SELECT to_regclass(%s)", [f"{schema}.{model._meta.db_table}"])
                if cursor.fetchone()[0] is None:
                    continue
                cursor.execute(
                    f'SELECT count(*) FROM "{schema}"."{model._meta.db_table}" AS row'
                    " WHERE position(%s in row::text) > 0",
                    [text],
                )
                if cursor.fetchone()[0]:
                    found.append(f"{schema}.{model._meta.db_table}")
    return found


def assert_refused(error: type[Exception], conversation: Conversation, attempt: Callable[[], Any]) -> None:
    """Refused, and nothing changed (rule 45)."""
    before = everything_about(acme(), conversation.id)
    with pytest.raises(error):
        attempt()
    assert everything_about(acme(), conversation.id) == before


def test_an_edit_replaces_the_text_and_is_a_fact_of_its_own() -> None:  # rule 4
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation, "Is it waterpoof?"))

    edited = edit(conversation, visitor_in(conversation), 1, "Is it waterproof?")

    message, change = entries_of(acme(), conversation.id)
    assert (message.body, change.kind, change.target, change.body) == (
        "Is it waterproof?",
        "message.edited",
        1,
        "Is it waterproof?",
    )
    assert edited.seq == 2
    assert message.edited_at is not None
    assert rows_that_contain(acme(), "waterpoof") == []
    assert len(promises_of(acme(), conversation.id)) == 1
    assert_consistent(acme(), conversation.id)


def test_an_edit_of_an_edit_leaves_neither_earlier_text_behind() -> None:  # rule 43
    conversation, secret = lay_conversation(acme(), operator=olga()), uuid4().hex
    append(acme(), asked(conversation, f"My pin is {secret}"))
    edit(conversation, visitor_in(conversation), 1, f"My pin was {secret}")

    edit(conversation, visitor_in(conversation), 1, "Never mind")

    assert rows_that_contain(acme(), secret) == []
    assert {entry.body for entry in entries_of(acme(), conversation.id)} == {"Never mind"}


def test_an_edit_sent_again_changes_nothing_even_after_a_later_one() -> None:
    conversation, first = lay_conversation(acme(), operator=olga()), uuid4()
    append(acme(), asked(conversation, "one"))
    answer = edit(conversation, visitor_in(conversation), 1, "two", first)
    edit(conversation, visitor_in(conversation), 1, "three")
    before = everything_about(acme(), conversation.id)

    again = edit(conversation, visitor_in(conversation), 1, "two", first)

    assert (again.id, again.seq, again.is_new) == (answer.id, answer.seq, False)
    assert everything_about(acme(), conversation.id) == before


def test_an_edit_sent_again_after_the_message_was_taken_back_brings_nothing_back() -> None:
    conversation, cid = lay_conversation(acme(), operator=olga()), uuid4()
    append(acme(), asked(conversation, "one"))
    answer = edit(conversation, visitor_in(conversation), 1, "two", cid)
    delete(conversation, visitor_in(conversation), 1)
    before = everything_about(acme(), conversation.id)

    assert edit(conversation, visitor_in(conversation), 1, "two", cid).seq == answer.seq
    assert everything_about(acme(), conversation.id) == before


def test_nobody_edits_or_deletes_what_is_not_theirs() -> None:
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation), answered(conversation, olga()), said_by_itself(conversation))
    visitor, operator, colleague = visitor_in(conversation), operator_as(olga()), operator_as(omar())

    for sender, target in ((visitor, 2), (operator, 1), (colleague, 2), (visitor, 3), (operator, 3), (visitor, 9)):
        assert_refused(NotFound, conversation, partial(edit, conversation, sender, target, "mine now"))
        assert_refused(NotFound, conversation, partial(delete, conversation, sender, target))


def test_a_message_that_was_taken_back_cannot_be_edited() -> None:
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation))
    delete(conversation, visitor_in(conversation), 1)

    assert_refused(NotFound, conversation, lambda: edit(conversation, visitor_in(conversation), 1, "back again"))


def test_a_deleted_text_is_gone_from_every_table() -> None:  # rules 4, 16, 43
    conversation, secret = lay_conversation(acme(), operator=olga()), uuid4().hex
    append(acme(), asked(conversation, f"My pin is {secret}"))
    edit(conversation, visitor_in(conversation), 1, f"My pin is not {secret}")
    assert rows_that_contain(acme(), secret) == [f"{acme().schema_name}.conversations_entry"]

    delete(conversation, visitor_in(conversation), 1)

    assert rows_that_contain(acme(), secret) == []
    assert [kind for kind, _ in kinds_of(acme(), conversation.id)] == [
        "message.sent",
        "message.edited",
        "message.deleted",
    ]
    assert entries_of(acme(), conversation.id)[0].deleted_at is not None
    assert_consistent(acme(), conversation.id)


def test_a_deletion_sent_again_is_the_same() -> None:
    conversation, cid = lay_conversation(acme(), operator=olga()), uuid4()
    append(acme(), asked(conversation), answered(conversation, olga()))
    first = delete(conversation, operator_as(olga()), 2, cid)
    before = everything_about(acme(), conversation.id)

    again = delete(conversation, operator_as(olga()), 2, cid)

    assert (again.id, again.seq, again.is_new) == (first.id, first.seq, False)
    assert everything_about(acme(), conversation.id) == before


def test_read_marks_are_coalesced() -> None:
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), answered(conversation, olga()), answered(conversation, olga()), answered(conversation, olga()))

    for upto in (2, 2, 1, 3, 3, 99):
        read(conversation, visitor_in(conversation), upto)

    marks = entries_of(acme(), conversation.id)[3:]
    assert [(one.kind, one.payload) for one in marks] == [("read.marked", {"upto": 2}), ("read.marked", {"upto": 3})]
    assert conversation_row(acme(), conversation.id).visitor_read_seq == 3
    assert_consistent(acme(), conversation.id)


def test_reading_ones_own_words_or_marks_leaves_no_mark() -> None:
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation), asked(conversation))
    read(conversation, operator_as(olga()), 2)

    read(conversation, visitor_in(conversation), 3)
    read(conversation, operator_as(olga()), 3)

    assert [kind for kind, _ in kinds_of(acme(), conversation.id)][2:] == ["read.marked"]
    assert queue_entry(conversation.id).promise_due_at is not None


def test_choosing_a_topic_is_kept_where_visitor_and_desk_see_it() -> None:
    conversation = lay_conversation(acme(), operator=olga())

    chosen = choose(conversation, "delivery")

    [entry] = entries_of(acme(), conversation.id)
    assert (entry.kind, entry.payload) == ("topic.chosen", {"topic": "delivery", "label": "Delivery"})
    assert conversation_row(acme(), conversation.id).topic == queue_entry(conversation.id).topic == "delivery"
    assert chosen.seq == 1


def test_a_choice_sent_again_does_not_undo_a_later_one() -> None:
    conversation, first = lay_conversation(acme(), operator=olga()), uuid4()
    choose(conversation, "delivery", first)
    choose(conversation, "returns")
    before = everything_about(acme(), conversation.id)

    assert choose(conversation, "delivery", first).seq == 1
    assert everything_about(acme(), conversation.id) == before


def test_a_topic_that_is_not_offered_or_somebody_elses_conversation_is_refused() -> None:
    conversation, stranger = lay_conversation(acme(), operator=olga()), visitor_of(acme())

    assert_refused(NotFound, conversation, lambda: choose(conversation, "security"))
    assert_refused(NotFound, conversation, lambda: choose(conversation, "delivery", visitor=stranger.id))


def test_a_note_is_kept_apart_from_what_the_visitor_sees() -> None:
    conversation, cid = lay_conversation(acme(), operator=olga()), uuid4()
    append(acme(), asked(conversation))

    added = [
        in_organisation(acme(), writing.add_note, omar(), conversation.id, cid, "Asked the same last week.")
        for _ in range(2)
    ]

    assert [(one.seq, one.is_new) for one in added] == [(1, True), (1, False)]
    [note] = desk_entries_of(acme(), conversation.id)
    assert (note.kind, note.body, note.sender_name) == ("note.added", "Asked the same last week.", "Omar")
    assert len(entries_of(acme(), conversation.id)) == 1
    assert_consistent(acme(), conversation.id)


def test_notes_of_colleagues_at_once_are_numbered_without_gaps() -> None:
    organisation, conversation, operator = acme(), lay_conversation(acme(), operator=olga()), omar()

    added = in_threads(
        [
            partial(
                in_organisation,
                organisation,
                writing.add_note,
                operator,
                conversation.id,
                uuid4(),
                f"note {number}",
            )
            for number in range(20)
        ]
    )

    assert sorted(one.seq for one in added) == list(range(1, 21))
    assert_consistent(organisation, conversation.id)


def test_a_note_in_a_conversation_of_another_organisation_is_refused() -> None:  # rule 17
    conversation = lay_conversation(acme(), operator=olga())

    assert_refused(
        NotFound,
        conversation,
        lambda: in_organisation(globex(), writing.add_note, olga(), conversation.id, uuid4(), "hello"),
    )


def test_files_of_an_operator_who_does_not_hold_the_conversation_are_refused() -> None:
    conversation = lay_conversation(acme(), operator=olga())

    def send(operator: OperatorRef) -> Appended:
        return in_organisation(acme(), writing.send_operator_files, operator, conversation.id, uuid4(), "See", ())

    assert_refused(NotAssigned, conversation, lambda: send(omar()))
    in_organisation(acme(), leave_conversation, conversation.visitor_id, conversation.id, uuid4())
    assert_refused(ConversationClosed, conversation, lambda: send(olga()))


def ask_for_contact(visitor: VisitorHere, cid: UUID, email: str = "vera@example.com") -> ContactRequest:
    return in_organisation(
        visitor.organisation,
        writing.leave_contact_request,
        token=visitor.token,
        website=website_by_key(visitor.organisation, "acme-shop"),
        page=Page(url="https://acme-shop.example/"),
        language="nl",
        cid=cid,
        name="Vera",
        email=email,
        body="Do you ship to Belgium?",
    )


def test_a_contact_request_is_stored_once_even_from_a_visitor_nobody_knew(noon: object) -> None:
    newcomer, cid = VisitorHere(uuid4(), new_token(acme().schema_name), acme()), uuid4()

    requests = in_threads([lambda: ask_for_contact(newcomer, cid)] * 6)

    assert len({one.pk for one in requests}) == 1
    stored = in_organisation(acme(), lambda _: list(ContactRequest.objects.filter(cid=cid)))
    assert [(one.email, one.body, one.website_key, one.language) for one in stored] == [
        ("vera@example.com", "Do you ship to Belgium?", "acme-shop", "nl")
    ]


@pytest.mark.parametrize("email", ["vera", "vera@", "vera@example.com\nBcc: all@example.com", "@example.com"])
def test_an_address_that_cannot_be_answered_is_refused(email: str) -> None:  # rule 45
    vera, cid = visitor_of(acme()), uuid4()

    with pytest.raises(Invalid):
        ask_for_contact(vera, cid, email)

    assert in_organisation(acme(), lambda _: list(ContactRequest.objects.filter(cid=cid))) == []


def test_the_page_is_noted_while_the_conversation_is_open() -> None:
    conversation = lay_conversation(acme(), operator=olga())

    def visit(url: str) -> None:
        in_organisation(acme(), writing.note_page, conversation.id, Page(url=url, title="Tents"))

    visit("https://acme-shop.example/tents")
    in_organisation(acme(), leave_conversation, conversation.visitor_id, conversation.id, uuid4())
    visit("https://acme-shop.example/elsewhere")

    row = conversation_row(acme(), conversation.id)
    assert (row.page_url, row.page_title) == ("https://acme-shop.example/tents", "Tents")
