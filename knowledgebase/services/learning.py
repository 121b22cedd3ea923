"""What the knowledge base learns from use. Inside an organisation's schema.

Locks, in this order: what was suggested for the turn, the revision, the signals by article.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from knowledgebase.cleaning import evened
from knowledgebase.lessons import MOST_LEARNED, is_known, lesson
from knowledgebase.models import Article, Suggested, Variant
from knowledgebase.services.articles import Editor
from knowledgebase.services.revisions import lock_revision, mark_changed
from operators.selectors import OperatorRef
from tenants.clock import PlatformNow, platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.services import record_audit


@dataclass(frozen=True, slots=True)
class Mentioned:
    """How many of the points that an article asks for the reply mentioned, by its ticks. ``of`` is at least 1."""

    count: int
    of: int


def note_suggested(
    conversation_id: UUID,
    seq: int,
    language: str,
    shown: Sequence[UUID],
    confidence: float | None,
    operator: OperatorRef,
) -> None:
    """What was shown to the operator for this turn. Again, as long as nothing was used, it takes the place of what was
    shown before; each article counts as shown once per turn. Three queries."""
    with transaction.atomic():
        said = {
            "language": language,
            "shown": [str(article) for article in shown],
            "confidence": confidence,
            "operator_id": operator.id,
            "operator_name": operator.name,
        }
        row, is_new = Suggested.objects.select_for_update().get_or_create(
            conversation_id=conversation_id, seq=seq, defaults=said
        )
        if row.outcome != Suggested.Outcome.NONE or (not is_new and row.shown == said["shown"]):
            return
        before = set() if is_new else set(row.shown)
        if not is_new:
            Suggested.objects.filter(pk=row.pk).update(**said)
        _count(shown=[article for article in shown if str(article) not in before])


def note_used(
    conversation_id: UUID,
    seq: int,
    article_id: UUID,
    rank: int | None,
    question: str,
    language: str,
    operator: OperatorRef,
    mentioned: Mentioned | None = None,
) -> Suggested:
    """An article answered this turn: it learns the question, and what stood above it was passed over. The first use of
    a turn counts; again changes nothing. Raises NotFound for an article that is not live. A dozen queries."""
    with transaction.atomic():
        row, _ = Suggested.objects.select_for_update().get_or_create(
            conversation_id=conversation_id, seq=seq, defaults={"language": language}
        )
        if row.outcome != Suggested.Outcome.NONE:
            return row
        passed_over = _above(row.shown, article_id)
        mark_changed([article_id, *passed_over])
        article = Article.objects.filter(pk=article_id, state=Article.State.LIVE).first()
        if article is None:
            raise NotFound()
        row.outcome = Suggested.Outcome.FOUND if rank is None else Suggested.Outcome.USED
        row.article, row.rank = article, rank
        is_first = row.shown[:1] == [str(article_id)]
        row.variant = _learn(article, language, question, is_known(is_first, row.confidence))
        row.operator_id, row.operator_name = operator.id, operator.name
        if mentioned is not None:
            row.mentioned, row.points = mentioned.count, mentioned.of
        row.save()
        _count(used=[article_id], passed_over=passed_over)
    return row


def learn_questions(article: Article, language: str, asked: Iterable[tuple[str, datetime]]) -> list[UUID]:
    """The article learns what was asked and when, the oldest first; the ids of those that are new to it. Needs the
    revision's lock. Two queries, and six for each."""
    mark_changed([article.pk])
    new = []
    for question, at in sorted(asked, key=lambda one: one[1]):
        said = _wording(article, language, question)
        if said is not None and _known(article, *said) is None:
            new.append(_keep(article, *said, asked_at=at).pk)
    return new


def forget_questions(variant_ids: Collection[UUID]) -> None:
    """Takes back what ``learn_questions`` taught, but for what was asked again or reviewed since. Needs the revision's
    lock. Four queries."""
    forgotten = Variant.objects.filter(
        pk__in=variant_ids,
        source=Variant.Source.LEARNED,
        state=Variant.State.ACTIVE,
        reviewed_at=None,
        times=1,
    )
    if articles := set(forgotten.values_list("article_id", flat=True)):
        mark_changed(articles)
        forgotten.delete()


def reject_variant(organisation: OrganisationRef, editor: Editor, variant_id: UUID) -> Variant:
    """Takes a question away from its article; it is never learned again. Raises NotFound. Six queries."""
    return _review(organisation, editor, variant_id, Variant.State.REJECTED, "variant.rejected")


def accept_variant(organisation: OrganisationRef, editor: Editor, variant_id: UUID) -> Variant:
    """Reviewed and right, or right after all. Raises NotFound. Six queries."""
    return _review(organisation, editor, variant_id, Variant.State.ACTIVE, "variant.accepted")


def _review(
    organisation: OrganisationRef, editor: Editor, variant_id: UUID, state: Variant.State, action: str
) -> Variant:
    with transaction.atomic():
        lock_revision()
        variant = Variant.objects.filter(pk=variant_id).first()
        if variant is None:
            raise NotFound()
        mark_changed([variant.article_id])
        variant.state, variant.reviewed_at = state, platform_now()
        variant.save(update_fields=["state", "reviewed_at"])
        record_audit(organisation.id, editor.id, action, str(variant_id))
    return variant


def _above(shown: Iterable[str], article_id: UUID) -> list[UUID]:
    """What was shown before the article; everything when it was not among them."""
    above = []
    for one in map(UUID, shown):
        if one == article_id:
            break
        above.append(one)
    return above


def _learn(article: Article, language: str, question: str, already_known: bool) -> Variant | None:
    """The question as one more of the article's, without anything personal; None when there is nothing to learn, or a
    manager has rejected it. One that is there already is counted. Needs the revision's lock."""
    said = _wording(article, language, question)
    if said is None:
        return None
    known = _known(article, *said)
    if known is None and not already_known:
        return _keep(article, *said)
    if known is None or known.state == Variant.State.REJECTED:
        return None
    Variant.objects.filter(pk=known.pk).update(times=F("times") + 1, asked_at=PlatformNow())
    return known


def _wording(article: Article, language: str, question: str) -> tuple[str, str] | None:
    """(language, text) as the article would keep it; None when it says too little."""
    text = lesson(question)
    written = sorted(article.texts.values_list("language", flat=True))
    if language not in written and written:  # it was found in another language than the conversation's
        language = written[0]
    return (language, text) if text else None


def _known(article: Article, language: str, text: str) -> Variant | None:
    """The article's question in these words, whatever its language. A rejected one comes first, then one in this
    language."""
    return min(
        Variant.objects.filter(article=article, evened=evened(text)),
        key=lambda one: (one.state != Variant.State.REJECTED, one.language != language),
        default=None,
    )


def _keep(article: Article, language: str, text: str, **more: Any) -> Variant:
    kept = Variant.objects.create(
        article=article, evened=evened(text), text=text, language=language, source=Variant.Source.LEARNED, **more
    )
    _forget_oldest(article, language)
    return kept


def _forget_oldest(article: Article, language: str) -> None:
    learned = Variant.objects.filter(
        article=article, language=language, source=Variant.Source.LEARNED, state=Variant.State.ACTIVE
    )
    kept = learned.order_by("-asked_at", "-id").values_list("pk", flat=True)[:MOST_LEARNED]
    learned.exclude(pk__in=list(kept)).delete()


def _count(*, shown: Collection[UUID] = (), used: Collection[UUID] = (), passed_over: Collection[UUID] = ()) -> None:
    """One more of each, in one statement and in the order of ids, so that two transactions never wait for each
    other."""
    articles = sorted({*shown, *used, *passed_over})
    if not articles:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO knowledgebase_signal AS known (article_id, shown, used, passed_over)"
            " SELECT article.id, (article.id = ANY(%(shown)s::uuid[]))::int, (article.id = ANY(%(used)s::uuid[]))::int,"
            " (article.id = ANY(%(passed_over)s::uuid[]))::int"
            " FROM knowledgebase_article article WHERE article.id = ANY(%(articles)s::uuid[]) ORDER BY article.id"
            " ON CONFLICT (article_id) DO UPDATE SET shown = known.shown + EXCLUDED.shown,"
            " used = known.used + EXCLUDED.used, passed_over = known.passed_over + EXCLUDED.passed_over",
            {"articles": articles, "shown": list(shown), "used": list(used), "passed_over": list(passed_over)},
        )
