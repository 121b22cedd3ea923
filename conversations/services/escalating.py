"""Handing a question to the organisation's own experts: one after the other, each with a deadline, each step once.

The desk asks and withdraws, a specialist behind a link accepts, declines, answers or promises a call-back, and the
clock decides for whoever stays silent. All of it happens under the conversation's lock, and looks at the step's state
first: the same thing again, from whatever process, changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.errors import AlreadyEscalated, ConversationClosed, NoSpecialist, NotAssigned
from conversations.escalation_reading import has_answered
from conversations.journal import Appended, NewEntry
from conversations.models import (
    ContactRequest,
    Conversation,
    DeskEntry,
    Entry,
    Escalation,
    EscalationStep,
    OutgoingMail,
    Specialist,
    Visitor,
)
from conversations.services.announcing import (
    append_and_announce,
    append_for_desk_and_announce,
    appended_before,
)
from conversations.services.closing import close_by_itself
from conversations.services.escalation_steps import (
    ask,
    end_escalation,
    end_step,
    hand_over,
    lock_step,
    next_specialist,
    open_step_of,
    specialists_for,
    start_clock,
    tell,
    tell_desk,
)
from conversations.services.locks import lock_conversation, lock_conversation_if_free
from conversations.services.outbox import queue_mail
from conversations.specialist_hours import accept_seconds, answer_seconds, specialist_deadline
from operators.models import Clock
from operators.selectors import OperatorRef
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid, NotFound
from tenants.hours import opening_of

LONGEST_CALL_BACK = timedelta(days=30)
BODY_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Escalated:
    """``mail_id`` is None when the ``cid`` was known."""

    id: UUID
    at: datetime
    mail_id: UUID | None


@dataclass(frozen=True, slots=True)
class GuestRef:
    """A browser that spent a specialist's link. ``secret_hash`` is compared again under the lock."""

    step_id: UUID
    conversation_id: UUID
    secret_hash: bytes


def escalate_conversation(
    organisation: OrganisationRef,
    operator: OperatorRef,
    conversation_id: UUID,
    cid: UUID,
    *,
    specialist_id: UUID | None,
    topic: str | None,
    reason: str,
    summary: str,
) -> Escalated:
    """The holder asks a specialist; the visitor is told, and only then does the promise pause. Locks conversation,
    promise, escalation, queue. The same ``cid`` again is the same.

    Raises NotAssigned, ConversationClosed, AlreadyEscalated, NoSpecialist or NotFound (conversation, specialist).
    """
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        known = Escalation.objects.filter(conversation=conversation, cid=cid).first()
        if known is not None:
            return Escalated(known.id, known.asked_at, None)
        if conversation.state == Conversation.State.CLOSED:
            raise ConversationClosed()
        if conversation.operator_id != operator.id:
            raise NotAssigned()
        if open_step_of(conversation_id) is not None:
            raise AlreadyEscalated()
        topic = conversation.topic if topic is None else topic
        specialist = _chosen(specialist_id, topic)
        now = platform_now()
        escalation = Escalation.objects.create(
            conversation=conversation,
            cid=cid,
            topic=topic,
            reason=reason,
            summary=summary,
            asked_by_id=operator.id,
            asked_by_name=operator.name,
            asked_at=now,
        )
        mail_id = ask(organisation, conversation, escalation, specialist, now, actor_id=operator.id)
        hand_over(organisation, conversation)
        return Escalated(escalation.id, now, mail_id)


def _chosen(specialist_id: UUID | None, topic: str) -> Specialist:
    if specialist_id is not None:
        chosen = Specialist.objects.filter(pk=specialist_id, is_active=True).first()
        if chosen is None:
            raise NotFound()
        return chosen
    candidates = specialists_for(topic)
    if not candidates:
        raise NoSpecialist()
    return candidates[0]


def withdraw_escalation(
    organisation: OrganisationRef, operator: OperatorRef, conversation_id: UUID, escalation_id: UUID
) -> Escalated:
    """The holder takes the question back; the visitor is told and the promise runs again. Again changes nothing.

    Locks as :func:`escalate_conversation`. Raises NotAssigned, or NotFound when that one is not running.
    """
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        if conversation.operator_id != operator.id:
            raise NotAssigned()
        escalation = Escalation.objects.filter(pk=escalation_id, conversation=conversation).first()
        if escalation is None:
            raise NotFound()
        step = open_step_of(conversation_id)
        if step is None or step.escalation_id != escalation_id:
            if escalation.state != Escalation.State.WITHDRAWN:
                raise NotFound()
            return Escalated(escalation_id, escalation.ended_at or escalation.asked_at, None)
        now = platform_now()
        end_step(step, EscalationStep.Outcome.WITHDRAWN, now)
        tell(organisation, conversation_id, Entry.Kind.SPECIALIST_RETURNED, {})
        end_escalation(organisation, conversation, step.escalation, Escalation.State.WITHDRAWN, now)
        tell_desk(organisation, conversation_id, step, "withdrawn", actor_id=operator.id)
        return Escalated(escalation_id, now, None)


def accept_question(organisation: OrganisationRef, guest: GuestRef) -> None:
    """The specialist takes it on: the visitor is told by when. Raises NotFound. Again changes nothing."""
    with transaction.atomic():
        conversation, step = _in_hand(guest)
        _accept(organisation, conversation, step, platform_now())


def decline_question(organisation: OrganisationRef, guest: GuestRef, note: str) -> None:
    """The specialist does not; the next one is asked. ``note`` is kept for the desk. Raises NotFound."""
    with transaction.atomic():
        conversation, step = _in_hand(guest)
        if note.strip():
            append_for_desk_and_announce(organisation, [_note(conversation.id, step, note.strip())])
        _move_on(organisation, conversation, step, EscalationStep.Outcome.DECLINED, platform_now())


def answer_question(organisation: OrganisationRef, guest: GuestRef, cid: UUID, body: str) -> Appended:
    """The specialist writes to the visitor. Settles the promise as an operator's message does. More may follow; after
    a silence of one acceptance time the question counts as answered. Raises NotFound. The same ``cid`` is the same.
    """
    with transaction.atomic():
        conversation, step = _in_hand(guest)
        known = appended_before(conversation.id, Entry.Sender.SPECIALIST, step.specialist_id, cid)
        if known is not None:
            return known
        now = platform_now()
        _accept(organisation, conversation, step, now)
        [appended] = append_and_announce(
            organisation,
            [
                NewEntry(
                    conversation_id=conversation.id,
                    kind=Entry.Kind.MESSAGE_SENT,
                    sender_kind=Entry.Sender.SPECIALIST,
                    sender_id=step.specialist_id,
                    sender_name=step.specialist_name,
                    cid=cid,
                    body=body,
                )
            ],
        )
        silent_at = specialist_deadline(organisation, now, accept_seconds(organisation))
        # Who answered is not reminded: warning and end come together, and the end is looked at first.
        Clock.objects.filter(pk=step.id).update(warn_at=silent_at, due_at=silent_at, next_at=silent_at)
        return appended


def finish_question(organisation: OrganisationRef, guest: GuestRef) -> None:
    """The specialist has said all. Raises NotFound, or Invalid when nothing was answered yet."""
    with transaction.atomic():
        conversation, step = _in_hand(guest)
        if not has_answered(step):
            raise Invalid(_("Please answer first, or decline the question."))
        _end_answered(organisation, conversation, step, platform_now())


def promise_call_back(organisation: OrganisationRef, guest: GuestRef, by: datetime) -> None:
    """The specialist will get back to the visitor by another way: kept as a contact request of their own, so that it
    is not forgotten. Raises NotFound, or Invalid for a time that is past or over 30 days ahead."""
    with transaction.atomic():
        conversation, step = _in_hand(guest)
        now = platform_now()
        if not now < by <= now + LONGEST_CALL_BACK:
            raise Invalid(_("Please choose a time within the next 30 days."))
        step.accepted_at = step.accepted_at or now
        step.save(update_fields=["accepted_at"])
        escalation = step.escalation
        escalation.call_back_at = by
        _keep_request(organisation, conversation, escalation, ContactRequest.Reason.CALL_BACK, step.specialist, by)
        end_step(step, EscalationStep.Outcome.CALL_BACK, now)
        tell(
            organisation,
            conversation.id,
            Entry.Kind.CALLBACK_PROMISED,
            {"specialist": step.specialist_name, "by": by},
            step,
        )
        end_escalation(organisation, conversation, escalation, Escalation.State.CALL_BACK, now)
        tell_desk(organisation, conversation.id, step, "call_back", by)


def pass_over_specialist(organisation: OrganisationRef, specialist_id: UUID) -> int:
    """Somebody is no longer a specialist: what they were asked goes on to the next, and their links are dead. How many
    questions that were. Locks each conversation in a transaction of its own; safe to run twice."""
    steps = EscalationStep.objects.filter(specialist_id=specialist_id, ended_at__isnull=True)
    passed = 0
    for conversation_id, step_id in list(steps.values_list("escalation__conversation_id", "id")):
        with transaction.atomic():
            conversation, step = lock_conversation(conversation_id), lock_step(step_id)
            if step.ended_at is None:
                _move_on(organisation, conversation, step, EscalationStep.Outcome.WITHDRAWN, platform_now())
                passed += 1
    return passed


def strike_escalation(organisation: OrganisationRef, conversation_id: UUID, step_id: UUID) -> bool:
    """A step's time has come: a reminder, or the end of waiting. False when somebody else is at this conversation.

    Safe to run from several sweeps: under the lock, a clock that was settled or struck meanwhile is left alone.
    """
    with transaction.atomic():
        conversation = lock_conversation_if_free(conversation_id)
        if conversation is None:
            return False
        clock = Clock.objects.select_for_update().filter(pk=step_id).first()
        now = platform_now()
        if clock is None or clock.next_at > now:
            return False
        step = EscalationStep.objects.select_for_update().select_related("escalation").filter(pk=step_id).first()
        if step is None or step.ended_at is not None:
            clock.delete()
            return False
        if clock.due_at is not None and clock.due_at <= now:
            if has_answered(step):
                _end_answered(organisation, conversation, step, now)
            else:
                _move_on(organisation, conversation, step, EscalationStep.Outcome.SILENT, now)
            return True
        _remind(organisation, step)
        Clock.objects.filter(pk=step_id).update(warn_at=None, next_at=clock.due_at)
        return True


def _in_hand(guest: GuestRef) -> tuple[Conversation, EscalationStep]:
    conversation = lock_conversation(guest.conversation_id)
    step = lock_step(guest.step_id)
    if step.ended_at is not None or step.guest_hash is None or bytes(step.guest_hash) != guest.secret_hash:
        raise NotFound()
    return conversation, step


def _accept(organisation: OrganisationRef, conversation: Conversation, step: EscalationStep, now: datetime) -> None:
    if step.accepted_at is not None:
        return
    seconds = answer_seconds(organisation)
    step.accepted_at, step.answer_by = now, specialist_deadline(organisation, now, seconds)
    step.link_expires_at = step.answer_by
    step.save(update_fields=["accepted_at", "answer_by", "link_expires_at"])
    step.escalation.state = Escalation.State.ACCEPTED
    step.escalation.save(update_fields=["state"])
    start_clock(organisation, conversation.id, step.id, now, seconds, step.answer_by)
    told = {"specialist": step.specialist_name, "by": step.answer_by}
    tell(organisation, conversation.id, Entry.Kind.SPECIALIST_ACCEPTED, told, step)
    tell_desk(organisation, conversation.id, step, "accepted", step.answer_by)


def _move_on(
    organisation: OrganisationRef, conversation: Conversation, step: EscalationStep, outcome: str, now: datetime
) -> None:
    """This specialist does not answer: the next one, else the desk, else a contact request."""
    end_step(step, outcome, now)
    tell_desk(organisation, conversation.id, step, outcome)
    escalation = step.escalation
    substitute = next_specialist(escalation)
    if substitute is not None:
        escalation.state = Escalation.State.ASKED
        escalation.save(update_fields=["state"])
        ask(organisation, conversation, escalation, substitute, now)
    elif conversation.state == Conversation.State.ASSIGNED and opening_of(organisation, now).open:
        tell(organisation, conversation.id, Entry.Kind.SPECIALIST_RETURNED, {})
        end_escalation(organisation, conversation, escalation, Escalation.State.RETURNED, now)
        tell_desk(organisation, conversation.id, step, "returned")
    else:
        _keep(organisation, conversation, step, now)


def _keep(organisation: OrganisationRef, conversation: Conversation, step: EscalationStep, now: datetime) -> None:
    """Nobody is there to go on: it becomes a contact request of whoever was asked first, and the conversation ends."""
    escalation = step.escalation
    answer_by = specialist_deadline(organisation, now, answer_seconds(organisation))
    first = escalation.steps.select_related("specialist").order_by("number")[0]
    _keep_request(organisation, conversation, escalation, ContactRequest.Reason.ESCALATION, first.specialist, answer_by)
    told = {"reason": ContactRequest.Reason.ESCALATION.value, "by": answer_by}
    tell(organisation, conversation.id, Entry.Kind.QUESTION_KEPT, told)
    end_escalation(organisation, conversation, escalation, Escalation.State.KEPT, now)
    tell_desk(organisation, conversation.id, first, "kept", answer_by)
    close_by_itself(organisation, conversation)


def _keep_request(
    organisation: OrganisationRef,
    conversation: Conversation,
    escalation: Escalation,
    reason: str,
    owner: Specialist | None,
    answer_by: datetime,
) -> None:
    visitor = Visitor.objects.get(pk=conversation.visitor_id)
    request, is_new = ContactRequest.objects.get_or_create(
        visitor=visitor,
        cid=uuid5(escalation.id, "kept"),
        defaults={
            "conversation": conversation,
            "reason": reason,
            "owner": owner,
            "answer_by": answer_by,
            "name": visitor.name,
            "email": visitor.email,
            "body": _question(conversation, escalation),
            "website_key": conversation.website_key,
            "page_url": conversation.page_url,
            "language": conversation.language,
        },
    )
    if is_new and owner is not None:
        queue_mail(organisation, OutgoingMail.Kind.CONTACT_REQUEST, request.id, owner.email)


def _question(conversation: Conversation, escalation: Escalation) -> str:
    """The operator's summary, and what the visitor wrote last before they asked."""
    said = Entry.objects.filter(
        conversation=conversation, kind=Entry.Kind.MESSAGE_SENT, sender_kind=Entry.Sender.VISITOR, deleted_at=None
    ).order_by("-seq")[:10]
    texts = [escalation.summary or escalation.reason, *(entry.body for entry in reversed(said))]
    return "\n\n".join(text for text in texts if text)[:BODY_CHARACTERS]


def _end_answered(
    organisation: OrganisationRef, conversation: Conversation, step: EscalationStep, now: datetime
) -> None:
    end_step(step, EscalationStep.Outcome.ANSWERED, now)
    end_escalation(organisation, conversation, step.escalation, Escalation.State.ANSWERED, now)
    tell_desk(organisation, conversation.id, step, "answered")


def _remind(organisation: OrganisationRef, step: EscalationStep) -> None:
    """Once for accepting and once for answering; not somebody who was removed."""
    if step.specialist is not None:
        number = 1 if step.accepted_at is None else 2
        queue_mail(organisation, OutgoingMail.Kind.SPECIALIST_REMINDED, step.id, step.specialist.email, number)


def _note(conversation_id: UUID, step: EscalationStep, body: str) -> NewEntry:
    return NewEntry(
        conversation_id=conversation_id,
        kind=DeskEntry.Kind.NOTE_ADDED,
        sender_kind=Entry.Sender.SPECIALIST,
        sender_id=step.specialist_id,
        sender_name=step.specialist_name,
        body=body,
    )
