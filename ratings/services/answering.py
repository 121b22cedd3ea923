"""What a visitor answers when asked how it was: each answer is stored by itself, the moment it is given.

Everything may be changed for 15 minutes after the first mark, and nothing is taken once the time to answer is over.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from conversations.journal import Appended, NewEntry
from conversations.models import Conversation, Entry
from conversations.services.announcing import append_and_announce, appended_before
from conversations.services.locks import lock_conversation
from ratings.asking import way_of
from ratings.errors import RatingClosed
from ratings.factors import COMMENT, MARK, Factor, is_answer
from ratings.models import Answer, Ask, Rating
from ratings.services.following_up import reconsider
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid, NotFound

CHANGEABLE = timedelta(minutes=15)


def give_rating(
    organisation: OrganisationRef,
    *,
    visitor_id: UUID,
    conversation_id: UUID,
    cid: UUID,
    mark: int,
    comment: str | None = None,
    way: str = "",
) -> Appended:
    """Stores the mark, or changes it for 15 minutes. Without a ``comment`` the one that was given stays. The same
    ``cid`` gets the same answer and changes nothing. ``way``: how it was asked, if not in the widget.

    Locks the conversation. Raises NotFound (not this visitor's, or no rating was asked) or RatingClosed.
    """
    with transaction.atomic():
        conversation = _lock_asked(conversation_id, visitor_id)
        known = appended_before(conversation_id, Entry.Sender.VISITOR, visitor_id, cid)
        if known is not None:
            return known
        rating = Rating.objects.filter(conversation=conversation).first()
        ask = Ask.objects.filter(conversation=conversation).first()
        now = platform_now()
        _raise_if_over(ask, rating, now)
        words = comment if comment is not None else rating.comment if rating else ""
        payload = {"mark": mark, "comment": words}
        appended = _append(organisation, conversation, cid, Entry.Kind.RATING_GIVEN, payload)
        if rating is None:
            Rating.objects.create(conversation=conversation, mark=mark, comment=words, given_at=appended.at)
        else:
            Rating.objects.filter(pk=rating.pk).update(mark=mark, comment=words, changed_at=appended.at)
        if ask is not None:
            _note_shown(ask, way, now, is_answered=rating is not None)
            if ask.declined_at is not None:
                Ask.objects.filter(pk=ask.pk).update(declined_at=None)
        reconsider(organisation, conversation)
    return appended


def answer_question(
    organisation: OrganisationRef,
    *,
    visitor_id: UUID,
    conversation_id: UUID,
    cid: UUID,
    question: str,
    answer: int | None,
    way: str = "",
) -> Appended:
    """Stores the answer to one of the questions that were asked, or that it was skipped (None). The mark and the
    comment can be skipped here; a skipped mark declines it all. Idempotent by ``cid``.

    Locks the conversation. Raises NotFound (not this visitor's, or nothing was asked), Invalid (another question than
    those, an answer off its scale) or RatingClosed.
    """
    with transaction.atomic():
        conversation = _lock_asked(conversation_id, visitor_id)
        ask = Ask.objects.filter(conversation=conversation).first()
        if ask is None:
            raise NotFound()
        known = appended_before(conversation_id, Entry.Sender.VISITOR, visitor_id, cid)
        if known is not None:
            return known
        if not _is_possible(ask, question, answer):
            raise Invalid()
        rating = Rating.objects.filter(conversation=conversation).first()
        now = platform_now()
        _raise_if_over(ask, rating, now)
        if question == MARK and rating is not None:
            raise Invalid()
        payload = {"question": question, "answer": answer}
        appended = _append(organisation, conversation, cid, Entry.Kind.RATING_ANSWERED, payload)
        _note_shown(ask, way, now, is_answered=rating is not None)
        if question == MARK:
            Ask.objects.filter(pk=ask.pk).update(declined_at=appended.at)
        else:
            _store(ask, question, answer, appended.at)
            if question == Factor.FEELING:
                reconsider(organisation, conversation)
    return appended


def note_shown(_organisation: OrganisationRef, *, visitor_id: UUID, conversation_id: UUID, way: str = "") -> None:
    """The question is on the visitor's screen. Again is as once; after an answer it changes nothing. Locks the
    conversation. Raises NotFound."""
    with transaction.atomic():
        conversation = _lock_asked(conversation_id, visitor_id)
        ask = Ask.objects.filter(conversation=conversation).first()
        now = platform_now()
        if ask is not None and now <= ask.open_until:
            is_answered = Rating.objects.filter(conversation=conversation).exists()
            _note_shown(ask, way, now, is_answered=is_answered)


def _lock_asked(conversation_id: UUID, visitor_id: UUID) -> Conversation:
    conversation = lock_conversation(conversation_id)
    if conversation.visitor_id != visitor_id or conversation.rating_requested_at is None:
        raise NotFound()
    return conversation


def _raise_if_over(ask: Ask | None, rating: Rating | None, now: datetime) -> None:
    if rating is not None and now - rating.given_at > CHANGEABLE:
        raise RatingClosed()
    if rating is None and ask is not None and now > ask.open_until:
        raise RatingClosed()


def _is_possible(ask: Ask, question: str, answer: int | None) -> bool:
    if question in (MARK, COMMENT):
        return answer is None
    return question in ask.questions and (answer is None or is_answer(question, answer))


def _append(
    organisation: OrganisationRef, conversation: Conversation, cid: UUID, kind: str, payload: dict[str, Any]
) -> Appended:
    entry = NewEntry(
        conversation_id=conversation.id,
        kind=kind,
        sender_kind=Entry.Sender.VISITOR,
        sender_id=conversation.visitor_id,
        cid=cid,
        payload=payload,
    )
    return append_and_announce(organisation, [entry])[0]


def _store(ask: Ask, question: str, answer: int | None, at: datetime) -> None:
    given = Answer.objects.filter(ask=ask, question=question)
    if not given.update(value=answer, changed_at=at):
        Answer.objects.create(ask=ask, question=question, value=answer, given_at=at)


def _note_shown(ask: Ask, way: str, now: datetime, *, is_answered: bool) -> None:
    """What is answered was shown, whether or not the page came to say so."""
    if ask.shown_at is not None and is_answered:
        return
    ask.way, ask.shown_at = way or way_of(ask, now), ask.shown_at or now
    ask.save(update_fields=["way", "shown_at"])
