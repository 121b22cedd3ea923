"""One word beside each figure: it must not claim what chance alone would show."""

from dataclasses import replace

import pytest

from ratings.documents.building import sections_of
from ratings.documents.comparing import Word, word_for
from ratings.reports import Figures
from tests.ratings.documents_shelf import an_organisation

pytestmark = pytest.mark.no_database
ORGANISATION = an_organisation("Acme")
BEFORE = Figures(
    conversations=400, answered=396, first_replies=400, first_replies_kept=360, follow_ups=900, follow_ups_kept=800,
    first_wait_median_seconds=9.0, first_wait_p90_seconds=19.0, follow_up_wait_median_seconds=12.0,
    follow_up_wait_p90_seconds=40.0, ratings_asked=400, ratings_shown=300, ratings_given=100, mark_sum=800,
    marks=[0, 0, 0, 0, 10, 10, 10, 20, 40, 10], better_than_expected=20, as_expected=40, worse_than_expected=20,
    leads_noted=90, leads=30, moods_noted=100, angry_ends=10,
    solved=50, partly_solved=10, not_solved=10, contact_requests=40, with_article=200, unanswered_questions=100,
    new_gaps=6, articles_helped=60, articles_did_not_help=20,
)  # fmt: skip


def words(**changed: object) -> dict[str, Word]:
    now = replace(BEFORE, **changed)  # type: ignore[arg-type]
    return {
        figure.name: word_for(figure)
        for section in sections_of(ORGANISATION, now, BEFORE)
        for figure in section.figures
    }


def test_what_did_not_change_is_no_difference_beyond_chance() -> None:
    said = words()

    assert set(said.values()) == {Word.CHANCE, Word.NONE}
    assert {name for name, word in said.items() if word == Word.NONE} == {
        "first_wait_median", "first_wait_p90", "follow_up_wait_median", "follow_up_wait_p90",
    }  # fmt: skip


def test_a_share_that_fell_far_is_worse_and_one_that_rose_far_is_better() -> None:
    assert words(first_replies_kept=300)["first_replies_in_time"] == Word.WORSE
    assert words(first_replies_kept=395)["first_replies_in_time"] == Word.BETTER
    assert words(first_replies_kept=356)["first_replies_in_time"] == Word.CHANCE


def test_more_disappointed_visitors_are_worse() -> None:
    assert words(worse_than_expected=60)["worse_than_expected"] == Word.WORSE
    assert words(worse_than_expected=2)["worse_than_expected"] == Word.BETTER


def test_the_mean_mark_is_tested_with_its_own_spread() -> None:
    eights = [0, 0, 0, 0, 0, 0, 0, 100, 0, 0]
    assert words(marks=eights, mark_sum=800)["mean_mark"] == Word.CHANCE
    tens = [0, 0, 0, 0, 0, 0, 0, 0, 0, 100]
    assert words(marks=tens, mark_sum=1000)["mean_mark"] == Word.BETTER
    fives = [0, 0, 0, 0, 100, 0, 0, 0, 0, 0]
    assert words(marks=fives, mark_sum=500)["mean_mark"] == Word.WORSE


def test_small_groups_are_withheld() -> None:
    few = words(ratings_given=9, mark_sum=18, marks=[0, 9, 0, 0, 0, 0, 0, 0, 0, 0])

    assert few["mean_mark"] == Word.WITHHELD
    assert words(new_gaps=3)["new_gaps"] == Word.WITHHELD


def test_counts_are_more_or_fewer_and_never_judged() -> None:
    assert words(conversations=600)["conversations"] == Word.MORE
    assert words(conversations=300, answered=297)["conversations"] == Word.FEWER
    assert words(conversations=410)["conversations"] == Word.CHANCE
