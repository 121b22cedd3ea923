"""A specialist's link: spent by the first browser that opens it, renewed on request, dead with its step.

Whatever is wrong with a token (made up, another organisation's, expired, spent, replaced, over) is NotFound.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from conversations.guest_tokens import PAGE_PATH, link_token, new_secret, step_of_token
from conversations.models import EscalationStep, OutgoingMail, Specialist
from conversations.services.escalating import GuestRef
from conversations.services.escalation_steps import lock_step
from conversations.services.locks import lock_conversation
from conversations.services.outbox import queue_mail
from conversations.tokens import token_hash
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.services import record_audit

MOST_LINKS = 6
BETWEEN_LINKS = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """``secret`` is told to the browser once and stored nowhere."""

    secret: str
    guest: GuestRef


def link_address(organisation: OrganisationRef, step: EscalationStep, origin: str) -> str:
    """What is mailed. The token is in the fragment, which no browser sends anywhere."""
    return f"{origin}{PAGE_PATH}#{link_token(organisation.schema_name, step.id, step.link_number)}"


def open_link(organisation: OrganisationRef, token: str) -> OpenedLink:
    """Spends the link. Locks conversation, step: of two browsers at once, one gets it. Raises NotFound."""
    step = _named(organisation, token)
    with transaction.atomic():
        lock_conversation(step.escalation.conversation_id)
        number, step = step.link_number, lock_step(step.id)
        if step.link_number != number or step.opened_at or step.ended_at or step.link_expires_at <= platform_now():
            raise NotFound()
        secret = new_secret()
        step.guest_hash, step.opened_at = token_hash(secret), platform_now()
        step.save(update_fields=["guest_hash", "opened_at"])
        record_audit(organisation.id, None, "specialist_link.opened", str(step.id))
        return OpenedLink(secret, GuestRef(step.id, step.escalation.conversation_id, bytes(step.guest_hash)))


def request_new_link(organisation: OrganisationRef, token: str) -> None:
    """Mails a fresh link to the specialist whose link this is or was, and revokes the old one and its browser's secret.

    Says nothing, whatever happened: to nobody's token, to a step that is over, within a minute of the last link, or
    after five renewals nothing happens. Locks conversation, step.
    """
    try:
        step = _named(organisation, token, even_replaced=True)
        with transaction.atomic():
            lock_conversation(step.escalation.conversation_id)
            step, now = lock_step(step.id), platform_now()
            if step.ended_at is not None or step.specialist is None or step.link_number >= MOST_LINKS:
                return
            newest = OutgoingMail.objects.filter(
                kind=OutgoingMail.Kind.NEW_LINK, subject_id=step.id, created_at__gt=now - BETWEEN_LINKS
            )
            if newest.exists() or now - step.asked_at < BETWEEN_LINKS:
                return
            _renew(organisation, step, step.specialist.email)
    except NotFound:
        return


def readdress_links(organisation: OrganisationRef, specialist: Specialist) -> int:
    """A specialist's address has changed: what was mailed to the old one opens nothing any more, and a new link goes to
    the new one. How many there were. Locks each conversation and step in a transaction of its own."""
    steps = EscalationStep.objects.filter(specialist=specialist, ended_at__isnull=True)
    renewed = 0
    for conversation_id, step_id in list(steps.values_list("escalation__conversation_id", "id")):
        with transaction.atomic():
            lock_conversation(conversation_id)
            step = lock_step(step_id)
            if step.ended_at is None:
                _renew(organisation, step, specialist.email)
                renewed += 1
    return renewed


def _renew(organisation: OrganisationRef, step: EscalationStep, recipient: str) -> None:
    step.link_number += 1
    step.guest_hash = step.opened_at = None
    step.link_expires_at = step.answer_by or step.accept_by
    step.save(update_fields=["link_number", "guest_hash", "opened_at", "link_expires_at"])
    queue_mail(organisation, OutgoingMail.Kind.NEW_LINK, step.id, recipient, number=step.link_number)
    record_audit(organisation.id, None, "specialist_link.renewed", str(step.id))


def guest_of_secret(secret: str) -> GuestRef:
    """Whose browser this is. Raises NotFound. One query."""
    hashed = token_hash(secret)
    found = (
        EscalationStep.objects.filter(guest_hash=hashed, ended_at__isnull=True)
        .values_list("id", "escalation__conversation_id")
        .first()
    )
    if found is None:
        raise NotFound()
    return GuestRef(found[0], found[1], hashed)


def _named(organisation: OrganisationRef, token: str, *, even_replaced: bool = False) -> EscalationStep:
    """The step of a token that we signed for this organisation; its present link, unless an older one will do."""
    signed = step_of_token(organisation.schema_name, token)
    if signed is None:
        raise NotFound()
    step = EscalationStep.objects.select_related("escalation").filter(pk=signed[0]).first()
    if step is None or (step.link_number != signed[1] and not even_replaced):
        raise NotFound()
    return step
