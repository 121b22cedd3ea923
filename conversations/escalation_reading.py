"""Named reads of escalations: for the desk that asks, and for the guest page. Inside an organisation's schema."""

from uuid import UUID

from conversations.events import TopicFact
from conversations.guest_frames import GuestQuestion
from conversations.models import Conversation, Entry, EscalationStep, Specialist
from conversations.replies import DeskSpecialists, EscalationState, SpecialistFacts
from conversations.selectors import opening_frame
from conversations.specialist_hours import accept_seconds, answer_seconds, specialist_deadline
from knowledgebase.selectors import topic_choices
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.models import CalendarKind


def specialists_reply(organisation: OrganisationRef, conversation: Conversation) -> DeskSpecialists:
    """Whom the desk may ask about this conversation, and by when they would answer. A dozen queries."""
    now = platform_now()
    accept_by = specialist_deadline(organisation, now, accept_seconds(organisation))
    step = _running_step(conversation.id)
    return DeskSpecialists(
        conversation=conversation.id,
        specialists=[
            SpecialistFacts(id=one.id, name=one.name, topics=one.topics, position=one.position)
            for one in Specialist.objects.filter(is_active=True)
        ],
        topics=[
            TopicFact(slug=choice.slug, label=choice.label)
            for choice in topic_choices(organisation, organisation.languages[0])
        ],
        opening=opening_frame(organisation, now, CalendarKind.SPECIALISTS),
        accept_by=accept_by,
        answer_by=specialist_deadline(organisation, accept_by, answer_seconds(organisation)),
        escalation=_escalation_state(step) if step else None,
    )


def _running_step(conversation_id: UUID) -> EscalationStep | None:
    running = EscalationStep.objects.filter(escalation__conversation_id=conversation_id, ended_at__isnull=True)
    return running.select_related("escalation").first()


def _escalation_state(step: EscalationStep) -> EscalationState:
    return EscalationState(
        id=step.escalation_id,
        state=step.escalation.state,
        specialist=step.specialist_name,
        topic=step.escalation.topic or None,
        reason=step.escalation.reason,
        summary=step.escalation.summary,
        asked_at=step.asked_at,
        by=step.answer_by or step.accept_by,
    )


def guest_question(organisation: OrganisationRef, step_id: UUID) -> tuple[GuestQuestion, Conversation | None]:
    """What a specialist is shown above the thread, and the conversation as long as they may read it. Five queries."""
    step = EscalationStep.objects.select_related("escalation__conversation__visitor").get(pk=step_id)
    escalation, conversation = step.escalation, step.escalation.conversation
    is_over = step.ended_at is not None
    labels = {choice.slug: choice.label for choice in topic_choices(organisation, organisation.languages[0])}
    question = GuestQuestion(
        now=platform_now(),
        conversation=conversation.id,
        organisation=organisation.name,
        specialist=step.specialist_name,
        asked_by=escalation.asked_by_name,
        asked_at=step.asked_at,
        topic=labels.get(escalation.topic, escalation.topic) or None,
        reason="" if is_over else escalation.reason,
        summary="" if is_over else escalation.summary,
        visitor="" if is_over else conversation.visitor.name,
        state="over" if is_over else _guest_state(step),
        outcome=step.outcome,
        accept_by=step.accept_by,
        answer_by=step.answer_by,
        time_zone=organisation.time_zone,
        last_seq=conversation.last_seq,
    )
    return question, None if is_over else conversation


def _guest_state(step: EscalationStep) -> str:
    if has_answered(step):
        return "answered"
    return "asked" if step.accepted_at is None else "accepted"


def has_answered(step: EscalationStep) -> bool:
    """Has this specialist written to the visitor since being asked? One query."""
    return Entry.objects.filter(
        conversation_id=step.escalation.conversation_id,
        kind=Entry.Kind.MESSAGE_SENT,
        sender_kind=Entry.Sender.SPECIALIST,
        sender_id=step.specialist_id,
        at__gte=step.asked_at,
    ).exists()
