"""What visitors find by themselves: title and short reply of live articles for visitors, and nothing else of them.

Nothing for operators passes here. Suggestions come from a memory that may be two seconds old, so whom an article is for
is read again before it is shown; and a reply in which something is left to be filled in is not shown at all.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from knowledgebase.engine.weights import DEFAULT
from knowledgebase.filling import Facts, Filled, fill
from knowledgebase.models import Article, HelpSettings
from knowledgebase.selectors import facts_for
from knowledgebase.suggesting import Suggestion, suggest
from knowledgebase.validity import local_today, valid_on
from tenants.context import OrganisationRef

LIMIT = 3
# Of what is offered to be read; an answer by itself needs far more. Four of five right articles have it; of questions
# about something else altogether two thirds have nothing that does (docs/suggestions.md).
LEAST_CONFIDENCE = 0.25


@dataclass(frozen=True, slots=True)
class HelpArticle:
    """An article as a visitor reads it."""

    id: UUID
    title: str
    reply: str


@dataclass(frozen=True, slots=True)
class HelpFound:
    """Best first. ``is_sure``: the first one surely is the answer."""

    articles: tuple[HelpArticle, ...] = ()
    is_sure: bool = False


def visible_articles(organisation: OrganisationRef) -> QuerySet[Article]:
    """Live, for visitors, and valid today where the organisation is. One query, and that of the result."""
    return Article.objects.filter(
        valid_on(local_today(organisation)), state=Article.State.LIVE, audience=Article.Audience.VISITORS
    )


def has_help(organisation: OrganisationRef) -> bool:
    """Whether visitors could find anything at all. Two queries."""
    return visible_articles(organisation).exists()


def find_help(organisation: OrganisationRef, text: str, language: str) -> HelpFound:
    """At most three articles in the visitor's language that may answer ``text``. A query of the suggestions, and
    seven more when there are any."""
    suggested = [
        one
        for one in suggest(organisation, text, language, limit=LIMIT, for_visitors=True)
        if one.language == language and one.confidence >= LEAST_CONFIDENCE and one.because.words
    ]
    if not suggested:
        return HelpFound()
    among = visible_articles(organisation).filter(pk__in=[one.article for one in suggested])
    visible = set(among.values_list("pk", flat=True))
    facts = facts_for(organisation, language)
    articles = {
        one.article: HelpArticle(one.article, one.title, reply.text)
        for one in suggested
        if one.article in visible and (reply := _filled(organisation, one, facts)).text.strip() and not reply.missing
    }
    best = suggested[0]
    is_sure = best.article in articles and best.confidence >= _least_confidence()
    return HelpFound(tuple(articles.values()), is_sure)


def answers_by_itself(_organisation: OrganisationRef) -> bool:
    """Whether the organisation lets automation answer with an article. One query."""
    return _settings().answers_by_itself


def _filled(organisation: OrganisationRef, suggestion: Suggestion, facts: Facts) -> Filled:
    """For nobody in particular, and in nobody's name: a reply that names its operator is one for operators."""
    return fill(
        suggestion.reply,
        language=suggestion.language,
        operator_name="",
        visitor_name="",
        organisation_name=organisation.name,
        facts=facts,
    )


def _least_confidence() -> float:
    percent = _settings().sure_percent
    return DEFAULT.sure if percent is None else percent / 100


def _settings() -> HelpSettings:
    return HelpSettings.objects.first() or HelpSettings()
