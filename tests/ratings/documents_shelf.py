"""Reports for the tests of documents, as they would be stored."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from ratings.documents.building import build_document
from ratings.documents.document import ReportDocument
from ratings.models import Report
from tenants.context import OrganisationRef

DAY = date(2026, 11, 22)
ORDINARY = {
    "conversations": 153,
    "answered": 149,
    "first_replies": 141,
    "first_replies_kept": 133,
    "follow_ups": 412,
    "follow_ups_kept": 401,
    "first_wait_median_seconds": 8.449,
    "first_wait_p90_seconds": 17.2,
    "follow_up_wait_median_seconds": 9.96,
    "follow_up_wait_p90_seconds": 72.4,
    "ratings_asked": 121,
    "ratings_shown": 98,
    "ratings_given": 44,
    "mark_sum": 349,
    "marks": [1, 0, 1, 1, 2, 2, 6, 10, 13, 8],
    "better_than_expected": 11,
    "as_expected": 24,
    "worse_than_expected": 4,
    "solved": 29,
    "partly_solved": 5,
    "not_solved": 3,
    "leads_noted": 60,
    "leads": 9,
    "moods_noted": 52,
    "angry_ends": 2,
    "contact_requests": 7,
    "with_article": 61,
    "unanswered_questions": 21,
    "new_gaps": 4,
    "articles_helped": 12,
    "articles_did_not_help": 3,
}


def an_organisation(name: str = "Acme Outdoor", colour: str = "#1f6f54") -> OrganisationRef:
    return OrganisationRef(
        uuid4(), "acme", "o_acme", name, "Europe/Amsterdam", ("en",), 20, 30, 60, 15, 15, colour, "client"
    )


def a_report(day: date = DAY, kind: str = "day", **figures: Any) -> Report:
    """An ordinary one, but for these figures."""
    return Report(
        period_kind=kind, starts_on=day, built_at=datetime(2026, 11, 23, 1, 10, tzinfo=UTC), **{**ORDINARY, **figures}
    )


def a_document(
    before: Report | None = None, organisation: OrganisationRef | None = None, **figures: Any
) -> ReportDocument:
    report = a_report(**figures)
    course = [*([before] if before else []), report]
    return build_document(organisation or an_organisation(), report, before, course)


def a_bad_day() -> ReportDocument:
    """Busier than the day before, and too late too often."""
    before = a_report(DAY - timedelta(days=1))
    marks = [2, 1, 2, 3, 4, 4, 8, 11, 12, 6]
    return a_document(
        before, conversations=241, answered=236, first_replies=190, first_replies_kept=150, **marked(marks)
    )


def marked(marks: list[int]) -> dict[str, Any]:
    """The figures of so many ones, twos, … and tens."""
    mark_sum = sum(mark * count for mark, count in enumerate(marks, 1))
    return {"marks": marks, "ratings_given": sum(marks), "mark_sum": mark_sum}
