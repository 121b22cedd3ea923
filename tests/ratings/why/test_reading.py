"""What the analysis is given equals a slow count in Python, over conversations of every kind."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from conversations.models import Entry
from knowledgebase.models import Suggested
from ratings.models import Answer
from ratings.reports import figures_of
from ratings.selection import Selection
from ratings.why.reading import Given, Rated, given_in, newest_said, rated_in
from tenants.context import OrganisationRef, in_organisation
from tenants.services import NewOrganisation, create_organisation
from tests.ratings.rows import a_conversation, a_mark, a_promise, an_answer, an_ask

ZONE = "Asia/Tokyo"
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 15)
ALL = Selection(first=FIRST, last=LAST)
NOBODY = UUID(int=0)
PURPOSES = {"problem": 0, "information": 1, "advice": 2, "complaint": 3, "other": -1, "": -1}
PAGES = {"": "", "https://a.example/tents?who=vera#x": "/tents", "https://a.example/": "/", "http://[x": ""}


@dataclass(kw_only=True)
class Talk:
    """Plain values, never read back from the database. Turns are (outcome, seconds waited)."""

    opened_at: datetime
    website: str
    language: str
    topic: str
    purpose: str
    page: str
    mark: int | None
    operators: int
    used: bool
    mentioned: list[tuple[int, int]]
    """Of how many points, in each turn that an article which asks for some was used in."""
    lead: bool | None
    mood_start: int | None
    turns: list[tuple[str, float | None]] = field(default_factory=list)
    answers: dict[str, int | None] = field(default_factory=dict)
    id: UUID = NOBODY

    @property
    def day(self) -> date:
        return self.opened_at.astimezone(ZoneInfo(ZONE)).date()

    def waits(self, first: bool) -> list[float]:
        return [w for place, (_, w) in enumerate(self.turns) if (place == 0) is first and w is not None]


@cache
def shop() -> OrganisationRef:
    return create_organisation(NewOrganisation(slug="why-read", name="Why", host="why-read.localhost", time_zone=ZONE))


@cache
def talks() -> tuple[Talk, ...]:
    """400 conversations from a week before the period to a week after it, in a zone far from UTC."""
    chance = random.Random(5)
    start = datetime(2026, 2, 23, tzinfo=UTC)
    made = []
    for _ in range(400):
        talk = Talk(
            opened_at=start + timedelta(seconds=chance.randint(0, 28 * 86_400)),
            website=chance.choice(["shop", "help"]),
            language=chance.choice(["en", "nl"]),
            topic=chance.choice(["", "delivery", "returns"]),
            purpose=chance.choice(list(PURPOSES)),
            page=chance.choice(list(PAGES)),
            mark=chance.choice([None, *range(1, 11)]),
            operators=chance.choice([0, 1, 1, 2, 3]),
            used=chance.random() < 0.4,
            mentioned=[chance.choice([(0, 2), (1, 3), (4, 4)]) for _ in range(chance.choice([0, 0, 1, 2]))],
            lead=chance.choice([None, False, True]),
            mood_start=chance.choice([None, *range(-2, 3)]),
        )
        for _turn in range(chance.randint(0, 4)):
            outcome = chance.choice(["kept", "kept", "broken", "unanswered", "abandoned", "closed"])
            waited = {"kept": chance.uniform(1, 20), "broken": chance.uniform(20, 400)}.get(outcome)
            talk.turns.append(("broken" if outcome == "unanswered" else outcome, waited))
        for question, most in (("expectation", 3), ("trust", 5), ("ease", 5), ("solved", 3)):
            if chance.random() < 0.5:
                talk.answers[question] = chance.choice([None, *range(1, most + 1)])
        made.append(talk)
    in_organisation(shop(), _write, made)
    return tuple(made)


def _write(organisation: OrganisationRef, made: list[Talk]) -> None:
    for talk in made:
        talk.id = a_conversation(
            organisation,
            talk.opened_at,
            website_key=talk.website,
            language=talk.language,
            topic=talk.topic,
            purpose=talk.purpose,
            page_url=talk.page,
            lead=talk.lead,
            mood_start=talk.mood_start,
            mood_end=talk.mood_start and -talk.mood_start,
        )
        for place, (outcome, waited) in enumerate(talk.turns):
            a_promise(talk.id, place + 1, "follow_up" if place else "first", talk.opened_at, outcome, waited)
        for place in range(2 * talk.operators):  # each of them twice, and a message that was taken back
            _said(talk, place + 1, "operator", UUID(int=place // 2 + 1))
        _said(talk, 20, "operator", UUID(int=99), deleted_at=talk.opened_at)
        _said(talk, 21, "specialist", UUID(int=98))
        if talk.mark is not None:
            a_mark(talk.id, talk.mark, talk.opened_at)
        ask = an_ask(talk.id, talk.opened_at, ["expectation"], shown=True)
        for question, value in talk.answers.items():
            an_answer(ask, question, value, talk.opened_at)
        of = {"conversation_id": talk.id, "language": "en"}
        Suggested.objects.create(seq=1, outcome="used" if talk.used else "none", **of)
        for seq, (mentioned, points) in enumerate(talk.mentioned if talk.used else [], 2):
            Suggested.objects.create(seq=seq, outcome="found", mentioned=mentioned, points=points, **of)


def _said(talk: Talk, seq: int, sender: str, who: UUID, **columns: object) -> None:
    Entry.objects.create(
        conversation_id=talk.id, seq=seq, kind="message.sent", sender_kind=sender, sender_id=who, at=talk.opened_at,
        **columns,
    )  # fmt: skip


def expected(**narrowed: str) -> list[Talk]:
    """The rated ones of the period, the newest first."""
    found = [one for one in talks() if one.mark is not None and FIRST <= one.day <= LAST]
    found = [one for one in found if all(getattr(one, name) == value for name, value in narrowed.items())]
    return sorted(found, key=lambda one: (one.opened_at, one.id), reverse=True)


def read(selection: Selection = ALL, most: int = 1000) -> Rated:
    talks()
    return in_organisation(shop(), rated_in, selection, most)


@pytest.mark.parametrize("narrowed", [{}, {"website": "shop"}, {"topic": "delivery", "purpose": "advice"}])
def test_every_column_is_what_counting_row_by_row_gives(narrowed: dict[str, str]) -> None:
    talks()
    selection = Selection(first=FIRST, last=LAST, **narrowed)
    slow = expected(**narrowed)

    rated = read(selection)

    assert list(rated.conversations) == [str(one.id) for one in slow]
    assert len(slow) > 5
    data = rated.data
    assert data.mark.tolist() == [one.mark for one in slow]
    same(data.first_wait_seconds, [next(iter(one.waits(True)), np.nan) for one in slow])
    same(data.worst_follow_up_seconds, [max(one.waits(False), default=0) for one in slow])
    same(data.kept_share, [kept_share(one) for one in slow])
    assert data.operators.tolist() == [one.operators or -1 for one in slow]
    assert data.knowledge_used.tolist() == [int(one.used) for one in slow]
    assert data.lead.tolist() == [-1 if one.lead is None else int(one.lead) for one in slow]
    same(data.mood_start, [np.nan if one.mood_start is None else one.mood_start for one in slow])
    same(data.mood_end, [np.nan if one.mood_start is None else -one.mood_start for one in slow])
    assert data.purpose.tolist() == [PURPOSES[one.purpose] for one in slow]
    assert data.expectation.tolist() == [(one.answers.get("expectation") or 0) - 1 for one in slow]
    assert data.hour.tolist() == [one.opened_at.astimezone(ZoneInfo(ZONE)).hour for one in slow]
    for factor in ("trust", "ease"):
        same(data.factors[factor], [one.answers.get(factor) or np.nan for one in slow])
    assert set(data.factors) == {"trust", "ease"}
    same(data.completeness_share, [completeness(one) for one in slow])


def completeness(talk: Talk) -> float:
    if not talk.used or not talk.mentioned:
        return np.nan
    return sum(mentioned for mentioned, _ in talk.mentioned) / sum(points for _, points in talk.mentioned)


def kept_share(talk: Talk) -> float:
    due = [outcome for outcome, _ in talk.turns if outcome in ("kept", "broken")]
    return due.count("kept") / len(due) if due else np.nan


def same(found: np.ndarray, slow: list[float]) -> None:
    np.testing.assert_allclose(found, np.array(slow, dtype=float), rtol=1e-9)


def test_groups_carry_what_they_stand_for_and_pages_only_their_path() -> None:
    slow = expected()

    rated = read()

    for name in ("topic", "language", "website", "purpose"):
        assert named(rated, name) == [getattr(one, name) for one in slow]
    assert named(rated, "page") == [f"{one.website} {PAGES[one.page]}" if PAGES[one.page] else "" for one in slow]
    one_website = read(Selection(first=FIRST, last=LAST, website="shop"))
    assert set(named(one_website, "page")) == {"", "/", "/tents"}


def named(rated: Rated, grouping: str) -> list[str]:
    return [rated.labels[grouping][code] if code >= 0 else "" for code in rated.codes[grouping]]


def test_the_newest_are_read_when_there_are_too_many() -> None:
    slow = expected()

    rated = read(most=7)

    assert list(rated.conversations) == [str(one.id) for one in slow[:7]]


def test_marks_and_expectations_are_counted_of_all_whether_or_not_they_are_analysed() -> None:
    days = [one for one in talks() if FIRST <= one.day <= LAST]
    marks: dict[date, Counter[int]] = {}
    for one in days:
        if one.mark is not None:
            marks.setdefault(one.day, Counter())[one.mark] += 1

    given: Given = in_organisation(shop(), given_in, ALL)

    assert given.by_day == {day: tuple(counts[mark] for mark in range(1, 11)) for day, counts in marks.items()}
    assert given.ratings == len(expected())
    assert given.asked == len(days)
    said = Counter(one.answers.get("expectation") for one in days)
    assert given.expectations == (said[1], said[2], said[3])


def test_they_are_the_numbers_of_reports_and_of_every_other_page() -> None:
    talks()
    for selection in (ALL, Selection(first=FIRST, last=LAST, website="help", topic="returns")):
        given = in_organisation(shop(), given_in, selection)
        figures = in_organisation(shop(), figures_of, selection)

        assert (given.asked, list(given.marks)) == (figures.ratings_asked, figures.marks)
        assert given.expectations == (
            figures.worse_than_expected,
            figures.as_expected,
            figures.better_than_expected,
        )


def test_nothing_rated_is_nothing_and_no_error() -> None:
    empty = Selection(first=date(2020, 1, 1), last=date(2020, 1, 2))

    assert len(read(empty).data) == 0
    assert in_organisation(shop(), given_in, empty).marks == (0,) * 10


def test_a_new_mark_or_answer_is_noticed() -> None:
    organisation = create_organisation(NewOrganisation(slug="why-new", name="Why", host="why-new.localhost"))
    now = datetime(2026, 3, 2, tzinfo=UTC)

    def say(organisation: OrganisationRef) -> list[tuple[object, ...]]:
        seen = [newest_said(organisation)]
        conversation_id = a_conversation(organisation, now)
        seen.append(newest_said(organisation))
        a_mark(conversation_id, 8, now)
        seen.append(newest_said(organisation))
        ask = an_ask(conversation_id, now, ["trust"])
        an_answer(ask, "trust", 4, now)
        seen.append(newest_said(organisation))
        Answer.objects.update(value=5, changed_at=now)
        seen.append(newest_said(organisation))
        return seen

    seen = in_organisation(organisation, say)

    assert seen[0] == seen[1]
    assert len(set(seen)) == 4
