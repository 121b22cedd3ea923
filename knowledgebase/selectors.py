"""Named reads of an organisation's knowledge. They run inside its schema and return plain data."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from knowledgebase.content import Content, Difference, differences, from_json
from knowledgebase.filling import Facts
from knowledgebase.likeness import Groups
from knowledgebase.manners import addresses_of
from knowledgebase.models import (
    Article,
    ArticleText,
    ArticleVersion,
    Gap,
    Notice,
    Product,
    Suggested,
    Topic,
    UnansweredTurn,
)
from operators.models import ConversationKind
from tenants.clock import platform_now
from tenants.context import OrganisationRef

COMPARED_TURNS = 1000
COMPARED_QUESTIONS = 10


@dataclass(frozen=True, slots=True)
class TopicChoice:
    slug: str
    label: str


def topic_choices(organisation: OrganisationRef, language: str) -> list[TopicChoice]:
    """What visitors may choose from, in this language or the organisation's first that has a label. Two queries."""
    choices = []
    for topic in Topic.objects.filter(is_active=True).prefetch_related("labels"):
        labels = {label.language: label.label for label in topic.labels.all()}
        wanted = (language, *organisation.languages)
        label = next((labels[code] for code in wanted if code in labels), topic.slug)
        choices.append(TopicChoice(topic.slug, label))
    return choices


def kind_of_topic(_organisation: OrganisationRef, slug: str) -> str:
    """What kind of conversation a topic makes; an ordinary question when it is not said yet. One query."""
    kind = Topic.objects.filter(slug=slug).values_list("kind", flat=True).first() if slug else None
    return kind or ConversationKind.QUESTION


def facts_for(organisation: OrganisationRef, language: str) -> Facts:
    """What replies in this language are filled with now. Four queries.

    Every notice of the language is there, an empty text for those that do not hold now: a reply that names one is right
    without it, while a name that never was is a mistake to be seen.
    """
    now = platform_now()
    notices = {
        notice.slug: notice.text if notice.starts_at <= now and (notice.ends_at is None or now < notice.ends_at) else ""
        for notice in Notice.objects.filter(language=language)
    }
    products = {
        product.slug: {"name": product.name, **{name: str(value) for name, value in product.facts.items()}}
        for product in Product.objects.all()
    }
    return Facts(addresses_of(organisation).get(language, Facts().address), notices, products)


def notices_shown(_organisation: OrganisationRef, language: str, topic: str = "") -> list[str]:
    """What operators are told above the suggestions, for this topic or for all, oldest first. Two queries."""
    now = platform_now()
    holding = Notice.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now), language=language, is_shown=True, starts_at__lte=now
    )
    rows = holding.order_by("starts_at", "slug").values_list("text", "topics")
    return [text for text, topics in rows if not topics or topic in topics]


@dataclass(frozen=True, slots=True)
class VersionShown:
    """One version, with what it changed in the one before it."""

    number: int
    state: str
    by_name: str
    why: str
    at: datetime
    changed: tuple[Difference, ...]


def versions_of(_organisation: OrganisationRef, article_id: UUID) -> list[VersionShown]:
    """The article's history, newest first. One query."""
    rows = list(ArticleVersion.objects.filter(article=article_id))
    contents = [*(from_json(row.content) for row in rows), Content()]
    return [
        VersionShown(row.number, row.state, row.by_name, row.why, row.at, tuple(differences(before, content)))
        for row, content, before in zip(rows, contents[:-1], contents[1:], strict=True)
    ]


def turns_with_article(conversation_ids: Collection[UUID]) -> dict[UUID, list[int]]:
    """Conversation → the turns for which an article was used, suggested or searched for. One query."""
    turns: dict[UUID, list[int]] = {}
    used = Suggested.objects.filter(conversation_id__in=list(conversation_ids)).exclude(outcome=Suggested.Outcome.NONE)
    for conversation_id, seq in used.values_list("conversation_id", "seq"):
        turns.setdefault(conversation_id, []).append(seq)
    return turns


@dataclass(frozen=True, slots=True)
class AlikeGap:
    id: UUID
    question: str
    times: int


def alike_gaps(gap: Gap, count: int) -> list[AlikeGap]:
    """The other gaps in its language to be answered, most like its newest questions first; none that share nothing with
    them. Compares a thousand questions, which takes a third of a second. Three queries."""
    turns = UnansweredTurn.objects.filter(gap__in=Gap.objects.filter(state__in=Gap.UNANSWERED, language=gap.language))
    others = list(turns.exclude(gap=gap).order_by("-at", "-id").values_list("gap_id", "question")[:COMPARED_TURNS])
    own = list(gap.turns.order_by("-at", "-id").values_list("question", flat=True)[:COMPARED_QUESTIONS])
    groups: Groups[UUID] = Groups(gap.language, [*(question for _gap, question in others), *own])
    for gap_id, question in others:
        groups.put(gap_id, question)
    likeness: dict[UUID, float] = {}
    for question in own:
        for gap_id, much in groups.likenesses(question).items():
            likeness[gap_id] = likeness.get(gap_id, 0.0) + much
    nearest = sorted(likeness, key=lambda one: -likeness[one])[:count]
    found = Gap.objects.in_bulk(nearest)
    return [AlikeGap(one, found[one].question, found[one].times) for one in nearest]


@dataclass(frozen=True, slots=True)
class ArticleChoice:
    id: UUID
    title: str
    state: str


def article_choices(organisation: OrganisationRef, language: str) -> list[ArticleChoice]:
    """Every article that is not retired, by its title in this language, or else in the organisation's first that has
    one. One query."""
    order = {one: place for place, one in enumerate(dict.fromkeys((language, *organisation.languages)))}
    texts = ArticleText.objects.exclude(article__state=Article.State.RETIRED).values_list(
        "article", "title", "article__state", "language"
    )
    titles: dict[UUID, ArticleChoice] = {}
    for article, title, state, _language in sorted(texts, key=lambda one: -order.get(one[3], len(order))):
        titles[article] = ArticleChoice(article, title, state)
    return sorted(titles.values(), key=lambda one: one.title.casefold())
