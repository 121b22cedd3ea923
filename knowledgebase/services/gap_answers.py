"""A gap that an article answers which is there already: the article learns its questions, and the way back."""

from uuid import UUID

from django.db import transaction

from knowledgebase.models import Article, Gap
from knowledgebase.services.articles import Editor
from knowledgebase.services.gap_steps import COMPARED_ANSWERS, DRAFTED_QUESTIONS, each_once, locked_gap
from knowledgebase.services.learning import forget_questions, learn_questions
from knowledgebase.services.revisions import lock_revision
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.services import record_audit

State = Gap.State


def answer_with(organisation: OrganisationRef, gap_id: UUID, article_id: UUID, editor: Editor) -> Gap:
    """This article answers the gap: it learns up to 20 of its questions, as from use, and the gap closes by itself once
    the article is live and found. Again: no change. What another article learned from the gap goes.

    Locks the revision, the gap and the article. Raises NotFound, also for a retired article.
    """
    with transaction.atomic():
        lock_revision()
        gap = locked_gap(gap_id)
        article = Article.objects.filter(pk=article_id).exclude(state=Article.State.RETIRED).first()
        if article is None:
            raise NotFound()
        if gap.article_id == article.pk and gap.state in (State.DRAFTED, State.CLOSED):
            return gap
        if gap.article_id != article.pk:
            forget_questions(gap.taught)
            gap.taught = []
        turns = each_once(gap.turns.order_by("-is_flagged", "-at", "-id")[:COMPARED_ANSWERS])[:DRAFTED_QUESTIONS]
        gap.taught = [
            *gap.taught,
            *learn_questions(article, gap.language, [(turn.question, turn.at) for turn in turns]),
        ]
        gap.article, gap.state, gap.closed_at = article, State.DRAFTED, None
        gap.save(update_fields=["article", "state", "closed_at", "taught"])
        record_audit(organisation.id, editor.id, "gap.answered", str(gap.pk))
    return gap


def take_article_off(organisation: OrganisationRef, gap_id: UUID, editor: Editor) -> Gap:
    """Undoes ``answer_with``: the gap is open, without an article, which forgets what it learned from the gap and
    nobody has used or reviewed since. Again: no change.

    Locks the revision, the gap and the article. Raises NotFound.
    """
    with transaction.atomic():
        lock_revision()
        gap = locked_gap(gap_id)
        if gap.article_id is None:
            return gap
        forget_questions(gap.taught)
        gap.article, gap.taught, gap.closed_at = None, [], None
        gap.state = gap.state if gap.state == State.DISMISSED else State.OPEN
        gap.save(update_fields=["article", "state", "closed_at", "taught"])
        record_audit(organisation.id, editor.id, "gap.article_taken_off", str(gap.pk))
    return gap
