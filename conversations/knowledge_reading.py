"""Named reads of an organisation's knowledge for the desk: articles with their replies filled. Inside its schema."""

from collections.abc import Iterable, Sequence
from uuid import UUID

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
from knowledgebase.filling import Facts, Filled, fill
from knowledgebase.models import Article, ArticleText
from knowledgebase.selectors import facts_for
from knowledgebase.suggesting import Suggestion, search
from knowledgebase.validity import Validity, local_today, validity_on
from tenants.context import OrganisationRef
from tenants.errors import NotFound


def filled_replies(
    organisation: OrganisationRef,
    operator_name: str,
    conversation: Conversation | None,
    replies: Sequence[tuple[str, str]],
) -> list[Filled]:
    """Each (reply, language) made to measure. Without a placeholder no query; else four per language, and one for the
    visitor."""
    is_needed = any("{" in text for text, _language in replies)
    visitor_name = conversation.visitor.name if is_needed and conversation is not None else ""
    facts: dict[str, Facts] = {}
    filled = []
    for text, language in replies:
        if "{" in text and language not in facts:
            facts[language] = facts_for(organisation, language)
        filled.append(
            fill(
                text,
                language=language,
                operator_name=operator_name,
                visitor_name=visitor_name,
                organisation_name=organisation.name,
                facts=facts.get(language, Facts()),
            )
        )
    return filled


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
