"""All articles as a file that ``services.importing`` takes back unchanged."""

from knowledgebase.content import content_of, with_content
from knowledgebase.imports.json_form import Named
from knowledgebase.imports.writing import written
from knowledgebase.models import Article, ArticleFile
from tenants.context import OrganisationRef


def export_articles(_organisation: OrganisationRef, form: str) -> tuple[bytes, int]:
    """(the file, how many articles are in it). Retired ones stay out; what was learned from use does too. Documents are
    named in JSON, and in no file. Five queries.

    ``form`` is a key of ``imports.writing.FORMATS``.
    """
    articles = with_content(Article.objects.exclude(state=Article.State.RETIRED).order_by("slug"))
    contents = [content_of(article) for article in articles]
    return written(contents, form, _documents()), len(contents)


def _documents() -> dict[str, list[Named]]:
    """By the article's short name; enough to tell whether a file at hand is the one. One query."""
    found: dict[str, list[Named]] = {}
    for one in ArticleFile.objects.select_related("article").order_by("name", "id"):
        named: Named = {"name": one.name, "size": one.size, "sha256": bytes(one.sha256).hex()}
        found.setdefault(one.article.slug, []).append(named)
    return found
