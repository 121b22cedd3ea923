"""Sending what is in the outbox: each mail is made from its row's subject at that moment, in the reader's language.

A process that dies between sending and storing that it was sent leaves the mail waiting. It goes out again as the same
mail: the same Message-ID, the same link.
"""

import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import formatdate
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format

from conversations.models import ContactRequest, EscalationStep, OutgoingMail, Specialist
from conversations.services.article_reports import article_address, article_report
from conversations.services.escalation_steps import tell_desk
from conversations.services.inviting import invitation_to_mail
from conversations.services.links import link_address
from conversations.services.locks import lock_conversation
from knowledgebase.selectors import topic_choices
from operators.models import DueWork
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.people import invitation_link
from tenants.selectors import first_spoken, organisation_origin

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 30
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 2, 60
PERMANENT = 500
TEMPLATES = {
    OutgoingMail.Kind.SPECIALIST_ASKED: "specialist_asked",
    OutgoingMail.Kind.SPECIALIST_REMINDED: "specialist_reminded",
    OutgoingMail.Kind.NEW_LINK: "new_link",
    OutgoingMail.Kind.CONTACT_REQUEST: "contact_request",
    OutgoingMail.Kind.ARTICLE_REPORTED: "article_reported",
    OutgoingMail.Kind.INVITATION: "invitation",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """Who reads it in which language, and what it is made from. ``headers`` beside those of every mail."""

    recipient: str
    language: str
    context: dict[str, Any]
    deadline: datetime | None = None
    headers: dict[str, str] = field(default_factory=dict)


Makes = Callable[[OrganisationRef, OutgoingMail], EmailMultiAlternatives | None]
_MADE_ABOVE: dict[str, Makes] = {}


def mails_of(kind: str, makes: Makes) -> None:
    """Mails of this kind belong to an app above this one. ``makes`` runs in the transaction that sends, sets the
    recipient, and returns None when nobody needs the mail any more."""
    _MADE_ABOVE[kind] = makes


def send_mail(organisation: OrganisationRef, mail_id: UUID) -> bool:
    """Sends one mail of the outbox; true when it is done with, one way or another.

    Locks the mail's row while it is sent (at most ``EMAIL_TIMEOUT`` per answer of the server), and the conversation
    only to say that it could not be delivered. False when another process is at it, or when it is to be tried again:
    after 2 s, doubling to 60 s, 30 times.
    """
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update(skip_locked=True).filter(pk=mail_id).first()
        if mail is None:
            return False
        if mail.state != OutgoingMail.State.WAITING:
            _forget_work(mail)
            return True
        message = _message(organisation, mail)
        if message is None:
            return _end(mail, OutgoingMail.State.DROPPED)
        mail.attempts += 1
        try:
            message.send()
        except (OSError, smtplib.SMTPException) as error:
            return _failed(organisation, mail, error)
        mail.sent_at, mail.last_error = platform_now(), ""
        return _end(mail, OutgoingMail.State.SENT)


def _failed(organisation: OrganisationRef, mail: OutgoingMail, error: Exception) -> bool:
    code = _smtp_code(error)
    # The server's words may repeat the address; logs and this field keep the kind of failure only.
    mail.last_error = f"{type(error).__name__} {code or ''}".strip()
    logger.warning("A mail was not sent (%s), attempt %d.", mail.last_error, mail.attempts)
    if code >= PERMANENT or mail.attempts >= MOST_ATTEMPTS:
        _tell_unreachable(organisation, mail)
        return _end(mail, OutgoingMail.State.FAILED)
    mail.save(update_fields=["attempts", "last_error"])
    seconds = min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (mail.attempts - 1))
    _work_of(mail).update(due_at=platform_now() + timedelta(seconds=seconds), attempts=mail.attempts)
    return False


def _smtp_code(error: Exception) -> int:
    """The server's code of refusal; 0 when it did not come to that."""
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _text in error.recipients.values()), default=0)
    return 0


def _tell_unreachable(organisation: OrganisationRef, mail: OutgoingMail) -> None:
    """The desk learns that this specialist will stay silent; the step's own deadline decides what follows."""
    step = EscalationStep.objects.select_related("escalation").filter(pk=mail.subject_id, ended_at=None).first()
    if step is not None:
        lock_conversation(step.escalation.conversation_id)
        tell_desk(organisation, step.escalation.conversation_id, step, "unreachable", step.answer_by or step.accept_by)


def _end(mail: OutgoingMail, state: str) -> bool:
    mail.state = state
    mail.save(update_fields=["state", "recipient", "attempts", "last_error", "sent_at"])
    _forget_work(mail)
    return True


def _forget_work(mail: OutgoingMail) -> None:
    _work_of(mail).delete()


def _work_of(mail: OutgoingMail) -> Any:
    return DueWork.objects.filter(kind=DueWork.Kind.MAIL, subject_id=mail.id)


def _message(organisation: OrganisationRef, mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """The mail as it is now; None when nobody needs it any more."""
    if mail.kind in _MADE_ABOVE:
        return _MADE_ABOVE[mail.kind](organisation, mail)
    letter = _letter(organisation, mail)
    return mail_of_letter(organisation, mail, TEMPLATES[OutgoingMail.Kind(mail.kind)], letter) if letter else None


def mail_of_letter(
    organisation: OrganisationRef, mail: OutgoingMail, template: str, letter: Letter
) -> EmailMultiAlternatives:
    """The mail that three templates make of a letter: its subject, its text and its HTML."""
    mail.recipient = letter.recipient  # it may have changed since the mail was written down
    with translation.override(letter.language):
        context = {
            "organisation": organisation,
            "language": letter.language,
            "by": _in_words(letter.deadline, organisation) if letter.deadline else "",
            **letter.context,
            **_link_and_topic(organisation, letter.context, letter.language),
        }
        subject = " ".join(render_to_string(f"mail/{template}.subject.txt", context).split())
        text = render_to_string(f"mail/{template}.txt", context)
        html = render_to_string(f"mail/{template}.html", context)
    return mail_to(mail, subject, text, html, letter.headers)


def mail_to(
    mail: OutgoingMail, subject: str, text: str, html: str, headers: dict[str, str] | None = None
) -> EmailMultiAlternatives:
    """The mail of an outbox row: the same Message-ID and date however often it goes out."""
    message = EmailMultiAlternatives(
        subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        [mail.recipient],
        headers={
            "Message-ID": f"<{mail.id}@{settings.DESK_HOST}>",
            "Date": formatdate(mail.created_at.timestamp()),
            "Auto-Submitted": "auto-generated",
            **(headers or {}),
        },
    )
    message.attach_alternative(html, "text/html")
    return message


def _letter(organisation: OrganisationRef, mail: OutgoingMail) -> Letter | None:
    if mail.kind == OutgoingMail.Kind.ARTICLE_REPORTED:
        report = article_report(organisation, mail.subject_id)
        return Letter(report.owner.email, report.language, {"report": report}) if report else None
    if mail.kind == OutgoingMail.Kind.INVITATION:
        return _to_invited(organisation, mail)
    if mail.kind == OutgoingMail.Kind.CONTACT_REQUEST:
        request = ContactRequest.objects.select_related("owner").filter(pk=mail.subject_id).first()
        if request is None or request.owner is None or request.state == ContactRequest.State.HANDLED:
            return None
        return _to_specialist(request.owner, {"request": request}, request.answer_by)
    step = EscalationStep.objects.select_related("escalation", "specialist").filter(pk=mail.subject_id).first()
    if step is None or step.ended_at is not None or step.specialist is None or _is_outdated(mail, step):
        return None
    context = {"step": step, "escalation": step.escalation}
    return _to_specialist(step.specialist, context, step.answer_by or step.accept_by)


def _to_invited(organisation: OrganisationRef, mail: OutgoingMail) -> Letter | None:
    invited = invitation_to_mail(organisation, mail)
    if invited is None:
        return None
    link = invitation_link(organisation, invited, organisation_origin(organisation))
    return Letter(
        invited.email, first_spoken(organisation), {"invitation": invited, "link": link}, deadline=invited.expires_at
    )


def _to_specialist(specialist: Specialist, context: dict[str, Any], deadline: datetime | None) -> Letter | None:
    if not specialist.is_active:
        return None
    return Letter(specialist.email, specialist.language, {**context, "specialist": specialist}, deadline)


def _is_outdated(mail: OutgoingMail, step: EscalationStep) -> bool:
    """A link that a newer one replaced, and a reminder of what was done meanwhile."""
    if mail.kind == OutgoingMail.Kind.NEW_LINK:
        return mail.number != step.link_number
    if mail.kind == OutgoingMail.Kind.SPECIALIST_ASKED:
        return step.link_number > 1
    if mail.kind == OutgoingMail.Kind.SPECIALIST_REMINDED:
        return mail.number == 1 and step.accepted_at is not None
    return False


def _link_and_topic(organisation: OrganisationRef, context: dict[str, Any], language: str) -> dict[str, str]:
    if "report" in context:
        return {"link": article_address(organisation, context["report"])}
    if "step" not in context:
        return {}
    labels = {choice.slug: choice.label for choice in topic_choices(organisation, language)}
    topic = context["escalation"].topic
    return {
        "link": link_address(organisation, context["step"], organisation_origin(organisation)),
        "topic": labels.get(topic, topic),
    }


def _in_words(moment: datetime, organisation: OrganisationRef) -> str:
    local = timezone.localtime(moment, ZoneInfo(organisation.time_zone))
    return f"{date_format(local, 'l j F')}, {local:%H:%M} ({organisation.time_zone})"
