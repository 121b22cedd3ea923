"""Who hears of what: exact audiences, after the commit, and never in the way of it."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
from django.conf import settings
from django.db import transaction

from conversations.models import Conversation
from conversations.services import writing
from conversations.services.announcing import append_and_announce, desk_group, page_group, watch_group
from conversations.services.closing import close_conversation
from conversations.services.locks import lock_conversation
from conversations.services.offering import offer_conversation, reoffer_conversation
from conversations.services.striking import strike_clock
from operators.models import Assignment, Presence
from operators.selectors import OperatorRef
from tenants import realtime
from tenants.clock import clock_moved
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme, globex, olga, visitor_of
from tests.conversations.scene import (
    answered,
    append,
    asked,
    entries_of,
    lay_conversation,
    promises_of,
    receive,
)
from tests.desk_people import open_all_day

QUIET_SECONDS = 0.2
Heard = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def listen() -> Iterator[Callable[[], Heard]]:
    """Hears every group from now on; the answer says (group, type) of what was told since, in order."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5)
    pubsub = client.pubsub()

    def start(*patterns: str) -> Heard:
        wanted = patterns or ("conversation.*", "operator.*", "organisation.*", "account.*")
        pubsub.psubscribe(*wanted)
        for _ in wanted:
            pubsub.get_message(timeout=5)

        def heard() -> list[tuple[str, str]]:
            told = []
            while (message := pubsub.get_message(timeout=QUIET_SECONDS)) is not None:
                told.append((message["channel"].decode(), json.loads(message["data"])["type"]))
            return told

        return heard

    yield start
    pubsub.close()
    client.close()


def groups(organisation: OrganisationRef, conversation: Conversation, operator: OperatorRef) -> tuple[str, str, str]:
    """The visitor's pages, the operator's desk, all desks of the organisation."""
    return (
        page_group(organisation.schema_name, conversation.id),
        desk_group(organisation.schema_name, operator.id),
        desk_group(organisation.schema_name, None),
    )


def test_what_a_visitor_may_see_goes_to_their_pages_and_to_the_desk_that_holds_it(listen: Callable[[], Heard]) -> None:
    conversation = lay_conversation(acme(), operator=olga())
    page, desk, _ = groups(acme(), conversation, olga())
    heard = listen()

    announce(acme(), asked(conversation))

    assert heard() == [(page, "message.sent"), (desk, "message.sent")]


def test_whoever_loses_it_hears_so_on_a_desk_that_no_longer_answers_for_the_organisation(
    hire: Callable[..., OperatorRef], listen: Callable[[], Heard]
) -> None:
    holder = hire(globex())
    conversation = lay_conversation(globex())
    in_organisation(globex(), offer_conversation, conversation.id)
    other = hire(globex(), name="Omar")
    page, former, everybody = groups(globex(), conversation, holder)
    desk = desk_group(globex().schema_name, other.id)
    heard = listen()

    def offer_on(_: OrganisationRef) -> None:
        with transaction.atomic():
            reoffer_conversation(globex(), lock_conversation(conversation.id), Assignment.End.SILENT)

    in_organisation(globex(), offer_on)

    told = [one for one in heard() if not one[0].startswith(watch_group(globex().schema_name, conversation.id))]
    assert told == [
        (page, "conversation.assigned"),
        (desk, "conversation.assigned"),
        (desk, "offer.withdrawn"),
        (former, "offer.withdrawn"),
        (desk, "offer.made"),
        (everybody, "inbox.changed"),
        (former, "inbox.changed"),
    ]


def announce(organisation: OrganisationRef, entry: Any) -> None:
    def write(_: OrganisationRef) -> None:
        with transaction.atomic():
            append_and_announce(organisation, [entry])

    in_organisation(organisation, write)


def test_while_nobody_holds_it_every_desk_of_the_organisation_hears(listen: Callable[[], Heard]) -> None:
    conversation = lay_conversation(globex())
    page, _, everybody = groups(globex(), conversation, olga())
    heard = listen()

    announce(globex(), asked(conversation))

    assert heard() == [(page, "message.sent"), (everybody, "message.sent")]


def test_what_staff_write_for_each_other_never_goes_to_a_page(listen: Callable[[], Heard]) -> None:
    Presence.objects.all().delete()  # nobody of other tests is there to take it over
    conversation = lay_conversation(acme(), operator=olga())
    page, desk, _ = groups(acme(), conversation, olga())
    append(acme(), asked(conversation))
    [promise] = promises_of(acme(), conversation.id)
    heard = listen()

    in_organisation(acme(), writing.add_note, olga(), conversation.id, uuid4(), "Asked the same last week.")
    with open_all_day(acme()), clock_moved(timedelta(seconds=21)):
        in_organisation(acme(), strike_clock, conversation.id, promise.id)

    told = heard()
    happened = ["note.added", "promise.warned", "supervisor.alerted", "promise.broken"]
    assert told == [(desk, fact) for fact in happened]
    assert page not in {group for group, _ in told}


def test_desks_that_read_along_hear_what_only_staff_see_and_the_row(
    hire: Callable[..., OperatorRef], listen: Callable[..., Heard]
) -> None:
    hire(globex())
    conversation = lay_conversation(globex())
    watchers = watch_group(globex().schema_name, conversation.id)
    heard = listen("watch.*")

    announce(globex(), asked(conversation))  # they hear it as the visitor's page does
    in_organisation(globex(), writing.add_note, olga(), conversation.id, uuid4(), "Asked the same last week.")
    in_organisation(globex(), offer_conversation, conversation.id)

    assert heard() == [(watchers, "note.added"), (watchers, "offer.made"), (watchers, "inbox.changed")]


def test_a_repeated_send_is_not_told_again(listen: Callable[[], Heard]) -> None:
    conversation = lay_conversation(acme(), operator=olga())
    entry = asked(conversation)
    append(acme(), entry)
    heard = listen()

    announce(acme(), asked(conversation, cid=entry.cid))

    assert heard() == []


def test_what_is_rolled_back_is_not_told(listen: Callable[[], Heard]) -> None:  # rule 11
    conversation = lay_conversation(acme(), operator=olga())
    heard = listen()

    def fail(organisation: OrganisationRef) -> None:
        with transaction.atomic():
            append_and_announce(organisation, [asked(conversation)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        in_organisation(acme(), fail)

    assert heard() == []
    assert entries_of(acme(), conversation.id) == []


def test_an_offer_is_told_to_the_page_to_the_chosen_desk_and_every_inbox(
    hire: Callable[..., OperatorRef], listen: Callable[[], Heard]
) -> None:
    operator, conversation = hire(globex()), lay_conversation(globex())
    page, desk, everybody = groups(globex(), conversation, operator)
    heard = listen()

    in_organisation(globex(), offer_conversation, conversation.id)

    assert heard() == [
        (page, "conversation.assigned"),
        (desk, "conversation.assigned"),
        (desk, "offer.made"),
        (everybody, "inbox.changed"),
    ]


def test_closing_is_told_in_order_with_the_purpose_for_staff_only(listen: Callable[[], Heard]) -> None:
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation), answered(conversation, olga()))
    page, desk, everybody = groups(acme(), conversation, olga())
    heard = listen()

    in_organisation(acme(), close_conversation, olga(), conversation.id, uuid4(), "information")

    told = heard()
    seen = ["message.sent", "conversation.closed", "rating.requested"]
    assert [type_ for group, type_ in told if group == page] == seen
    assert [type_ for group, type_ in told if group == desk] == [*seen, "purpose.recorded"]
    assert [type_ for group, type_ in told if group == everybody] == ["inbox.changed"]
    assert {group for group, _ in told} == {page, desk, everybody}


def test_a_beginning_is_told_to_every_desk_of_that_organisation_alone(
    noon: timedelta, listen: Callable[[], Heard]
) -> None:  # rule 17
    heard = listen()

    received = receive(visitor_of(globex()), "Hello")

    told = heard()
    page = page_group(globex().schema_name, received.conversation_id)
    everybody = desk_group(globex().schema_name, None)
    assert {group for group, _ in told} == {page, everybody}
    assert [type_ for group, type_ in told if group == everybody] == [
        "message.sent",
        "message.sent",
        "topic.asked",
        "inbox.changed",
    ]


def test_a_hint_that_cannot_be_sent_is_counted_and_the_message_is_stored(  # rule 11
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversation = lay_conversation(acme(), operator=olga())
    nobody = redis.Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=1)
    monkeypatch.setattr(realtime, "_sync_redis", lambda: nobody)
    lost = realtime.failures["publish"]

    announce(acme(), asked(conversation))

    assert realtime.failures["publish"] > lost
    assert [entry.seq for entry in entries_of(acme(), conversation.id)] == [1]


def test_a_group_without_its_subject_has_no_name() -> None:  # rule 20
    for kind, parts in (
        ("conversation", {"schema": "o_acme"}),
        ("conversation", {"subject": uuid4()}),
        ("operator", {"schema": "o_acme"}),
        ("organisation", {"subject": uuid4()}),
    ):
        with pytest.raises(ValueError, match="needs its schema or subject"):
            realtime.group_name(kind, **parts)
    same = UUID("0190a1b2-0000-7000-8000-000000000001")
    assert page_group("o_acme", same) != page_group("o_globex", same)
