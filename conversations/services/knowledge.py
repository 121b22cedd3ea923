"""What the desk does with the organisation's knowledge during a conversation. Nothing of it reaches a visitor."""

from uuid import UUID

from django.db import transaction

from conversations.access import conversation_at_desk
from conversations.knowledge_reading import suggested_articles
from conversations.models import OutgoingMail
from conversations.replies import DeskSuggestions
from conversations.services.article_reports import owner_of
from conversations.services.outbox import queue_mail
from conversations.services.unanswered import turn_of
from conversations.turns import has_answered_after, last_turn, turn_from
from knowledgebase.selectors import notices_shown
from knowledgebase.services.feedback import give_feedback
from knowledgebase.services.gaps import flag_turn
from knowledgebase.services.learning import Mentioned, note_suggested, note_used
from knowledgebase.suggesting import suggest
from operators.selectors import OperatorRef
from tenants.context import OrganisationRef
from tenants.errors import NotFound


def suggest_answers(
    organisation: OrganisationRef, operator: OperatorRef, conversation_id: UUID, typed: str | None
) -> DeskSuggestions:
    """The best three for the visitor's last turn, or for what the operator has typed. What its own operator was shown
    for a turn is kept. Raises NotFound. A dozen queries, fewer for what is typed."""
    conversation = conversation_at_desk(conversation_id)
    turn = last_turn(conversation_id)
    asked = typed if typed is not None else turn.text if turn else ""
    found = suggest(organisation, asked, conversation.language)
    if typed is None and turn is not None and conversation.operator_id == operator.id:
        note_suggested(
            conversation_id,
            turn.seq,
            conversation.language,
            [one.article for one in found],
            found[0].confidence if found else None,
            operator,
        )
    return DeskSuggestions(
        conversation=conversation_id,
        seq=turn.seq if turn else 0,
        suggestions=suggested_articles(organisation, operator.name, conversation, found),
        notices=notices_shown(organisation, conversation.language, conversation.topic),
    )


def use_suggestion(
    organisation: OrganisationRef,
    operator: OperatorRef,
    conversation_id: UUID,
    seq: int,
    article_id: UUID,
    rank: int | None,
    mentioned: Mentioned | None = None,
) -> None:
    """The operator has answered the turn ``seq`` with this article, which learns from it. Raises NotFound, also for
    somebody who has sent nothing since. Some twenty queries; locks as ``knowledgebase.services.learning`` says."""
    conversation = conversation_at_desk(conversation_id)
    turn = turn_from(conversation_id, seq)
    if turn is None or not has_answered_after(conversation_id, operator.id, seq):
        raise NotFound()
    note_used(
        conversation_id,
        seq,
        article_id,
        rank,
        turn.text,
        conversation.language,
        operator,
        mentioned,
    )


def report_article(
    organisation: OrganisationRef,
    operator: OperatorRef,
    cid: UUID,
    article_id: UUID,
    kind: str,
    note: str,
    conversation_id: UUID | None,
) -> UUID | None:
    """Keeps what an operator says of an article and writes down the mail to its owner, whose id it returns; None when
    nobody is there to be told, or it was said before. Raises NotFound. Half a dozen queries."""
    if conversation_id is not None:
        conversation_at_desk(conversation_id)
    with transaction.atomic():
        feedback, is_new = give_feedback(
            cid,
            article_id,
            kind,
            note=note,
            conversation_id=conversation_id,
            operator=operator,
        )
        owner = owner_of(organisation, feedback.article)
        if not is_new or owner is None:
            return None
        return queue_mail(organisation, OutgoingMail.Kind.ARTICLE_REPORTED, feedback.id, owner.email)


def flag_gap(organisation: OrganisationRef, operator: OperatorRef, conversation_id: UUID, seq: int) -> None:
    """An operator misses an article for this turn; again changes nothing. Audited. Raises NotFound. Eight queries."""
    conversation = conversation_at_desk(conversation_id)
    if turn_from(conversation_id, seq) is None:
        raise NotFound()
    flag_turn(organisation, turn_of(conversation_id, conversation.language, seq), operator.id)
