"""Deadlines that came: warn, offer to somebody else or alert a supervisor, break. Each once, whoever notices first.

A step that falls into a time in which the organisation is closed does not happen: the promise stands still from closing
time to the next opening, and goes on with the seconds that were left.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from conversations.journal import NewEntry
from conversations.models import Conversation, DeskEntry, Promise
from conversations.services.announcing import announce_inbox
from conversations.services.locks import lock_conversations_if_free
from conversations.services.offering import reoffer_conversation
from conversations.services.promises import (
    STEPS,
    begin_pause,
    break_promise,
    desk_entry,
    end_pause,
    paused_entry,
    prolong_pause,
    resumed_entry,
    save_turns,
    show_promise,
    tell_desk,
    turn_record,
    wait_of,
    was_alerted,
)
from operators.models import Assignment, Clock
from operators.turns import Holder, holders_of_most, record_turns
from tenants.clock import PlatformNow, platform_now
from tenants.context import OrganisationRef
from tenants.hours import Calendar, calendar_of, opening_at


@dataclass(slots=True)
class _Turn:
    """A locked turn whose clock is due, who held it for most of its wait, and what the desk is to be told of it."""

    conversation: Conversation
    clock: Clock
    promise: Promise
    holder: Holder | None = None
    told: list[NewEntry] = field(default_factory=list)
    is_broken_now: bool = False
    is_shown: bool = True

    def tell(self, kind: str) -> None:
        due_at = self.promise.due_at.isoformat()
        self.told.append(desk_entry(self.promise, kind, {"kind": self.promise.kind, "due_at": due_at}))

    def next_step(self, now: datetime) -> str | None:
        """The step that is due and comes first; of several at one moment the first in order."""
        due = [step for step in STEPS if (at := getattr(self.clock, step)) is not None and at <= now]
        return min(due, key=lambda step: getattr(self.clock, step), default=None)


def strike_clock(organisation: OrganisationRef, conversation_id: UUID, clock_id: UUID) -> bool:
    """As :func:`strike_clocks`, for one."""
    return strike_clocks(organisation, [(conversation_id, clock_id)]) == 1


def strike_clocks(organisation: OrganisationRef, clocks: Sequence[tuple[UUID, UUID]]) -> int:
    """Does what these clocks' time has come for, in one transaction: (conversation's id, clock's id). How many there
    were to strike.

    Locks the conversations that nobody else holds, promises, clocks. Offering to somebody else locks queue and operator
    as well, so it happens only to a clock that is struck alone: among several it is left for the next time. Safe to run
    from several sweeps: under the lock, a clock that was settled or struck meanwhile is left alone.
    """
    with transaction.atomic():
        conversations = lock_conversations_if_free([conversation_id for conversation_id, _ in clocks])
        turns = _due_turns(conversations, [clock_id for _, clock_id in clocks]) if conversations else []
        if not turns:
            return 0
        now, calendar = platform_now(), calendar_of(organisation)
        for turn in turns:
            _strike(organisation, turn, calendar, now, may_offer=len(clocks) == 1)
        _save(organisation, turns)
        return len(turns)


def _due_turns(conversations: Mapping[UUID, Conversation], clock_ids: Collection[UUID]) -> list[_Turn]:
    """Under the conversations' locks: what is still to be struck. A clock whose promise was erased goes. Three
    queries."""
    due = Clock.objects.filter(pk__in=clock_ids, conversation_id__in=conversations, next_at__lte=PlatformNow())
    promises = Promise.objects.select_for_update().order_by("pk").in_bulk(clock_ids)
    turns = []
    for clock in due.select_for_update().order_by("pk"):
        promise = promises.get(clock.id)
        if promise is None:
            clock.delete()
        else:
            turns.append(_Turn(conversations[clock.conversation_id], clock, promise))
    holders = holders_of_most([wait_of(turn.promise) for turn in turns if turn.clock.due_at is not None])
    for turn in turns:
        turn.holder = holders.get(turn.conversation.id)
    return turns


def _strike(organisation: OrganisationRef, turn: _Turn, calendar: Calendar, now: datetime, *, may_offer: bool) -> None:
    """All that was due until now, in order of time. A sweep that comes late for a whole night finds the same as one
    that came each second."""
    promise, clock = turn.promise, turn.clock
    while True:
        if promise.paused_from is not None:
            if not _resume(turn, calendar, now):
                return
            continue
        step = turn.next_step(now)
        if step is None or (step == "reoffer_at" and not may_offer):
            return
        closed = _closed_within(calendar, promise.running_from or promise.opened_at, getattr(clock, step))
        if closed is not None:
            begin_pause(promise, clock, *closed, Promise.Pause.OUTSIDE_HOURS)
            turn.told.append(paused_entry(promise))
            turn.is_shown = False
        elif step == "reoffer_at":
            _offer_again(organisation, turn, now)
        elif step == "warn_at":
            promise.warned_at, clock.warn_at = now, None
            turn.tell(DeskEntry.Kind.PROMISE_WARNED)
        else:
            break_promise(promise, now, turn.holder)
            clock.due_at, turn.is_broken_now = None, True
            turn.tell(DeskEntry.Kind.PROMISE_BROKEN)


def _resume(turn: _Turn, calendar: Calendar, now: datetime) -> bool:
    """Ends the pause if it is over; false while it is not."""
    promise = turn.promise
    if promise.resumes_at is None or promise.resumes_at > now:
        return False
    opening = opening_at(calendar, promise.resumes_at)
    if promise.pause_reason == Promise.Pause.OUTSIDE_HOURS and opening.next_opening is not None:
        # Closed after all: the hours were changed meanwhile.
        prolong_pause(promise, turn.clock, promise.resumes_at, opening.next_opening)
        turn.told.append(paused_entry(promise))
        return True
    end_pause(promise, turn.clock, promise.resumes_at)
    turn.told.append(resumed_entry(promise))
    turn.is_shown = False
    return True


def _closed_within(calendar: Calendar, start: datetime, until: datetime) -> tuple[datetime, datetime] | None:
    """The first closed time between the two: (closing, next opening). None when it is open throughout, or when no
    opening will ever come: a promise that cannot be resumed is better broken."""
    opening = opening_at(calendar, start)
    if opening.open and (opening.until is None or until <= opening.until):
        return None
    closing = opening.until or start
    resumes_at = opening_at(calendar, closing).next_opening
    return (closing, resumes_at) if resumes_at is not None else None


def _offer_again(organisation: OrganisationRef, turn: _Turn, now: datetime) -> None:
    """The holder was silent, or nobody holds it: somebody else gets it, or a supervisor hears of it, once per turn.
    Either way it is asked again after as long as an offer lasts."""
    turn.clock.reoffer_at = now + timedelta(seconds=organisation.reoffer_seconds)
    _save(organisation, [turn])  # what is offered now comes after it, and moves the clock itself
    is_held = turn.conversation.state == Conversation.State.ASSIGNED
    if is_held and reoffer_conversation(organisation, turn.conversation, Assignment.End.SILENT) is not None:
        turn.clock.refresh_from_db(fields=["reoffer_at"])
        return
    kind = "no_reply" if is_held else "nobody_free"
    if not was_alerted(turn.promise, kind):
        turn.told.append(desk_entry(turn.promise, DeskEntry.Kind.SUPERVISOR_ALERTED, {"kind": kind}))


def _save(organisation: OrganisationRef, turns: Sequence[_Turn]) -> None:
    """Writes what was done to the rows in memory, and tells the desk."""
    save_turns([(turn.promise, turn.clock) for turn in turns])
    record_turns([turn_record(organisation, turn.promise) for turn in turns if turn.is_broken_now])
    tell_desk(organisation, [entry for turn in turns for entry in turn.told])
    for turn in turns:
        if not turn.is_shown:
            show_promise(turn.promise)
            announce_inbox(organisation, turn.conversation.id)
        turn.told, turn.is_broken_now, turn.is_shown = [], False, True
