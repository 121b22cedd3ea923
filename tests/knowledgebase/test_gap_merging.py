"""Gaps that mean the same become one, stay one while more is asked, and come apart exactly as they were."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from knowledgebase.errors import UnlikeGaps
from knowledgebase.models import Article, Gap, UnansweredTurn
from knowledgebase.selectors import alike_gaps
from knowledgebase.services import gaps
from knowledgebase.services.gap_merging import merge_gap, merge_into_most_asked, take_out
from knowledgebase.services.gap_steps import assign_gap, bring_back_gap, dismiss_gap, draft_from_gap
from knowledgebase.services.gaps import close_answered, group_turns
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.models import AuditRecord
from tests.conversations.scene import in_threads
from tests.knowledgebase.gaps_asked import ENGRAVED, ENGRAVING, PARKING, asked, cleared, emptied, gaps_of, made
from tests.knowledgebase.shelf import MAUD

PERSONAL = ("Could my initials be put onto a blade?", "Personalising a blade with initials?")
Turns = set[tuple[str, UUID | None, UUID | None]]


@pytest.fixture
def shop() -> Iterator[OrganisationRef]:
    with cleared() as organisation:
        yield organisation


def gap_of(organisation: OrganisationRef, question: str) -> Gap:
    return in_organisation(organisation, lambda _: Gap.objects.filter(turns__question=question).get())


def again(organisation: OrganisationRef, gap: Gap) -> Gap:
    return in_organisation(organisation, lambda _: Gap.objects.get(pk=gap.pk))


def turns_of(organisation: OrganisationRef) -> Turns:
    """(question, gap, gap before merging)."""
    return in_organisation(
        organisation, lambda _: set(UnansweredTurn.objects.values_list("question", "gap", "merged_from"))
    )


def rows_of(organisation: OrganisationRef) -> list[dict[str, Any]]:
    return in_organisation(organisation, lambda _: [dict(row) for row in Gap.objects.order_by("pk").values()])


def span_of(organisation: OrganisationRef, *questions: str) -> tuple[int, datetime, datetime]:
    def read(_organisation: OrganisationRef) -> tuple[int, datetime, datetime]:
        times = list(UnansweredTurn.objects.filter(question__in=questions).values_list("at", flat=True))
        return len(times), min(times), max(times)

    return in_organisation(organisation, read)


def actions_on(organisation: OrganisationRef, *gaps: Gap) -> list[tuple[str, UUID | None, str]]:
    audited = AuditRecord.objects.filter(organisation_id=organisation.id, subject_id__in=[str(gap.pk) for gap in gaps])
    return list(audited.order_by("at", "id").values_list("action", "actor_id", "subject_id"))


@pytest.fixture
def engraving(shop: OrganisationRef) -> Gap:
    """Asked three times."""
    asked(shop, *ENGRAVING)
    return gap_of(shop, ENGRAVING[0])


@pytest.fixture
def personal(shop: OrganisationRef) -> Gap:
    """Asked twice, and the same thing in other words."""
    asked(shop, *PERSONAL)
    return gap_of(shop, PERSONAL[0])


def test_the_turns_move_to_the_one_that_was_asked_most(shop: OrganisationRef, engraving: Gap, personal: Gap) -> None:
    into = in_organisation(shop, merge_into_most_asked, [personal.id, engraving.id], MAUD)

    assert into.pk == engraving.pk
    stays, gone = again(shop, engraving), again(shop, personal)
    assert (stays.state, stays.times, stays.first_at, stays.last_at) == (
        "open",
        *span_of(shop, *ENGRAVING, *PERSONAL),
    )
    assert stays.question in (*ENGRAVING, *PERSONAL)
    assert (gone.state, gone.merged_into_id, gone.times) == ("merged", engraving.pk, 2)
    assert turns_of(shop) == {
        *((question, engraving.pk, None) for question in ENGRAVING),
        *((question, engraving.pk, personal.pk) for question in PERSONAL),
    }
    assert actions_on(shop, engraving, personal) == [("gap.merged", MAUD.id, str(personal.pk))]  # rule 42


def test_merging_twice_changes_nothing_more(shop: OrganisationRef, engraving: Gap, personal: Gap) -> None:
    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)
    before = rows_of(shop), turns_of(shop)

    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)
    in_organisation(shop, merge_into_most_asked, [personal.id, engraving.id], MAUD)

    assert (rows_of(shop), turns_of(shop)) == before
    assert len(actions_on(shop, personal)) == 1


def test_what_is_asked_from_then_on_is_grouped_in_the_gap_that_stays(
    shop: OrganisationRef, engraving: Gap, personal: Gap
) -> None:
    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)

    asked(shop, "May my initials be on the blade?", ENGRAVING[1])

    assert again(shop, engraving).times == 7
    assert {gap for _question, gap, _before in turns_of(shop)} == {engraving.pk}
    assert len(gaps_of(shop)) == 2


def test_taking_out_gives_back_exactly_what_came_along(shop: OrganisationRef, engraving: Gap, personal: Gap) -> None:
    before = rows_of(shop), turns_of(shop)
    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)

    in_organisation(shop, take_out, personal.id, MAUD)
    in_organisation(shop, take_out, personal.id, MAUD)

    assert (rows_of(shop), turns_of(shop)) == before
    assert [action for action, *_ in actions_on(shop, engraving, personal)] == ["gap.merged", "gap.taken_out"]


def test_what_was_asked_since_stays_when_a_gap_is_taken_out(
    shop: OrganisationRef, engraving: Gap, personal: Gap
) -> None:
    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)
    asked(shop, "May my initials be on the blade?")

    in_organisation(shop, take_out, personal.id, MAUD)

    assert (again(shop, engraving).times, again(shop, personal).times) == (4, 2)


def test_merged_gaps_are_merged_and_taken_out_with_all_they_hold(
    shop: OrganisationRef, engraving: Gap, personal: Gap
) -> None:
    asked(shop, *PARKING)
    parking = gap_of(shop, PARKING[0])
    in_organisation(shop, merge_gap, parking.id, personal.id, MAUD)
    between = rows_of(shop), turns_of(shop)
    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)
    assert again(shop, engraving).times == 7

    in_organisation(shop, take_out, personal.id, MAUD)
    assert (rows_of(shop), turns_of(shop)) == between
    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)
    in_organisation(shop, take_out, parking.id, MAUD)

    assert [again(shop, gap).times for gap in (engraving, personal, parking)] == [5, 4, 2]
    assert [again(shop, gap).state for gap in (engraving, personal, parking)] == ["open", "merged", "open"]
    assert {gap for question, gap, _before in turns_of(shop) if question in PARKING} == {parking.pk}


def test_a_draft_goes_along_to_a_gap_without_one_and_comes_back(
    shop: OrganisationRef, engraving: Gap, personal: Gap
) -> None:
    draft = in_organisation(shop, draft_from_gap, personal.id, MAUD)

    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)
    assert (again(shop, engraving).state, again(shop, engraving).article_id) == ("drafted", draft.pk)
    in_organisation(shop, take_out, personal.id, MAUD)

    assert (again(shop, engraving).state, again(shop, engraving).article_id) == ("open", None)
    assert (again(shop, personal).state, again(shop, personal).article_id) == ("drafted", draft.pk)


def test_a_gap_keeps_its_own_draft(shop: OrganisationRef, engraving: Gap, personal: Gap) -> None:
    own = in_organisation(shop, draft_from_gap, engraving.id, MAUD)
    other = in_organisation(shop, draft_from_gap, personal.id, MAUD)

    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)
    assert again(shop, engraving).article_id == own.pk
    in_organisation(shop, take_out, personal.id, MAUD)

    assert [again(shop, gap).article_id for gap in (engraving, personal)] == [own.pk, other.pk]


def test_what_cannot_be_merged_is_refused_and_nothing_changes(
    shop: OrganisationRef, engraving: Gap, personal: Gap
) -> None:
    asked(shop, "Kunnen jullie een naam graveren?", language="nl")
    asked(shop, *PARKING)
    dutch, parking = gap_of(shop, "Kunnen jullie een naam graveren?"), gap_of(shop, PARKING[0])
    in_organisation(shop, dismiss_gap, parking.id, MAUD)
    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)
    before, audited = (rows_of(shop), turns_of(shop)), AuditRecord.objects.count()

    for gap_id, into_id in (
        (engraving.id, engraving.id),
        (dutch.id, engraving.id),
        (parking.id, engraving.id),
        (engraving.id, parking.id),
        (engraving.id, personal.id),
        (personal.id, dutch.id),
    ):
        with pytest.raises(UnlikeGaps):
            in_organisation(shop, merge_gap, gap_id, into_id, MAUD)
    for ids in ([], [engraving.id], [personal.id], [engraving.id, dutch.id], [engraving.id, parking.id]):
        with pytest.raises(UnlikeGaps):
            in_organisation(shop, merge_into_most_asked, ids, MAUD)
    for step in (merge_gap, lambda organisation, gap_id, _into, by: take_out(organisation, gap_id, by)):
        with pytest.raises(NotFound):
            in_organisation(shop, step, uuid4(), engraving.id, MAUD)

    assert (rows_of(shop), turns_of(shop)) == before
    assert AuditRecord.objects.count() == audited


def test_nothing_else_is_done_with_a_merged_gap(shop: OrganisationRef, engraving: Gap, personal: Gap) -> None:
    in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)
    before = rows_of(shop)

    for step in (dismiss_gap, bring_back_gap, draft_from_gap):
        with pytest.raises(NotFound):
            in_organisation(shop, step, personal.id, MAUD)
    with pytest.raises(NotFound):
        in_organisation(shop, assign_gap, personal.id, owner_id=None, owner_name="", answer_by=None, editor=MAUD)
    in_organisation(shop, close_answered)

    assert rows_of(shop) == before
    assert in_organisation(shop, lambda _: Article.objects.count()) == 0


def test_the_database_keeps_state_and_place_together(shop: OrganisationRef, engraving: Gap, personal: Gap) -> None:
    def change(_organisation: OrganisationRef, **wrong: Any) -> None:
        Gap.objects.filter(pk=personal.pk).update(**wrong)

    for wrong in ({"state": "merged"}, {"merged_into": engraving}):
        with pytest.raises(IntegrityError, match="knowledgebase_gap_merged_into"):
            in_organisation(shop, partial(change, **wrong))


def test_a_turn_whose_gap_is_merged_meanwhile_follows_it(
    shop: OrganisationRef, engraving: Gap, personal: Gap, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = gaps._known_groups

    def merged_meanwhile(*args: Any) -> Any:
        known = read(*args)
        monkeypatch.setattr(gaps, "_known_groups", read)
        in_threads([lambda: in_organisation(shop, merge_gap, personal.id, engraving.id, MAUD)])
        return known

    monkeypatch.setattr(gaps, "_known_groups", merged_meanwhile)
    asked(shop, "May my initials be on the blade?")

    assert again(shop, engraving).times == 6
    assert {gap for _question, gap, _before in turns_of(shop)} == {engraving.pk}


def test_merging_both_ways_at_once_leaves_one(shop: OrganisationRef, engraving: Gap, personal: Gap) -> None:
    def merge(gap: Gap, into: Gap) -> str:
        try:
            in_organisation(shop, merge_gap, gap.id, into.id, MAUD)
        except UnlikeGaps:
            return "refused"
        return "merged"

    done = in_threads(
        [
            lambda: merge(engraving, personal),
            lambda: merge(personal, engraving),
            lambda: str(in_organisation(shop, group_turns)),
        ]
    )

    assert sorted(done) == ["0", "merged", "refused"]
    assert sorted(gap.state for gap in gaps_of(shop)) == ["merged", "open"]
    assert len({gap for _question, gap, _before in turns_of(shop)}) == 1


def test_the_gaps_that_ask_most_alike_are_offered_first(shop: OrganisationRef, engraving: Gap) -> None:
    asked(shop, "Can a name come on a fork?")
    asked(shop, *PARKING)
    asked(shop, "Graveren met naam op een mes", language="nl")
    fork = gap_of(shop, "Can a name come on a fork?")

    offered = in_organisation(shop, lambda _: alike_gaps(engraving, 5))
    assert [(one.id, one.times) for one in offered] == [(fork.pk, 1)]
    in_organisation(shop, dismiss_gap, fork.id, MAUD)

    assert in_organisation(shop, lambda _: alike_gaps(engraving, 5)) == []


def test_merging_stays_in_its_organisation(shop: OrganisationRef, engraving: Gap, personal: Gap) -> None:  # rule 15
    other = made("gaps-bank")
    in_organisation(other, emptied)
    asked(other, *ENGRAVING, answer=ENGRAVED)
    theirs = gaps_of(other)[0]
    before = rows_of(shop), rows_of(other)

    for pair in ((personal.id, theirs.id), (theirs.id, personal.id)):
        with pytest.raises(NotFound):
            in_organisation(shop, merge_gap, *pair, MAUD)
    with pytest.raises(NotFound):
        in_organisation(other, take_out, personal.id, MAUD)

    assert (rows_of(shop), rows_of(other)) == before
    in_organisation(other, emptied)
