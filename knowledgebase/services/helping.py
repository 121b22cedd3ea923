"""Visitors say whether an article helped. It is counted, and nothing else follows from it."""

from uuid import UUID, uuid5

from knowledgebase.models import Feedback
from knowledgebase.visitor_help import visible_articles
from tenants.context import OrganisationRef
from tenants.errors import NotFound


def rate_help(
    organisation: OrganisationRef, article_id: UUID, visitor_mark: str, helped: bool, conversation_id: UUID | None
) -> Feedback:
    """One answer per visitor, article and version: a later one replaces it, the same again changes nothing.

    ``visitor_mark`` tells visitors apart and is not stored. Locks the answer. Raises NotFound for an article that
    visitors do not see. Four queries.
    """
    article = visible_articles(organisation).filter(pk=article_id).first()
    if article is None:
        raise NotFound()
    feedback, _is_new = Feedback.objects.update_or_create(
        cid=uuid5(article.id, f"{visitor_mark} {article.version}"),
        defaults={"kind": Feedback.Kind.HELPED if helped else Feedback.Kind.DID_NOT_HELP},
        create_defaults={
            "article": article,
            "kind": Feedback.Kind.HELPED if helped else Feedback.Kind.DID_NOT_HELP,
            "version": article.version,
            "conversation_id": conversation_id,
        },
    )
    return feedback
