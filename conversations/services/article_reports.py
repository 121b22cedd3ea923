"""What an operator says of an article goes to its owner by mail."""

from dataclasses import dataclass
from uuid import UUID

from knowledgebase.models import Article, Feedback
from tenants.context import OrganisationRef
from tenants.selectors import ManagerRef, first_spoken, managers_of, organisation_origin

ADMIN_PATH = "/admin/knowledgebase/article/"


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """``title`` is in ``language``, in which the owner reads."""

    feedback: Feedback
    title: str
    owner: ManagerRef
    language: str


def owner_of(organisation: OrganisationRef, article: Article) -> ManagerRef | None:
    """Who answers for the article: its owner as long as they are a manager, else the first of the managers. None when
    the organisation has none. One query."""
    managers = managers_of(organisation)
    return next((one for one in managers if one.id == article.owner_id), managers[0] if managers else None)


def article_report(organisation: OrganisationRef, feedback_id: UUID) -> ArticleReport | None:
    """What the mail says; None when it was settled meanwhile, or nobody is there to read it. Three queries."""
    feedback = Feedback.objects.select_related("article").filter(pk=feedback_id, settled_at=None).first()
    owner = owner_of(organisation, feedback.article) if feedback else None
    if feedback is None or owner is None:
        return None
    language = first_spoken(organisation)
    titles = dict(feedback.article.texts.values_list("language", "title"))
    title = next((titles[one] for one in organisation.languages if one in titles), feedback.article.slug)
    return ArticleReport(feedback, title, owner, language)


def article_address(organisation: OrganisationRef, report: ArticleReport) -> str:
    """The article in the client's admin. One query."""
    return f"{organisation_origin(organisation)}{ADMIN_PATH}{report.feedback.article_id}/change/"
