"""What managers do with a gap: who answers it and by when, a draft made from it, or not worth an article."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from knowledgebase.cleaning import evened
from knowledgebase.content import MAX_SHORT_REPLY, MAX_TITLE, MAX_VARIANT, Content, TextContent
from knowledgebase.likeness import Groups
from knowledgebase.models import Article, Gap, UnansweredTurn
from knowledgebase.services.articles import Editor, save_article
from knowledgebase.services.revisions import lock_revision
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.services import record_audit

State = Gap.State
DRAFTED_QUESTIONS = 20
COMPARED_ANSWERS = 50
SHOWN_ANSWERS = 5
# "One moment, please" is what many say first, and no answer.
WHOLE_ANSWER = 40


def assign_gap(
    organisation: OrganisationRef,
    gap_id: UUID,
    *,
    owner_id: UUID | None,
    owner_name: str,
    answer_by: date | None,
    editor: Editor,
) -> Gap:
    """Says who answers the gap, and by when. Locks the gap. Raises NotFound."""
    with transaction.atomic():
        gap = locked_gap(gap_id)
        gap.owner_id, gap.owner_name, gap.answer_by = owner_id, owner_name, answer_by
        gap.save(update_fields=["owner_id", "owner_name", "answer_by"])
        record_audit(organisation.id, editor.id, "gap.assigned", str(gap.id))
    return gap


def dismiss_gap(organisation: OrganisationRef, gap_id: UUID, editor: Editor) -> Gap:
    """Not for an article. Questions like these go on being counted here and trouble nobody. Locks the gap.

    Raises NotFound."""
    return _move(organisation, gap_id, State.DISMISSED, editor, "gap.dismissed")


def bring_back_gap(organisation: OrganisationRef, gap_id: UUID, editor: Editor) -> Gap:
    """Undoes dismissing: open again, or drafted when there is a draft. Locks the gap. Raises NotFound."""
    with transaction.atomic():
        gap = locked_gap(gap_id)
        if gap.state == State.DISMISSED:
            state = State.DRAFTED if gap.article_id else State.OPEN
            return _move(organisation, gap_id, state, editor, "gap.brought_back")
    return gap


def draft_from_gap(organisation: OrganisationRef, gap_id: UUID, editor: Editor) -> Article:
    """A draft article: the gap's question as title, what visitors asked as its questions, and as short reply the
    answer that operators gave most alike. Asked again it gives the same draft.

    Locks the revision, the gap and the new article. Raises NotFound.
    """
    with transaction.atomic():
        lock_revision()
        gap = locked_gap(gap_id)
        if gap.article_id:
            return Article.objects.get(pk=gap.article_id)
        article = save_article(editor, None, _drafted(gap), f"From a gap: asked {gap.times} times.")
        gap.article, gap.state = article, State.DRAFTED
        gap.save(update_fields=["article", "state"])
        record_audit(organisation.id, editor.id, "gap.drafted", str(gap.id))
    return article


def _drafted(gap: Gap) -> Content:
    turns = list(gap.turns.order_by("-is_flagged", "-at", "-id")[:COMPARED_ANSWERS])
    questions = [_one_line(turn.question)[:MAX_VARIANT] for turn in each_once(turns)]
    answers = answers_by_likeness([turn.answer for turn in turns], gap.language)
    others = "\n\n".join(f"> {answer}".replace("\n", "\n> ") for answer in answers[1:SHOWN_ANSWERS])
    title = _one_line(gap.question)[:MAX_TITLE]
    return Content(
        owner_id=gap.owner_id,
        owner_name=gap.owner_name,
        texts={
            gap.language: TextContent(
                title=title[:1].upper() + title[1:],
                short_reply=answers[0][:MAX_SHORT_REPLY] if answers else "",
                long_text=others,
            )
        },
        variants={gap.language: tuple(questions)[:DRAFTED_QUESTIONS]},
    )


def each_once(turns: Iterable[UnansweredTurn]) -> list[UnansweredTurn]:
    """Of turns that ask in the same words only the first."""
    once: dict[str, UnansweredTurn] = {}
    for turn in turns:
        once.setdefault(evened(_one_line(turn.question)[:MAX_VARIANT]), turn)
    return list(once.values())


def answers_by_likeness(answers: Sequence[str], language: str) -> list[str]:
    """What operators answered, each once, the most usual first. Short ones only if there are no others."""
    given = [answer for answer in answers if answer.strip()]
    whole = [answer for answer in given if len(answer) >= WHOLE_ANSWER] or given
    together: Groups[str] = Groups(language, whole)
    for answer in whole:
        together.put("answers", answer)
    once = {evened(answer): answer for answer in whole}.values()
    return sorted(once, key=lambda answer: (-round(together.likeness(answer, "answers"), 3), -len(answer)))


def _move(organisation: OrganisationRef, gap_id: UUID, state: str, editor: Editor, action: str) -> Gap:
    with transaction.atomic():
        gap = locked_gap(gap_id)
        gap.state = state
        gap.save(update_fields=["state"])
        record_audit(organisation.id, editor.id, action, str(gap.id))
    return gap


def locked_gap(gap_id: UUID) -> Gap:
    """The gap, until the transaction ends. Raises NotFound, also for one that now belongs to another one."""
    gap = Gap.objects.select_for_update().filter(pk=gap_id).exclude(state=State.MERGED).first()
    if gap is None:
        raise NotFound()
    return gap


def _one_line(text: str) -> str:
    return " ".join(text.split())
