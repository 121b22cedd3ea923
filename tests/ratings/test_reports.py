"""The SQL figures against a slow count in Python, on ordinary days and on both daylight-saving days (rule 23)."""

import random
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from conversations.models import ContactRequest, Visitor
from knowledgebase.models import Article, Feedback, Gap, Suggested, UnansweredTurn
from ratings.reports import Figures, figures_for_days, figures_of
from ratings.selection import Selection
from ratings.selectors import day_start
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.identifiers import uuid7
from tenants.services import NewOrganisation, create_organisation
from tests.ratings.rows import a_conversation, a_mark, a_promise, an_answer, an_ask

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@dataclass
class Talk:
    """What the slow count knows of a conversation: plain values, never read back from the database."""

    opened_at: datetime
    asked: bool
    answered: bool = True
    topic: str = ""
    shown: bool = False
    expectation: int | None = None
    solved: int | None = None
    feeling: int | None = None
    lead: bool | None = None
    mood_end: int | None = None
    mark: int | None = None
    turns: list[tuple[str, str, float | None, bool]] = field(default_factory=list)


@cache
def counted() -> OrganisationRef:
    return create_organisation(NewOrganisation(slug="counted", name="Counted", host="counted.localhost"))


@cache
def talks() -> tuple[Talk, ...]:
    """Some 300 conversations around both days, written to the database once."""
    chance = random.Random(23)
    made = [
        Talk(start + timedelta(seconds=chance.randint(0, 96 * 3600)), asked=chance.random() < 0.8)
        for start in (datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 23, 12, tzinfo=UTC))
        for _ in range(150)
    ]
    for day in (SPRING, AUTUMN):  # the first and the last second of the day, and the seconds beside them
        for edge in (day, day + timedelta(days=1)):
            midnight = datetime(edge.year, edge.month, edge.day, tzinfo=AMSTERDAM).astimezone(UTC)
            made += [Talk(midnight - timedelta(microseconds=1), True), Talk(midnight, True)]
    for talk in made:
        for position in range(chance.randint(1, 4)):
            talk.turns.append(_turn(chance, "first" if position == 0 else "follow_up"))
        if chance.random() < 0.1:
            talk.turns.append(("follow_up", "", None, chance.random() < 0.5))
        talk.answered, talk.topic = chance.random() < 0.9, chance.choice(["", "delivery", "returns"])
        talk.shown = talk.asked and chance.random() < 0.8
        if talk.asked and chance.random() < 0.5:
            talk.mark = chance.randint(1, 10)
        talk.lead, talk.mood_end = chance.choice([None, True, False]), chance.choice([None, None, -2, 0, 1])
        if talk.shown:
            talk.feeling = chance.choice([None, 1, 1, 4])
            talk.expectation, talk.solved = chance.choice([None, 1, 2, 3]), chance.choice([None, 1, 2, 3])
    in_organisation(counted(), _write, made, platform_now())
    return tuple(made)


def _turn(chance: random.Random, kind: str) -> tuple[str, str, float | None, bool]:
    """(kind, outcome, seconds waited, past due)."""
    return chance.choice(
        [
            (kind, "kept", round(chance.uniform(1, 20), 3), True),
            (kind, "kept", round(chance.uniform(1, 20), 3), True),
            (kind, "broken", round(chance.uniform(20.1, 4000), 3), True),
            (kind, "broken", None, True),
            (kind, "abandoned", None, False),
            (kind, "closed", None, False),
        ]
    )


def _write(organisation: OrganisationRef, made: list[Talk], now: datetime) -> None:
    for talk in made:
        replied_at = talk.opened_at + timedelta(seconds=9) if talk.answered else None
        conversation_id = a_conversation(
            organisation,
            talk.opened_at,
            asked=talk.asked,
            first_replied_at=replied_at,
            topic=talk.topic,
            lead=talk.lead,
            mood_end=talk.mood_end,
        )
        for position, (kind, outcome, waited, past_due) in enumerate(talk.turns):
            # Late turns belong to the conversation's day too, even after midnight; an open one may not be due yet.
            opened_at = talk.opened_at + timedelta(minutes=30 * position)
            if outcome == "" and not past_due:
                opened_at = now + timedelta(hours=1)
            a_promise(conversation_id, position + 1, kind, opened_at, outcome, waited)
        if talk.mark is not None:
            a_mark(conversation_id, talk.mark, talk.opened_at + timedelta(days=3))
        if talk.asked:
            ask = an_ask(conversation_id, talk.opened_at, ["expectation", "solved"], shown=talk.shown)
            if talk.shown:  # a question that was skipped, and one that was not reached
                an_answer(ask, "expectation", talk.expectation, talk.opened_at)
                an_answer(ask, "feeling", talk.feeling, talk.opened_at)
            if talk.solved is not None:
                an_answer(ask, "solved", talk.solved, talk.opened_at)


def slow_figures(first: date, last: date, topic: str = "") -> Figures:
    chosen = [
        talk
        for talk in talks()
        if first <= talk.opened_at.astimezone(AMSTERDAM).date() <= last and topic in ("", talk.topic)
    ]
    turns = [turn for talk in chosen for turn in talk.turns]
    marks = [talk.mark for talk in chosen if talk.mark is not None]

    def waits(wanted: str) -> list[float]:
        return sorted(waited for kind, _outcome, waited, _due in turns if kind == wanted and waited is not None)

    def count(wanted: str, *outcomes: str) -> int:
        return sum(
            kind == wanted and (outcome in outcomes or (outcome == "" and past_due and "broken" in outcomes))
            for kind, outcome, _waited, past_due in turns
        )

    return Figures(
        conversations=len(chosen),
        answered=sum(talk.answered for talk in chosen),
        first_replies=count("first", "kept", "broken"),
        first_replies_kept=count("first", "kept"),
        follow_ups=count("follow_up", "kept", "broken"),
        follow_ups_kept=count("follow_up", "kept"),
        first_wait_median_seconds=percentile(waits("first"), 0.5),
        first_wait_p90_seconds=percentile(waits("first"), 0.9),
        follow_up_wait_median_seconds=percentile(waits("follow_up"), 0.5),
        follow_up_wait_p90_seconds=percentile(waits("follow_up"), 0.9),
        ratings_asked=sum(talk.asked for talk in chosen),
        ratings_shown=sum(talk.shown for talk in chosen),
        ratings_given=len(marks),
        mark_sum=sum(marks),
        marks=[marks.count(mark) for mark in range(1, 11)],
        better_than_expected=sum(talk.expectation == 3 for talk in chosen),
        as_expected=sum(talk.expectation == 2 for talk in chosen),
        worse_than_expected=sum(talk.expectation == 1 for talk in chosen),
        solved=sum(talk.solved == 3 for talk in chosen),
        partly_solved=sum(talk.solved == 2 for talk in chosen),
        not_solved=sum(talk.solved == 1 for talk in chosen),
        leads_noted=sum(talk.lead is not None for talk in chosen),
        leads=sum(talk.lead is True for talk in chosen),
        moods_noted=sum(talk.mood_end is not None or talk.feeling is not None for talk in chosen),
        angry_ends=sum(talk.mood_end == -2 or talk.feeling == 1 for talk in chosen),
        contact_requests=None if topic else 0,
        with_article=0,
        unanswered_questions=0,
        new_gaps=None if topic else 0,
        articles_helped=None if topic else 0,
        articles_did_not_help=None if topic else 0,
    )


def percentile(waits: list[float], share: float) -> float | None:
    if not waits:
        return None
    place = (len(waits) - 1) * share
    below = int(place)
    above = min(below + 1, len(waits) - 1)
    return waits[below] + (waits[above] - waits[below]) * (place - below)


@pytest.mark.parametrize("offset", [-1, 0, 1])
@pytest.mark.parametrize("day", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_a_day_counts_what_a_slow_count_finds(day: date, offset: int) -> None:
    talks()
    wanted = day + timedelta(days=offset)

    figures = in_organisation(counted(), figures_for_days, wanted, wanted)

    expected = slow_figures(wanted, wanted)
    assert expected.conversations > 10
    assert asdict(figures) == {
        name: pytest.approx(value, abs=1e-6) if isinstance(value, float) else value
        for name, value in asdict(expected).items()
    }


def test_a_narrowed_selection_counts_its_conversations_only_and_says_what_it_cannot_tell() -> None:
    talks()
    first, last = SPRING - timedelta(days=2), SPRING + timedelta(days=2)

    figures = in_organisation(counted(), figures_of, Selection(first=first, last=last, topic="delivery"))

    expected = slow_figures(first, last, "delivery")
    assert 10 < expected.conversations < slow_figures(first, last).conversations
    assert asdict(figures) == {
        name: pytest.approx(value, abs=1e-6) if isinstance(value, float) else value
        for name, value in asdict(expected).items()
    }


def test_several_days_are_counted_as_one_period() -> None:
    talks()
    first, last = SPRING - timedelta(days=1), SPRING + timedelta(days=1)

    figures = in_organisation(counted(), figures_for_days, first, last)

    expected = slow_figures(first, last)
    assert figures.conversations == expected.conversations
    assert figures.first_wait_median_seconds == pytest.approx(expected.first_wait_median_seconds)


def test_the_two_special_days_have_23_and_25_hours() -> None:
    lengths = [
        (day_start("Europe/Amsterdam", day + timedelta(days=1)).astimezone(UTC) - day_start("Europe/Amsterdam", day))
        for day in (SPRING, AUTUMN)
    ]

    assert [length.total_seconds() / 3600 for length in lengths] == [23, 25]


def test_a_day_without_conversations_has_no_waits_and_no_marks() -> None:
    figures = in_organisation(counted(), figures_for_days, date(2026, 1, 1), date(2026, 1, 1))

    assert (figures.conversations, figures.first_replies, figures.ratings_given) == (0, 0, 0)
    assert figures.first_wait_median_seconds is None


def test_a_contact_request_counts_on_the_local_day_it_came() -> None:
    def leave(_organisation: OrganisationRef) -> None:
        # What was kept of a conversation is counted with the conversation.
        for minute, reason in ((59, "closed"), (60, "closing_time"), (61, "closed")):
            ContactRequest.objects.create(
                visitor=Visitor.objects.create(),
                cid=uuid7(),
                reason=reason,
                email="vera@example.com",
                body="Do you ship?",
                website_key="shop",
                language="en",
                created_at=datetime(2026, 7, 1, 21, tzinfo=UTC) + timedelta(minutes=minute),
            )

    in_organisation(counted(), leave)

    days = [date(2026, 7, 1), date(2026, 7, 2)]
    assert [in_organisation(counted(), figures_for_days, day, day).contact_requests for day in days] == [1, 1]


def test_what_the_knowledge_base_did_is_counted_with_its_day() -> None:
    midnight = datetime(2026, 8, 2, tzinfo=AMSTERDAM)
    late = midnight - timedelta(minutes=2)

    def happen(organisation: OrganisationRef) -> None:
        article = Article.objects.create(slug="counted")
        used, searched, passed, silent = (a_conversation(organisation, late) for _ in range(4))
        for conversation, outcomes in ((used, ["used", "used"]), (searched, ["none", "found"]), (passed, ["none"])):
            for seq, outcome in enumerate(outcomes, 1):
                Suggested.objects.create(conversation_id=conversation, seq=seq, language="en", outcome=outcome)
        for conversation in (passed, silent):
            # After midnight, in a conversation of the day before.
            UnansweredTurn.objects.create(
                conversation_id=conversation,
                seq=2,
                language="en",
                question="Can I?",
                at=midnight + timedelta(minutes=3),
            )
        for minutes, verdict in ((-3, "helped"), (-2, "did_not_help"), (-1, "wrong"), (1, "helped"), (2, "helped")):
            at = midnight + timedelta(minutes=minutes)
            Feedback.objects.create(article=article, cid=uuid7(), kind=verdict, version=1, at=at)
            gap = Gap.objects.create(question="Can I?", language="en", first_at=at, last_at=at)
        # Not a new one: it belongs to the last.
        Gap.objects.create(
            question="May I?", language="en", first_at=at, last_at=at, state=Gap.State.MERGED, merged_into=gap
        )

    in_organisation(counted(), happen)

    before, after = (
        in_organisation(counted(), figures_for_days, date(2026, 8, day), date(2026, 8, day)) for day in (1, 2)
    )
    assert (before.conversations, before.with_article, before.unanswered_questions) == (4, 2, 2)
    assert (before.articles_helped, before.articles_did_not_help, before.new_gaps) == (1, 1, 3)
    assert (after.conversations, after.with_article, after.unanswered_questions) == (0, 0, 0)
    assert (after.articles_helped, after.articles_did_not_help, after.new_gaps) == (2, 0, 2)
