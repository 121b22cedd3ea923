"""The document of a report: what is concluded, and what is not."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from ratings.documents.document import Amount, ReportDocument, Tone, Unit
from ratings.documents.words import amount_text, counted_text, difference_text, sentence_text, step_label, wait_text
from ratings.periods import Kind
from tests.ratings.documents_shelf import DAY, a_bad_day, a_document, a_report, marked

pytestmark = pytest.mark.no_database

BEFORE = a_report(DAY - timedelta(days=1))


def said(document: ReportDocument) -> list[str]:
    with translation.override("en"):
        return [
            " ".join(sentence_text(part) for part in (one.what, one.why, one.advice) if part)
            for one in document.essentials
        ]


def test_a_busier_and_later_day_says_what_why_and_what_to_do() -> None:
    assert said(a_bad_day())[0] == (
        "First replies in time: down to 79% (n = 190) from 94% (n = 141) the day before."
        " Probably because more visitors wrote: 241 conversations, 153 before."
        " Tell the desk when you expect busy days, so that shifts can follow."
    )


def test_no_cause_is_named_when_the_numbers_name_none() -> None:
    document = a_document(BEFORE, first_replies_kept=100)

    assert "does not explain it (153, 153 before)" in said(document)[0]


def test_what_chance_alone_would_show_is_no_change() -> None:
    document = a_document(BEFORE, first_replies_kept=130)

    assert document.figure("first_replies_in_time").difference is not None
    assert not any("down to" in one for one in said(document))
    assert said(a_document(BEFORE, first_replies_kept=130, unanswered_questions=0)) == [
        "Replies in time changed by no more than chance alone would show. First replies in time: 92% (n = 141)."
    ]


def test_small_groups_are_withheld() -> None:
    few: dict[str, Any] = {
        "first_replies": 9,
        "first_replies_kept": 1,
        **marked([2, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        "unanswered_questions": 0,
    }
    document = a_document(BEFORE, **few)

    assert document.figure("first_replies_in_time").difference is None
    assert document.figure("mean_mark").difference is None
    assert said(document) == [
        "Too few replies to conclude anything from a difference to the day before. First replies in time: 11% (n = 9)."
    ]


def test_a_first_report_has_nothing_to_compare_with() -> None:
    document = a_document(unanswered_questions=0)

    assert said(document) == [
        "There is no report of the day before to compare with. First replies in time: 94% (n = 141)."
    ]
    assert all(figure.before is None and figure.difference is None for _section, figure in document.figures())


def test_a_quiet_day_says_so_and_shows_no_number_where_nothing_was_counted() -> None:
    nothing: dict[str, Any] = dict.fromkeys(BEFORE_NUMBERS, 0) | dict.fromkeys(BEFORE_WAITS)
    document = a_document(**nothing)

    assert "No visitor started a conversation." in said(document)
    assert amount_text(document.figure("first_replies_in_time").now) == "–"
    assert amount_text(document.figure("mean_mark").now) == "–"
    assert amount_text(document.figure("first_wait_p90").now) == "–"


BEFORE_WAITS = [name for name in vars(BEFORE) if name.endswith("_seconds")]
BEFORE_NUMBERS = ["conversations", "first_replies", "first_replies_kept", "follow_ups", "follow_ups_kept",
                  "ratings_asked", "ratings_given", "mark_sum", "contact_requests", "with_article",
                  "unanswered_questions", "new_gaps", "articles_helped", "articles_did_not_help"]  # fmt: skip


def test_worse_comes_before_better_and_there_are_five_at_most() -> None:
    document = a_document(
        BEFORE, conversations=400, answered=398, first_replies_kept=90, follow_ups=600, follow_ups_kept=600,
        contact_requests=90, unanswered_questions=80, **marked(TWOS),
    )  # fmt: skip

    assert [(one.code, one.tone) for one in document.essentials] == [
        ("mean_mark", Tone.WORSE),
        ("first_replies_in_time", Tone.WORSE),
        ("follow_ups_in_time", Tone.BETTER),
        ("volume", Tone.NOTE),
        ("unanswered", Tone.NOTE),
    ]


TWOS = [0, 44, 0, 0, 0, 0, 0, 0, 0, 0]


def test_lower_marks_name_the_slower_desk_that_went_with_them() -> None:
    document = a_document(BEFORE, follow_ups_kept=300, **marked(TWOS))

    assert said(document)[0] == (
        "Mean mark: down to 2.0 (n = 44) from 7.9 (n = 44) the day before."
        " Probably because the desk was slower: Following replies in time 73% (n = 412), 97% (n = 412) before."
        " See under Why how much waiting moves your visitors' marks."
    )


def test_lower_marks_that_nothing_went_with_send_to_the_comments() -> None:
    assert said(a_document(BEFORE, **marked(TWOS)))[0] == (
        "Mean mark: down to 2.0 (n = 44) from 7.9 (n = 44) the day before."
        " Neither the time visitors waited nor missing articles explain it."
        " Read the comments beside the marks; they are in your administration, never in mails."
    )


def test_lower_marks_of_few_are_no_news() -> None:
    """Half a mark less of forty-four is within what chance shows."""
    lower = a_document(BEFORE, **marked([1, 1, 1, 1, 3, 4, 8, 11, 8, 6]))

    assert lower.figure("mean_mark").difference is not None
    assert not any("Mean mark" in one for one in said(lower))


def test_reports_from_before_marks_were_counted_singly_conclude_nothing_from_their_mean() -> None:
    document = a_document(a_report(DAY - timedelta(days=1), marks=None), **marked(TWOS))

    assert not any("Mean mark" in one for one in said(document))


def test_fewer_visitors_who_were_answered_and_more_unhappy_ones_are_said() -> None:
    document = a_document(BEFORE, answered=100, not_solved=20, worse_than_expected=20, angry_ends=20)

    assert [one.code for one in document.essentials if one.tone == Tone.WORSE] == [
        "answered", "not_solved", "worse_than_expected", "angry_ends",
    ]  # fmt: skip
    assert "Answered by a person: down to 65% (n = 153) from 97% (n = 153)" in said(document)[0]
    assert "Probably because the desk was slower: Answered by a person 65%" in said(document)[1]


@pytest.mark.parametrize(
    ("seconds", "text"), [(8.449, "8.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (72.4, "1 min 12 s")]
)
def test_waits_are_rounded_once_and_the_same_everywhere(seconds: float, text: str) -> None:
    with translation.override("en"):
        shown = a_document(first_wait_p90_seconds=seconds).figure("first_wait_p90").now
        assert (amount_text(shown), wait_text(seconds)) == (text, text)


def test_differences_are_those_of_the_numbers_that_are_shown() -> None:
    document = a_bad_day()

    with translation.override("en"):
        assert difference_text(document.figure("first_replies_in_time")) == "−15 points"
        assert difference_text(document.figure("conversations")) == "+88"
        assert difference_text(document.figure("contact_requests")) == "±0"


def test_waits_in_whole_seconds_differ_by_whole_seconds() -> None:
    before = a_report(DAY - timedelta(days=1), follow_up_wait_p90_seconds=171.6)
    document = a_document(before, first_wait_median_seconds=9.0, first_wait_p90_seconds=16.4)

    with translation.override("en"):
        assert difference_text(document.figure("first_wait_median")) == "+0.6 s"
        assert difference_text(document.figure("first_wait_p90")) == "−1 s"
        assert difference_text(document.figure("follow_up_wait_p90")) == "−1 min 40 s"


def test_gaps_that_cannot_be_told_are_not_told() -> None:
    assert any("Questions without an article: 21. New gaps: 4." in one for one in said(a_document()))
    untold = said(a_document(new_gaps=None))

    assert any("Questions without an article: 21. Answer" in one for one in untold)
    assert not any("gaps: –" in one for one in untold)


def test_columns_of_months_are_named_after_them() -> None:
    with translation.override("en"):
        assert [step_label(kind, DAY.replace(day=1)) for kind in Kind] == ["1/11", "1/11", "Nov"]
    with translation.override("ja"):
        assert step_label(Kind.MONTH, DAY) == "11月"


@pytest.mark.parametrize(("language", "written"), [("en", "12,345"), ("nl", "12.345"), ("ja", "12,345")])
def test_thousands_are_parted_as_the_language_does(language: str, written: str) -> None:
    with translation.override(language):
        assert amount_text(Amount(12345, Unit.COUNT)) == written
        assert counted_text(Amount(94, Unit.PERCENT, n=12345)) == f"94% (n = {written})"
