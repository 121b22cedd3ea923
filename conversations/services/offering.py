"""A conversation gets its operator, another one, or none for now. Celery, the sweep and the desk all come through here.

Every change of holder withdraws the old offer, ends the old stretch and begins the new one in one transaction, and says
why. The holder's desk, the former holder's and the visitor's pages hear of it after the commit.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
from django.db import transaction

from conversations.errors import AlreadyTaken, ConversationClosed
from conversations.events import OfferReasons, Person
from conversations.journal import Appended, NewEntry
from conversations.models import Conversation, DeskEntry, Entry
from conversations.selectors import last_helper
from conversations.services.announcing import (
    announce_inbox,
    append_and_announce,
    append_for_desk_and_announce,
    appended_before,
)
from conversations.services.closing_time import watch_closing_time
from conversations.services.locks import lock_conversation, lock_conversation_if_free
from operators.assigning import (
    Pick,
    end_stretch,
    expect_reply_within,
    hold_conversation,
    operator_with_room,
    pick_operator,
    return_to_queue,
)
from operators.errors import NotTrained
from operators.models import Assignment
from operators.routing import PLACE, Wanted
from operators.selectors import (
    OperatorRef,
    Stretch,
    is_trained,
    stretches_of,
    weight_held_by,
    weight_of_conversation,
)
from operators.services import postpone_offer
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.hours import opening_of

UNANSWERED = (Assignment.End.SILENT, Assignment.End.GONE)


def offer_conversation(organisation: OrganisationRef, conversation_id: UUID) -> UUID | None:
    """Assigns a waiting conversation to the best free operator, and says to whom; None when nobody is free now.

    Locks conversation, queue, one operator. Safe to run twice and from two processes: exactly one operator gets it.
    Raises NotFound.
    """
    with transaction.atomic():
        return _offer(organisation, lock_conversation(conversation_id))


def offer_conversation_if_free(organisation: OrganisationRef, conversation_id: UUID) -> UUID | None:
    """As :func:`offer_conversation`, but None at once when somebody else is at this conversation (or it is gone)."""
    with transaction.atomic():
        conversation = lock_conversation_if_free(conversation_id)
        return _offer(organisation, conversation) if conversation else None


def _offer(organisation: OrganisationRef, conversation: Conversation) -> UUID | None:
    if conversation.state != Conversation.State.WAITING:
        return conversation.operator_id
    stretches = stretches_of(conversation.id)
    silent = _unanswered(stretches)
    exclusions = [{one.operator_id for one in silent}]
    if silent:
        # Never to the same one twice in a row; but when nobody else came for as long as an offer lasts, somebody who is
        # back at the desk is better than a visitor who waits for nobody.
        exclusions.append({silent[0].operator_id})
        waited = platform_now() - (silent[0].ended_at or platform_now())
        if waited >= timedelta(seconds=organisation.reoffer_seconds):
            exclusions.append(set())
    picked = _pick(organisation, conversation, stretches, exclusions)
    if picked is None:
        postpone_offer(conversation.id)
        return None
    operator = picked.candidate.operator
    _assign(organisation, conversation, operator, Assignment.Start.OFFERED, _reasons(picked, stretches))
    return operator.id


def reoffer_conversation(
    organisation: OrganisationRef,
    conversation: Conversation,
    reason: Assignment.End,
    fewer_waiting_than: int | None = None,
) -> OperatorRef | None:
    """Gives an assigned conversation to the best other operator and returns who; None, and nothing changed, when nobody
    else is eligible. In the caller's transaction, which holds the conversation; locks queue, one operator.

    Those who were silent or gone on it since it began come last: first everybody else is asked. The present holder is
    never chosen, so that it never goes to the same one twice in a row. With ``fewer_waiting_than`` nobody is eligible
    for whom that many visitors wait right now.
    """
    if conversation.state != Conversation.State.ASSIGNED or conversation.operator_id is None:
        return None
    stretches = stretches_of(conversation.id)
    holder = conversation.operator_id
    exclusions = [{holder, *(one.operator_id for one in _unanswered(stretches))}, {holder}]
    picked = _pick(organisation, conversation, stretches, exclusions, fewer_waiting_than)
    if picked is None:
        return None
    operator = picked.candidate.operator
    _assign(organisation, conversation, operator, Assignment.Start.OFFERED, _reasons(picked, stretches), taken=reason)
    return operator


def release_conversation(organisation: OrganisationRef, conversation: Conversation, reason: Assignment.End) -> None:
    """Takes an assigned conversation back into the queue, with the work of offering it due now; nothing otherwise.

    In the caller's transaction, which holds the conversation; locks queue. The visitor sees that it waits again.
    """
    if conversation.state != Conversation.State.ASSIGNED:
        return
    former = conversation.operator_id
    append_for_desk_and_announce(organisation, [_withdrawn(conversation, reason)])  # while the desk is still theirs
    end_stretch(conversation.id, reason)
    conversation.state, conversation.operator_id, conversation.operator_name = Conversation.State.WAITING, None, ""
    conversation.save(update_fields=["state", "operator_id", "operator_name"])
    return_to_queue(organisation, conversation.id)
    now = platform_now()
    watch_closing_time(organisation, conversation.id, opening_of(organisation, now), now)
    append_and_announce(organisation, [_assignment(conversation, None)])
    announce_inbox(organisation, conversation.id, former)


def assign_conversation(
    organisation: OrganisationRef,
    conversation: Conversation,
    operator: OperatorRef,
    start: Assignment.Start,
    cid: UUID | None = None,
) -> Appended:
    """Gives the conversation to this operator, whoever has it now: a supervisor decided. Whether they may is the
    caller's question, and so is the audit.

    In the caller's transaction, which holds the conversation; locks queue, the operator. ``start`` says how: taken over
    or reassigned, which also becomes the reason why the former holder lost it. The present holder keeps it.
    Raises ConversationClosed, AtCapacity or NotFound.
    """
    if conversation.state == Conversation.State.CLOSED:
        raise ConversationClosed()
    if conversation.operator_id == operator.id:
        [again] = append_and_announce(organisation, [_assignment(conversation, operator, cid)])
        return again
    stretches = stretches_of(conversation.id)
    reasons = _claim(conversation, operator, start, stretches)
    taken = Assignment.End(start) if conversation.operator_id is not None else None
    return _assign(organisation, conversation, operator, start, reasons, cid=cid, taken=taken)


def take_conversation(
    organisation: OrganisationRef, operator: OperatorRef, conversation_id: UUID, cid: UUID
) -> Appended:
    """The operator takes a waiting conversation. Locks as :func:`offer_conversation`.

    Raises AlreadyTaken, NotTrained, AtCapacity, ConversationClosed or NotFound.
    """
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        known = appended_before(conversation_id, Entry.Sender.SYSTEM, None, cid)
        if known is not None:
            return known
        if conversation.state == Conversation.State.CLOSED:
            raise ConversationClosed()
        if conversation.state == Conversation.State.ASSIGNED and conversation.operator_id != operator.id:
            raise AlreadyTaken()
        if conversation.state == Conversation.State.WAITING:
            if not is_trained(operator.id, organisation):
                raise NotTrained()
            reasons = _claim(conversation, operator, Assignment.Start.TAKEN, stretches_of(conversation_id))
            return _assign(organisation, conversation, operator, Assignment.Start.TAKEN, reasons, cid=cid)
        [again] = append_and_announce(organisation, [_assignment(conversation, operator, cid)])
        return again


def _unanswered(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The latest holders in a row who let it go unanswered, newest first, back to the beginning, the reopening or a
    person's decision."""
    unanswered = []
    for stretch in stretches:
        if stretch.ended_at is None:
            continue
        if stretch.end not in UNANSWERED:
            break
        unanswered.append(stretch)
    return unanswered


def _pick(
    organisation: OrganisationRef,
    conversation: Conversation,
    stretches: Sequence[Stretch],
    exclusions: Iterable[set[UUID]],
    fewer_waiting_than: int | None = None,
) -> Pick | None:
    """The best under the first of these exclusions that leaves anybody."""
    weight = weight_of_conversation(conversation.id)
    helper = last_helper(conversation, stretches)
    tried: list[set[UUID]] = []
    for excluded in exclusions:
        if excluded in tried:
            continue
        tried.append(excluded)
        picked = pick_operator(
            organisation,
            Wanted(
                language=conversation.language,
                topic=conversation.topic,
                weight=weight,
                helped_before=helper,
                fewer_waiting_than=fewer_waiting_than,
                excluded=frozenset(excluded),
            ),
        )
        if picked is not None:
            return picked
    return None


def _claim(
    conversation: Conversation, operator: OperatorRef, start: Assignment.Start, stretches: Sequence[Stretch]
) -> OfferReasons:
    """Locks the operator if they have room, to the end of the transaction; a person decided, so there is no runner-up.

    Raises AtCapacity or NotFound.
    """
    with operator_with_room(operator.id, weight_of_conversation(conversation.id)) as locked:
        load = weight_held_by(operator.id)
    return OfferReasons(
        load=load / PLACE,
        capacity=locked.capacity,
        candidates=1,
        idle_seconds=None,
        speaks_language=conversation.language in locked.languages,
        helped_before=last_helper(conversation, stretches) == operator.id,
        decided_by=str(start),
        attempt=_attempt(stretches),
        previous=_previous(stretches),
    )


def _reasons(picked: Pick, stretches: Sequence[Stretch]) -> OfferReasons:
    chosen = picked.candidate
    return OfferReasons(
        load=chosen.load / PLACE,
        capacity=chosen.operator.capacity,
        candidates=picked.candidates,
        idle_seconds=chosen.idle_seconds,
        speaks_language=chosen.speaks_language,
        helped_before=chosen.helped_before,
        taken_last_hour=chosen.taken_last_hour,
        waiting=chosen.waiting,
        level=chosen.level,
        rule=picked.rule,
        decided_by=picked.decided_by,
        attempt=_attempt(stretches),
        previous=_previous(stretches),
    )


def _attempt(stretches: Sequence[Stretch]) -> int:
    """The number of the coming offer since the conversation began or was reopened."""
    attempt = 1
    for stretch in stretches:
        if stretch.end == Assignment.End.CLOSED:
            break
        attempt += 1
    return attempt


def _previous(stretches: Sequence[Stretch]) -> Person | None:
    return Person(id=stretches[0].operator_id, name=stretches[0].operator_name) if stretches else None


def _withdrawn(conversation: Conversation, reason: Assignment.End) -> NewEntry:
    """That the present holder's offer is taken back."""
    former = {"id": str(conversation.operator_id), "name": conversation.operator_name}
    return NewEntry(
        conversation_id=conversation.id,
        kind=DeskEntry.Kind.OFFER_WITHDRAWN,
        sender_kind=Entry.Sender.SYSTEM,
        payload={"operator": former, "reason": str(reason)},
    )


def _assign(
    organisation: OrganisationRef,
    conversation: Conversation,
    operator: OperatorRef,
    start: Assignment.Start,
    reasons: OfferReasons,
    *,
    cid: UUID | None = None,
    taken: Assignment.End | None = None,
) -> Appended:
    """``taken`` says why the present holder, if there is one, loses it."""
    former, told = None, []
    if taken is not None:
        former = conversation.operator_id
        told.append(_withdrawn(conversation, taken))
        end_stretch(conversation.id, taken)
    hold_conversation(conversation.id, operator.id, start)
    conversation.state = Conversation.State.ASSIGNED
    conversation.operator_id = operator.id
    conversation.operator_name = operator.name
    conversation.save(update_fields=["state", "operator_id", "operator_name"])
    if conversation.open_promise_id is not None and conversation.first_replied_at is None:
        expect_reply_within(conversation.open_promise_id, organisation.reoffer_seconds)
    [assigned] = append_and_announce(organisation, [_assignment(conversation, operator, cid)])
    told.append(
        NewEntry(
            conversation_id=conversation.id,
            kind=DeskEntry.Kind.OFFER_MADE,
            sender_kind=Entry.Sender.SYSTEM,
            payload={
                "operator": {"id": str(operator.id), "name": operator.name},
                "reasons": msgspec.to_builtins(reasons),
            },
        )
    )
    append_for_desk_and_announce(organisation, told, former)
    announce_inbox(organisation, conversation.id, former)
    return assigned


def _assignment(conversation: Conversation, operator: OperatorRef | None, cid: UUID | None = None) -> NewEntry:
    return NewEntry(
        conversation_id=conversation.id,
        kind=Entry.Kind.CONVERSATION_ASSIGNED,
        sender_kind=Entry.Sender.SYSTEM,
        cid=cid,
        payload={"operator": {"id": str(operator.id), "name": operator.name} if operator else None},
    )
