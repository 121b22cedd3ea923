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
    alerts_of,
    begin_pause,
    break_promise,
    desk_entry,
    end_pause,
    paused_entry,
    prolong_pause,
    resumed_entry,
    save_clocks,
    save_promises,
    show_promise,
    tell_desk,
    turn_record,
    wait_of,
)
from operators.answering import is_being_answered, visitors_waiting_for
from operators.models import Assignment, Clock
from operators.turns import Holder, holders_of_most, record_turns
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.hours import Calendar, calendar_of, opening_at

LOOK_AGAIN = timedelta(seconds=3)
TYPING_COUNTS_FOR_OFFERS = 4
"""Whoever types for longer than so many offers last, and sends nothing, is silent."""


@dataclass(slots=True)
class _Turn:
    """A locked turn whose clock is due, with what was read of it for all turns at once: who held it for most of its
    wait, and of what supervisors were told (for a held one read only when nobody else is there). ``told`` is what the
    desk is to be told."""

    conversation: Conversation
    clock: Clock
    promise: Promise
    holder: Holder | None = None
    alerts: frozenset[str] = frozenset()
    told: list[NewEntry] = field(default_factory=list)
    is_changed: bool = False
    is_broken_now: bool = False
    has_paused_or_resumed: bool = False

    @property
    def is_held(self) -> bool:
        return self.conversation.state == Conversation.State.ASSIGNED

    def tell(self, kind: str) -> None:
        due_at = self.promise.due_at.isoformat()
        self.told.append(desk_entry(self.promise, kind, {"kind": self.promise.kind, "due_at": due_at}))

    def is_due(self, step: str, now: datetime) -> bool:
        at = getattr(self.clock, step)
        return at is not None and at <= now

    def next_step(self, now: datetime) -> str | None:
        """The step that is due and comes first; of several at one moment the first in order."""
        due = [step for step in STEPS if self.is_due(step, now)]
        return min(due, key=lambda step: getattr(self.clock, step), default=None)


def strike_clock(organisation: OrganisationRef, conversation_id: UUID, clock_id: UUID) -> bool:
    """As :func:`strike_clocks`, for one."""
    return strike_clocks(organisation, [(conversation_id, clock_id)]) == 1


def strike_clocks(organisation: OrganisationRef, clocks: Sequence[tuple[UUID, UUID]]) -> int:
    """Does what these clocks' time has come for, in one transaction: (conversation's id, clock's id). How many it did
    something for.

    Locks the conversations that nobody else holds, promises, clocks. Taking a conversation from a silent holder locks
    queue and operator as well, so it happens only to a clock that is struck alone: among several, that turn is left as
    it is. Safe to run from several sweeps: under the lock, a clock that was settled or struck meanwhile is left alone.
    """
    with transaction.atomic():
        conversations = lock_conversations_if_free([conversation_id for conversation_id, _ in clocks])
        if not conversations:
            return 0
        now = platform_now()
        turns = _due_turns(conversations, [clock_id for _, clock_id in clocks], now)
        if not turns:
            return 0
        calendar = calendar_of(organisation)
        struck = [turn for turn in turns if _strike(organisation, turn, calendar, now, alone=len(clocks) == 1)]
        _save(organisation, struck)
        return len(struck)


def _due_turns(conversations: Mapping[UUID, Conversation], clock_ids: Collection[UUID], now: datetime) -> list[_Turn]:
    """Under the conversations' locks: what is still to be struck. A clock whose promise was erased goes. Two to four
    queries."""
    due = Clock.objects.filter(pk__in=clock_ids, conversation_id__in=conversations, next_at__lte=now)
    promises = Promise.objects.select_for_update().order_by("pk").in_bulk(clock_ids)
    turns = []
    for clock in due.select_for_update().order_by("pk"):
        promise = promises.get(clock.id)
        if promise is None:
            clock.delete()
        else:
            turns.append(_Turn(conversations[clock.conversation_id], clock, promise))
    holders = holders_of_most([wait_of(turn.promise) for turn in turns if turn.is_due("due_at", now)])
    for turn in turns:
        turn.holder = holders.get(turn.conversation.id)
    _read_alerts([turn for turn in turns if turn.is_due("reoffer_at", now) and not turn.is_held])
    return turns


def _read_alerts(turns: Sequence[_Turn]) -> None:
    alerts = alerts_of([turn.promise for turn in turns])
    for turn in turns:
        turn.alerts = alerts.get(turn.promise.id, frozenset())


def _strike(organisation: OrganisationRef, turn: _Turn, calendar: Calendar, now: datetime, *, alone: bool) -> bool:
    """All that was due until now, in order of time: a sweep that comes a whole night late finds the same as one that
    came each second. False when nothing was done."""
    promise, clock = turn.promise, turn.clock
    if not alone and turn.is_due("reoffer_at", now) and turn.is_held:
        return False
    while True:
        if promise.paused_from is not None:
            if not _resume(organisation, turn, calendar, now):
                return True
            continue
        step = turn.next_step(now)
        if step is None:
            return True
        closed = _closed_within(calendar, promise.running_from or promise.opened_at, getattr(clock, step))
        if closed is not None:
            begin_pause(promise, clock, *closed, Promise.Pause.OUTSIDE_HOURS)
            turn.told.append(paused_entry(promise))
            turn.is_changed = turn.has_paused_or_resumed = True
        elif step == "reoffer_at":
            _offer_again(organisation, turn, now)
        elif step == "warn_at":
            promise.warned_at, clock.warn_at, turn.is_changed = now, None, True
            turn.tell(DeskEntry.Kind.PROMISE_WARNED)
        else:
            break_promise(promise, now, turn.holder)
            clock.due_at, turn.is_changed, turn.is_broken_now = None, True, True
            turn.tell(DeskEntry.Kind.PROMISE_BROKEN)


def _resume(organisation: OrganisationRef, turn: _Turn, calendar: Calendar, now: datetime) -> bool:
    """Ends the pause if it is over; false while it is not."""
    promise = turn.promise
    if promise.resumes_at is None or promise.resumes_at > now:
        return False
    opening = opening_at(calendar, promise.resumes_at)
    if promise.pause_reason == Promise.Pause.OUTSIDE_HOURS and opening.next_opening is not None:
        # Closed after all: the hours were changed meanwhile.
        prolong_pause(promise, turn.clock, promise.resumes_at, opening.next_opening)
        turn.told.append(paused_entry(promise))
        turn.is_changed = True
        return True
    end_pause(promise, turn.clock, promise.resumes_at)
    if turn.is_due("reoffer_at", promise.running_from or now):  # given to somebody during the pause
        turn.clock.reoffer_at = (promise.running_from or now) + timedelta(seconds=organisation.reoffer_seconds)
    turn.told.append(resumed_entry(promise))
    turn.is_changed = turn.has_paused_or_resumed = True
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
    Either way it is asked again after as long as an offer lasts; soon when the holder is typing the answer.

    Until the promise is broken it only goes to somebody who can see to it sooner than its holder: for whom fewer
    visitors wait. After that anybody will do.
    """
    lasts = timedelta(seconds=organisation.reoffer_seconds)
    turn.clock.reoffer_at = now + lasts
    if turn.is_held:
        is_fresh = now - turn.promise.opened_at < lasts * TYPING_COUNTS_FOR_OFFERS
        if is_fresh and is_being_answered(turn.conversation.id):
            turn.clock.reoffer_at = now + LOOK_AGAIN
            return
        tell_desk(organisation, turn.told)  # what was so far comes before the offer, and is the former holder's
        turn.told = []
        sooner = None
        if turn.clock.due_at is not None and turn.conversation.operator_id is not None:
            sooner = max(1, visitors_waiting_for(turn.conversation.operator_id) - 1)  # its own visitor is one of them
        if reoffer_conversation(organisation, turn.conversation, Assignment.End.SILENT, sooner) is not None:
            return
        _read_alerts([turn])
    kind = "no_reply" if turn.is_held else "nobody_free"
    if kind not in turn.alerts:
        turn.alerts |= {kind}
        turn.told.append(desk_entry(turn.promise, DeskEntry.Kind.SUPERVISOR_ALERTED, {"kind": kind}))


def _save(organisation: OrganisationRef, turns: Sequence[_Turn]) -> None:
    """Writes what was done to the rows in memory, and tells the desk."""
    save_promises([turn.promise for turn in turns if turn.is_changed])
    save_clocks([(turn.promise, turn.clock) for turn in turns])
    record_turns([turn_record(organisation, turn.promise) for turn in turns if turn.is_broken_now])
    tell_desk(organisation, [entry for turn in turns for entry in turn.told])
    for turn in turns:
        if turn.has_paused_or_resumed:
            show_promise(turn.promise)
            announce_inbox(organisation, turn.conversation.id)
