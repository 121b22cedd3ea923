"""The automatic answer to a first question: the one article for visitors that surely answers it.

It is labelled automatic, settles no promise and ends nothing: an operator is found as if it had not been given.
"""

from uuid import UUID

from django.db import transaction

from conversations.journal import NewEntry
from conversations.models import Conversation
from conversations.services.announcing import append_and_announce
from conversations.services.automation import automatic_message
from conversations.services.locks import lock_conversation
from knowledgebase.opening_questions import asks_for_opening_hours
from knowledgebase.visitor_help import HelpArticle, answers_by_itself, find_help
from tenants.context import OrganisationRef

# A conversation's first entries: greeting, topic, a few messages. Whoever has written more waits for a person.
BEGINNING_SEQ = 10


def may_be_answered(question: str, seq: int) -> bool:
    """Whether an article is looked for at all. Opening hours have their own answer."""
    return bool(question.strip()) and seq <= BEGINNING_SEQ and not asks_for_opening_hours(question)


def answer_first_question(organisation: OrganisationRef, conversation_id: UUID, question: str) -> None:
    """Answers if one article surely does. Locks the conversation only then; safe to run twice."""
    language = Conversation.objects.values_list("language", flat=True).get(pk=conversation_id)
    found = find_help(organisation, question, language)
    if not (found.is_sure and answers_by_itself(organisation)):
        return
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        append_and_announce(organisation, instant_answer(organisation, conversation, found.articles[0]))


def instant_answer(organisation: OrganisationRef, conversation: Conversation, article: HelpArticle) -> list[NewEntry]:
    """At most once per conversation, and nothing once a person has spoken or it is over."""
    if conversation.first_replied_at is not None or conversation.state == Conversation.State.CLOSED:
        return []
    answer = automatic_message(organisation, conversation.id, "instant answer", article.reply)
    answer.payload = {"article": str(article.id)}
    return [answer]
