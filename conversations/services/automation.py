"""What automation says: it greets, asks once what it is about or says what it took it to be, and answers "are you
open?". Nothing else.

Always labelled automatic, never after a person has spoken, and never a reply that settles a promise.
"""

from datetime import datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from conversations.journal import NewEntry
from conversations.models import Conversation, Entry
from conversations.services.announcing import append_and_announce
from conversations.services.locks import lock_conversation
from knowledgebase.opening_questions import asks_for_opening_hours
from knowledgebase.selectors import topic_choices
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.hours import Opening, opening_of
from tenants.selectors import automatic_texts


def greeting(organisation: OrganisationRef, conversation: Conversation) -> list[NewEntry]:
    """The organisation's greeting in the visitor's language, if it has one."""
    text, _ = automatic_texts(organisation, conversation.language)
    return [automatic_message(organisation, conversation.id, "greeting", text)] if text else []


def goodbye(organisation: OrganisationRef, conversation: Conversation) -> list[NewEntry]:
    """The organisation's goodbye; one for each time the conversation is closed."""
    _, text = automatic_texts(organisation, conversation.language)
    if not text:
        return []
    return [automatic_message(organisation, conversation.id, f"goodbye {conversation.last_seq}", text)]


def topic_question(organisation: OrganisationRef, conversation: Conversation) -> list[NewEntry]:
    """ "What is it about?", once, unless the visitor has said so, a person has spoken or there is nothing to choose."""
    choices = topic_choices(organisation, conversation.language)
    if not choices or conversation.topic or conversation.first_replied_at is not None:
        return []
    return [
        NewEntry(
            conversation_id=conversation.id,
            kind=Entry.Kind.TOPIC_ASKED,
            sender_kind=Entry.Sender.AUTOMATIC,
            sender_name=organisation.name,
            cid=uuid5(conversation.id, "topic"),
            payload={"topics": [{"slug": choice.slug, "label": choice.label} for choice in choices]},
        )
    ]


def topic_recognised(organisation: OrganisationRef, conversation: Conversation) -> list[NewEntry]:
    """Tells the visitor which topic their first question was taken to be about; they may choose another."""
    labels = {choice.slug: choice.label for choice in topic_choices(organisation, conversation.language)}
    return [
        NewEntry(
            conversation_id=conversation.id,
            kind=Entry.Kind.TOPIC_CHOSEN,
            sender_kind=Entry.Sender.AUTOMATIC,
            sender_name=organisation.name,
            cid=uuid5(conversation.id, "topic recognised"),
            payload={"topic": conversation.topic, "label": labels[conversation.topic]},
        )
    ]


def opening_answer(
    organisation: OrganisationRef, conversation: Conversation, question: str, question_cid: UUID, now: datetime
) -> list[NewEntry]:
    """The answer to "are you open?", or nothing when the question is another one or a person has spoken."""
    if conversation.first_replied_at is not None or not asks_for_opening_hours(question):
        return []
    text = opening_text(opening_of(organisation, now), conversation.language, now)
    return [automatic_message(organisation, conversation.id, f"opening {question_cid}", text)]


def answer_opening_question(
    organisation: OrganisationRef, conversation_id: UUID, question: str, question_cid: UUID
) -> None:
    """Answers by itself when the question came in an open conversation. Locks the conversation; safe to run twice."""
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        append_and_announce(
            organisation, opening_answer(organisation, conversation, question, question_cid, platform_now())
        )


def automatic_message(organisation: OrganisationRef, conversation_id: UUID, purpose: str, text: str) -> NewEntry:
    """A message no person wrote. ``purpose`` names it within the conversation, so that it is never sent twice."""
    return NewEntry(
        conversation_id=conversation_id,
        kind=Entry.Kind.MESSAGE_SENT,
        sender_kind=Entry.Sender.AUTOMATIC,
        sender_name=organisation.name,
        cid=uuid5(conversation_id, purpose),
        body=text,
    )


def opening_text(opening: Opening, language: str, now: datetime) -> str:
    """The answer in words, in the visitor's language and the organisation's time zone."""
    zone = ZoneInfo(opening.time_zone)
    moment = opening.until if opening.open else opening.next_opening
    with translation.override(language):
        if moment is None:
            if opening.open:
                return gettext("Yes, we are here: we answer day and night, every day.")
            return _closed(opening)
        local = timezone.localtime(moment, zone)
        words = {"time": local.strftime("%H:%M"), "day": date_format(local, "l")}
        if local.date() == timezone.localtime(now, zone).date():
            if opening.open:
                return gettext("Yes, we are open now, until %(time)s.") % words
            return f"{_closed(opening)} {gettext('We open again at %(time)s.') % words}"
        if opening.open:
            return gettext("Yes, we are open now, until %(day)s at %(time)s.") % words
        return f"{_closed(opening)} {gettext('We open again on %(day)s at %(time)s.') % words}"


def _closed(opening: Opening) -> str:
    return (
        gettext("We are closed today: %(label)s.") % {"label": opening.label}
        if opening.label
        else gettext("We are closed right now.")
    )
