"""Whatever the analysis may answer has words, and none of them claims a cause."""

import re
from pathlib import Path
from typing import get_args

import pytest

import ratings.analysis
from ratings.analysis import (
    DRIVERS,
    PURPOSE,
    DriverResult,
    Effect,
    Estimate,
    Interval,
    NotEnoughData,
    NotRecorded,
    NotSeparable,
    Purpose,
    Trend,
    Withheld,
)
from ratings.analysis.drivers import SURROUNDINGS
from ratings.analysis.effects import Outcome
from ratings.factors import Factor
from ratings.why.words import (
    COUNTED,
    LABELS,
    PURPOSES,
    compared_text,
    interval_text,
    label_of,
    marks_text,
    net_text,
    reason_text,
    sentence_of,
    share_interval,
    signed,
    signed_interval,
    trend_text,
)

pytestmark = pytest.mark.no_database
EFFECT = Estimate(0.25, Interval(0.1, 0.4), 321)


@pytest.mark.parametrize("driver", [*(one.name for one in DRIVERS), *Factor.values, PURPOSE])
def test_every_driver_has_a_name_and_a_sentence(driver: str) -> None:
    step = next((one.step for one in DRIVERS if one.name == driver), None)
    better, worse = (step.better, step.worse) if step else (3.0, 2.0)
    effect = Effect(better, None if driver == PURPOSE else worse, EFFECT)

    sentence = sentence_of(driver, effect)

    assert label_of(driver)
    assert compared_text(driver, effect)
    assert re.search(r"(goes|go) with 0\.25 marks more( than all purposes together)?\.$", sentence), sentence
    assert "%(" not in sentence
    assert "caus" not in sentence.lower()


def test_waits_and_shares_are_written_for_people() -> None:
    def compared(driver: str, better: float, worse: float) -> str:
        return compared_text(driver, Effect(better, worse, EFFECT))

    assert compared("first_wait_seconds", 20, 75) == "20 s instead of 1 min 15 s"
    assert compared("kept_share", 1, 0.5) == "100% instead of 50%"
    assert compared("mood_start", 1, -1) == "“pleased” instead of “annoyed”"
    assert compared("trust", 5, 3) == "“Completely” instead of “Partly”"


def test_everything_there_may_be_too_few_of_has_words() -> None:
    sources = "".join(one.read_text() for one in Path(ratings.analysis.__file__).parent.glob("*.py"))
    named = set(re.findall(r'NotEnoughData\(\s*"([^"]+)"', sources)) | {"marks that differ"}

    assert named >= {"ratings", "purposes", "periods"}
    assert named <= set(COUNTED)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (NotRecorded(), "Not recorded for these conversations."),
        (NotSeparable("kept_share"), "Cannot be told apart from “promises kept”"),
        (NotSeparable(SURROUNDINGS), "Cannot be told apart from “topic, language, hour or purpose”"),
        (NotEnoughData("purposes", 1, 2), "Not enough data: purposes with ratings enough: 1 of the 2 that are needed."),
        (NotEnoughData("conversations that differ in lead", 4, 25), "(became a lead): 4 of the 25 that are needed."),
        (Withheld(7), "Withheld: n = 7, 10 are needed."),
    ],
)
def test_whatever_cannot_be_said_says_why(outcome: Outcome | Withheld, words: str) -> None:
    assert words in reason_text(outcome)


def test_all_purposes_of_the_analysis_and_all_kinds_of_outcome_are_known() -> None:
    assert set(PURPOSES) == set(Purpose) - {Purpose.NOT_RECORDED}
    assert set(get_args(Outcome)) == {DriverResult, NotEnoughData, NotRecorded, NotSeparable}
    assert {one.name for one in DRIVERS} <= set(LABELS)


@pytest.mark.parametrize(
    ("value", "text", "with_sign"),
    [
        (0.256, "0.26 marks more", "+0.26"),
        (-1.3, "1.30 marks less", "−1.30"),
        (1.0, "1.00 mark more", "+1.00"),
        (-0.001, "0.00 marks more", "0.00"),
    ],
)
def test_marks_are_written_with_their_direction(value: float, text: str, with_sign: str) -> None:
    assert marks_text(value) == text
    assert signed(value) == with_sign


def test_intervals_are_rounded_and_not_cut() -> None:
    assert interval_text(Interval(6.96, 7.04)) == "7.0 to 7.0"
    assert interval_text(Interval(6.949, 7.05001), 2) == "6.95 to 7.05"


def test_a_narrow_share_is_not_a_point() -> None:
    assert share_interval(Interval(0.44, 0.47)) == "44% to 47%"
    assert share_interval(Interval(0.9962, 1.0)) == "99.6% to 100.0%"


def test_an_interval_keeps_its_signs() -> None:
    assert signed_interval(Interval(-0.104, 0.2)) == "−0.10 to +0.20"


@pytest.mark.parametrize(
    ("slope", "p", "begins"),
    [(0.02, 0.01, "Marks rise: "), (-0.02, 0.01, "Marks fall: "), (0.02, 0.2, "Neither a rise nor a fall beyond")],
)
def test_a_trend_is_said_per_week_whatever_its_periods_are(slope: float, p: float, begins: str) -> None:
    found = Trend(Estimate(slope, Interval(slope - 0.01, slope + 0.01), 400), p, 30, 0)

    text = trend_text(found, 2)

    assert text.startswith(begins)
    assert f"0.07 marks {'more' if slope > 0 else 'less'}" in text
    assert signed_interval(Interval((slope - 0.01) * 3.5, (slope + 0.01) * 3.5)) in text
    assert "30 periods of 2 days" in text
    assert "n = 400" in text


def test_too_few_periods_have_no_trend() -> None:
    assert trend_text(NotEnoughData("periods", 4, 8), 7) == (
        "No trend can be told yet. Not enough data: periods with 10 ratings or more: 4 of the 8 that are needed."
    )


@pytest.mark.parametrize(
    ("low", "high", "begins"),
    [
        (0.02, 0.2, "More were surprised"),
        (-0.2, -0.02, "More were disappointed"),
        (-0.1, 0.2, "As many were surprised"),
    ],
)
def test_the_expectation_gap_is_one_only_beyond_its_interval(low: float, high: float, begins: str) -> None:
    text = net_text(Estimate((low + high) / 2, Interval(low, high), 50))

    assert text.startswith(begins)
    assert f"{signed(100 * low, 0)} to {signed(100 * high, 0)}; n = 50" in text
