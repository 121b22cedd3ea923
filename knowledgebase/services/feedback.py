"""What people say of an article. Inside an organisation's schema."""

from uuid import UUID

from django.db import transaction

from knowledgebase.models import Article, Feedback
from knowledgebase.services.articles import Editor
from operators.selectors import OperatorRef
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.services import record_audit

FOR_THE_OWNER = frozenset({Feedback.Kind.WRONG, Feedback.Kind.OUTDATED, Feedback.Kind.INCOMPLETE})


def give_feedback(
    cid: UUID,
    article_id: UUID,
    kind: str,
    *,
    note: str = "",
    conversation_id: UUID | None = None,
    operator: OperatorRef | None = None,
) -> tuple[Feedback, bool]:
    """Keeps it, and whether it is new: said twice with one ``cid`` is said once. Visitors have no ``operator``. Raises
    NotFound for an article that is not live. Three queries."""
    version = Article.objects.filter(pk=article_id, state=Article.State.LIVE).values_list("version", flat=True).first()
    if version is None:
        raise NotFound()
    return Feedback.objects.get_or_create(
        cid=cid,
        defaults={
            "article_id": article_id,
            "kind": kind,
            "note": note.strip(),
            "version": version,
            "conversation_id": conversation_id,
            "operator_id": operator.id if operator else None,
            "operator_name": operator.name if operator else "",
        },
    )


def settle_feedback(organisation: OrganisationRef, editor: Editor, feedback_id: UUID) -> Feedback:
    """Somebody has seen to it; again changes nothing. Locks the row. Raises NotFound. Four queries."""
    with transaction.atomic():
        feedback = Feedback.objects.select_for_update().filter(pk=feedback_id).first()
        if feedback is None:
            raise NotFound()
        if feedback.settled_at is None:
            feedback.settled_at, feedback.settled_by = platform_now(), editor.name
            feedback.save(update_fields=["settled_at", "settled_by"])
            record_audit(organisation.id, editor.id, "feedback.settled", str(feedback_id))
    return feedback


def reopen_feedback(organisation: OrganisationRef, editor: Editor, feedback_id: UUID) -> Feedback:
    """Undoes :func:`settle_feedback`."""
    with transaction.atomic():
        feedback = Feedback.objects.select_for_update().filter(pk=feedback_id).first()
        if feedback is None:
            raise NotFound()
        if feedback.settled_at is not None:
            feedback.settled_at, feedback.settled_by = None, ""
            feedback.save(update_fields=["settled_at", "settled_by"])
            record_audit(organisation.id, editor.id, "feedback.reopened", str(feedback_id))
    return feedback
