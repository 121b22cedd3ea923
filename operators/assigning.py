"""Who holds a conversation: choosing under the operator's lock, and the record of every stretch.

All of it runs in the caller's transaction, which holds the conversation. One operator is locked at a time, after the
conversation: the lock under which a load is counted is the lock under which it grows, so no capacity is exceeded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Least

from operators.candidates import candidate_again, candidates_for
from operators.errors import AtCapacity
from operators.models import Assignment, Clock, DueWork, Operator, QueueEntry
from operators.routing import PLACE, Candidate, Wanted, rule_in_force
from operators.selectors import OperatorRef, weight_held_by
from tenants.clock import PlatformNow, platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.identifiers import uuid7

EXACT_LOOKS = 4
MAX_LOOKS = 20

_HOLD = """
WITH moment AS MATERIALIZED (
    SELECT public.platform_now() AS now
), entry AS (
    UPDATE public.operators_queueentry SET state = %(assigned)s, operator_id = %(operator)s, offered_at = moment.now,
           typed_at = NULL
    FROM moment WHERE conversation_id = %(conversation)s
    RETURNING conversation_id, organisation_id, kind, weight
), offered AS (
    UPDATE public.operators_operator SET last_offered_at = moment.now FROM moment WHERE user_id = %(operator)s
), done AS (
    DELETE FROM public.operators_duework WHERE kind = ANY (%(work)s) AND subject_id = %(conversation)s
)
INSERT INTO public.operators_assignment
    (id, conversation_id, organisation_id, operator_id, kind, weight, start, started_at, "end")
SELECT %(stretch)s, conversation_id, organisation_id, %(operator)s, kind, weight, %(start)s, moment.now, ''
FROM entry, moment
"""


@dataclass(frozen=True, slots=True)
class Pick:
    """Who was chosen, among how many, by which rule, and which criterion decided."""

    candidate: Candidate
    candidates: int
    rule: str
    decided_by: str


class _SomebodyBetter(Exception):
    """Between the look and the lock the candidates changed: the lock is let go of, and the look is repeated."""


def pick_operator(organisation: OrganisationRef, wanted: Wanted) -> Pick | None:
    """Locks the best operator who has room, to the end of the transaction, and says why it is this one.

    The chosen one is read again under that lock. If somebody else is better by then, this operator is let go first
    (nobody ever holds two) and the look is repeated; after four such looks anybody with room will do, so that a storm
    of offers ends. None when nobody is eligible. Two queries for each look, and the lock.
    """
    rule = rule_in_force()
    for look in range(MAX_LOOKS):
        ranked = rule.ranked(candidates_for(organisation, wanted))
        if not ranked:
            return None
        best, others = ranked[0].operator.id, ranked[1:]
        try:
            with transaction.atomic():
                Operator.objects.select_for_update(no_key=True).filter(pk=best).values_list("pk").first()
                chosen = candidate_again(organisation, wanted, best)
                if chosen is None or (rule.ranked([chosen, *others])[0] is not chosen and look < EXACT_LOOKS):
                    raise _SomebodyBetter()
        except _SomebodyBetter:
            continue
        return Pick(chosen, len(ranked), rule.name, rule.decided_by([chosen, *others]))
    return None


@contextmanager
def operator_with_room(operator_id: UUID, weight: int = PLACE) -> Iterator[OperatorRef]:
    """Locks the operator's row, counts its load under that lock, and keeps both to the end of the transaction.

    Raises AtCapacity or NotFound; the lock is then released, so that nobody ever holds two operators.
    """
    with transaction.atomic():
        operator = Operator.objects.select_for_update(no_key=True).filter(pk=operator_id).first()
        if operator is None:
            raise NotFound()
        if weight_held_by(operator_id) + weight > operator.capacity * PLACE:
            raise AtCapacity()
        yield OperatorRef(operator.pk, operator.name, operator.capacity, tuple(operator.languages))


def hold_conversation(conversation_id: UUID, operator_id: UUID, start: str = Assignment.Start.OFFERED) -> None:
    """Marks the queue entry as this operator's, begins the stretch and drops the work of a waiting one. Under the
    operator's lock; whoever held it before was let go of with :func:`end_stretch`. One query. Raises NotFound."""
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLD,
            {
                "conversation": conversation_id,
                "operator": operator_id,
                "stretch": uuid7(),
                "start": start,
                "assigned": QueueEntry.State.ASSIGNED,
                "work": list(DueWork.OF_WAITING),
            },
        )
        if cursor.rowcount != 1:
            raise NotFound()


def end_stretch(conversation_id: UUID, end: str) -> None:
    """The present holder holds it no longer, for this reason. Nothing when nobody does."""
    Assignment.objects.filter(conversation_id=conversation_id, ended_at__isnull=True).update(
        end=end, ended_at=PlatformNow()
    )


def return_to_queue(organisation: OrganisationRef, conversation_id: UUID) -> None:
    """Nobody holds it any more: it waits, and the work of offering it is due now."""
    QueueEntry.objects.filter(pk=conversation_id).update(state=QueueEntry.State.WAITING, operator=None, offered_at=None)
    DueWork.objects.update_or_create(
        schema_name=organisation.schema_name,
        kind=DueWork.Kind.OFFER,
        subject_id=conversation_id,
        defaults={"due_at": PlatformNow(), "attempts": 0},
    )


def expect_reply_within(promise_id: UUID, seconds: int) -> None:
    """The open promise's clock asks again in so many seconds whether the new holder has replied."""
    at = platform_now() + timedelta(seconds=seconds)
    # LEAST() leaves out what is null.
    Clock.objects.filter(pk=promise_id).update(reoffer_at=at, next_at=Least("warn_at", "due_at", Value(at)))
