"""A promise stands still while the organisation is closed, and while a specialist was asked. Nothing that is typed
pauses it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from conversations.models import Conversation, Promise
from conversations.services import writing
from conversations.services.closing import close_conversation, leave_conversation
from conversations.services.offering import take_conversation
from conversations.services.promises import pause_open_promise, resume_open_promise
from conversations.services.striking import strike_clock
from operators.models import TurnRecord
from operators.selectors import OperatorRef, queue_row
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import CalendarKind, OpeningHours, SpecialDay
from tests.cast import acme, olga
from tests.conversations.scene import (
    answered,
    append,
    asked,
    assert_consistent,
    clocks_of,
    conversation_row,
    desk_entries_of,
    lay_conversation,
    promises_of,
    said_by_itself,
)

ZONE = ZoneInfo("Europe/Amsterdam")
OPENS = time(8)
FIRST = timedelta(seconds=20)


@contextmanager
def open_until(organisation: OrganisationRef, closes: time) -> Iterator[None]:
    """Every day from eight to then; its own hours come back at the end."""
    mine = {"organisation_id": organisation.id, "calendar": CalendarKind.DESK}
    before, special = list(OpeningHours.objects.filter(**mine)), list(SpecialDay.objects.filter(**mine))
    OpeningHours.objects.filter(**mine).delete()
    SpecialDay.objects.filter(**mine).delete()
    for day in range(7):
        OpeningHours.objects.create(**mine, weekday=day, opens=OPENS, closes=closes)
    try:
        yield
    finally:
        OpeningHours.objects.filter(**mine).delete()
        OpeningHours.objects.bulk_create(before)
        SpecialDay.objects.bulk_create(special)


@dataclass(frozen=True)
class Evening:
    """A turn that began ten seconds before closing time."""

    conversation: Conversation
    promise: Promise
    closing: datetime


@pytest.fixture
def evening(noon: timedelta) -> Iterator[Evening]:
    conversation, promise = waiting_for_a_reply()
    with closed_after(promise, 10) as closing:
        yield Evening(conversation, promise, closing)


@contextmanager
def closed_after(promise: Promise, seconds: int) -> Iterator[datetime]:
    """Closing time comes so long after the turn began; when."""
    closing = (promise.opened_at + timedelta(seconds=seconds)).replace(microsecond=0)
    with open_until(acme(), closing.astimezone(ZONE).time()):
        yield closing


def waiting_for_a_reply() -> tuple[Conversation, Promise]:
    conversation = lay_conversation(acme(), operator=olga())
    append(acme(), asked(conversation))
    [promise] = promises_of(acme(), conversation.id)
    return conversation, promise


def strike(conversation: Conversation) -> bool:
    [promise] = [one for one in promises_of(acme(), conversation.id) if one.settled_at is None]
    return in_organisation(acme(), strike_clock, conversation.id, promise.id)


def told(conversation: Conversation) -> list[str]:
    return [entry.kind for entry in desk_entries_of(acme(), conversation.id)]


def at(moment: datetime) -> AbstractContextManager[None]:
    """This thread's clock shows this moment."""
    return clock_moved(moment - platform_now())


def set_reason(organisation: OrganisationRef, conversation_id: UUID, reason: str) -> None:
    """As an escalation does it."""
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
        conversation.pause_reason = reason
        conversation.save(update_fields=["pause_reason"])
        if reason:
            pause_open_promise(organisation, conversation, reason)
        else:
            resume_open_promise(organisation, conversation)


def escalate(conversation: Conversation) -> None:
    in_organisation(acme(), set_reason, conversation.id, Promise.Pause.ESCALATED)


def come_back(conversation: Conversation) -> None:
    in_organisation(acme(), set_reason, conversation.id, "")


def test_a_turn_that_falls_out_of_opening_hours_stands_still_until_the_next_opening(evening: Evening) -> None:
    conversation, promise, closing = evening.conversation, evening.promise, evening.closing
    opening = datetime.combine(closing.astimezone(ZONE).date() + timedelta(days=1), OPENS, ZONE)
    left = promise.due_at - closing

    with at(promise.warn_at + timedelta(seconds=1)):
        assert strike(conversation)
        assert not strike(conversation)

    assert told(conversation) == ["promise.paused"]
    assert desk_entries_of(acme(), conversation.id)[0].payload == {
        "reason": "outside_hours",
        "resumes_at": opening.astimezone(closing.tzinfo).isoformat(),
    }
    [paused] = promises_of(acme(), conversation.id)
    assert (paused.paused_from, paused.resumes_at, paused.due_at) == (closing, opening, opening + left)
    assert (paused.outcome, paused.warned_at) == ("", None)
    row = queue_row(conversation.id)
    assert row is not None
    assert (row.pause_reason, row.promise_due_at) == ("outside_hours", None)
    assert_consistent(acme(), conversation.id)

    with at(opening + timedelta(seconds=0.5)):
        assert strike(conversation)
    assert told(conversation) == ["promise.paused", "promise.resumed"]
    [running] = promises_of(acme(), conversation.id)
    assert (running.paused_from, running.running_from) == (None, opening)
    assert running.paused_seconds == (opening - closing).total_seconds()
    assert queue_row(conversation.id).promise_due_at == opening + left  # type: ignore[union-attr]
    assert_consistent(acme(), conversation.id)

    with at(opening + left + timedelta(seconds=1)):
        assert strike(conversation)
    [broken] = promises_of(acme(), conversation.id)
    assert (broken.outcome, broken.responsible_id) == ("broken", olga().id)
    assert told(conversation)[2:] == ["promise.warned", "supervisor.alerted", "promise.broken"]
    assert_consistent(acme(), conversation.id)


def test_a_warning_before_closing_time_stays_and_only_the_deadline_waits(noon: timedelta) -> None:
    conversation, promise = waiting_for_a_reply()
    with closed_after(promise, 16):
        with at(promise.warn_at + timedelta(seconds=1)):
            assert strike(conversation)
        with at(promise.due_at + timedelta(seconds=1)):
            assert strike(conversation)

    assert [kind for kind in told(conversation) if kind != "supervisor.alerted"] == ["promise.warned", "promise.paused"]
    [paused] = promises_of(acme(), conversation.id)
    assert paused.outcome == ""
    assert paused.warn_at == promise.warn_at
    assert paused.due_at > promise.due_at + timedelta(hours=15)
    assert_consistent(acme(), conversation.id)


def test_an_answer_during_the_night_keeps_the_promise_and_only_open_seconds_count(evening: Evening) -> None:
    conversation, promise, closing = evening.conversation, evening.promise, evening.closing
    with at(promise.due_at + timedelta(seconds=1)):
        strike(conversation)

    with at(closing + timedelta(hours=3)):
        [reply] = append(acme(), answered(conversation, olga()))

    [kept] = promises_of(acme(), conversation.id)
    assert (kept.outcome, kept.pause_reason, kept.paused_from) == ("kept", "outside_hours", None)
    assert kept.waited_seconds == pytest.approx((closing - promise.opened_at).total_seconds(), abs=1e-3)
    assert kept.paused_seconds == pytest.approx((reply.at - closing).total_seconds(), abs=1e-3)
    row = queue_row(conversation.id)
    assert row is not None
    assert row.pause_reason == ""
    assert_consistent(acme(), conversation.id)


@pytest.mark.parametrize(("after", "outcome"), [(5, "kept"), (25, "broken")])
@pytest.mark.parametrize("struck", [True, False])
def test_an_answer_in_the_morning_counts_from_the_opening_on(
    evening: Evening, after: int, outcome: str, struck: bool
) -> None:
    conversation, promise, closing = evening.conversation, evening.promise, evening.closing
    with at(promise.due_at + timedelta(seconds=1)):
        strike(conversation)
    [paused] = promises_of(acme(), conversation.id)
    assert paused.resumes_at is not None

    with at(paused.resumes_at + timedelta(seconds=after)):
        if struck:
            strike(conversation)
        [reply] = append(acme(), answered(conversation, olga()))

    [settled] = promises_of(acme(), conversation.id)
    waited = (closing - promise.opened_at) + (reply.at - paused.resumes_at)
    assert settled.outcome == outcome
    assert settled.waited_seconds == pytest.approx(waited.total_seconds(), abs=1e-3)
    assert_consistent(acme(), conversation.id)


def test_a_sweep_that_slept_all_night_finds_the_same_as_one_that_came_each_second(evening: Evening) -> None:
    conversation, promise, closing = evening.conversation, evening.promise, evening.closing
    opening = datetime.combine(closing.astimezone(ZONE).date() + timedelta(days=1), OPENS, ZONE)

    with at(opening + timedelta(minutes=1)):
        assert strike(conversation)

    assert told(conversation) == [
        "promise.paused",
        "promise.resumed",
        "promise.warned",
        "supervisor.alerted",
        "promise.broken",
    ]
    [broken] = promises_of(acme(), conversation.id)
    assert broken.due_at == opening + (promise.due_at - closing)
    assert_consistent(acme(), conversation.id)


def test_a_deadline_that_passed_before_closing_time_is_broken_however_late_that_is_noticed(noon: timedelta) -> None:
    conversation, promise = waiting_for_a_reply()
    with closed_after(promise, 40), at(promise.due_at + timedelta(hours=2)):
        strike(conversation)

    [broken] = promises_of(acme(), conversation.id)
    assert (broken.outcome, broken.due_at) == ("broken", promise.due_at)


def test_a_turn_that_begins_after_closing_time_counts_from_the_next_opening_on(evening: Evening) -> None:
    conversation, closing = lay_conversation(acme(), operator=olga()), evening.closing
    opening = datetime.combine(closing.astimezone(ZONE).date() + timedelta(days=1), OPENS, ZONE)
    with at(closing + timedelta(minutes=5)):
        append(acme(), asked(conversation))
    with at(closing + timedelta(minutes=6)):
        strike(conversation)

    [paused] = promises_of(acme(), conversation.id)
    assert (paused.paused_from, paused.resumes_at) == (paused.opened_at, opening)
    assert paused.due_at == opening + FIRST
    assert_consistent(acme(), conversation.id)


def test_hours_that_were_changed_meanwhile_prolong_the_pause(evening: Evening) -> None:
    conversation, promise = evening.conversation, evening.promise
    with at(promise.due_at + timedelta(seconds=1)):
        strike(conversation)
    [paused] = promises_of(acme(), conversation.id)
    assert paused.resumes_at is not None
    day_off = SpecialDay.objects.create(
        organisation_id=acme().id, date=paused.resumes_at.astimezone(ZONE).date(), label="Moving house"
    )

    with at(paused.resumes_at + timedelta(seconds=1)):
        assert strike(conversation)
    day_off.delete()

    [later] = promises_of(acme(), conversation.id)
    assert later.resumes_at == paused.resumes_at + timedelta(days=1)
    assert later.due_at == paused.due_at + timedelta(days=1)
    assert told(conversation) == ["promise.paused", "promise.paused"]
    assert_consistent(acme(), conversation.id)


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 27), 8), (date(2027, 10, 30), 10)])
def test_the_night_on_which_the_clocks_change_is_as_long_as_it_is(day: date, hours: int) -> None:
    start = datetime.combine(day, time(22, 59, 50), ZONE)
    with open_until(acme(), time(23)):
        with at(start):
            conversation, promise = waiting_for_a_reply()
        with at(start + timedelta(seconds=30)):
            strike(conversation)
        morning = datetime.combine(day + timedelta(days=1), OPENS, ZONE)
        with at(morning + timedelta(seconds=1)):
            strike(conversation)

    [resumed] = promises_of(acme(), conversation.id)
    assert resumed.running_from == morning
    assert resumed.paused_seconds == hours * 3600
    assert resumed.due_at == morning + (promise.due_at - start.replace(hour=23, minute=0, second=0))


def test_who_is_never_open_again_gets_no_pause_without_an_end(noon: timedelta) -> None:
    with open_until(acme(), time(23)):
        conversation, promise = waiting_for_a_reply()
        OpeningHours.objects.filter(organisation_id=acme().id).delete()
        with at(promise.due_at + timedelta(seconds=1)):
            strike(conversation)

    assert [one.outcome for one in promises_of(acme(), conversation.id)] == ["broken"]


def test_an_escalation_stops_the_clock_and_what_was_left_goes_on_afterwards(noon: timedelta) -> None:
    conversation, promise = waiting_for_a_reply()

    with clock_moved(timedelta(seconds=13)):
        strike(conversation)
    with clock_moved(timedelta(seconds=15)):
        escalate(conversation)
        escalate(conversation)
    [paused] = promises_of(acme(), conversation.id)
    assert (paused.pause_reason, paused.resumes_at, paused.due_at) == ("escalated", None, promise.due_at)
    assert clocks_of(conversation.id) == []
    assert_consistent(acme(), conversation.id)
    with clock_moved(timedelta(seconds=75)):
        come_back(conversation)
        come_back(conversation)

    [resumed] = promises_of(acme(), conversation.id)
    assert paused.paused_from is not None
    assert resumed.running_from is not None
    pause = resumed.running_from - paused.paused_from
    assert resumed.due_at == promise.due_at + pause
    assert resumed.warn_at == promise.warn_at
    assert resumed.paused_seconds == pause.total_seconds() > 59
    assert told(conversation) == ["promise.warned", "promise.paused", "promise.resumed"]
    assert desk_entries_of(acme(), conversation.id)[-1].payload == {
        "reason": "escalated",
        "due_at": resumed.due_at.isoformat(),
    }
    [clock] = clocks_of(conversation.id)
    assert (clock.warn_at, clock.due_at) == (None, resumed.due_at)
    assert_consistent(acme(), conversation.id)


def test_a_turn_that_begins_while_a_specialist_is_asked_begins_paused(noon: timedelta) -> None:
    conversation, _ = waiting_for_a_reply()
    append(acme(), answered(conversation, olga()))
    escalate(conversation)
    assert told(conversation) == []

    append(acme(), asked(conversation))

    paused = promises_of(acme(), conversation.id)[-1]
    assert (paused.paused_from, paused.pause_reason, paused.kind) == (paused.opened_at, "escalated", "follow_up")
    assert clocks_of(conversation.id) == []
    assert_consistent(acme(), conversation.id)
    with clock_moved(timedelta(minutes=5)):
        come_back(conversation)
    resumed = promises_of(acme(), conversation.id)[-1]
    assert resumed.running_from is not None
    assert resumed.due_at == resumed.running_from + timedelta(seconds=30)
    assert [clock.due_at for clock in clocks_of(conversation.id)] == [resumed.due_at]
    assert_consistent(acme(), conversation.id)


def test_an_answer_while_a_specialist_is_asked_counts_the_time_before_it_alone(noon: timedelta) -> None:
    conversation, promise = waiting_for_a_reply()
    with clock_moved(timedelta(seconds=7)):
        escalate(conversation)
    [paused] = promises_of(acme(), conversation.id)
    assert paused.paused_from is not None

    with clock_moved(timedelta(minutes=30)):
        append(acme(), answered(conversation, olga()))

    [kept] = promises_of(acme(), conversation.id)
    assert kept.outcome == "kept"
    assert kept.waited_seconds == pytest.approx((paused.paused_from - promise.opened_at).total_seconds(), abs=1e-3)
    assert conversation_row(acme(), conversation.id).pause_reason == "escalated"
    assert_consistent(acme(), conversation.id)


def test_a_turn_that_was_broken_before_the_escalation_stays_broken(noon: timedelta) -> None:
    conversation, _ = waiting_for_a_reply()
    with clock_moved(timedelta(seconds=21)):
        strike(conversation)
        escalate(conversation)
    with clock_moved(timedelta(seconds=81)):
        append(acme(), answered(conversation, olga()))

    [broken] = promises_of(acme(), conversation.id)
    assert broken.outcome == "broken"
    assert broken.waited_seconds is not None
    assert 20 < broken.waited_seconds < 25
    assert_consistent(acme(), conversation.id)


def test_an_escalation_at_night_takes_over_from_the_opening_hours(evening: Evening) -> None:
    conversation, promise, closing = evening.conversation, evening.promise, evening.closing
    with at(promise.due_at + timedelta(seconds=1)):
        strike(conversation)
    with at(closing + timedelta(hours=1)):
        escalate(conversation)
    [paused] = promises_of(acme(), conversation.id)
    assert (paused.pause_reason, paused.resumes_at) == ("escalated", None)
    assert paused.paused_seconds == pytest.approx(3600, abs=2)
    assert paused.due_at == promise.due_at + timedelta(seconds=paused.paused_seconds)
    assert clocks_of(conversation.id) == []
    assert_consistent(acme(), conversation.id)


@pytest.mark.parametrize("by_visitor", [True, False])
def test_a_conversation_that_ends_while_its_promise_stands_still_is_not_broken(
    noon: timedelta, by_visitor: bool
) -> None:
    conversation, promise = waiting_for_a_reply()
    with clock_moved(timedelta(seconds=7)):
        escalate(conversation)

    with clock_moved(timedelta(minutes=10)):
        if by_visitor:
            in_organisation(acme(), leave_conversation, conversation.visitor_id, conversation.id, uuid4())
        else:
            in_organisation(acme(), close_conversation, olga(), conversation.id, uuid4(), "advice")

    [ended] = promises_of(acme(), conversation.id)
    assert ended.outcome == ("abandoned" if by_visitor else "closed")
    assert ended.waited_seconds == pytest.approx(7, abs=2)
    assert TurnRecord.objects.get(pk=promise.id).outcome == ended.outcome
    row = queue_row(conversation.id)
    assert row is not None
    assert (row.state, row.pause_reason) == ("closed", "")


def test_who_takes_it_during_the_night_has_the_time_of_an_offer_in_the_morning(
    evening: Evening, hire: Callable[..., OperatorRef]
) -> None:
    conversation, promise, operator = lay_conversation(acme()), evening.promise, hire(acme())
    append(acme(), asked(conversation))
    with at(promise.due_at + timedelta(seconds=5)):
        strike(conversation)
    [paused] = promises_of(acme(), conversation.id)
    assert paused.resumes_at is not None
    with at(evening.closing + timedelta(hours=1)):
        in_organisation(acme(), take_conversation, operator, conversation.id, uuid4())
    with at(evening.closing + timedelta(hours=2)):
        strike(conversation)
    assert_consistent(acme(), conversation.id)

    with at(paused.resumes_at + timedelta(seconds=1)):
        strike(conversation)

    [clock] = clocks_of(conversation.id)
    assert clock.reoffer_at == paused.resumes_at + timedelta(seconds=acme().reoffer_seconds)
    assert conversation_row(acme(), conversation.id).operator_id == operator.id
    assert_consistent(acme(), conversation.id)


def test_nothing_that_anybody_types_moves_a_deadline(noon: timedelta) -> None:
    conversation, promise = waiting_for_a_reply()
    clock_before = [(one.warn_at, one.reoffer_at, one.due_at, one.next_at) for one in clocks_of(conversation.id)]
    visitor = ("visitor", conversation.visitor_id, "")
    operator = ("operator", olga().id, olga().name)
    [mine] = append(acme(), asked(conversation))

    def do(work: Callable[..., object], *arguments: object) -> None:
        in_organisation(acme(), work, *arguments)

    with clock_moved(timedelta(seconds=8)):
        append(acme(), asked(conversation), asked(conversation), said_by_itself(conversation))
        do(writing.edit_message, visitor, conversation.id, uuid4(), mine.seq, "One more thing")
        do(writing.delete_message, visitor, conversation.id, uuid4(), mine.seq)
        do(writing.mark_read, operator, conversation.id, mine.seq)
        do(writing.add_note, olga(), conversation.id, uuid4(), "I am on it.")

    [still] = promises_of(acme(), conversation.id)
    assert (still.id, still.warn_at, still.due_at) == (promise.id, promise.warn_at, promise.due_at)
    assert (still.outcome, still.paused_from, still.paused_seconds) == ("", None, 0)
    assert [
        (one.warn_at, one.reoffer_at, one.due_at, one.next_at) for one in clocks_of(conversation.id)
    ] == clock_before
    assert_consistent(acme(), conversation.id)
