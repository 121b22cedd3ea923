"""Quality reviews: sampled by themselves, judged by a supervisor, read by the operator.

A review is two rows in one transaction: the organisation's own, with words, and its standing in the public schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from conversations.events import CoachingWritten, encode
from conversations.models import Conversation
from operators.models import ReviewStanding
from operators.reviews import SampledConversation
from ratings.errors import ReviewStands
from ratings.models import Criterion, QualityReview
from ratings.services.following_up import Taker
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid, NotFound
from tenants.realtime import group_name, publish_on_commit
from tenants.services import record_audit

REOPENABLE = timedelta(days=1)
WORST, BEST = 1, 5
MAX_COMMENT = 4000


@dataclass(frozen=True, slots=True)
class Judged:
    """``marks``: criterion → 1 to 5, or None where it does not apply or is not judged yet."""

    marks: Mapping[str, int | None]
    has_critical_error: bool
    comment: str


def sample_conversation(organisation: OrganisationRef, sampled: SampledConversation, week: date) -> bool:
    """Makes the review; false when it is there already, or the conversation is gone. Safe to run twice and at once: the
    conversation is unique in both rows."""
    if not Conversation.objects.filter(pk=sampled.conversation_id).exists():
        return False
    with transaction.atomic():
        review, is_new = QualityReview.objects.get_or_create(
            conversation_id=sampled.conversation_id,
            defaults={"operator_id": sampled.operator_id, "operator_name": sampled.operator_name, "week": week},
        )
        if is_new:
            ReviewStanding.objects.create(
                id=review.id,
                organisation_id=organisation.id,
                conversation_id=sampled.conversation_id,
                operator_id=sampled.operator_id,
                week=week,
            )
        return is_new


def score_of(marks: Mapping[str, int | None]) -> float | None:
    """The mean of what applied, in per cent of the way from the worst mark to the best; None when nothing did."""
    given = [mark for mark in marks.values() if mark is not None]
    if not given:
        return None
    return 100 * (sum(given) / len(given) - WORST) / (BEST - WORST)


def save_review(organisation: OrganisationRef, reviewer: Taker, review_id: UUID, judged: Judged) -> None:
    """Keeps what is filled in so far. Locks the review. Raises NotFound, Invalid (no such mark or criterion) or
    ReviewStands (it is done)."""
    with transaction.atomic():
        review = _lock(review_id)
        if review.done_at is not None:
            raise ReviewStands()
        _fill(review, reviewer, judged)
        review.save()
        _stand(review)
        record_audit(organisation.id, reviewer.id, "review.saved", str(review_id))


def finish_review(organisation: OrganisationRef, reviewer: Taker, review_id: UUID, judged: Judged) -> None:
    """It is done and its operator may read it; their desk is told. Locks the review. Raises NotFound, Invalid (nothing
    was judged, or not a mark) or ReviewStands (it was done before)."""
    score = score_of(judged.marks)
    if score is None:
        raise Invalid()
    with transaction.atomic():
        review = _lock(review_id)
        if review.done_at is not None:
            raise ReviewStands()
        _fill(review, reviewer, judged)
        review.score, review.done_at = score, review.saved_at
        review.save()
        _stand(review)
        record_audit(organisation.id, reviewer.id, "review.done", str(review_id))
        written = CoachingWritten(operator=review.operator_id, author=reviewer.name)
        publish_on_commit([(group_name("operator", subject=review.operator_id), encode(written))])


def reopen_review(organisation: OrganisationRef, reviewer: Taker, review_id: UUID) -> None:
    """For a day after it was done a supervisor may look at it again; until it is done anew its operator reads nothing.
    Locks the review. Raises NotFound or ReviewStands."""
    with transaction.atomic():
        review = _lock(review_id)
        if review.done_at is None:
            return
        if platform_now() - review.done_at > REOPENABLE:
            raise ReviewStands()
        review.score, review.done_at = None, None
        review.save()
        _stand(review)
        record_audit(organisation.id, reviewer.id, "review.reopened", str(review_id))


def _lock(review_id: UUID) -> QualityReview:
    review = QualityReview.objects.select_for_update(of=("self",)).filter(pk=review_id).first()
    if review is None:
        raise NotFound()
    return review


def _fill(review: QualityReview, reviewer: Taker, judged: Judged) -> None:
    is_mark = all(mark is None or WORST <= mark <= BEST for mark in judged.marks.values())
    if set(judged.marks) != set(Criterion.values) or not is_mark or len(judged.comment) > MAX_COMMENT:
        raise Invalid()
    for criterion, mark in judged.marks.items():
        setattr(review, criterion, mark)
    review.has_critical_error, review.comment = judged.has_critical_error, judged.comment
    review.reviewer_id, review.reviewer_name = reviewer.id, reviewer.name
    review.saved_at = platform_now()


def _stand(review: QualityReview) -> None:
    ReviewStanding.objects.filter(pk=review.id).update(
        reviewer_name=review.reviewer_name,
        score=review.score,
        has_critical_error=review.has_critical_error and review.done_at is not None,
        done_at=review.done_at,
        seen_at=None,
    )
