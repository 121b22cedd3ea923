"""Articles to test with, in an organisation that other tests share: each test's own, taken away at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from knowledgebase.content import Content, TextContent, content_of
from knowledgebase.models import Article, ArticleVersion, Revision
from knowledgebase.services.articles import Editor, publish, save_article
from tenants.context import OrganisationRef, in_organisation

MAUD = Editor(uuid4(), "Maud")
SAM = Editor(uuid4(), "Sam", may_publish=False)
RETURNS = TextContent(
    "Returning something",
    short_reply="You can return it within 30 days.",
    long_text="Within **30 days**, unworn.",
    points=("30 days", "unworn"),
)


def a_content(**changed: Any) -> Content:
    """An article about returns, with a short name of its own."""
    wanted: dict[str, Any] = {
        "slug": f"returns-{uuid4().hex[:12]}",
        "source": "The shop's terms",
        "owner_name": "Maud",
        "texts": {"en": RETURNS},
        "variants": {"en": ("Can I send it back?", "How do I return boots?")},
    }
    return Content(**{**wanted, **changed})


def lay_article(organisation: OrganisationRef, *, is_live: bool = True, **changed: Any) -> Article:
    """Written by Maud, and published unless told otherwise."""

    def lay(_organisation: OrganisationRef) -> Article:
        article = save_article(MAUD, None, a_content(**changed), "first")
        return publish(MAUD, article.pk) if is_live else article

    return in_organisation(organisation, lay)


def content_in(organisation: OrganisationRef, article_id: UUID) -> Content:
    return in_organisation(organisation, lambda _: content_of(Article.objects.get(pk=article_id)))


def versions_in(organisation: OrganisationRef, article_id: UUID) -> list[ArticleVersion]:
    """Newest first."""
    return in_organisation(organisation, lambda _: list(ArticleVersion.objects.filter(article=article_id)))


def revision_in(organisation: OrganisationRef) -> int:
    return in_organisation(
        organisation, lambda _: Revision.objects.values_list("number", flat=True).filter(pk=1).first() or 0
    )


@contextmanager
def shelf_cleared(*organisations: OrganisationRef) -> Iterator[None]:
    """What is made inside the block is gone behind it."""

    def ids(_organisation: OrganisationRef) -> set[UUID]:
        return set(Article.objects.values_list("pk", flat=True))

    def clear(organisation: OrganisationRef) -> None:
        Article.objects.exclude(pk__in=before[organisation.id]).delete()

    before = {organisation.id: in_organisation(organisation, ids) for organisation in organisations}
    yield
    for organisation in organisations:
        in_organisation(organisation, clear)
