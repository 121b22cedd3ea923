"""Quality reviews inside an organisation's schema: what supervisors read beside the form, and what managers see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, Q
from django.db.models.functions import TruncMonth

from conversations.models import Conversation, Entry
from ratings.documents.document import SMALL_GROUP
from ratings.models import Criterion, QualityReview
from tenants.context import OrganisationRef
from tenants.errors import NotFound


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """One message as it stands now."""

    kind: str
    name: str
    at: Any
    body: str
    is_deleted: bool
    files: int


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A review, its conversation and what was said in it."""

    review: QualityReview
    conversation: Conversation
    messages: list[ReadMessage]


@dataclass(frozen=True, slots=True)
class MonthOfReviews:
    """``number`` reviews done in this month; the rest is None when they are too few to say something of the work rather
    than of somebody. ``score`` and ``criteria`` are means: per cent, and marks from 1 to 5 of what applied."""

    month: date
    number: int
    score: float | None
    critical_errors: int | None
    criteria: dict[str, float | None]


def review_page(_organisation: OrganisationRef, review_id: UUID) -> ReviewPage:
    """Raises NotFound. Two queries."""
    review = QualityReview.objects.select_related("conversation").filter(pk=review_id).first()
    if review is None:
        raise NotFound()
    entries = Entry.objects.filter(conversation=review.conversation, kind=Entry.Kind.MESSAGE_SENT).order_by("seq")
    messages = [
        ReadMessage(
            kind=entry.sender_kind,
            name=entry.sender_name,
            at=entry.at,
            body=entry.body,
            is_deleted=not entry.body and not entry.attachments,
            files=len(entry.attachments),
        )
        for entry in entries
    ]
    return ReviewPage(review, review.conversation, messages)


def own_review(_organisation: OrganisationRef, operator_id: UUID, review_id: UUID) -> QualityReview:
    """A done review of this operator's own conversation. Raises NotFound. One query."""
    review = QualityReview.objects.filter(pk=review_id, operator_id=operator_id, done_at__isnull=False).first()
    if review is None:
        raise NotFound()
    return review


def months_of_reviews(organisation: OrganisationRef) -> list[MonthOfReviews]:
    """By the local month in which they were done, the latest first; nobody's name, and nothing but the number of fewer
    than ten. One query."""
    done = QualityReview.objects.filter(done_at__isnull=False)
    by_month = done.annotate(month=TruncMonth("done_at", tzinfo=ZoneInfo(organisation.time_zone))).values("month")
    means: dict[str, Any] = {f"mean_{name}": Avg(name) for name in Criterion.values}
    rows = by_month.annotate(
        number=Count("pk"), mean=Avg("score"), critical=Count("pk", filter=Q(has_critical_error=True)), **means
    ).order_by("-month")
    return [_month(row) for row in rows]


def _month(row: Mapping[str, Any]) -> MonthOfReviews:
    is_small = row["number"] < SMALL_GROUP
    return MonthOfReviews(
        month=row["month"].date(),
        number=row["number"],
        score=None if is_small else row["mean"],
        critical_errors=None if is_small else row["critical"],
        criteria={} if is_small else {name: row[f"mean_{name}"] for name in Criterion.values},
    )
