"""All articles as a file that ``services.importing`` takes back unchanged."""

from knowledgebase.content import content_of, with_content
from knowledgebase.imports.writing import written
from knowledgebase.models import Article
from tenants.context import OrganisationRef


def export_articles(_organisation: OrganisationRef, form: str) -> tuple[bytes, int]:
    """(the file, how many articles are in it). Retired ones stay out; what was learned from use does too. Four queries.

    ``form`` is a key of ``imports.writing.FORMATS``.
    """
    articles = with_content(Article.objects.exclude(state=Article.State.RETIRED).order_by("slug"))
    contents = [content_of(article) for article in articles]
    return written(contents, form), len(contents)
