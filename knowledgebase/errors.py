"""What the knowledge base refuses, each with its stable code."""

from dataclasses import dataclass

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from tenants.errors import Invalid, ServiceError


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of an article, and what to do. ``language`` is empty for what languages share."""

    field: str
    message: str | LazyText
    language: str = ""


class UnsuitableArticle(Invalid):
    """All that is wrong with the article, so that it can be put right at once."""

    code = "unsuitable_article"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(" ".join(str(one.message) for one in problems))


class UnsuitableDocument(Invalid):
    code = "unsuitable_document"
    message = _("Only PDF files and PNG, JPEG and WebP images of at most 8 MB can be kept.")


class TooManyDocuments(Invalid):
    code = "too_many_documents"
    message = _("An article has at most 20 documents. Remove one first.")


class ArticleChanged(ServiceError):
    code = "article_changed"
    message = _("Somebody else has changed this article meanwhile. Please look at the new version first.")


class OnlyManagersPublish(ServiceError):
    code = "only_managers_publish"
    message = _("Only a manager of the organisation can do this. You can write a draft and send it for checking.")


class UnlikeGaps(Invalid):
    code = "unlike_gaps"
    message = _("Only gaps in one language that are still to be answered can be merged, at least two. Nothing changed.")
