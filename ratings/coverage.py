"""How far an organisation's knowledge reaches, week by week and now: for its managers. Inside its schema.

A conversation belongs to the local week of its first visitor message; a use, a verdict or a question to the week in
which it happened. An article was used when an operator inserted it, suggested or searched for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q

from knowledgebase.models import Article, ArticleText, Feedback, Gap, Signal
from knowledgebase.validity import overdue_on, valid_on
from ratings.selectors import day_start, local_today, rows
from tenants.context import OrganisationRef

WEEKS = 12
SHOWN_ARTICLES = 10
# Units of the drawing; the page stretches it.
HEIGHT, PITCH, WIDTH = 100, 20, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """``uses`` are turns answered with an article; ``first_uses`` those with the first suggestion, ``found`` those with
    one that was searched for. ``passed_over``: something was suggested, and another article was taken."""

    starts_on: date
    conversations: int
    with_article: int
    uses: int
    first_uses: int
    found: int
    passed_over: int
    helped: int
    did_not_help: int
    unanswered: int
    new_gaps: int

    @property
    def verdicts(self) -> int:
        return self.helped + self.did_not_help


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What waits for somebody today. ``reports`` are what operators said of articles and nobody has settled."""

    live: int
    to_check: int
    overdue_reviews: int
    expired: int
    gaps: int
    flagged_gaps: int
    late_gaps: int
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleUse:
    """One article since it was made."""

    id: UUID
    title: str
    shown: int
    used: int
    passed_over: int
    helped: int
    did_not_help: int

    @property
    def verdicts(self) -> int:
        return self.helped + self.did_not_help


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One week in a drawing; ``value`` is None when there is nothing to take a share of."""

    starts_on: date
    value: int | None
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """``top`` is the value at the drawing's upper edge."""

    columns: list[Column]
    top: int
    width: int
    height: int = HEIGHT
    column_width: int = WIDTH

    @property
    def is_empty(self) -> bool:
        return not any(column.value for column in self.columns)


_WEEKS = """
SELECT w.starts_on, c.conversations, c.with_article, s.uses, s.first_uses, s.found, s.passed_over,
       f.helped, f.did_not_help, u.unanswered, g.new_gaps
FROM unnest(%(days)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w(starts_on, starts_at, ends_at)
CROSS JOIN LATERAL (
    SELECT count(*) AS conversations,
           count(*) FILTER (WHERE EXISTS (
               SELECT 1 FROM knowledgebase_suggested one
               WHERE one.conversation_id = conversation.id AND one.outcome <> 'none')) AS with_article
    FROM conversations_conversation conversation WHERE opened_at >= w.starts_at AND opened_at < w.ends_at
) c
CROSS JOIN LATERAL (
    SELECT count(*) AS uses,
           count(*) FILTER (WHERE outcome = 'used' AND rank = 1) AS first_uses,
           count(*) FILTER (WHERE outcome = 'found') AS found,
           count(*) FILTER (WHERE shown <> '[]' AND NOT (outcome = 'used' AND coalesce(rank, 1) = 1)) AS passed_over
    FROM knowledgebase_suggested WHERE outcome <> 'none' AND at >= w.starts_at AND at < w.ends_at
) s
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE kind = 'helped') AS helped,
           count(*) FILTER (WHERE kind = 'did_not_help') AS did_not_help
    FROM knowledgebase_feedback WHERE at >= w.starts_at AND at < w.ends_at
) f
CROSS JOIN LATERAL (
    SELECT count(*) AS unanswered FROM knowledgebase_unansweredturn WHERE at >= w.starts_at AND at < w.ends_at
) u
CROSS JOIN LATERAL (
    SELECT count(*) AS new_gaps FROM knowledgebase_gap
    WHERE first_at >= w.starts_at AND first_at < w.ends_at AND state <> 'merged'
) g
ORDER BY w.starts_on
"""


def weeks_until_now(organisation: OrganisationRef, count: int = WEEKS) -> list[Week]:
    """The last weeks, Monday to Sunday where the organisation is; the last one goes on. Two queries."""
    today = local_today(organisation.time_zone)
    monday = today - timedelta(days=today.weekday())
    days = [monday - timedelta(weeks=back) for back in reversed(range(count))]
    bounds = {
        "days": days,
        "starts": [day_start(organisation.time_zone, day) for day in days],
        "ends": [day_start(organisation.time_zone, day + timedelta(weeks=1)) for day in days],
    }
    return [Week(**row) for row in rows(_WEEKS, bounds)]


def standing_now(organisation: OrganisationRef) -> Standing:
    """Five queries."""
    today = local_today(organisation.time_zone)
    live = Q(state=Article.State.LIVE)
    articles = Article.objects.aggregate(
        live=Count("pk", filter=live),
        to_check=Count("pk", filter=Q(state=Article.State.TO_CHECK)),
        overdue_reviews=Count("pk", filter=live & valid_on(today) & overdue_on(today)),
        expired=Count("pk", filter=live & Q(valid_until__lt=today)),
    )
    unanswered = Gap.objects.filter(state__in=[Gap.State.OPEN, Gap.State.DRAFTED])
    return Standing(
        **articles,
        gaps=unanswered.count(),
        flagged_gaps=unanswered.filter(turns__is_flagged=True).distinct().count(),
        late_gaps=unanswered.filter(answer_by__lt=today).count(),
        reports=Feedback.objects.filter(
            settled_at=None, kind__in=[Feedback.Kind.WRONG, Feedback.Kind.OUTDATED, Feedback.Kind.INCOMPLETE]
        ).count(),
    )


def most_used(organisation: OrganisationRef, count: int = SHOWN_ARTICLES) -> list[ArticleUse]:
    """Live articles, the most used first; each with its title in the organisation's first language that has one. Three
    queries."""
    signals = list(
        Signal.objects.filter(article__state=Article.State.LIVE).order_by("-used", "-shown", "article_id")[:count]
    )
    ids = [signal.article_id for signal in signals]
    order = {language: place for place, language in enumerate(organisation.languages)}
    titles: dict[UUID, str] = {}
    for text in sorted(
        ArticleText.objects.filter(article__in=ids), key=lambda one: order.get(one.language, len(order)), reverse=True
    ):
        titles[text.article_id] = text.title
    verdicts = Feedback.objects.filter(article__in=ids).order_by().values_list("article", "kind")
    times = {(article, kind): count for article, kind, count in verdicts.annotate(count=Count("pk"))}
    return [
        ArticleUse(
            id=signal.article_id,
            title=titles.get(signal.article_id, ""),
            shown=signal.shown,
            used=signal.used,
            passed_over=signal.passed_over,
            helped=times.get((signal.article_id, Feedback.Kind.HELPED), 0),
            did_not_help=times.get((signal.article_id, Feedback.Kind.DID_NOT_HELP), 0),
        )
        for signal in signals
    ]


def columns_of(weeks: Sequence[Week], value: Callable[[Week], int | None], top: int | None = None) -> Columns:
    """One column a week; ``top`` is the highest value unless it is given."""
    values = [value(week) for week in weeks]
    top = top or max([1, *(one for one in values if one is not None)])
    return Columns(
        columns=[
            Column(
                starts_on=week.starts_on,
                value=one,
                x=place * PITCH + (PITCH - WIDTH) // 2,
                y=round(HEIGHT - (one or 0) * HEIGHT / top, 2),
                height=round((one or 0) * HEIGHT / top, 2),
            )
            for place, (week, one) in enumerate(zip(weeks, values, strict=True))
        ],
        top=top,
        width=len(weeks) * PITCH,
    )
