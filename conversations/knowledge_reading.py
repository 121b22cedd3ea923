"""Named reads of an organisation's knowledge for the desk: articles with their replies filled. Inside its schema."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from conversations.access import conversation_at_desk
from conversations.models import Conversation
from conversations.replies import (
    ArticleFileFact,
    BecauseFact,
    DeskArticle,
    DeskArticles,
    RelatedArticle,
    SuggestedArticle,
)
from knowledgebase.models import Article, ArticleText, Notice
from knowledgebase.suggesting import Suggestion, search
from knowledgebase.validity import Validity, local_today, validity_on
from tenants.clock import PlatformNow
from tenants.context import OrganisationRef
from tenants.errors import NotFound

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class _Filled:
    text: str
    missing: tuple[str, ...]


def filled_replies(
    organisation: OrganisationRef,
    operator_name: str,
    conversation: Conversation | None,
    replies: Sequence[tuple[str, str]],
) -> list[_Filled]:
    """Each reply with its placeholders filled, in its language."""
    known = {"operator": operator_name, "organisation": organisation.name}
    if conversation is not None and conversation.visitor.name:
        known["visitor"] = conversation.visitor.name
    return [
        _Filled(
            _PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), text),
            tuple(name for name in _PLACEHOLDER.findall(text) if name not in known),
        )
        for text, _language in replies
    ]


def suggested_articles(
    organisation: OrganisationRef,
    operator_name: str,
    conversation: Conversation | None,
    found: Sequence[Suggestion],
) -> list[SuggestedArticle]:
    """Ready to be inserted. Without a conversation the visitor is nobody in particular."""
    replies = filled_replies(organisation, operator_name, conversation, [(one.reply, one.language) for one in found])
    return [
        SuggestedArticle(
            article=one.article,
            language=one.language,
            title=one.title,
            reply=reply.text,
            missing=list(reply.missing),
            points=list(one.points),
            because=BecauseFact(field=one.because.field, words=list(one.because.words), question=one.because.question),
            confidence=round(one.confidence, 4),
            is_overdue=one.is_overdue,
            is_expired=one.is_expired,
        )
        for one, reply in zip(found, replies, strict=True)
    ]


def search_reply(
    organisation: OrganisationRef, operator_name: str, text: str, language: str, conversation_id: UUID | None
) -> DeskArticles:
    """What a search finds. Raises NotFound for a conversation that is not there."""
    conversation = conversation_at_desk(conversation_id) if conversation_id else None
    found = search(organisation, text, language or organisation.languages[0])
    articles = suggested_articles(organisation, operator_name, conversation, found)
    return DeskArticles(organisation=organisation.slug, articles=articles)


def article_reply(
    organisation: OrganisationRef, operator_name: str, article_id: UUID, conversation_id: UUID | None
) -> DeskArticle:
    """Everything about one live article, in the conversation's language if it has it. Raises NotFound."""
    conversation = conversation_at_desk(conversation_id) if conversation_id else None
    wanted = [conversation.language] if conversation else []
    article = (
        Article.objects.filter(pk=article_id, state=Article.State.LIVE)
        .prefetch_related("texts", "files", "topic__labels")
        .select_related("topic")
        .first()
    )
    languages = [*wanted, *organisation.languages]
    text = _in_first(languages, article.texts.all()) if article else None
    if article is None or text is None:
        raise NotFound()
    [reply] = filled_replies(organisation, operator_name, conversation, [(text.short_reply, text.language)])
    validity = validity_on(article, local_today(organisation))
    return DeskArticle(
        article=article.id,
        language=text.language,
        title=text.title,
        reply=reply.text,
        missing=list(reply.missing),
        points=text.points,
        is_overdue=validity == Validity.OVERDUE,
        is_expired=validity == Validity.EXPIRED,
        long_text=text.long_text,
        related=_related(article, [text.language, *languages]),
        source=article.source,
        owner=article.owner_name,
        topic=_topic_label(article, text.language),
        version=article.version,
        valid_until=article.valid_until,
        review_on=article.review_on,
        files=[
            ArticleFileFact(id=file.id, name=file.name, content_type=file.content_type, size=file.size)
            for file in article.files.all()
        ],
    )


def _related(article: Article, languages: Sequence[str]) -> list[RelatedArticle]:
    related = article.related.filter(state=Article.State.LIVE).prefetch_related("texts")
    texts = (_in_first(languages, one.texts.all()) for one in related)
    return [RelatedArticle(article=text.article_id, title=text.title) for text in texts if text]


def _topic_label(article: Article, language: str) -> str:
    if article.topic is None:
        return ""
    labels = {label.language: label.label for label in article.topic.labels.all()}
    return labels.get(language) or next(iter(labels.values()), article.topic.slug)


def _in_first(languages: Sequence[str], texts: Iterable[ArticleText]) -> ArticleText | None:
    """The text in the first of the languages that it is written in, or in any."""
    written = {text.language: text for text in texts}
    return next((written[one] for one in languages if one in written), next(iter(written.values()), None))


def notices_for(organisation: OrganisationRef, conversation: Conversation) -> list[str]:
    """What holds now and is to be seen: for all topics or this one's, in the conversation's language or else the
    organisation's first. One query."""
    languages = [conversation.language, *organisation.languages]
    now = Q(starts_at__lte=PlatformNow()) & (Q(ends_at=None) | Q(ends_at__gt=PlatformNow()))
    known: dict[str, Notice] = {}
    for notice in Notice.objects.filter(now, is_shown=True, language__in=languages).order_by("starts_at", "id"):
        if notice.topics and conversation.topic not in notice.topics:
            continue
        other = known.get(notice.slug)
        if other is None or languages.index(notice.language) < languages.index(other.language):
            known[notice.slug] = notice
    return [notice.text for notice in known.values()]
