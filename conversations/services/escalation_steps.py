"""The pieces of an escalation: who is asked next, what everybody is told, how a step and the whole end.

Everything here runs in the caller's transaction, which holds the conversation's lock: that lock is what makes each
step happen once. The step's and the escalation's rows are locked behind it.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from conversations.journal import NewEntry
from conversations.models import Conversation, DeskEntry, Entry, Escalation, EscalationStep, OutgoingMail, Specialist
from conversations.models.promises import Promise
from conversations.services.announcing import append_and_announce, append_for_desk_and_announce
from conversations.services.outbox import queue_mail
from conversations.services.promises import pause_open_promise, resume_open_promise
from conversations.specialist_hours import REMIND_SHARE, accept_seconds, specialist_deadline
from knowledgebase.selectors import kind_of_topic
from operators.models import Clock, ConversationKind
from operators.services import note_kind
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.services import record_audit


def lock_step(step_id: UUID) -> EscalationStep:
    """The step and its escalation. The caller holds the conversation. Raises NotFound."""
    step = EscalationStep.objects.select_for_update().select_related("escalation").filter(pk=step_id).first()
    if step is None:
        raise NotFound()
    return step


def open_step_of(conversation_id: UUID) -> EscalationStep | None:
    """The step that runs in this conversation, locked. The caller holds the conversation. One query."""
    return (
        EscalationStep.objects.select_for_update()
        .select_related("escalation")
        .filter(escalation__conversation_id=conversation_id, ended_at__isnull=True)
        .first()
    )


def specialists_for(topic: str) -> list[Specialist]:
    """Active specialists for a topic (empty: for any), the one to be asked first first. One query."""
    active = Specialist.objects.filter(is_active=True)
    return list(active.filter(Q(topics=[]) | Q(topics__contains=[topic])) if topic else active)


def next_specialist(escalation: Escalation) -> Specialist | None:
    """Who substitutes: nobody is asked twice. Two queries."""
    asked = set(escalation.steps.values_list("specialist_id", flat=True))
    return next((one for one in specialists_for(escalation.topic) if one.id not in asked), None)


def ask(
    organisation: OrganisationRef,
    conversation: Conversation,
    escalation: Escalation,
    specialist: Specialist,
    now: datetime,
    *,
    actor_id: UUID | None = None,
) -> UUID:
    """Begins a step: deadline, mail, and everybody is told. Returns the mail's id."""
    seconds = accept_seconds(organisation)
    accept_by = specialist_deadline(organisation, now, seconds)
    step = EscalationStep.objects.create(
        escalation=escalation,
        specialist=specialist,
        specialist_name=specialist.name,
        number=escalation.steps.count() + 1,
        asked_at=now,
        accept_by=accept_by,
        link_expires_at=accept_by,
    )
    start_clock(organisation, conversation.id, step.id, now, seconds, accept_by)
    mail_id = queue_mail(organisation, OutgoingMail.Kind.SPECIALIST_ASKED, step.id, specialist.email)
    tell(organisation, conversation.id, Entry.Kind.SPECIALIST_ASKED, {"specialist": specialist.name, "by": accept_by})
    tell_desk(organisation, conversation.id, step, "asked", accept_by, actor_id=actor_id)
    return mail_id


def start_clock(
    organisation: OrganisationRef, conversation_id: UUID, step_id: UUID, now: datetime, seconds: float, due_at: datetime
) -> None:
    """The step's deadline, with a reminder at 60 % of the way; it replaces the one before."""
    remind_at = specialist_deadline(organisation, now, seconds * REMIND_SHARE)
    Clock.objects.update_or_create(
        id=step_id,
        defaults={
            "schema_name": organisation.schema_name,
            "conversation_id": conversation_id,
            "kind": Clock.Kind.ESCALATION,
            "warn_at": remind_at,
            "due_at": due_at,
            "next_at": remind_at,
        },
    )


def end_step(step: EscalationStep, outcome: str, now: datetime) -> None:
    """The step is over and its link and secret open nothing any more."""
    step.outcome, step.ended_at = outcome, now
    step.save(update_fields=["outcome", "ended_at"])
    Clock.objects.filter(pk=step.id).delete()


def end_escalation(
    organisation: OrganisationRef, conversation: Conversation, escalation: Escalation, state: str, now: datetime
) -> None:
    """The whole is over: the desk's promises run again, and the conversation weighs what its topic makes it."""
    escalation.state, escalation.ended_at = state, now
    escalation.save(update_fields=["state", "ended_at", "call_back_at"])
    conversation.pause_reason = ""
    conversation.save(update_fields=["pause_reason"])
    note_kind(conversation.id, kind_of_topic(organisation, conversation.topic))
    resume_open_promise(organisation, conversation)


def hand_over(organisation: OrganisationRef, conversation: Conversation) -> None:
    """The visitor has been told: from here on their turns wait for the specialist."""
    conversation.pause_reason = Promise.Pause.ESCALATED
    conversation.save(update_fields=["pause_reason"])
    note_kind(conversation.id, ConversationKind.ESCALATED)
    pause_open_promise(organisation, conversation, Promise.Pause.ESCALATED)


def withdraw_at_closing(organisation: OrganisationRef, conversation: Conversation, now: datetime) -> None:
    """The conversation is being closed: whoever was asked needs not answer. Nothing happens without an escalation."""
    step = open_step_of(conversation.id)
    if step is None:
        return
    end_step(step, EscalationStep.Outcome.WITHDRAWN, now)
    end_escalation(organisation, conversation, step.escalation, Escalation.State.WITHDRAWN, now)
    tell_desk(organisation, conversation.id, step, "withdrawn")


def tell(
    organisation: OrganisationRef,
    conversation_id: UUID,
    kind: str,
    payload: dict[str, object],
    specialist: EscalationStep | None = None,
) -> None:
    """A fact that the visitor sees; said by the specialist of this step, or by the system."""
    append_and_announce(
        organisation,
        [
            NewEntry(
                conversation_id=conversation_id,
                kind=kind,
                sender_kind=Entry.Sender.SPECIALIST if specialist else Entry.Sender.SYSTEM,
                sender_id=specialist.specialist_id if specialist else None,
                sender_name=specialist.specialist_name if specialist else "",
                payload={name: _plain(value) for name, value in payload.items()},
            )
        ],
    )


def tell_desk(
    organisation: OrganisationRef,
    conversation_id: UUID,
    step: EscalationStep,
    state: str,
    by: datetime | None = None,
    *,
    actor_id: UUID | None = None,
) -> None:
    """A fact for staff, and the public record of it: ids only, never a name. ``actor_id`` is an operator's, or None."""
    append_for_desk_and_announce(
        organisation,
        [
            NewEntry(
                conversation_id=conversation_id,
                kind=DeskEntry.Kind.ESCALATION_MOVED,
                sender_kind=Entry.Sender.SYSTEM,
                payload={
                    "escalation": str(step.escalation_id),
                    "state": state,
                    "specialist": step.specialist_name,
                    "by": _plain(by),
                },
            )
        ],
    )
    record_audit(organisation.id, actor_id, f"escalation.{state}", str(step.id))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
