"""What a visitor asked: a turn is all they said without an answer in between. Inside an organisation's schema."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Min, Q, QuerySet

from conversations.models import Entry

MAX_MESSAGES = 50
VISITOR = Q(sender_kind=Entry.Sender.VISITOR)
ANSWERED = Q(sender_kind__in=(Entry.Sender.OPERATOR, Entry.Sender.SPECIALIST))


@dataclass(frozen=True, slots=True)
class Turn:
    """``seq`` of its first message, and when that came; ``text`` of all that were not deleted, one per line."""

    seq: int
    text: str
    at: datetime


def last_turn(conversation_id: UUID) -> Turn | None:
    """The open one, or the last that was answered; None before the visitor said anything. Three queries."""
    messages = _messages(conversation_id)
    last = messages.filter(VISITOR).aggregate(seq=Max("seq"))["seq"]
    if last is None:
        return None
    before = messages.filter(ANSWERED, seq__lt=last).aggregate(seq=Max("seq"))["seq"] or 0
    return _turn(messages.filter(VISITOR, seq__gt=before, seq__lte=last))


def turn_from(conversation_id: UUID, seq: int) -> Turn | None:
    """The turn that began with the visitor's message ``seq``; None when that is no message of theirs. Two queries."""
    messages = _messages(conversation_id)
    answered = messages.filter(ANSWERED, seq__gt=seq).aggregate(seq=Min("seq"))["seq"]
    until = Q(seq__lt=answered) if answered is not None else Q()
    turn = _turn(messages.filter(VISITOR, until, seq__gte=seq))
    return turn if turn is not None and turn.seq == seq else None


def has_answered_after(conversation_id: UUID, operator_id: UUID, seq: int) -> bool:
    """Has this operator sent anything since? One query."""
    sent = _messages(conversation_id).filter(sender_kind=Entry.Sender.OPERATOR, sender_id=operator_id, seq__gt=seq)
    return sent.exists()


def _messages(conversation_id: UUID) -> QuerySet[Entry]:
    return Entry.objects.filter(conversation_id=conversation_id, kind=Entry.Kind.MESSAGE_SENT)


def _turn(messages: QuerySet[Entry]) -> Turn | None:
    said = list(messages.order_by("seq").only("seq", "body", "deleted_at", "at")[:MAX_MESSAGES])
    if not said:
        return None
    text = "\n".join(one.body for one in said if one.body and one.deleted_at is None)
    return Turn(said[0].seq, text, said[0].at)
