"""Gaps: questions that no article answered, cleaned, and grouped by likeness as they come.

A turn is kept first and grouped after that, in the order of asking; what is already in a gap is never moved to another
one by itself, so that a gap which somebody works on stays what it was; managers merge (see ``gap_merging``). Everything
here runs inside the organisation's schema and may be done twice.

Locks, here and in what managers do: the revision, the gaps by language and id, their turns by conversation and number.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Min

from knowledgebase.cleaning import clean
from knowledgebase.likeness import SAME_GAP, Groups, says_something
from knowledgebase.models import Article, ArticleText, Gap, UnansweredTurn, Variant
from knowledgebase.suggesting import suggest
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.services import record_audit

State = Gap.State
MAX_QUESTION, MAX_ANSWER, MAX_GAP_QUESTION = 500, 4000, 300
TURNS_AT_ONCE = 500
COMPARED_TURNS = 3000
COMPARED_PER_GAP = 30
BACKGROUND_QUESTIONS = 3000
TRIED_QUESTIONS = 10
REOPENED_BY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a visitor asked, and what they were told in the end, as it was written."""

    conversation_id: UUID
    seq: int
    language: str
    question: str
    answer: str
    at: datetime


def keep_turns(_organisation: OrganisationRef, turns: Iterable[Turn]) -> int:
    """Stores what is a question, cleaned; how many. One query.

    A turn that is there already, flagged by an operator perhaps, keeps its flag and its gap and gets the answer.
    """
    rows = [
        UnansweredTurn(
            conversation_id=turn.conversation_id,
            seq=turn.seq,
            language=turn.language,
            question=question,
            answer=_cleaned(turn.answer, MAX_ANSWER),
            at=turn.at,
        )
        for turn in turns
        if says_something(question := _cleaned(turn.question, MAX_QUESTION), turn.language)
    ]
    rows.sort(key=lambda row: (row.conversation_id, row.seq))
    UnansweredTurn.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["conversation_id", "seq"],
        update_fields=["question", "answer"],
    )
    return len(rows)


def flag_turn(organisation: OrganisationRef, turn: Turn, operator_id: UUID) -> UnansweredTurn:
    """An operator says that an article is missing: the turn is kept whatever was used. Again: no change. Audited by
    the turn's id. Five queries."""
    with transaction.atomic():
        row, _is_new = UnansweredTurn.objects.get_or_create(
            conversation_id=turn.conversation_id,
            seq=turn.seq,
            defaults={
                "language": turn.language,
                "question": _cleaned(turn.question, MAX_QUESTION),
                "answer": _cleaned(turn.answer, MAX_ANSWER),
                "at": turn.at,
            },
        )
        # Of two at the same moment one was first.
        if UnansweredTurn.objects.filter(pk=row.pk, is_flagged=False).update(is_flagged=True):
            record_audit(organisation.id, operator_id, "gap.flagged", str(row.pk))
        row.is_flagged = True
    return row


def _cleaned(text: str, most: int) -> str:
    """Line by line: an answer's paragraphs stay."""
    lines = (clean(line) for line in text.splitlines())
    return "\n".join(line for line in lines if line)[:most]


def group_turns(_organisation: OrganisationRef) -> int:
    """Puts up to 500 turns that have no gap yet into the gap they are most like, or into one of their own; how many.

    Locks those turns and the gaps they go to. Per language: five queries, and three for each gap that got one. A gap
    that was answered is open again once three more came after that: its article does not serve. A turn whose gap was
    merged at this moment waits for the next round.
    """
    with transaction.atomic():
        waiting = list(
            UnansweredTurn.objects.select_for_update()
            .filter(gap=None)
            .exclude(question="")
            .order_by("at", "id")[:TURNS_AT_ONCE]
        )
        by_language: dict[str, list[UnansweredTurn]] = defaultdict(list)
        for turn in waiting:
            by_language[turn.language].append(turn)
        for language, turns in sorted(by_language.items()):
            _group(language, turns)
    return len(waiting)


def _group(language: str, turns: Sequence[UnansweredTurn]) -> None:
    groups = _known_groups(language, [turn.question for turn in turns])
    touched: set[UUID] = set()
    for turn in turns:
        near = groups.nearest(turn.question)
        if near is not None and near[1] >= SAME_GAP:
            turn.gap_id = near[0]
        else:
            gap = Gap.objects.create(
                language=language,
                question=turn.question[:MAX_GAP_QUESTION],
                first_at=turn.at,
                last_at=turn.at,
            )
            turn.gap_id = gap.id
        groups.put(turn.gap_id, turn.question)
        touched.add(turn.gap_id)
    gaps = Gap.objects.select_for_update().filter(pk__in=touched).order_by("pk")
    there = {gap.id: gap for gap in gaps if gap.state != State.MERGED}
    UnansweredTurn.objects.bulk_update([turn for turn in turns if turn.gap_id in there], ["gap"])
    for gap in there.values():
        recount(gap, groups)


def _known_groups(language: str, more: Sequence[str]) -> Groups[UUID]:
    """The gaps as their newest turns make them; what managers wrote and visitors asked tells which words are common."""
    texts = ArticleText.objects.filter(language=language).exclude(article__state=Article.State.RETIRED)
    questions = Variant.objects.filter(language=language, state=Variant.State.ACTIVE)
    grouped = list(
        UnansweredTurn.objects.filter(language=language, gap__isnull=False)
        .order_by("-at", "-id")
        .values_list("gap_id", "question")[:COMPARED_TURNS]
    )
    groups: Groups[UUID] = Groups(
        language,
        [
            *texts.values_list("title", flat=True)[:BACKGROUND_QUESTIONS],
            *questions.order_by("-asked_at").values_list("text", flat=True)[:BACKGROUND_QUESTIONS],
            *(question for _gap, question in grouped),
            *more,
        ],
    )
    for gap_id, question in reversed(grouped):
        groups.put(gap_id, question)
    return groups


def recount(gap: Gap, groups: Groups[UUID] | None = None) -> None:
    """Saves how often and when its turns were asked, and which of them is most like all others; the newest turns tell
    without ``groups``. Needs the gap's lock. Three queries, one more when it was answered."""
    counted = gap.turns.aggregate(times=Count("pk"), first_at=Min("at"), last_at=Max("at"))
    gap.times = counted["times"]
    if newest := list(gap.turns.order_by("-at", "-id").values_list("question", flat=True)[:COMPARED_PER_GAP]):
        gap.first_at, gap.last_at = counted["first_at"], counted["last_at"]
        gap.question = _most_usual(gap, newest, groups)
    if gap.state == State.CLOSED and gap.turns.filter(at__gt=gap.closed_at).count() >= REOPENED_BY:
        gap.state, gap.closed_at = State.OPEN, None
    gap.save()


def _most_usual(gap: Gap, questions: Sequence[str], groups: Groups[UUID] | None) -> str:
    if groups is None:
        groups = Groups(gap.language, questions)
        for question in questions:
            groups.put(gap.id, question)
    # Of two that are as much like all others, the shorter one is easier to read.
    usual = max(questions, key=lambda text: (round(groups.likeness(text, gap.id), 3), -len(text)))
    return usual[:MAX_GAP_QUESTION]


def close_answered(organisation: OrganisationRef) -> int:
    """Closes every gap whose article is live and among the suggestions for most of what was asked; how many.

    A gap whose draft is gone or was retired is open again. Locks the drafted gaps.
    """
    closed = 0
    with transaction.atomic():
        drafted = Gap.objects.filter(state=State.DRAFTED).select_related("article").order_by("language", "pk")
        for gap in drafted.select_for_update(of=["self"]):
            if gap.article is None or gap.article.state == Article.State.RETIRED:
                gap.state = State.OPEN
            elif gap.article.state == Article.State.LIVE and _is_found(organisation, gap):
                gap.state, gap.closed_at = State.CLOSED, platform_now()
                closed += 1
            else:
                continue
            gap.save(update_fields=["state", "closed_at"])
    return closed


def _is_found(organisation: OrganisationRef, gap: Gap) -> bool:
    questions = gap.turns.order_by("-at", "-id").values_list("question", flat=True)[:TRIED_QUESTIONS]
    found = [
        any(one.article == gap.article_id for one in suggest(organisation, question, gap.language))
        for question in questions
    ]
    return 2 * sum(found) > len(found)
