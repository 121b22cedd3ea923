"""What moves the mark: on small cases that can be done by hand, and on data that cannot answer."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from ratings.analysis import (
    Apart,
    DriverResult,
    NotEnoughData,
    NotRecorded,
    NotSeparable,
    Purpose,
    RatedConversations,
    Step,
    analyse_drivers,
)

pytestmark = pytest.mark.no_database

Random = np.random.Generator


def marks_around(random: Random, middle: NDArray[Any]) -> NDArray[Any]:
    return np.clip(np.rint(middle + 1.5 * random.standard_normal(len(middle))), 1, 10).astype(np.int64)


def result(data: RatedConversations, driver: str, **options: Any) -> DriverResult:
    found = analyse_drivers(data, **options).drivers[driver]
    assert isinstance(found, DriverResult), found
    return found


def test_one_driver_alone_is_the_difference_of_two_means() -> None:
    random = np.random.default_rng(1)
    used = (random.random(2_000) < 0.3).astype(np.int64)
    mark = marks_around(random, 6.5 + 0.8 * used)

    (effect,) = result(RatedConversations.recorded(mark, knowledge_used=used), "knowledge_used").effects

    welch = stats.ttest_ind(mark[used == 1], mark[used == 0], equal_var=False).confidence_interval(0.95)
    assert (effect.better, effect.worse, effect.marks.n) == (1, 0, 2_000)
    assert effect.marks.value == pytest.approx(mark[used == 1].mean() - mark[used == 0].mean(), abs=1e-3)
    assert effect.marks.interval.low == pytest.approx(welch.low, abs=2e-3)
    assert effect.marks.interval.high == pytest.approx(welch.high, abs=2e-3)


def test_a_rare_driver_gets_the_interval_of_few_ratings() -> None:
    random = np.random.default_rng(18)
    lead = np.concatenate([np.ones(50, dtype=np.int64), np.zeros(2_450, dtype=np.int64)])
    mark = np.where(random.random(2_500) < 0.15, 10, random.integers(4, 8, 2_500))

    (effect,) = result(RatedConversations.recorded(mark, lead=lead), "lead").effects

    few, many = mark[:50] - mark[:50].mean(), mark[50:] - mark[50:].mean()
    error = np.sqrt(few.var() / 50 * (50 / 49) ** 2 + many.var() / 2_450)
    freedom = 2 * np.sum(few**2) ** 2 / np.sum(few**4)
    assert 40 < freedom < 60
    half = (effect.marks.interval.high - effect.marks.interval.low) / 2
    assert half == pytest.approx(error * stats.t(freedom).ppf(0.975), rel=2e-3)


def test_an_effect_that_bends_is_found_at_its_ends() -> None:
    random = np.random.default_rng(2)
    waits = 25 * np.exp(0.9 * random.standard_normal(20_000))
    mark = marks_around(random, 7.5 - 3 * waits / (waits + 40))
    true = 3 * (90 / 130 - 10 / 50)

    (effect,) = result(
        RatedConversations.recorded(mark, first_wait_seconds=waits),
        "first_wait_seconds",
        steps={"first_wait_seconds": Step(10, 90)},
    ).effects

    assert (effect.better, effect.worse) == (10, 90)
    assert effect.marks.value == pytest.approx(true, abs=0.12)
    assert true in effect.marks.interval


def test_a_step_that_the_data_do_not_reach_gives_way_to_the_quartiles() -> None:
    random = np.random.default_rng(3)
    waits = random.integers(1, 9, 2_000).astype(np.float64)

    (effect,) = result(
        RatedConversations.recorded(marks_around(random, 8 - 0.1 * waits), first_wait_seconds=waits),
        "first_wait_seconds",
    ).effects

    assert (effect.better, effect.worse) == tuple(np.quantile(waits, [0.25, 0.75], method="nearest"))


def test_a_topic_that_is_hard_and_slow_is_no_effect_of_waiting() -> None:
    random = np.random.default_rng(4)
    topic = random.integers(0, 3, 6_000)
    waits = 20 * np.exp(0.5 * topic + 0.5 * random.standard_normal(6_000))
    mark = marks_around(random, 8.0 - 1.2 * topic)

    adjusted = result(RatedConversations.recorded(mark, first_wait_seconds=waits, topic=topic), "first_wait_seconds")
    naive = result(RatedConversations.recorded(mark, first_wait_seconds=waits), "first_wait_seconds")

    assert 0.0 in adjusted.effects[0].marks.interval
    assert not adjusted.is_named
    assert naive.is_named


def test_waits_that_work_together_are_no_effect_of_kept_promises() -> None:
    """A second long wait harms little where the first did, and promises kept follow from both waits."""
    random = np.random.default_rng(17)
    busy = 0.5 * random.standard_normal(20_000)
    first, later, another = (
        seconds * np.exp(busy + 0.6 * random.standard_normal(20_000)) for seconds in (20.0, 30.0, 30.0)
    )
    kept = ((first <= 20).astype(np.float64) + (later <= 30) + (another <= 30)) / 3
    middle = 4 + 6 / (1 + (first / 20 * later / 30) ** 1.5)
    data = RatedConversations.recorded(
        np.floor(middle + random.random(20_000)).astype(np.int64),
        first_wait_seconds=first,
        worst_follow_up_seconds=later,
        kept_share=kept,
    )

    (effect,) = result(data, "kept_share").effects

    assert abs(effect.marks.value) < 0.1  # 0.37 with each wait in a curve of its own alone


def test_purposes_have_effects_of_their_own() -> None:
    random = np.random.default_rng(5)
    purpose = random.choice([0, 1, 3], size=9_000, p=[0.5, 0.48, 0.02])
    used = (random.random(9_000) < 0.5).astype(np.int64)
    mark = marks_around(random, 6 + used * np.array([1.2, 0.0, 0, 0.5])[purpose])
    data = RatedConversations.recorded(mark, knowledge_used=used, purpose=purpose)

    found = result(data, "knowledge_used")

    problem, complaint = found.apart[Purpose.PROBLEM], found.apart[Purpose.COMPLAINT]
    assert isinstance(problem, Apart)
    assert problem.effect.marks.value == pytest.approx(1.2, abs=0.15)
    assert problem.is_named
    assert problem.effect.marks.n == np.count_nonzero(purpose == 0)
    assert isinstance(complaint, NotEnoughData) or complaint.effect.marks.n == np.count_nonzero(purpose == 3)
    assert found.effects[0].marks.value == pytest.approx(0.5 * 1.2 + 0.02 * 0.5, abs=0.12)


def test_a_purpose_of_few_is_not_told_apart_but_counts_together() -> None:
    random = np.random.default_rng(6)
    purpose = np.concatenate([np.zeros(3_000, dtype=np.int64), np.full(40, 3)])
    used = random.integers(0, 2, 3_040)
    data = RatedConversations.recorded(marks_around(random, 6.0 + used), knowledge_used=used, purpose=purpose)

    found = result(data, "knowledge_used")

    assert isinstance(found.apart[Purpose.COMPLAINT], NotEnoughData)
    assert found.effects[0].marks.n == 3_040


def test_two_drivers_that_move_together_are_not_told_apart_and_the_others_are() -> None:
    random = np.random.default_rng(7)
    lead = random.integers(0, 2, 4_000)
    used = np.where(random.random(4_000) < 0.005, 1 - lead, lead)
    mood = random.integers(-2, 3, 4_000).astype(np.float64)
    mark = marks_around(random, 6.0 + lead + 0.5 * mood)

    found = analyse_drivers(RatedConversations.recorded(mark, lead=lead, knowledge_used=used, mood_start=mood)).drivers

    assert found["lead"] == NotSeparable("knowledge_used")
    assert found["knowledge_used"] == NotSeparable("lead")
    assert isinstance(found["mood_start"], DriverResult)


def test_the_very_same_driver_twice_is_not_told_apart() -> None:
    random = np.random.default_rng(8)
    share = random.integers(0, 6, 2_000) / 5

    found = analyse_drivers(
        RatedConversations.recorded(marks_around(random, 6 + share), kept_share=share, completeness_share=share)
    ).drivers

    assert {type(found[name]) for name in ("kept_share", "completeness_share")} == {NotSeparable}


def test_a_driver_that_is_the_topic_is_not_told_apart_from_it() -> None:
    random = np.random.default_rng(9)
    topic = random.integers(0, 3, 2_000)
    data = RatedConversations.recorded(marks_around(random, 6.0 + topic), lead=(topic == 1) * 1, topic=topic)

    assert analyse_drivers(data).drivers["lead"] == NotSeparable("topic, language, hour or purpose")


def test_what_nobody_recorded_is_said_to_be_not_recorded() -> None:
    random = np.random.default_rng(10)
    used = random.integers(0, 2, 1_000)

    found = analyse_drivers(
        RatedConversations.recorded(
            marks_around(random, 6.0 + used), knowledge_used=used, factors={"f": [np.nan] * 1_000}
        )
    ).drivers

    others = [one for name, one in found.items() if name != "knowledge_used"]
    assert isinstance(found["knowledge_used"], DriverResult)
    assert len(others) == 9
    assert set(others) == {NotRecorded()}


def test_rare_and_constant_drivers_are_not_enough() -> None:
    random = np.random.default_rng(11)
    lead = np.zeros(2_000, dtype=np.int64)
    lead[:30] = 1
    data = RatedConversations.recorded(marks_around(random, 6.0 + lead), lead=lead, operators=np.ones(2_000))

    found = analyse_drivers(data).drivers

    assert found["lead"] == NotEnoughData("conversations that differ", 30, 50)
    assert found["operators"] == NotEnoughData("conversations that differ", 0, 50)


def test_rows_that_lack_a_usual_driver_are_counted_and_never_filled_in() -> None:
    random = np.random.default_rng(12)
    used, mood = random.integers(0, 2, 3_000), random.integers(-2, 3, 3_000).astype(np.float64)
    mood[:100] = np.nan
    mark = marks_around(random, 6.0 + used)
    mark[:100] = 1

    found = analyse_drivers(RatedConversations.recorded(mark, knowledge_used=used, mood_start=mood))

    assert (found.n, found.left_out) == (2_900, 100)
    whole = found.drivers["knowledge_used"]
    assert isinstance(whole, DriverResult)
    assert whole.effects[0].marks.value == pytest.approx(1.0, abs=0.15)


def test_a_question_that_few_answered_is_judged_on_their_ratings_alone() -> None:
    random = np.random.default_rng(13)
    used = random.integers(0, 2, 4_000)
    clear = random.integers(0, 2, 4_000).astype(np.float64)
    mark = marks_around(random, 6.0 + used + 0.7 * clear)
    clear[random.random(4_000) < 0.7] = np.nan

    found = analyse_drivers(RatedConversations.recorded(mark, knowledge_used=used, factors={"clear": clear}))

    one = found.drivers["clear"]
    assert isinstance(one, DriverResult)
    assert one.effects[0].marks.n == np.count_nonzero(~np.isnan(clear))
    assert 0.7 in one.effects[0].marks.interval
    assert one.importance is None
    assert found.n == 4_000


@pytest.mark.parametrize("rows", [0, 1, 2, 60])
def test_few_rows_are_not_enough_and_never_a_number(rows: int) -> None:
    random = np.random.default_rng(14)
    data = RatedConversations.recorded(
        random.integers(1, 11, rows),
        first_wait_seconds=random.random(rows) * 60,
        knowledge_used=random.integers(0, 2, rows),
        purpose=random.integers(0, 4, rows),
    )

    found = analyse_drivers(data)

    assert {type(one) for one in found.drivers.values()} <= {NotEnoughData, NotRecorded}
    assert (found.named, found.explained) == ((), None)


def test_equal_marks_are_not_enough() -> None:
    data = RatedConversations.recorded([10] * 3_000, knowledge_used=[0, 1] * 1_500, purpose=[1] * 3_000)

    found = analyse_drivers(data).drivers

    assert found["knowledge_used"] == found["purpose"] == NotEnoughData("marks that differ", 0, 50)


def test_one_purpose_is_none_to_compare() -> None:
    random = np.random.default_rng(15)
    used = random.integers(0, 2, 2_000)
    data = RatedConversations.recorded(marks_around(random, 6.0 + used), knowledge_used=used, purpose=[2] * 2_000)

    found = analyse_drivers(data).drivers

    assert found["purpose"] == NotEnoughData("purposes", 1, 2)
    whole = found["knowledge_used"]
    assert isinstance(whole, DriverResult)
    alone = whole.apart[Purpose.ADVICE]
    assert isinstance(alone, Apart)
    assert alone.effect == whole.effects[0]


def test_the_same_data_and_seed_give_the_same_answer_in_any_order() -> None:
    random = np.random.default_rng(16)
    used, purpose = random.integers(0, 2, 20_000), random.integers(0, 2, 20_000)
    data = RatedConversations.recorded(marks_around(random, 6.0 + used), knowledge_used=used, purpose=purpose)

    first, again = analyse_drivers(data, seed=3), analyse_drivers(data, seed=3)
    shuffled = result(data.select(random.permutation(20_000)), "knowledge_used")

    assert first == again
    one = first.drivers["knowledge_used"]
    assert isinstance(one, DriverResult)
    assert shuffled.effects[0].marks.value == pytest.approx(one.effects[0].marks.value, abs=1e-6)
    assert shuffled.effects[0].marks.interval.low == pytest.approx(one.effects[0].marks.interval.low, abs=1e-6)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="lead has"):
        RatedConversations.recorded([5, 6], lead=[1])
    with pytest.raises(ValueError, match="1 to 10"):
        RatedConversations.recorded([0, 6])
    with pytest.raises(TypeError, match="Unknown: leads"):
        RatedConversations.recorded([5], leads=[1])


def test_the_ratings_farthest_from_the_curve_are_named_and_change_nothing() -> None:
    random = np.random.default_rng(8)
    used = (random.random(2_000) < 0.5).astype(np.int64)
    mark = np.where(used == 1, 9, 3) + random.integers(-1, 2, 2_000)
    purpose = random.integers(0, 2, 2_000)
    mark[used.argmax()], mark[used.argmin()] = 1, 10  # the first of either kind
    data = RatedConversations.recorded(mark, knowledge_used=used, purpose=purpose)

    found = analyse_drivers(data, surprises=3)

    first, second, third = found.surprises
    assert sorted([(first.mark, first.place), (second.mark, second.place)]) == [
        (1, int(used.argmax())),
        (10, int(used.argmin())),
    ]
    assert first.expected == pytest.approx(9 if first.mark == 1 else 3, abs=0.2)
    assert abs(third.mark - third.expected) < 1.5
    assert analyse_drivers(data).surprises == ()
    assert analyse_drivers(data).drivers == found.drivers


def test_where_nearly_all_marks_are_ten_something_is_said() -> None:
    random = np.random.default_rng(0)
    waits, used = np.exp(random.normal(3, 1, 1_500)), random.integers(0, 2, 1_500)
    mood = random.integers(-2, 3, 1_500).astype(np.float64)
    content = special.expit(8 + 3 * (3 - np.log(waits) + 0.8 * mood + 0.4 * used))
    mark = np.minimum(np.floor(1 + 9 * content + random.random(1_500)), 10).astype(np.int64)
    data = RatedConversations.recorded(mark, first_wait_seconds=waits, knowledge_used=used, mood_start=mood)

    (effect,) = result(data, "knowledge_used").effects

    assert np.mean(mark == 10) > 0.85
    assert 0 < effect.marks.interval.low < effect.marks.interval.high < 0.5


def test_marks_that_follow_something_exactly_are_no_error() -> None:
    random = np.random.default_rng(66)
    for _ in range(12):
        waits = np.exp(random.normal(3, 1, 1_500))
        data = RatedConversations.recorded(
            np.where(waits < 20, 10, 1),
            first_wait_seconds=waits,
            knowledge_used=random.integers(0, 2, 1_500),
            purpose=random.integers(0, 4, 1_500),
            factors={"trust": np.where(random.random(1_500) < 0.4, random.integers(1, 6, 1_500), np.nan)},
        )

        outcomes = analyse_drivers(data, surprises=3).drivers

        assert set(outcomes) >= {"first_wait_seconds", "knowledge_used", "trust", "purpose"}


def test_without_a_curve_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(9)
    data = RatedConversations.recorded(
        random.integers(1, 11, 800),
        knowledge_used=random.integers(0, 2, 800),
        factors={"trust": random.integers(1, 6, 800).astype(float)},
    )

    def no_curve(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr("ratings.analysis.drivers.fit", no_curve)
    found = analyse_drivers(data, surprises=3)

    expected = NotEnoughData("curves through the marks", 0, 1)
    assert (found.drivers["knowledge_used"], found.drivers["trust"]) == (expected, expected)
    assert found.explained is None
    assert found.surprises == ()
