"""Closing time: whoever still waits is told, and what they asked is kept. Each once, whoever notices first."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from conversations.models import ContactRequest, Conversation, Promise, Visitor
from conversations.services import writing
from conversations.services.closing_time import strike_closing_time
from conversations.services.offering import offer_conversation, release_conversation
from conversations.services.sweeping import sweep_once
from operators.models import Assignment, DueWork
from operators.selectors import OperatorRef
from operators.services import recheck_closing
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import Invalid
from tenants.models import CalendarKind, OpeningHours, SpecialDay
from tenants.selectors import website_by_key
from tests.cast import VisitorHere, acme, visitor_of
from tests.conversations.scene import (
    PAGE,
    WEBSITES,
    answered,
    append,
    asked,
    assert_consistent,
    conversation_row,
    due_work_of,
    entries_of,
    in_threads,
    kinds_of,
    promises_of,
    receive,
)
from tests.conversations.scene import lay_conversation as lay

Hire = Callable[..., OperatorRef]

TO_CLOSING = timedelta(hours=11, seconds=1)
"""From noon to a second past the closing time of these tests."""


@pytest.fixture(autouse=True)
def _open_from_eight_to_eleven(noon: timedelta) -> Iterator[None]:
    """Acme is open from 8 to 23 every day; nothing of earlier tests is due."""
    before = list(OpeningHours.objects.filter(organisation_id=acme().id))
    set_hours(time(8), time(23))
    DueWork.objects.all().delete()
    yield
    OpeningHours.objects.filter(organisation_id=acme().id).delete()
    OpeningHours.objects.bulk_create(before)


def set_hours(opens: time, closes: time) -> None:
    OpeningHours.objects.filter(organisation_id=acme().id, calendar=CalendarKind.DESK).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(organisation_id=acme().id, weekday=day, opens=opens, closes=closes) for day in range(7)
    )


def at_eleven() -> datetime:
    return datetime.combine(
        platform_now().astimezone(ZoneInfo("Europe/Amsterdam")).date(), time(23), ZoneInfo("Europe/Amsterdam")
    )


def closing_work(conversation_id: UUID) -> list[DueWork]:
    return [one for one in due_work_of(conversation_id) if one.kind == DueWork.Kind.CLOSING]


def strike(conversation_id: UUID) -> bool:
    return in_organisation(acme(), strike_closing_time, conversation_id)


def requests_of(visitor: VisitorHere) -> list[ContactRequest]:
    return in_organisation(acme(), lambda _: list(ContactRequest.objects.filter(visitor_id=visitor.id)))


def leave_address(visitor: VisitorHere, cid: UUID, body: str, email: str = "vera@example.com") -> ContactRequest:
    return in_organisation(
        visitor.organisation,
        writing.leave_contact_request,
        token=visitor.token,
        website=website_by_key(visitor.organisation, WEBSITES["acme"]),
        page=PAGE,
        language="en",
        cid=cid,
        name="Vera",
        email=email,
        body=body,
    )


def test_who_waits_at_closing_time_is_told_and_the_question_is_kept_once(noon: timedelta) -> None:
    vera = visitor_of(acme())
    began = receive(vera, "Is it waterproof?")
    receive(vera, "The ridge tent.")
    [work] = closing_work(began.conversation_id)
    assert work.due_at == at_eleven()
    with clock_moved(TO_CLOSING - timedelta(minutes=2)):
        assert strike(began.conversation_id) is False

    struck = in_threads([lambda: strike(began.conversation_id)] * 4, moved=noon + TO_CLOSING)
    with clock_moved(TO_CLOSING):
        assert strike(began.conversation_id) is False

    assert struck.count(True) == 1
    conversation = conversation_row(acme(), began.conversation_id)
    assert conversation.state == Conversation.State.CLOSED
    assert conversation.rating_requested_at is None
    kinds = kinds_of(acme(), began.conversation_id)
    assert kinds[-2:] == [("question.kept", "system"), ("conversation.closed", "system")]
    assert [kind for kind, _ in kinds].count("question.kept") == 1
    kept = entries_of(acme(), began.conversation_id)[-2].payload
    opens = (at_eleven() + timedelta(hours=9)).astimezone(ZoneInfo("UTC"))
    assert kept["reason"] == "closing_time"
    assert datetime.fromisoformat(kept["by"]) == opens
    [request] = requests_of(vera)
    assert (request.reason, request.state, request.email) == ("closing_time", "new", "")
    assert request.body == "Is it waterproof?\nThe ridge tent."
    assert request.conversation_id == began.conversation_id
    assert due_work_of(began.conversation_id) == []
    [promise] = promises_of(acme(), began.conversation_id)
    assert promise.settled_at is not None
    assert promise.outcome in (Promise.Outcome.CLOSED, Promise.Outcome.BROKEN)
    assert promise.responsible_id is None
    assert_consistent(acme(), began.conversation_id)


def test_the_sweep_strikes_closing_time(noon: timedelta) -> None:  # rule 12
    vera = visitor_of(acme())
    began = receive(vera)
    DueWork.objects.filter(kind=DueWork.Kind.OFFER).delete()

    with clock_moved(TO_CLOSING):
        sweep_once()
        sweep_once()

    assert conversation_row(acme(), began.conversation_id).state == Conversation.State.CLOSED
    assert len(requests_of(vera)) == 1


def test_a_conversation_that_somebody_holds_is_finished_normally(hire: Hire) -> None:
    vera = visitor_of(acme())
    began = receive(vera)
    operator = hire(acme())
    assert in_organisation(acme(), offer_conversation, began.conversation_id) == operator.id

    assert due_work_of(began.conversation_id) == []
    with clock_moved(TO_CLOSING):
        assert strike(began.conversation_id) is False
    assert conversation_row(acme(), began.conversation_id).state == Conversation.State.ASSIGNED
    assert requests_of(vera) == []


def test_a_conversation_whose_holder_leaves_after_closing_is_kept_a_minute_later(hire: Hire) -> None:
    vera = visitor_of(acme())
    began = receive(vera)
    operator = hire(acme())
    in_organisation(acme(), offer_conversation, began.conversation_id)
    append(acme(), answered(conversation_row(acme(), began.conversation_id), operator, "One moment."))
    append(acme(), asked(conversation_row(acme(), began.conversation_id), "Are you there?"))

    def release(organisation: OrganisationRef) -> None:
        conversation = Conversation.objects.select_for_update().get(pk=began.conversation_id)
        release_conversation(organisation, conversation, Assignment.End.GONE)

    with clock_moved(TO_CLOSING):
        with transaction.atomic():
            in_organisation(acme(), release)
        assert strike(began.conversation_id) is False
    with clock_moved(TO_CLOSING + timedelta(seconds=61)):
        assert strike(began.conversation_id) is True

    [request] = requests_of(vera)
    assert request.body == "Are you there?"
    # A person did reply, so the visitor is asked how it was.
    assert kinds_of(acme(), began.conversation_id)[-1] == ("rating.requested", "automatic")


def test_hours_that_became_longer_move_closing_time(noon: timedelta) -> None:
    began = receive(visitor_of(acme()))
    set_hours(time(8), time(23, 30))

    with clock_moved(TO_CLOSING):
        assert strike(began.conversation_id) is True

    [work] = closing_work(began.conversation_id)
    assert work.due_at == at_eleven() + timedelta(minutes=30)
    assert conversation_row(acme(), began.conversation_id).state == Conversation.State.WAITING


def test_hours_that_became_shorter_are_felt_by_the_next_sweep(noon: timedelta) -> None:
    vera = visitor_of(acme())
    began = receive(vera)
    today = platform_now().astimezone(ZoneInfo("Europe/Amsterdam")).date()
    closed = SpecialDay.objects.create(organisation_id=acme().id, date=today, label="Stocktaking")
    try:
        recheck_closing(acme().id)
        assert strike(began.conversation_id) is True
    finally:
        closed.delete()

    assert len(requests_of(vera)) == 1


def test_a_visitor_who_writes_on_after_closing_time_adds_to_what_is_kept(noon: timedelta) -> None:
    vera = visitor_of(acme())
    began = receive(vera)
    with clock_moved(TO_CLOSING):
        strike(began.conversation_id)
    with clock_moved(TO_CLOSING + timedelta(minutes=5)):
        again = receive(vera, "Hello?")
        assert again.conversation_id == began.conversation_id
        assert strike(began.conversation_id) is False
    with clock_moved(TO_CLOSING + timedelta(minutes=6, seconds=1)):
        assert strike(began.conversation_id) is True

    [request] = requests_of(vera)
    assert request.body == "Is it waterproof?\nHello?"
    assert_consistent(acme(), began.conversation_id)


def test_while_a_specialist_has_the_question_nothing_is_kept(noon: timedelta) -> None:
    vera = visitor_of(acme())
    began = receive(vera)
    row = Conversation.objects.filter(pk=began.conversation_id)
    in_organisation(acme(), lambda _: row.update(pause_reason="escalated"))

    with clock_moved(TO_CLOSING):
        assert strike(began.conversation_id) is True

    assert requests_of(vera) == []
    [work] = closing_work(began.conversation_id)
    assert work.due_at > at_eleven() + timedelta(minutes=4)


def test_a_question_that_was_deleted_is_not_kept(noon: timedelta) -> None:
    vera = visitor_of(acme())
    began = receive(vera)
    [message] = [one for one in entries_of(acme(), began.conversation_id) if one.sender_kind == "visitor"]
    in_organisation(
        acme(), writing.delete_message, ("visitor", vera.id, ""), began.conversation_id, uuid4(), message.seq
    )

    with clock_moved(TO_CLOSING):
        assert strike(began.conversation_id) is True

    assert requests_of(vera) == []
    assert conversation_row(acme(), began.conversation_id).state == Conversation.State.CLOSED


def test_a_conversation_that_was_erased_leaves_no_work_behind(noon: timedelta) -> None:
    conversation = lay(acme())
    DueWork.objects.create(
        schema_name=acme().schema_name, kind=DueWork.Kind.CLOSING, subject_id=conversation.id, due_at=platform_now()
    )
    in_organisation(acme(), lambda _: Conversation.objects.filter(pk=conversation.id).delete())

    assert strike(conversation.id) is False
    assert closing_work(conversation.id) == []


def test_the_address_that_is_left_completes_the_kept_question(noon: timedelta) -> None:
    vera = visitor_of(acme())
    began = receive(vera)
    with clock_moved(TO_CLOSING):
        strike(began.conversation_id)
    cid = uuid4()

    completed = in_threads([lambda: leave_address(vera, cid, "Is it waterproof?")] * 4)
    later = leave_address(vera, uuid4(), "Something else?", email="other@example.com")

    assert len({one.id for one in completed}) == 1
    new, kept = sorted(requests_of(vera), key=lambda one: one.reason)
    assert (kept.id, kept.email, kept.name) == (completed[0].id, "vera@example.com", "Vera")
    assert kept.body == "Is it waterproof?"
    assert kept.conversation_id == began.conversation_id
    assert (new.id, new.reason, new.body) == (later.id, "closed", "Something else?")


def test_an_address_may_bring_more_words_or_none(noon: timedelta) -> None:
    vera = visitor_of(acme())
    began = receive(vera)
    with clock_moved(TO_CLOSING):
        strike(began.conversation_id)

    assert leave_address(vera, uuid4(), "For winter.").body == "Is it waterproof?\nFor winter."
    with pytest.raises(Invalid):
        leave_address(vera, uuid4(), "")


def test_a_known_address_is_taken_along(noon: timedelta) -> None:
    vera = visitor_of(acme())
    in_organisation(acme(), lambda _: Visitor.objects.filter(pk=vera.id).update(name="Vera", email="vera@example.com"))
    began = receive(vera)

    with clock_moved(TO_CLOSING):
        strike(began.conversation_id)

    [request] = requests_of(vera)
    assert (request.name, request.email) == ("Vera", "vera@example.com")
