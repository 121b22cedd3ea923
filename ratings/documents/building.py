"""From stored reports to the document. ``build_document`` is pure; ``report_document`` reads what it needs."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from ratings.documents.document import SMALL_GROUP, Amount, Figure, ReportDocument, Section, Step, Unit
from ratings.documents.essentials import BEFORE, essentials_of
from ratings.models import Report
from ratings.periods import span_of
from ratings.reports import Figures
from tenants.context import OrganisationRef
from tenants.shares import mean_of, share_percent

COURSE_PERIODS = 14
GOALS = {"ratings_response": 25.37, "mean_mark": 9.2}
"""To beat: what a comparable desk reached that asked every visitor at the end of a conversation."""

_Line = tuple[str, str | LazyText, Amount]


def report_document(organisation: OrganisationRef, report: Report) -> ReportDocument:
    """The document of this version, beside the current report of the period before it. One query."""
    span = span_of(report.period_kind, report.starts_on)
    earlier = Report.objects.filter(
        period_kind=report.period_kind, is_current=True, starts_on__lt=report.starts_on
    ).order_by("-starts_on")[: COURSE_PERIODS - 1]
    course = [*reversed(earlier), report]
    adjacent = span_of(report.period_kind, span.first - timedelta(days=1)).first
    before = next((one for one in earlier if one.starts_on == adjacent), None)
    return build_document(organisation, report, before, course)


def build_document(
    organisation: OrganisationRef, report: Report, before: Report | None, course: Sequence[Report]
) -> ReportDocument:
    """Every number is rounded here and nowhere else."""
    sections = sections_of(organisation, report, before)
    span = span_of(report.period_kind, report.starts_on)
    return ReportDocument(
        report_id=report.pk,
        organisation=organisation.name,
        slug=organisation.slug,
        colour=organisation.colour,
        time_zone=organisation.time_zone,
        span=span,
        version=report.version,
        is_current=report.is_current,
        built_at=report.built_at,
        first_reply_seconds=organisation.first_reply_seconds,
        follow_up_seconds=organisation.follow_up_seconds,
        has_before=before is not None,
        essentials=essentials_of(
            BEFORE[span.kind], {figure.name: figure for section in sections for figure in section.figures}
        ),
        sections=sections,
        course=tuple(_step(one) for one in course),
    )


def sections_of(
    organisation: OrganisationRef, now: Report | Figures, before: Report | Figures | None
) -> tuple[Section, ...]:
    """The figures of a report, or of any selection of conversations, beside those of another."""
    earlier = _lines_by_name(before)
    return tuple(
        Section(name, label, tuple(_figure(line, earlier.get(line[0]), promised) for line in lines))
        for name, label, promised, lines in _sections(organisation, now)
    )


def _step(report: Report) -> Step:
    return Step(report.starts_on, report.kept, report.late)


def _sections(
    organisation: OrganisationRef, report: Report | Figures
) -> list[tuple[str, str | LazyText, int | None, list[_Line]]]:
    """(name, label, what was promised in seconds, lines)."""
    expected = report.better_than_expected + report.as_expected + report.worse_than_expected
    asked_solved = report.solved + report.partly_solved + report.not_solved
    return [
        (
            "service",
            _("Conversations"),
            None,
            [
                ("conversations", _("Conversations"), _count(report.conversations)),
                ("answered", _("Answered by a person"), _share(report.answered, report.conversations)),
                ("contact_requests", _("Contact requests left outside opening hours"), _count(report.contact_requests)),
            ],
        ),
        (
            "first_replies",
            _("First replies"),
            organisation.first_reply_seconds,
            [
                (
                    "first_replies_in_time",
                    _("First replies in time"),
                    _share(report.first_replies_kept, report.first_replies),
                ),
                ("first_replies_due", _("First replies due"), _count(report.first_replies)),
                ("first_replies_kept", _("of these in time"), _count(report.first_replies_kept)),
                ("first_wait_median", _("Half of them within"), _wait(report.first_wait_median_seconds)),
                ("first_wait_p90", _("Nine in ten within"), _wait(report.first_wait_p90_seconds)),
            ],
        ),
        (
            "follow_ups",
            _("Following replies"),
            organisation.follow_up_seconds,
            [
                (
                    "follow_ups_in_time",
                    _("Following replies in time"),
                    _share(report.follow_ups_kept, report.follow_ups),
                ),
                ("follow_ups_due", _("Following replies due"), _count(report.follow_ups)),
                ("follow_ups_kept", _("of these in time"), _count(report.follow_ups_kept)),
                ("follow_up_wait_median", _("Half of them within"), _wait(report.follow_up_wait_median_seconds)),
                ("follow_up_wait_p90", _("Nine in ten within"), _wait(report.follow_up_wait_p90_seconds)),
            ],
        ),
        (
            "marks",
            _("Marks"),
            None,
            [
                ("mean_mark", _("Mean mark"), _mean(report.mark_sum, report.ratings_given, report.marks)),
                ("ratings_response", _("Gave a mark when asked"), _share(report.ratings_given, report.ratings_asked)),
                (
                    "ratings_response_shown",
                    _("Gave a mark when they saw the question"),
                    _share(report.ratings_given, report.ratings_shown),
                ),
                ("ratings_given", _("Marks given"), _count(report.ratings_given)),
            ],
        ),
        (
            "expectation",
            _("Expectation and experience"),
            None,
            [
                ("better_than_expected", _("Better than expected"), _share(report.better_than_expected, expected)),
                ("as_expected", _("As expected"), _share(report.as_expected, expected)),
                ("worse_than_expected", _("Worse than expected"), _share(report.worse_than_expected, expected)),
                ("solved", _("Said that their question is solved"), _share(report.solved, asked_solved)),
                ("not_solved", _("Said that it is not solved"), _share(report.not_solved, asked_solved)),
                ("angry_ends", _("Angry at the end"), _share(report.angry_ends, report.moods_noted)),
                ("leads", _("Leads"), _share(report.leads, report.leads_noted)),
            ],
        ),
        (
            "knowledge",
            _("Answers from the knowledge base"),
            None,
            [
                ("with_article", _("Conversations with an article"), _share(report.with_article, report.conversations)),
                ("unanswered_questions", _("Questions without an article"), _count(report.unanswered_questions)),
                ("new_gaps", _("New gaps"), _count(report.new_gaps)),
                ("articles_helped", _("Visitors who were helped"), _share(report.articles_helped, report.verdicts)),
            ],
        ),
    ]  # fmt: skip


def _lines_by_name(report: Report | Figures | None) -> dict[str, Amount]:
    if report is None:
        return {}
    # What was promised has no part in the numbers.
    nobody = OrganisationRef(UUID(int=0), "", "", "", "", (), 0, 0, 0, 0, 0, "", "")
    return {name: amount for *_head, lines in _sections(nobody, report) for name, _label, amount in lines}


def _figure(line: _Line, before: Amount | None, promised_seconds: int | None) -> Figure:
    name, label, now = line
    return Figure(
        name=name,
        label=label,
        now=now,
        before=before,
        difference=_difference(now, before),
        promised_seconds=promised_seconds if name.endswith(("_in_time", "_median", "_p90")) else None,
        goal=GOALS.get(name),
    )


def _difference(now: Amount, before: Amount | None) -> Amount | None:
    if before is None or now.value is None or before.value is None:
        return None
    if now.n is not None and before.n is not None and min(now.n, before.n) < SMALL_GROUP:
        return None
    return Amount(round(now.value - before.value, 1), now.unit)


def _count(value: int | None) -> Amount:
    return Amount(value, Unit.COUNT)


def _share(part: int | None, total: int | None) -> Amount:
    if part is None or total is None:
        return Amount(None, Unit.PERCENT)
    return Amount(share_percent(part, total) if total else None, Unit.PERCENT, total)


def _mean(mark_sum: int, given: int, marks: Sequence[int] | None) -> Amount:
    """``marks``: how often each of 1 to 10 was given; None in reports that did not count it yet."""
    if not given:
        return Amount(None, Unit.MARK, given)
    error = None
    if marks and given > 1:
        mean = mark_sum / given
        error = sum(count * (mark - mean) ** 2 for mark, count in enumerate(marks, 1)) / (given - 1) / given
    return Amount(mean_of(mark_sum, given), Unit.MARK, given, error)


def _wait(seconds: float | None) -> Amount:
    return Amount(None if seconds is None else shown_seconds(seconds), Unit.SECONDS)


def shown_seconds(seconds: float) -> float | int:
    """Tenths below ten seconds, whole ones above."""
    tenths = int(seconds * 10 + 0.5) / 10
    return tenths if tenths < 10 else int(seconds + 0.5)
