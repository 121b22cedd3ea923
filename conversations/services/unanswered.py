"""Turns that no article answered, read from conversations for the knowledge base (see knowledgebase.services.gaps).

A round goes on where the last one ended, turn by turn in the order in which they were settled. It stays some minutes
behind, so that the answer is there in full and what is being committed at the moment is not passed by.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db import connection, transaction

from conversations.models import Entry, Promise
from knowledgebase.likeness import says_something
from knowledgebase.models import CollectedUntil
from knowledgebase.selectors import turns_with_article
from knowledgebase.services.gaps import Turn, keep_turns
from tenants.clock import platform_now
from tenants.context import OrganisationRef

TURNS_AT_ONCE = 200
BEHIND = timedelta(minutes=15)
FIRST_ROUND = timedelta(days=30)
# A conversation that goes on for longer is not looked at to its end.
LONGEST_CONVERSATION = timedelta(days=3)
STAFF = (Entry.Sender.OPERATOR, Entry.Sender.SPECIALIST)

# Over the conversations by opening time and their promises: settled_at has no index, as the journal writes it often.
_SETTLED = """
SELECT p.id, p.settled_at, p.conversation_id, p.opened_seq
FROM conversations_conversation c JOIN conversations_promise p ON p.conversation_id = c.id
WHERE c.opened_at >= %(opened_from)s AND p.settled_at <= %(until)s
  AND (p.settled_at, p.id) > (%(settled_at)s, %(promise_id)s)
  AND p.outcome <> 'closed'
ORDER BY p.settled_at, p.id
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class _Said:
    seq: int
    sender_kind: str
    body: str
    at: datetime


def collect_turns(organisation: OrganisationRef) -> bool:
    """Takes the next 200 settled turns, and keeps those that asked something and for which no article was used;
    whether there may be more. Six queries.

    Locks the row that says how far the rounds have come, so that two at once do the same work once.
    """
    with transaction.atomic():
        until = platform_now() - BEHIND
        CollectedUntil.objects.get_or_create(pk=1, defaults={"settled_at": until - FIRST_ROUND})
        place = CollectedUntil.objects.select_for_update().get()
        settled = _settled(place, until)
        if not settled:
            return False
        opened_seqs: dict[UUID, list[int]] = defaultdict(list)
        for _id, _at, conversation_id, opened_seq in settled:
            opened_seqs[conversation_id].append(opened_seq)
        keep_turns(organisation, _turns_without_article(opened_seqs))
        place.promise_id, place.settled_at = settled[-1][:2]
        place.save()
    return len(settled) == TURNS_AT_ONCE


def _settled(place: CollectedUntil, until: datetime) -> list[tuple[UUID, datetime, UUID, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLED,
            {
                "opened_from": place.settled_at - LONGEST_CONVERSATION,
                "until": until,
                "settled_at": place.settled_at,
                "promise_id": place.promise_id or UUID(int=0),
                "limit": TURNS_AT_ONCE,
            },
        )
        return cursor.fetchall()


def _turns_without_article(opened_seqs: dict[UUID, list[int]]) -> Iterable[Turn]:
    """Three queries."""
    begins: dict[UUID, list[int]] = defaultdict(list)
    languages: dict[UUID, str] = {}
    for conversation_id, opened_seq, language in (
        Promise.objects.filter(conversation_id__in=opened_seqs)
        .order_by("opened_seq")
        .values_list("conversation_id", "opened_seq", "conversation__language")
    ):
        begins[conversation_id].append(opened_seq)
        languages[conversation_id] = language
    said = _said_in(opened_seqs)
    answered = turns_with_article(opened_seqs.keys())
    for conversation_id, seqs in opened_seqs.items():
        for begin, end in pairwise([*begins[conversation_id], 2**31]):
            if begin in seqs and not any(begin <= seq < end for seq in answered.get(conversation_id, ())):
                yield turn_from(conversation_id, languages[conversation_id], begin, said[conversation_id])


def _said_in(conversation_ids: Iterable[UUID]) -> dict[UUID, list[_Said]]:
    messages: dict[UUID, list[_Said]] = defaultdict(list)
    rows = (
        Entry.objects.filter(
            conversation_id__in=list(conversation_ids),
            kind=Entry.Kind.MESSAGE_SENT,
            sender_kind__in=[Entry.Sender.VISITOR, *STAFF],
        )
        .order_by("conversation_id", "seq")
        .values_list("conversation_id", "seq", "sender_kind", "body", "at")
    )
    for conversation_id, seq, sender_kind, body, at in rows:
        messages[conversation_id].append(_Said(seq, sender_kind, body, at))
    return messages


def turn_from(conversation_id: UUID, language: str, opened_seq: int, said: Sequence[_Said]) -> Turn:
    """The visitor's messages from ``opened_seq`` until somebody answered, and all that was answered until the visitor
    said something new: "ok" after "one moment, please" ends no answer."""
    question: list[_Said] = []
    answer: list[str] = []
    for one in said:
        if one.seq < opened_seq:
            continue
        if one.sender_kind in STAFF:
            answer.append(one.body)
        elif not answer:
            question.append(one)
        elif says_something(one.body, language):
            break
    return Turn(
        conversation_id=conversation_id,
        seq=opened_seq,
        language=language,
        question="\n".join(one.body for one in question),
        answer="\n".join(answer),
        at=question[0].at if question else platform_now(),
    )


def turn_of(conversation_id: UUID, language: str, seq: int) -> Turn:
    """One turn as it stands now, for an operator who says that an article is missing. One query."""
    return turn_from(conversation_id, language, seq, _said_in([conversation_id])[conversation_id])
