"""Writing, checking, publishing, retiring articles, and bringing an earlier version back.

Draft → to be checked → live → retired. Saving never changes the state: what a manager changes in a live article is live
at once, as a new version that can be taken back; nobody wants yesterday's fee suggested while a correction waits for
somebody to publish it. The outsourcer's people write drafts and send them for checking; only managers touch what is, or
goes, live.

Every change takes the lock of the knowledge base (see ``revisions``), then the article's, and makes a new version; a
change that changes nothing makes none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from knowledgebase.cleaning import evened
from knowledgebase.content import (
    MAX_SLUG,
    Content,
    as_json,
    content_of,
    differences,
    from_json,
    problems_of,
    publishing_problems_of,
    tidied,
)
from knowledgebase.errors import ArticleChanged, OnlyManagersPublish, Problem, UnsuitableArticle
from knowledgebase.models import Article, ArticleText, ArticleVersion, Topic, Variant
from knowledgebase.services.revisions import lock_revision, next_revision
from tenants.clock import platform_now
from tenants.errors import NotFound
from tenants.identifiers import uuid7

State = Article.State
MAX_WHY = 200


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes an article; ``id`` is None for the platform itself. The outsourcer's people may not publish."""

    id: UUID | None
    name: str
    may_publish: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an article is to say; ``article_id`` is None for a new one. ``based_on`` is the version the editor saw."""

    article_id: UUID | None
    content: Content
    based_on: int | None = None


def save_article(
    editor: Editor,
    article_id: UUID | None,
    content: Content,
    why: str = "",
    *,
    based_on: int | None = None,
    variant_source: str = Variant.Source.MANAGER,
) -> Article:
    """Makes the article say this; a new one is a draft. The same again changes nothing. Raises as ``save_articles``."""
    return save_articles(editor, [Wanted(article_id, content, based_on)], why, variant_source=variant_source)[0]


def save_articles(
    editor: Editor, wanted: Sequence[Wanted], why: str = "", *, variant_source: str = Variant.Source.MANAGER
) -> list[Article]:
    """All of them or none; they may name each other as related. About ten queries for each that changes.

    Locks the revision, then the articles. Raises NotFound, ArticleChanged when ``based_on`` is not the newest version,
    OnlyManagersPublish for a live article, UnsuitableArticle with everything that is wrong with the first bad one.
    """
    with transaction.atomic():
        lock_revision()
        articles = [_row_for(one) for one in wanted]
        revision: int | None = None
        for article, one in zip(articles, wanted, strict=True):
            if one.based_on is not None and one.based_on != article.version:
                raise ArticleChanged()
            content = tidied(replace(one.content, slug=one.content.slug or article.slug))
            before = content_of(article)
            if article.version and not differences(before, content):
                continue
            if article.state == State.LIVE:
                _must_be_manager(editor)
            _check(content, is_live=article.state == State.LIVE)
            revision = revision or next_revision()
            _write(article, content, variant_source)
            _keep_version(article, editor, why, revision)
    return articles


def submit_for_check(editor: Editor, article_id: UUID, why: str = "") -> Article:
    """Asks a manager to look at a draft, or at a retired article that is wanted again. Again: no change.

    Locks the revision and the article. Raises NotFound, and UnsuitableArticle for one that is live or has no answer.
    """
    with transaction.atomic():
        lock_revision()
        article = _locked(article_id)
        if article.state == State.LIVE:
            raise UnsuitableArticle([Problem("state", _("This article is live already."))])
        _check(content_of(article), is_live=True)
        return _move(article, State.TO_CHECK, editor, why)


def send_back(editor: Editor, article_id: UUID, why: str = "") -> Article:
    """The check found something: a draft again. Any other state stays as it is.

    Locks the revision and the article. Raises NotFound.
    """
    with transaction.atomic():
        lock_revision()
        article = _locked(article_id)
        return _move(article, State.DRAFT, editor, why) if article.state == State.TO_CHECK else article


def publish(editor: Editor, article_id: UUID, why: str = "") -> Article:
    """From now on it is suggested, while it is valid. Again: no change.

    Locks the revision and the article. Raises NotFound, OnlyManagersPublish, UnsuitableArticle without an answer.
    """
    _must_be_manager(editor)
    with transaction.atomic():
        lock_revision()
        article = _locked(article_id)
        _check(content_of(article), is_live=True)
        return _move(article, State.LIVE, editor, why)


def retire(editor: Editor, article_id: UUID, why: str = "") -> Article:
    """It is suggested no longer, and kept. Again: no change.

    Locks the revision and the article. Raises NotFound, and OnlyManagersPublish for a live article.
    """
    with transaction.atomic():
        lock_revision()
        article = _locked(article_id)
        if article.state == State.LIVE:
            _must_be_manager(editor)
        return _move(article, State.RETIRED, editor, why)


def restore_version(editor: Editor, article_id: UUID, number: int, why: str = "") -> Article:
    """Makes the article say what it said in that version, as a new version; state and short name stay.

    A topic or a related article that is gone meanwhile is left out. Locks and raises as ``save_article``.
    """
    with transaction.atomic():
        lock_revision()
        article = _locked(article_id)
        version = ArticleVersion.objects.filter(article=article, number=number).first()
        if version is None:
            raise NotFound()
        content = from_json(version.content)
        known = set(Article.objects.filter(slug__in=content.related).values_list("slug", flat=True))
        content = replace(
            content,
            slug=article.slug,
            topic=content.topic if Topic.objects.filter(slug=content.topic).exists() else "",
            related=tuple(slug for slug in content.related if slug in known),
        )
        return save_article(editor, article_id, content, why)


def return_to_version(editor: Editor, article_id: UUID, number: int, why: str = "") -> Article:
    """Undoes: the article says what it said in that version, and stands where it stood then. History stays whole.

    Locks the revision and the article. Raises as ``restore_version``, and OnlyManagersPublish where it is or was live.
    """
    with transaction.atomic():
        lock_revision()
        article = _locked(article_id)
        version = ArticleVersion.objects.filter(article=article, number=number).first()
        if version is None:
            raise NotFound()
        if State.LIVE in (article.state, version.state):
            _must_be_manager(editor)
        if version.state != State.LIVE:
            _move(article, version.state, editor, why)  # first: a draft may say less than a live article must
        article = restore_version(editor, article_id, number, why)
        if version.state == State.LIVE:
            _check(content_of(article), is_live=True)
            _move(article, State.LIVE, editor, why)
        return article


def _locked(article_id: UUID) -> Article:
    article = Article.objects.select_for_update(of=("self",)).select_related("topic").filter(pk=article_id).first()
    if article is None:
        raise NotFound()
    return article


def _row_for(wanted: Wanted) -> Article:
    if wanted.article_id is not None:
        return _locked(wanted.article_id)
    content = tidied(wanted.content)
    slug = content.slug or _free_slug(content)
    if problems := problems_of(replace(content, slug=slug)):
        raise UnsuitableArticle(problems)
    return Article.objects.create(slug=_must_be_free(slug))


def _free_slug(content: Content) -> str:
    """Made of the title, in English if there is one; of the day's sequence where a title has no Latin letters."""
    titles = sorted((language != "en", language, text.title) for language, text in content.texts.items())
    base = next((slug for *_, title in titles if (slug := slugify(title)[: MAX_SLUG - 5].strip("-"))), "")
    base = base or f"article-{uuid7().hex[:12]}"
    taken = set(Article.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (base if count == 1 else f"{base}-{count}" for count in range(1, len(taken) + 2))
    return next(slug for slug in numbered if slug not in taken)


def _must_be_free(slug: str, article: Article | None = None) -> str:
    others = Article.objects.filter(slug=slug)
    if (others.exclude(pk=article.pk) if article else others).exists():
        raise UnsuitableArticle([Problem("slug", _("Another article has the short name %(slug)s.") % {"slug": slug})])
    return slug


def _must_be_manager(editor: Editor) -> None:
    if not editor.may_publish:
        raise OnlyManagersPublish()


def _check(content: Content, *, is_live: bool) -> None:
    if problems := [*problems_of(content), *(publishing_problems_of(content) if is_live else [])]:
        raise UnsuitableArticle(problems)


def _write(article: Article, content: Content, variant_source: str) -> None:
    related = list(Article.objects.filter(slug__in=content.related))
    topic = Topic.objects.filter(slug=content.topic).first() if content.topic else None
    problems = []
    if content.topic and topic is None:
        problems.append(Problem("topic", _("There is no topic %(slug)s.") % {"slug": content.topic}))
    for slug in sorted({*content.related} - {one.slug for one in related}):
        problems.append(Problem("related", _("There is no article %(slug)s.") % {"slug": slug}))
    if problems:
        raise UnsuitableArticle(problems)
    article.slug = _must_be_free(content.slug, article)
    article.audience, article.topic, article.source = content.audience, topic, content.source
    article.owner_id, article.owner_name = content.owner_id, content.owner_name
    article.valid_from, article.valid_until, article.review_on = (
        content.valid_from,
        content.valid_until,
        content.review_on,
    )
    article.save()
    article.related.set(related)
    _write_texts(article, content)
    _write_variants(article, content, variant_source)


def _write_texts(article: Article, content: Content) -> None:
    article.texts.exclude(language__in=content.texts).delete()
    ArticleText.objects.bulk_create(
        [
            ArticleText(
                article=article,
                language=language,
                title=text.title,
                short_reply=text.short_reply,
                long_text=text.long_text,
                points=list(text.points),
            )
            for language, text in content.texts.items()
        ],
        update_conflicts=True,
        unique_fields=["article", "language"],
        update_fields=["title", "short_reply", "long_text", "points"],
    )


def _write_variants(article: Article, content: Content, source: str) -> None:
    """A question that was learned, or rejected, and is now written by somebody becomes theirs. What is no longer
    written goes; what was learned or rejected stays."""
    here = {(one.language, one.evened): one for one in Variant.objects.filter(article=article)}
    wanted = {(language, evened(text)): text for language, questions in content.variants.items() for text in questions}
    new, changed = [], []
    for (language, key), text in wanted.items():
        variant = here.get((language, key))
        if variant is None:
            new.append(Variant(article=article, language=language, text=text, evened=key, source=source))
        elif variant.text != text or variant.state != Variant.State.ACTIVE or variant.source == Variant.Source.LEARNED:
            variant.text, variant.state = text, Variant.State.ACTIVE
            variant.source = source if variant.source == Variant.Source.LEARNED else variant.source
            changed.append(variant)
    gone = [
        variant.pk
        for key, variant in here.items()
        if key not in wanted and variant.source != Variant.Source.LEARNED and variant.state == Variant.State.ACTIVE
    ]
    Variant.objects.filter(pk__in=gone).delete()
    Variant.objects.bulk_update(changed, ["text", "state", "source"])
    Variant.objects.bulk_create(new)


def _move(article: Article, state: str, editor: Editor, why: str) -> Article:
    if article.state != state:
        article.state = state
        _keep_version(article, editor, why, next_revision())
    return article


def _keep_version(article: Article, editor: Editor, why: str, revision: int) -> None:
    """The article as it now stands becomes its newest version."""
    article.version += 1
    article.revision = revision
    article.changed_at = platform_now()
    article.save()
    fresh = Article.objects.select_related("topic").get(pk=article.pk)
    ArticleVersion.objects.create(
        article=article,
        number=article.version,
        content=as_json(content_of(fresh)),
        state=article.state,
        by_id=editor.id,
        by_name=editor.name[:80],
        why=" ".join(why.split())[:MAX_WHY],
        at=article.changed_at,
    )
