"""Globex has two specialists, and a question of a visitor that an operator hands to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from conversations.guest_tokens import link_token
from conversations.models import ContactRequest, Conversation, EscalationStep, OutgoingMail, Specialist
from conversations.services.escalating import Escalated, GuestRef, escalate_conversation, strike_escalation
from conversations.services.links import open_link
from operators.selectors import OperatorRef
from tenants.context import OrganisationRef, in_organisation
from tests.cast import globex
from tests.conversations.scene import append, asked, desk_entries_of, entries_of, lay_conversation

Held = tuple[Conversation, OperatorRef]


@contextmanager
def hired_specialists() -> Iterator[list[Specialist]]:
    """Greta for cards, Gus for everything; those of other tests stay out of it."""

    def hire(_organisation: OrganisationRef) -> list[Specialist]:
        Specialist.objects.update(is_active=False)
        return [
            Specialist.objects.create(name="Greta", email="greta@globex.example", topics=["card"], position=1),
            Specialist.objects.create(name="Gus", email="gus@globex.example", position=2),
        ]

    yield in_organisation(globex(), hire)
    in_organisation(globex(), lambda _: Specialist.objects.update(is_active=False))


def held_question(operator: OperatorRef, body: str = "How do I get a card for my son?") -> Held:
    """A visitor waits for this operator's answer."""
    conversation = lay_conversation(globex(), operator=operator)
    append(globex(), asked(conversation, body))
    return conversation, operator


def escalate(held: Held, cid: UUID | None = None, **how: object) -> Escalated:
    conversation, operator = held
    wanted = {"specialist_id": None, "topic": "card", "reason": "A card for a child", "summary": "Son, 12.", **how}
    return in_organisation(globex(), escalate_conversation, operator, conversation.id, cid or uuid4(), **wanted)  # type: ignore[arg-type]


def steps_of(conversation: Conversation) -> list[EscalationStep]:
    def read(_organisation: OrganisationRef) -> list[EscalationStep]:
        steps = EscalationStep.objects.filter(escalation__conversation=conversation)
        return list(steps.select_related("escalation").order_by("escalation__asked_at", "number"))

    return in_organisation(globex(), read)


def opened(step: EscalationStep) -> GuestRef:
    """As the specialist's browser, after a click on the mailed link."""
    token = link_token(globex().schema_name, step.id, step.link_number)
    return in_organisation(globex(), open_link, token).guest


def visible(conversation: Conversation) -> list[str]:
    return [entry.kind for entry in entries_of(globex(), conversation.id)]


def moves(conversation: Conversation) -> list[tuple[str, str]]:
    facts = [one for one in desk_entries_of(globex(), conversation.id) if one.kind == "escalation.moved"]
    return [(one.payload["state"], one.payload["specialist"]) for one in facts]


def strike(step: EscalationStep) -> bool:
    return in_organisation(globex(), strike_escalation, step.escalation.conversation_id, step.id)


def mails() -> list[OutgoingMail]:
    return in_organisation(globex(), lambda _: list(OutgoingMail.objects.order_by("created_at")))


def requests_of(conversation: Conversation) -> list[ContactRequest]:
    return in_organisation(
        globex(), lambda _: list(ContactRequest.objects.filter(conversation=conversation).select_related("owner"))
    )
