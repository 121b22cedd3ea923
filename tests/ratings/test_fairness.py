"""Operators are compared with others who did the same work for the same client, and with nobody else."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID

import numpy as np
import pytest

from conversations.models import Conversation, Entry
from operators.selectors import OperatorRef
from ratings.analysis import Estimate, FairComparison, MarkSummary, Withheld
from ratings.fairness import Comparison, operators_compared
from ratings.selection import Selection
from tenants.context import OrganisationRef, in_organisation
from tenants.identifiers import uuid7
from tenants.services import NewOrganisation, create_organisation
from tests.cast import olga, omar
from tests.ratings.rows import a_conversation, a_mark

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = Selection(first=date(2026, 3, 2), last=date(2026, 3, 2))
GONE = UUID(int=404)


@pytest.fixture(scope="module", autouse=True)
def _cast(platform_database: None) -> None:
    """Made before a client's schema is entered."""
    olga()


def a_client(slug: str) -> OrganisationRef:
    return create_organisation(NewOrganisation(slug=slug, name=slug, host=f"{slug}.localhost", time_zone="UTC"))


def a_talk(
    organisation: OrganisationRef, mark: int, purpose: str, turns: list[OperatorRef | UUID], at: datetime = NOON
) -> None:
    """A rated conversation in which these wrote, one turn each, a visitor's message before each."""
    conversation_id = a_conversation(organisation, at, purpose=purpose)
    a_mark(conversation_id, mark, at)
    said: list[tuple[str, UUID]] = []
    for person in turns:
        said.append(("visitor", uuid7()))
        said.append(
            ("specialist", person) if isinstance(person, UUID) and person != GONE else ("operator", _id(person))
        )
    Entry.objects.bulk_create(
        Entry(conversation_id=conversation_id, seq=seq, kind="message.sent", sender_kind=kind, sender_id=who, at=at)
        for seq, (kind, who) in enumerate(said, 1)
    )


def _id(person: OperatorRef | UUID) -> UUID:
    return person if isinstance(person, UUID) else person.id


@cache
def compared() -> Comparison:
    """Olga answers complaints and few questions, Omar the other way round; for both, complaints are marked 4 and 6,
    questions 7 and 9. Five they share, three to one; somebody who left wrote alone in twenty."""

    def lay(organisation: OrganisationRef) -> Comparison:
        for number in range(30):
            a_talk(organisation, (4, 6)[number % 2], "complaint", [olga()])
            a_talk(organisation, (7, 9)[number % 2], "information", [omar()])
            if number < 12:
                a_talk(organisation, (7, 9)[number % 2], "information", [olga()])
                a_talk(organisation, (4, 6)[number % 2], "complaint", [omar()])
            if number < 20:
                a_talk(organisation, 10, "advice", [GONE])
        for _ in range(5):
            a_talk(organisation, 1, "", [olga(), omar(), olga(), olga()])
        return operators_compared(organisation, DAY)

    return in_organisation(a_client("fair"), lay)


def test_who_has_the_harder_work_is_not_the_worse_operator() -> None:
    of_olga, of_omar = sorted(compared().operators, key=lambda one: one.name == omar().name)

    assert isinstance(of_olga.marks, Estimate)
    assert isinstance(of_omar.marks, Estimate)
    assert of_omar.marks.value - of_olga.marks.value > 1
    for one in (of_olga, of_omar):
        assert isinstance(one.beside, FairComparison)
        assert one.beside.unshrunk == pytest.approx(0)
        assert not one.beside.is_different


def test_marks_are_credited_by_share_of_turns() -> None:
    (of_olga,) = [one for one in compared().operators if one.name == olga().name]
    weights = np.array([1.0] * 42 + [0.75] * 5)
    marks = np.array([4, 6] * 15 + [7, 9] * 6 + [1] * 5)

    assert isinstance(of_olga.marks, Estimate)
    assert of_olga.marks.value == pytest.approx(weights @ marks / weights.sum())
    assert of_olga.marks.n == 47


def test_operators_stand_by_name_and_who_left_is_not_shown() -> None:
    assert [one.name for one in compared().operators] == sorted([olga().name, omar().name])


def test_the_mean_beside_them_is_of_all_ratings() -> None:
    marks = compared().marks

    assert isinstance(marks, MarkSummary)
    assert (compared().ratings, compared().analysed, marks.mean.n) == (109, 109, 109)


def test_few_ratings_are_withheld() -> None:
    def lay(organisation: OrganisationRef) -> Comparison:
        for _ in range(9):
            a_talk(organisation, 3, "problem", [omar()])
        return operators_compared(organisation, DAY)

    found = in_organisation(a_client("fair-few"), lay)

    assert [(one.name, one.marks, one.beside) for one in found.operators] == [(omar().name, Withheld(9), Withheld(9))]
    assert found.marks == Withheld(9)


def test_specialists_have_their_share_and_are_not_shown() -> None:
    greta = uuid7()

    def lay(organisation: OrganisationRef) -> Comparison:
        for _ in range(24):
            a_talk(organisation, 8, "advice", [omar(), greta])
        return operators_compared(organisation, DAY)

    found = in_organisation(a_client("fair-shared"), lay)

    (of_omar,) = found.operators
    assert of_omar.name == omar().name
    assert isinstance(of_omar.marks, Estimate)


def test_the_newest_are_compared_when_there_are_too_many_and_nobody_when_there_are_none() -> None:
    def lay(organisation: OrganisationRef) -> tuple[Comparison, Comparison]:
        for place in range(12):
            a_talk(organisation, 8 if place < 10 else 1, "advice", [omar()])
        newest = Conversation.objects.filter(rating__mark=8)
        newest.update(opened_at=NOON + timedelta(hours=1))
        before = Selection(first=date(2020, 1, 1), last=date(2020, 1, 2))
        return operators_compared(organisation, DAY, 10), operators_compared(organisation, before)

    cut, nothing = in_organisation(a_client("fair-cut"), lay)

    assert (cut.ratings, cut.analysed, cut.is_cut) == (12, 10, True)
    assert isinstance(cut.marks, MarkSummary)
    assert cut.marks.mean.value == 8
    assert (nothing.ratings, nothing.operators) == (0, [])


def test_who_is_marked_lower_for_the_same_work_is_told_apart_from_chance() -> None:
    def lay(organisation: OrganisationRef) -> Comparison:
        for number in range(60):
            a_talk(organisation, (8, 10)[number % 2], "problem", [olga()])
            a_talk(organisation, (5, 7)[number % 2], "problem", [omar()])
        return operators_compared(organisation, DAY)

    found = {one.name: one.beside for one in in_organisation(a_client("fair-far"), lay).operators}

    for name, difference in ((olga().name, 3), (omar().name, -3)):
        beside = found[name]
        assert isinstance(beside, FairComparison)
        assert beside.is_different
        assert beside.unshrunk == pytest.approx(difference)
        assert 0 not in beside.difference.interval
        assert beside.difference.value * difference > 0
