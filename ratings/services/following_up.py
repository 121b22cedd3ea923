"""Coming back to visitors who left unhappy: raised by what they or their operator said, and what staff do about it.

A follow-up is two rows in one transaction: the organisation's own, with words, and its standing in the public schema,
without. Everything happens under the conversation's lock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from conversations.events import FollowUpFact, FollowUpRaised, encode
from conversations.models import Conversation, OutgoingMail
from conversations.services.locks import lock_conversation
from conversations.services.outbox import queue_mail
from operators.models import FollowUpStanding, FollowUpState
from ratings.errors import FollowUpTaken
from ratings.follow_ups import Cause, cause_of, follow_up_settings
from ratings.models import FollowUp
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid, NotFound
from tenants.realtime import group_name, publish_on_commit
from tenants.selectors import active_supervisors, managers_of
from tenants.services import record_audit

# A slip of the finger is put right within minutes; until then nobody is mailed about it. Desks are told at once.
MAILED_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Taker:
    """A supervisor or a manager."""

    id: UUID
    name: str


def reconsider(organisation: OrganisationRef, conversation: Conversation) -> FollowUp | None:
    """Raises, brings up to date or withdraws the conversation's follow-up, as its mark, its mood and its answers are
    now; what it is then. One that somebody took is never withdrawn.

    In a transaction; the caller holds the conversation. Two queries when nobody is unhappy.
    """
    cause = cause_of(conversation.id)
    known = FollowUp.objects.filter(conversation_id=conversation.id).first()
    if known is None:
        return _raise(organisation, conversation, cause) if cause else None
    if cause is None and known.state == FollowUpState.OPEN:
        FollowUpStanding.objects.filter(pk=known.id).delete()
        record_audit(organisation.id, None, "follow_up.withdrawn", str(known.id))
        known.delete()
        return None
    if cause is not None and (known.reason, known.mark) != (cause.reason, cause.mark):
        known.reason, known.mark = cause.reason, cause.mark
        _store(organisation, known)
    return known


def _raise(organisation: OrganisationRef, conversation: Conversation, cause: Cause) -> FollowUp:
    settings, now = follow_up_settings(), platform_now()
    follow_up = FollowUp.objects.create(
        conversation=conversation,
        reason=cause.reason,
        mark=cause.mark,
        created_at=now,
        due_at=now + timedelta(minutes=settings.minutes),
    )
    _store(organisation, follow_up)
    record_audit(organisation.id, None, "follow_up.raised", str(follow_up.id))
    fact = FollowUpFact(
        id=follow_up.id,
        organisation=organisation.slug,
        conversation=conversation.id,
        reason=follow_up.reason,
        mark=follow_up.mark,
        due_at=follow_up.due_at,
    )
    publish_on_commit([(group_name("supervisors"), encode(FollowUpRaised(follow_up=fact)))])
    kinds = OutgoingMail.Kind
    for number, supervisor in enumerate(active_supervisors(), start=1):
        _mail(organisation, kinds.FOLLOW_UP_DESK, follow_up, supervisor.email, number)
    for number, manager in enumerate(managers_of(organisation) if settings.mails else [], start=1):
        _mail(organisation, kinds.FOLLOW_UP, follow_up, manager.email, number)
    return follow_up


def _mail(organisation: OrganisationRef, kind: str, follow_up: FollowUp, recipient: str, number: int) -> None:
    queue_mail(organisation, kind, follow_up.id, recipient, number, due_at=follow_up.created_at + MAILED_AFTER)


def take_follow_up(organisation: OrganisationRef, taker: Taker, follow_up_id: UUID) -> None:
    """This person sees to it. Locks the conversation; safe to repeat. Raises NotFound, or FollowUpTaken when somebody
    else does already."""

    def take(follow_up: FollowUp) -> None:
        if follow_up.state == FollowUpState.DONE:
            raise Invalid()
        if follow_up.taken_by not in (None, taker.id):
            raise FollowUpTaken()
        follow_up.state = FollowUpState.TAKEN
        follow_up.taken_by, follow_up.taken_by_name = taker.id, taker.name

    _change(organisation, taker, follow_up_id, "taken", take)


def put_back_follow_up(organisation: OrganisationRef, taker: Taker, follow_up_id: UUID) -> None:
    """Whoever took it does not see to it after all; anybody may say so, for those who went home. Locks the
    conversation; safe to repeat. Raises NotFound, or Invalid for one that is done."""

    def put_back(follow_up: FollowUp) -> None:
        if follow_up.state == FollowUpState.DONE:
            raise Invalid()
        follow_up.state = FollowUpState.OPEN
        follow_up.taken_by, follow_up.taken_by_name = None, ""

    _change(organisation, taker, follow_up_id, "put_back", put_back)


def finish_follow_up(
    organisation: OrganisationRef, taker: Taker, follow_up_id: UUID, outcome: str, note: str = ""
) -> None:
    """It was done, and how it came out. An open one is taken by that. Locks the conversation; safe to repeat.

    Raises NotFound, Invalid (no such outcome) or FollowUpTaken.
    """
    if outcome not in FollowUp.Outcome.values:
        raise Invalid()

    def finish(follow_up: FollowUp) -> None:
        if follow_up.taken_by not in (None, taker.id):
            raise FollowUpTaken()
        follow_up.taken_by, follow_up.taken_by_name = taker.id, taker.name
        follow_up.state, follow_up.outcome = FollowUpState.DONE, outcome
        follow_up.note = note or follow_up.note
        follow_up.done_at = follow_up.done_at or platform_now()

    _change(organisation, taker, follow_up_id, "done", finish)


def reopen_follow_up(organisation: OrganisationRef, taker: Taker, follow_up_id: UUID) -> None:
    """It was not done after all: it is whoever's it was. Locks the conversation; safe to repeat. Raises NotFound."""

    def reopen(follow_up: FollowUp) -> None:
        if follow_up.state == FollowUpState.DONE:
            follow_up.state, follow_up.outcome, follow_up.done_at = FollowUpState.TAKEN, "", None

    _change(organisation, taker, follow_up_id, "reopened", reopen)


def note_on_follow_up(organisation: OrganisationRef, taker: Taker, follow_up_id: UUID, note: str) -> None:
    """Keeps staff's words about it, instead of those before. Locks the conversation. Raises NotFound."""

    def keep(follow_up: FollowUp) -> None:
        follow_up.note = note

    _change(organisation, taker, follow_up_id, "noted", keep)


def _change(
    organisation: OrganisationRef,
    taker: Taker,
    follow_up_id: UUID,
    action: str,
    change: Callable[[FollowUp], None],
) -> None:
    """Under the conversation's lock, on both rows, audited unless nothing changed."""
    with transaction.atomic():
        rows = FollowUp.objects.filter(pk=follow_up_id)
        found = rows.first()
        if found is None:
            raise NotFound()
        lock_conversation(found.conversation_id)
        follow_up = rows.first()
        if follow_up is None:  # withdrawn meanwhile
            raise NotFound()
        before = _state(follow_up)
        change(follow_up)
        if _state(follow_up) != before:
            _store(organisation, follow_up)
            record_audit(organisation.id, taker.id, f"follow_up.{action}", str(follow_up_id))


def _state(follow_up: FollowUp) -> tuple[object, ...]:
    return follow_up.state, follow_up.taken_by, follow_up.outcome, follow_up.note


def _store(organisation: OrganisationRef, follow_up: FollowUp) -> None:
    follow_up.save()
    FollowUpStanding.objects.update_or_create(
        pk=follow_up.id,
        defaults={
            "organisation_id": organisation.id,
            "conversation_id": follow_up.conversation_id,
            "reason": follow_up.reason,
            "mark": follow_up.mark,
            "state": follow_up.state,
            "taken_by": follow_up.taken_by,
            "taken_by_name": follow_up.taken_by_name,
            "created_at": follow_up.created_at,
            "due_at": follow_up.due_at,
            "done_at": follow_up.done_at,
        },
    )
