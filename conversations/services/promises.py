"""A visitor's turn stands still, goes on, or ends without an answer. That it is answered is the journal's work.

A pause whose end is known (the organisation is closed) moves the deadlines ahead at once; one whose end is not (a
specialist was asked) has no clock, and moves them when it is over. Only these two pause a promise: nothing that an
operator or a visitor types does. Escalations pause the conversation (``Conversation.pause_reason``): a turn that begins
meanwhile begins paused.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from conversations.journal import NewEntry
from conversations.models import Conversation, DeskEntry, Entry, Promise
from conversations.services.announcing import announce_inbox, append_for_desk_and_announce
from operators.models import Clock, QueueEntry, TurnRecord
from operators.turns import Holder, Wait, holders_of_most, record_turns
from tenants.clock import platform_now
from tenants.context import OrganisationRef

STEPS = ("warn_at", "reoffer_at", "due_at")
"""A clock's steps, in the order in which they happen when they are due at once."""
PROMISE_CHANGES = [
    "warn_at",
    "due_at",
    "warned_at",
    "broken_at",
    "paused_seconds",
    "paused_from",
    "resumes_at",
    "running_from",
    "pause_reason",
    "responsible_id",
    "responsible_name",
    "outcome",
]


def pause_open_promise(
    organisation: OrganisationRef, conversation: Conversation, reason: str, resumes_at: datetime | None = None
) -> None:
    """The conversation's promises stand still from now on, for this reason; again is the same.

    The caller holds the conversation's lock and has set ``Conversation.pause_reason``: later turns begin paused. Locks
    promise, clock, queue.
    """
    promise, clock = _open_turn(conversation)
    if promise is not None and not (promise.paused_from is not None and promise.pause_reason == reason):
        now = platform_now()
        if promise.paused_from is not None:  # outside opening hours, and now for another reason
            end_pause(promise, clock, now)
        begin_pause(promise, clock, now, resumes_at, reason)
        save_promises([promise])
        save_clocks([(promise, clock)])
        tell_desk(organisation, [paused_entry(promise)])
    QueueEntry.objects.filter(pk=conversation.id).update(
        pause_reason=reason, promise_kind="", promise_opened_at=None, promise_warn_at=None, promise_due_at=None
    )
    announce_inbox(organisation, conversation.id)


def resume_open_promise(organisation: OrganisationRef, conversation: Conversation) -> None:
    """The conversation's promises run again from now on, with the time that was left; again is the same.

    The caller holds the conversation's lock and has emptied ``Conversation.pause_reason``. Locks as above.
    """
    QueueEntry.objects.filter(pk=conversation.id).update(pause_reason="")
    promise, clock = _open_turn(conversation)
    if promise is not None and promise.paused_from is not None:
        now = platform_now()
        end_pause(promise, clock, now)
        if clock is None:
            clock = _clock_of(organisation, conversation, promise, now)
        save_promises([promise])
        save_clocks([(promise, clock)])
        show_promise(promise)
        tell_desk(organisation, [resumed_entry(promise)])
    announce_inbox(organisation, conversation.id)


def end_open_promise(organisation: OrganisationRef, conversation: Conversation, by: str) -> None:
    """A turn nobody answered ends with the conversation: broken if its time was over, else abandoned when the visitor
    left, closed when the operator or the platform closed it. ``by`` is the sender's kind.

    The caller holds the conversation's lock. Locks promise.
    """
    promise, _clock = _open_turn(conversation)
    if promise is None:
        return
    now = platform_now()
    stands_still = promise.paused_from is not None and promise.resumes_at is None
    if promise.outcome != Promise.Outcome.BROKEN:
        if now > promise.due_at and not stands_still:
            break_promise(promise, now, holders_of_most([wait_of(promise)]).get(conversation.id))
        else:
            promise.outcome = Promise.Outcome.ABANDONED if by == Entry.Sender.VISITOR else Promise.Outcome.CLOSED
            promise.responsible_id = conversation.operator_id
            promise.responsible_name = conversation.operator_name
    if promise.paused_from is not None:
        until = min(now, promise.resumes_at) if promise.resumes_at else now
        promise.paused_seconds += max(0.0, (until - promise.paused_from).total_seconds())
        promise.paused_from = promise.resumes_at = None
    promise.settled_at = now
    promise.waited_seconds = max(0.0, (now - promise.opened_at).total_seconds() - promise.paused_seconds)
    promise.save()
    record_turns([turn_record(organisation, promise)])


def wait_of(promise: Promise) -> Wait:
    """In which time the promise was to be kept: from the turn's beginning, or its last pause, to the deadline."""
    return promise.conversation_id, promise.running_from or promise.opened_at, promise.due_at


def break_promise(promise: Promise, now: datetime, holder: Holder | None) -> None:
    """In memory: the promise is broken. Responsible is who held the conversation for the largest part of
    :func:`wait_of`; nobody when it mostly waited in the queue."""
    promise.outcome, promise.broken_at = Promise.Outcome.BROKEN, now
    promise.responsible_id, promise.responsible_name = holder or (None, "")


def begin_pause(
    promise: Promise, clock: Clock | None, since: datetime, resumes_at: datetime | None, reason: str
) -> None:
    """In memory: the promise stands still. With a known end its deadlines move ahead at once."""
    promise.paused_from, promise.resumes_at, promise.pause_reason = since, resumes_at, reason
    if resumes_at is not None:
        _move(promise, clock, resumes_at - since)


def end_pause(promise: Promise, clock: Clock | None, at: datetime) -> None:
    """In memory: the promise runs again from ``at`` on."""
    since = promise.paused_from or at
    promise.paused_seconds += max(0.0, (at - since).total_seconds())
    _move(promise, clock, at - (promise.resumes_at or since))
    promise.paused_from, promise.resumes_at, promise.running_from = None, None, at


def _move(promise: Promise, clock: Clock | None, by: timedelta) -> None:
    if promise.warned_at is None:
        promise.warn_at += by
    if promise.outcome != Promise.Outcome.BROKEN:
        promise.due_at += by
    if clock is not None:
        for step in STEPS:
            at = getattr(clock, step)
            setattr(clock, step, at and at + by)


def prolong_pause(promise: Promise, clock: Clock, since: datetime, until: datetime) -> None:
    """In memory: a pause that was to end at ``since`` ends later."""
    _move(promise, clock, until - since)
    promise.resumes_at = until


def save_promises(promises: Sequence[Promise]) -> None:
    """Saves what pauses, warnings and breaches change. One query, none for no promises."""
    Promise.objects.bulk_create(promises, update_conflicts=True, unique_fields=["id"], update_fields=PROMISE_CHANGES)


def save_clocks(turns: Sequence[tuple[Promise, Clock | None]]) -> None:
    """Saves clocks with the moment at which something is to happen next; a clock with nothing left to do, or of a
    promise that stands still for an unknown time, goes. Up to two queries."""
    kept: list[Clock] = []
    done: list[Clock] = []
    for promise, clock in turns:
        if clock is not None:
            left = [at for step in STEPS if (at := getattr(clock, step)) is not None]
            if promise.paused_from is not None:
                left = [promise.resumes_at] if promise.resumes_at is not None else []
            clock.next_at = min(left, default=clock.next_at)
            (kept if left else done).append(clock)
    Clock.objects.bulk_create(kept, update_conflicts=True, unique_fields=["id"], update_fields=[*STEPS, "next_at"])
    if done:
        Clock.objects.filter(pk__in=[clock.pk for clock in done]).delete()


def show_promise(promise: Promise) -> None:
    """The inbox shows the promise as it runs, or that it stands still. One query."""
    runs = promise.paused_from is None
    QueueEntry.objects.filter(pk=promise.conversation_id).update(
        pause_reason="" if runs else promise.pause_reason,
        promise_kind=promise.kind if runs else "",
        promise_opened_at=promise.opened_at if runs else None,
        promise_warn_at=promise.warn_at if runs else None,
        promise_due_at=promise.due_at if runs else None,
    )


def alerts_of(promises: Sequence[Promise]) -> dict[UUID, frozenset[str]]:
    """Promise → of which kinds supervisors were told in this turn. One query, none for no promises."""
    if not promises:
        return {}
    alerts = DeskEntry.objects.filter(
        conversation_id__in=[promise.conversation_id for promise in promises], kind=DeskEntry.Kind.SUPERVISOR_ALERTED
    )
    told = list(alerts.values_list("conversation_id", "at", "payload"))
    return {
        promise.id: frozenset(
            payload["kind"]
            for conversation_id, at, payload in told
            if conversation_id == promise.conversation_id and at >= promise.opened_at
        )
        for promise in promises
    }


def turn_record(organisation: OrganisationRef, promise: Promise) -> TurnRecord:
    """The turn's numbers."""
    return TurnRecord(
        id=promise.id,
        organisation_id=organisation.id,
        conversation_id=promise.conversation_id,
        operator_id=promise.responsible_id,
        kind=promise.kind,
        outcome=promise.outcome,
        opened_at=promise.opened_at,
        settled_at=promise.settled_at,
        waited_seconds=promise.waited_seconds,
    )


def desk_entry(promise: Promise, kind: str, payload: Mapping[str, object]) -> NewEntry:
    """Something that happened to the promise, for the desk."""
    return NewEntry(
        conversation_id=promise.conversation_id, kind=kind, sender_kind=Entry.Sender.SYSTEM, payload=dict(payload)
    )


def paused_entry(promise: Promise) -> NewEntry:
    resumes_at = promise.resumes_at.isoformat() if promise.resumes_at else None
    return desk_entry(
        promise, DeskEntry.Kind.PROMISE_PAUSED, {"reason": promise.pause_reason, "resumes_at": resumes_at}
    )


def resumed_entry(promise: Promise) -> NewEntry:
    payload = {"reason": promise.pause_reason, "due_at": promise.due_at.isoformat()}
    return desk_entry(promise, DeskEntry.Kind.PROMISE_RESUMED, payload)


def tell_desk(organisation: OrganisationRef, entries: Sequence[NewEntry]) -> None:
    append_for_desk_and_announce(organisation, entries)


def _open_turn(conversation: Conversation) -> tuple[Promise | None, Clock | None]:
    promise = (
        Promise.objects.select_for_update().filter(conversation_id=conversation.id, settled_at__isnull=True).first()
    )
    if promise is None:
        return None, None
    return promise, Clock.objects.select_for_update().filter(pk=promise.id).first()


def _clock_of(organisation: OrganisationRef, conversation: Conversation, promise: Promise, now: datetime) -> Clock:
    """A clock for what is left of a promise that stood still."""
    first = promise.kind == Promise.Kind.FIRST
    return Clock(
        id=promise.id,
        schema_name=organisation.schema_name,
        conversation_id=conversation.id,
        kind=Clock.Kind.PROMISE,
        warn_at=promise.warn_at if promise.warned_at is None else None,
        reoffer_at=now + timedelta(seconds=organisation.reoffer_seconds) if first else None,
        due_at=promise.due_at if promise.outcome != Promise.Outcome.BROKEN else None,
    )
