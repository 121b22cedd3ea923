"""Who should be followed up, and why. Inside the organisation's schema.

A follow-up has a cause for as long as the visitor's mark is low, or the end was angry: by the operator's note, or by
the visitor's own answer to how they felt.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from conversations.models import Conversation
from operators.models import FollowUpReason
from ratings.factors import Factor
from ratings.models import Answer, FollowUp, FollowUpSettings
from tenants.context import OrganisationRef

ANGRY_MOOD = Conversation.Mood.FURIOUS
WORST_FEELING = 1


@dataclass(frozen=True, slots=True)
class Cause:
    """``mark`` as it is, whether or not it is the reason; None before one was given."""

    reason: str
    mark: int | None


def follow_up_settings() -> FollowUpSettings:
    """The organisation's, or the defaults. One query."""
    return FollowUpSettings.objects.first() or FollowUpSettings()


def cause_of(conversation_id: UUID) -> Cause | None:
    """Why this visitor should be followed up, as things are now; None when there is no reason. A low mark says more
    than a mood. One query, two once there is a mark."""
    felt_worst = Answer.objects.filter(ask__conversation=OuterRef("pk"), question=Factor.FEELING, value=WORST_FEELING)
    row = Conversation.objects.filter(pk=conversation_id).annotate(felt_worst=Exists(felt_worst))
    mark, mood, worst = row.values_list("rating__mark", "mood_end", "felt_worst").get()
    if mark is not None and mark <= follow_up_settings().threshold:
        return Cause(FollowUpReason.LOW_MARK, mark)
    if mood == ANGRY_MOOD or worst:
        return Cause(FollowUpReason.ANGRY_END, mark)
    return None


def follow_up_words(_organisation: OrganisationRef, ids: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Follow-up → staff's note and the outcome. One query."""
    rows = FollowUp.objects.filter(pk__in=ids).values_list("pk", "note", "outcome")
    return {id_: (note, outcome) for id_, note, outcome in rows}
