"""Asking by mail, once per conversation, whoever left an address and agreed to it; and what the mailed link opens.

The link's token is made from random bytes in its row and the platform's secret, and only its hash is stored: a copy of
the database opens nothing, and a mail that has to be sent again is the same mail. Whatever is wrong with a token (made
up, another organisation's, too old, used up) is NotFound. It stands in the address's fragment (rule 36).
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from conversations.models import Conversation, OutgoingMail, Visitor
from conversations.services.locks import lock_conversation_if_free
from conversations.services.mailing import Letter, mail_of_letter
from conversations.services.outbox import queue_mail
from conversations.tokens import token_hash
from ratings.asking import ask_settings
from ratings.models import Ask, AskLink, Rating
from ratings.services.answering import CHANGEABLE
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.selectors import organisation_origin
from tenants.services import record_audit

PAGE_PATH = "/rating/"
LINK_DAYS = 7
# A mail about a conversation longer ago says nothing to anybody: this long after it was due it is not sent any more.
LATEST = timedelta(days=3)
# Nobody is asked by mail more often than this, however often they come.
BETWEEN_MAILS = timedelta(days=7)
AT_ONCE = 200
SALT_BYTES = 32


def mail_due_asks(organisation: OrganisationRef) -> int:
    """Writes down the mails that are due; how many. Each in its own transaction, under its conversation's lock; one
    that somebody else holds is left for the next time. Safe to run twice."""
    settings = ask_settings()
    if not settings.mails:
        return 0
    now = platform_now()
    due = _unanswered(now).filter(
        asked_at__lte=now - timedelta(days=settings.mail_after_days),
        asked_at__gt=now - timedelta(days=settings.mail_after_days) - LATEST,
    )
    return sum(
        _mail(organisation, conversation_id)
        for conversation_id in list(due.order_by("-asked_at").values_list("conversation_id", flat=True)[:AT_ONCE])
    )


def _unanswered(now: datetime) -> QuerySet[Ask]:
    """Closed, not answered, not declined, not mailed, of visitors who may be mailed and were not lately."""
    mailed_lately = Ask.objects.filter(mailed_at__gt=now - BETWEEN_MAILS).values("conversation__visitor")
    return (
        Ask.objects.filter(
            mailed_at=None,
            declined_at=None,
            answers=None,
            conversation__rating=None,
            conversation__state=Conversation.State.CLOSED,
            conversation__visitor__may_be_asked_at__isnull=False,
        )
        .exclude(conversation__visitor__email="")
        .exclude(conversation__visitor__in=mailed_lately)
    )


def _mail(organisation: OrganisationRef, conversation_id: UUID) -> bool:
    with transaction.atomic():
        if lock_conversation_if_free(conversation_id) is None:
            return False
        now = platform_now()
        ask = _unanswered(now).filter(conversation_id=conversation_id).select_related("conversation__visitor").first()
        if ask is None:
            return False
        ask.mailed_at = now
        ask.open_until = max(ask.open_until, now + timedelta(days=LINK_DAYS))
        ask.save(update_fields=["mailed_at", "open_until"])
        salt = secrets.token_bytes(SALT_BYTES)
        token = link_token(organisation.schema_name, salt)
        AskLink.objects.create(ask=ask, salt=salt, token_hash=token_hash(token))
        queue_mail(organisation, OutgoingMail.Kind.RATING_ASKED, ask.pk, ask.conversation.visitor.email)
        record_audit(organisation.id, None, "rating_link.mailed", str(ask.pk))
        return True


def link_token(schema_name: str, salt: bytes) -> str:
    """The token that these random bytes stand for; the same whenever it is asked for."""
    digest = salted_hmac(f"ratings.link.{schema_name}", salt, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def rating_message(organisation: OrganisationRef, mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """The mail to the visitor; None once it was answered, declined, or is no longer wanted. Four queries."""
    ask = Ask.objects.select_related("conversation__visitor", "link").filter(pk=mail.subject_id).first()
    if ask is None or ask.declined_at is not None or ask.open_until < platform_now():
        return None
    visitor = ask.conversation.visitor
    is_answered = Rating.objects.filter(conversation=ask.conversation_id).exists()
    if is_answered or visitor.may_be_asked_at is None or not visitor.email:
        return None
    token = link_token(organisation.schema_name, bytes(ask.link.salt))
    origin = organisation_origin(organisation)
    link = f"{origin}{PAGE_PATH}?language={quote(ask.language)}#{token}"
    letter = Letter(visitor.email, ask.language, {"link": link, "days": LINK_DAYS})
    return mail_of_letter(organisation, mail, "rating_asked", letter)


@dataclass(frozen=True, slots=True)
class LinkedAsk:
    """Whom a link asks, and about what."""

    id: UUID
    conversation_id: UUID
    visitor_id: UUID


def ask_of_link(_organisation: OrganisationRef, token: str) -> LinkedAsk:
    """What this token asks about. Raises NotFound. Two queries."""
    now = platform_now()
    open_asks = Ask.objects.filter(link__token_hash=token_hash(token), open_until__gte=now)
    found = open_asks.values_list("pk", "conversation_id", "conversation__visitor_id").first()
    if found is None:
        raise NotFound()
    ask = LinkedAsk(*found)
    given_at = Rating.objects.filter(conversation=ask.conversation_id).values_list("given_at", flat=True).first()
    if given_at is not None and now - given_at > CHANGEABLE:
        raise NotFound()
    return ask


def stop_mails(organisation: OrganisationRef, visitor_id: UUID) -> None:
    """The visitor takes back that they may be mailed. Safe to repeat."""
    if Visitor.objects.filter(pk=visitor_id, may_be_asked_at__isnull=False).update(may_be_asked_at=None):
        record_audit(organisation.id, None, "rating_mails.stopped", str(visitor_id))
