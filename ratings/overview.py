"""What a manager sees first: all figures of a selection beside another period. Inside the organisation's schema."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from conversations.models import ContactRequest, Conversation
from knowledgebase.models import Gap
from ratings.behind import NUMBERS, WHY_UNTOLD, can_tell, count_in
from ratings.charts import Chart, chart, spark
from ratings.course import Point, course_of, step_of
from ratings.documents.building import GOALS, sections_of
from ratings.documents.comparing import Word, word_for
from ratings.documents.document import Essential, Figure, Section
from ratings.documents.essentials import essentials_of
from ratings.models import Rating, Report
from ratings.periods import Kind
from ratings.reports import Figures, figures_of, parameters
from ratings.selection import Compare, Selection
from ratings.selectors import local_today
from tenants.context import OrganisationRef

REPORTED_DAYS = 30
LATEST_COMMENTS = 6
THEN = {Compare.BEFORE: _("the period before"), Compare.YEAR: _("the year before"), Compare.NONE: _("before")}

_LINKS = {
    "answered": ("answered", "conversations"),
    "first_replies_in_time": ("first_replies_kept", "first_replies"),
    "first_replies_due": ("first_replies", ""),
    "first_wait_median": ("first_replies", ""),
    "first_wait_p90": ("first_replies", ""),
    "follow_ups_in_time": ("follow_ups_kept", "follow_ups"),
    "follow_ups_due": ("follow_ups", ""),
    "follow_up_wait_median": ("follow_ups", ""),
    "follow_up_wait_p90": ("follow_ups", ""),
    "mean_mark": ("ratings_given", "ratings_given"),
    "ratings_response": ("ratings_given", "ratings_asked"),
    "ratings_response_shown": ("ratings_given", "ratings_shown"),
    "better_than_expected": ("better_than_expected", "expectations"),
    "as_expected": ("as_expected", "expectations"),
    "worse_than_expected": ("worse_than_expected", "expectations"),
    "solved": ("solved", "solved_asked"),
    "not_solved": ("not_solved", "solved_asked"),
    "angry_ends": ("angry_ends", "moods_noted"),
    "leads": ("leads", "leads_noted"),
    "with_article": ("with_article", "conversations"),
    "articles_helped": ("articles_helped", "verdicts"),
}
"""Figure → the numbers behind its value and its n; a figure that is not here is a count of its own name."""

_SPARKS: dict[str, tuple[Callable[[Point], float | None], float, float | None]] = {
    "conversations": (lambda one: one.conversations, 0, None),
    "first_replies_in_time": (lambda one: _ratio(one.first_replies_kept, one.first_replies), 0, 1),
    "follow_ups_in_time": (lambda one: _ratio(one.follow_ups_kept, one.follow_ups), 0, 1),
    "ratings_response": (lambda one: _ratio(one.ratings_given, one.ratings_asked), 0, 1),
    "mean_mark": (lambda one: _ratio(one.mark_sum, one.ratings_given), 1, 10),
}
"""Figure → what its line draws, and from where to where: the whole scale, so that small moves look small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A figure as the page shows it: how it stands against the other period, and where its value and its n lead."""

    figure: Figure
    word: Word
    behind: str
    behind_n: str
    untold: str | LazyText
    """Why a selection that is narrowed like this cannot tell; empty where it can."""
    spark: str


@dataclass(frozen=True, slots=True)
class MarkBar:
    """``height`` out of 100 of the mark that was given most; ``y`` is where it begins."""

    mark: int
    count: int
    height: int

    @property
    def y(self) -> int:
        return 100 - self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    selection: Selection
    compared: Selection | None
    figures: Figures
    shown: dict[str, Shown]
    """By figure."""
    sections: list[tuple[Section, list[Shown]]]
    essentials: tuple[Essential, ...]
    chart: Chart
    step: Kind
    marks: list[MarkBar]
    comments: list[Rating]
    new_contact_requests: int
    open_gaps: int
    has_conversations: bool
    """Ever, whatever is selected."""
    counts: dict[str, int | None]
    """Numbers that are not figures of their own, by the name in links."""

    @property
    def response_percent(self) -> float | None:
        """With the decimals that the goal has; None when nobody was asked."""
        share = _ratio(self.figures.ratings_given, self.figures.ratings_asked)
        return None if share is None else 100 * share

    @property
    def beats_response_goal(self) -> bool:
        return (self.response_percent or 0) > GOALS["ratings_response"]


def overview(organisation: OrganisationRef, selection: Selection, compare: Compare) -> Overview:
    """Seven queries, six without a comparison, whatever the period and however many conversations."""
    compared = selection.compared(compare)
    figures = figures_of(organisation, selection)
    before = figures_of(organisation, compared) if compared else None
    sections = sections_of(organisation, figures, before)
    course = course_of(organisation, selection)
    by_name = {figure.name: figure for section in sections for figure in section.figures}
    shown = {name: _shown(figure, selection, course) for name, figure in by_name.items()}
    essentials = essentials_of(THEN[compare], by_name)
    if before is None:
        essentials = tuple(one for one in essentials if one.code != "steady")
    return Overview(
        selection=selection,
        compared=compared,
        figures=figures,
        shown=shown,
        sections=[(section, [shown[figure.name] for figure in section.figures]) for section in sections],
        essentials=essentials,
        chart=chart([one.starts_on for one in course], {one.starts_on: one for one in course}),
        step=step_of(selection),
        marks=_mark_bars(figures.marks),
        comments=_comments(organisation, selection),
        new_contact_requests=ContactRequest.objects.filter(state=ContactRequest.State.NEW).count(),
        open_gaps=Gap.objects.filter(state__in=Gap.UNANSWERED).count(),
        has_conversations=figures.conversations > 0 or Conversation.objects.exists(),
        counts={
            name: count_in(figures, name) for name in ("not_answered", "first_late", "follow_up_late", "expectations")
        },
    )


def _shown(figure: Figure, selection: Selection, course: Sequence[Point]) -> Shown:
    behind, behind_n = _LINKS.get(figure.name, (figure.name, ""))
    return Shown(
        figure=figure,
        word=word_for(figure),
        behind=behind,
        behind_n=behind_n,
        untold="" if can_tell(behind, selection) else WHY_UNTOLD[NUMBERS[behind].kind],
        spark=_line(figure.name, course),
    )


def _line(name: str, course: Sequence[Point]) -> str:
    """Empty for what has no line, and where too few days have a value to speak of a course."""
    if name not in _SPARKS:
        return ""
    measure, bottom, top = _SPARKS[name]
    values = [measure(one) for one in course]
    known = sum(value is not None for value in values)
    return spark(values, bottom, top) if 4 * known >= 3 * len(values) else ""


def _ratio(part: int, total: int) -> float | None:
    return part / total if total else None


def _mark_bars(marks: Sequence[int]) -> list[MarkBar]:
    top = max([1, *marks])
    return [MarkBar(mark, count, -(-100 * count // top)) for mark, count in enumerate(marks, 1)]


def _comments(organisation: OrganisationRef, selection: Selection) -> list[Rating]:
    """What visitors wrote beside their marks, newest first."""
    bounds = parameters(organisation, selection)
    narrowed = {
        f"conversation__{column}": value
        for column, value in (
            ("website_key", selection.website),
            ("language", selection.language),
            ("topic", selection.topic),
            ("purpose", selection.purpose),
        )
        if value
    }
    selected = Rating.objects.filter(
        conversation__opened_at__gte=bounds["starts_at"], conversation__opened_at__lt=bounds["ends_at"], **narrowed
    )
    return list(selected.exclude(comment="").order_by("-given_at")[:LATEST_COMMENTS])


def reported_days(organisation: OrganisationRef) -> Chart:
    """The replies of the last days as their current reports counted them. Two queries."""
    yesterday = local_today(organisation.time_zone) - timedelta(days=1)
    days: list[date] = [yesterday - timedelta(days=offset) for offset in reversed(range(REPORTED_DAYS))]
    reports = Report.objects.filter(
        period_kind=Report.Period.DAY, is_current=True, starts_on__range=(days[0], yesterday)
    )
    return chart(days, {report.starts_on: report for report in reports})
