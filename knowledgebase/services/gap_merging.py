"""Gaps that mean the same become one, and can be taken apart again.

The turns move to the gap that stays, so whatever is asked from then on is grouped there. The other gap keeps its row,
and each turn the gap it was in, so that taking out gives back exactly what came along; what was asked since stays.
Merged gaps form a tree: each names the one it was merged into, which may be merged in turn. The revision's lock keeps
the tree still while it is read.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from knowledgebase.errors import UnlikeGaps
from knowledgebase.models import Gap, UnansweredTurn
from knowledgebase.services.articles import Editor
from knowledgebase.services.gaps import recount
from knowledgebase.services.revisions import lock_revision
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.services import record_audit

State = Gap.State


def merge_gap(organisation: OrganisationRef, gap_id: UUID, into_id: UUID, editor: Editor) -> Gap:
    """The gap belongs to the other one from now on, which is returned. Again: no change.

    Locks as ``gaps`` says. Raises NotFound, and UnlikeGaps unless both are unanswered and in one language.
    """
    with transaction.atomic():
        lock_revision()
        gaps = _locked({gap_id, into_id})
        return _merge(organisation, gaps[into_id], [gap for gap in gaps.values() if gap.pk != into_id], editor)


def merge_into_most_asked(organisation: OrganisationRef, gap_ids: Collection[UUID], editor: Editor) -> Gap:
    """All become one: the one that was asked most stays, of several the oldest. Locks and raises as ``merge_gap``."""
    with transaction.atomic():
        lock_revision()
        gaps = _locked(gap_ids).values()
        standing = [gap for gap in gaps if gap.state != State.MERGED]
        if not standing:
            raise UnlikeGaps()
        into = min(standing, key=lambda gap: (-gap.times, gap.first_at, gap.pk))
        return _merge(organisation, into, [gap for gap in gaps if gap is not into], editor)


def take_out(organisation: OrganisationRef, gap_id: UUID, editor: Editor) -> Gap:
    """Undoes merging: the gap stands where it stood, with the turns that came along. Again: no change.

    Locks as ``gaps`` says. Raises NotFound.
    """
    with transaction.atomic():
        lock_revision()
        stays_id = _stays(gap_id)
        gaps = _locked({gap_id, stays_id})
        gap, stays = gaps[gap_id], gaps[stays_id]
        if gap.state != State.MERGED:
            return gap
        turns = UnansweredTurn.objects.filter(gap=stays, merged_from__in=_family(gap_id))
        _lock(turns)
        turns.update(gap=gap)
        gap.turns.filter(merged_from=gap).update(merged_from=None)
        if gap.gave_article and stays.article_id == gap.article_id:
            stays.article, stays.closed_at = None, None
            stays.state = stays.state if stays.state == State.DISMISSED else State.OPEN
        gap.state, gap.state_before, gap.merged_into, gap.gave_article = gap.state_before, "", None, False
        recount(gap)
        recount(stays)
        record_audit(organisation.id, editor.id, "gap.taken_out", str(gap.pk))
    return gap


def standing_gap(gap: Gap) -> Gap:
    """The gap that it belongs to in the end; itself when it was not merged. Two queries, one more per level."""
    return Gap.objects.get(pk=_stays(gap.pk))


def _merge(organisation: OrganisationRef, into: Gap, others: Sequence[Gap], editor: Editor) -> Gap:
    new = [gap for gap in others if gap.merged_into_id != into.pk]
    if not others or any(
        gap.state not in Gap.UNANSWERED or gap.language != into.language for gap in ([into, *new] if new else [])
    ):
        raise UnlikeGaps()
    _lock(UnansweredTurn.objects.filter(gap__in=new))
    for gap in new:
        gap.turns.update(gap=into, merged_from=Coalesce(F("merged_from"), gap.pk))
        if into.article_id is None and gap.state == State.DRAFTED:
            into.article_id, into.state, gap.gave_article = gap.article_id, State.DRAFTED, True
        gap.state_before, gap.state, gap.merged_into = gap.state, State.MERGED, into
        gap.save(update_fields=["state_before", "state", "merged_into", "gave_article"])
        record_audit(organisation.id, editor.id, "gap.merged", str(gap.pk))
    if new:
        recount(into)
    return into


def _locked(gap_ids: Collection[UUID]) -> dict[UUID, Gap]:
    gaps = {gap.pk: gap for gap in Gap.objects.select_for_update().filter(pk__in=gap_ids).order_by("language", "pk")}
    if len(gaps) < len(set(gap_ids)):
        raise NotFound()
    return gaps


def _lock(turns: QuerySet[UnansweredTurn]) -> None:
    list(turns.select_for_update().order_by("conversation_id", "seq").values_list("pk"))


def _stays(gap_id: UUID) -> UUID:
    """The gap that it belongs to in the end; itself when it was not merged."""
    into = Gap.objects.filter(pk=gap_id).values_list("merged_into", flat=True).first()
    return gap_id if into is None else _stays(into)


def _family(gap_id: UUID) -> set[UUID]:
    """The gap, and all that were merged into it before."""
    family = newest = {gap_id}
    while newest:
        newest = set(Gap.objects.filter(merged_into__in=newest).values_list("pk", flat=True))
        family = family | newest
    return family
