"""What the page knows of a selection: of all its ratings, of the newest, and again when somebody has said something."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import pytest

from ratings.analysis import DriverResult, ExpectationGap, MarkSummary, NotEnoughData, NotRecorded, Trend, Withheld
from ratings.models import Rating
from ratings.selection import Selection
from ratings.why import analysing
from ratings.why.analysing import FirstContacts, Why, contacts_in, periods_of, reckon, why_of
from ratings.why.reading import Given
from tenants.context import OrganisationRef, in_organisation
from tenants.services import NewOrganisation, create_organisation
from tests.ratings.rows import a_conversation, an_answer, an_ask
from tests.ratings.why.crowd import DAYS, START, Visit, crowd

SIZE = 700
PERIOD = Selection(first=START.date(), last=START.date() + timedelta(days=DAYS - 1))


@cache
def shop() -> OrganisationRef:
    return create_organisation(
        NewOrganisation(slug="why-known", name="Why", host="why-known.localhost", time_zone="UTC")
    )


@cache
def visits() -> list[Visit]:
    return in_organisation(shop(), crowd, SIZE)


@pytest.fixture(scope="module")
def why() -> Iterator[Why]:
    visits()
    yield in_organisation(shop(), reckon, PERIOD)


def test_marks_expectations_and_groups_are_what_counting_gives(why: Why) -> None:
    marks = [one.mark for one in visits()]
    assert isinstance(why.marks, MarkSummary)
    assert why.marks.distribution.counts == tuple(Counter(marks)[mark] for mark in range(1, 11))
    assert why.marks.mean.value == pytest.approx(sum(marks) / SIZE)
    assert (why.asked, why.ratings, why.analysed, why.is_cut) == (SIZE, SIZE, SIZE, False)
    assert isinstance(why.expectation, ExpectationGap)
    said = Counter(one.expectation for one in visits())
    assert why.expectation.better.value == pytest.approx(said[3] / SIZE)
    assert why.expectation.worse.value == pytest.approx(said[1] / SIZE)
    topics = next(one for one in why.grouped if one.name == "topic")
    for group in topics.groups:
        own = [one.mark for one in visits() if one.topic == group.key]
        assert group.marks.mean.n == len(own)
        assert group.marks.mean.value == pytest.approx(sum(own) / len(own))


def test_a_group_of_few_is_withheld_and_counted(why: Why) -> None:
    topics = next(one for one in why.grouped if one.name == "topic")

    assert {group.key for group in topics.groups} == {"delivery", "returns"}
    assert (topics.withheld, topics.withheld_ratings, topics.not_recorded) == (1, 3, 0)
    pages = next(one for one in why.grouped if one.name == "page")
    assert pages.not_recorded == SIZE - SIZE // 20


def test_the_wait_is_found_beside_the_promise_and_nothing_else_is_named(why: Why) -> None:
    wait = why.drivers.drivers["first_wait_seconds"]

    assert isinstance(wait, DriverResult)
    (effect,) = wait.effects
    assert (effect.better, effect.worse) == (20, 40)
    assert 1.5 in effect.marks.interval
    assert why.drivers.named == ("first_wait_seconds",)
    assert why.drivers.drivers["completeness_share"] == NotRecorded()
    assert isinstance(why.drivers.drivers["operators"], NotEnoughData)


def test_answers_to_a_factor_have_a_mean_on_their_own_scale(why: Why) -> None:
    given = [one.trust for one in visits() if one.trust]

    (trust,) = why.factors

    assert isinstance(trust.answers, MarkSummary)
    assert (trust.factor, trust.answers.mean.n) == ("trust", len(given))
    assert trust.answers.mean.value == pytest.approx(sum(given) / len(given))
    assert trust.answers.mean.interval.high < 5


def test_the_farthest_from_the_curve_and_the_lowest_marks_are_listed_and_stay_in_the_mean(why: Why) -> None:
    low = [one for one in visits() if one.mark <= 2]
    by_id = {str(one.id): one for one in visits()}

    assert why.lowest_count == len(low)
    assert {one.conversation for one in why.lowest} <= {str(one.id) for one in low}
    assert len(why.surprises) == 10
    distances = [abs(one.mark - (one.expected or 0)) for one in why.surprises]
    assert distances == sorted(distances, reverse=True)
    assert distances[0] > 2.5
    assert all(by_id[one.conversation].mark == one.mark for one in why.surprises)


def test_when_there_are_too_many_the_newest_are_analysed_and_all_are_counted() -> None:
    visits()

    why = in_organisation(shop(), reckon, PERIOD, 50)

    assert (why.ratings, why.analysed, why.is_cut) == (SIZE, 50, True)
    assert isinstance(why.marks, MarkSummary)
    assert why.marks.mean.n == SIZE
    assert isinstance(why.drivers.drivers["first_wait_seconds"], NotEnoughData)


def test_what_was_reckoned_is_kept_until_somebody_says_something() -> None:
    visits()
    kept = in_organisation(shop(), why_of, PERIOD)

    again = in_organisation(shop(), why_of, PERIOD)
    narrowed = in_organisation(shop(), why_of, Selection(first=PERIOD.first, last=PERIOD.last, topic="delivery"))
    in_organisation(shop(), _touch)
    anew = in_organisation(shop(), why_of, PERIOD)

    assert again is kept
    assert narrowed is not kept
    assert narrowed.ratings < kept.ratings
    assert anew is not kept
    assert anew.marks == kept.marks


def _touch(_organisation: OrganisationRef) -> None:
    latest = Rating.objects.latest("given_at")
    latest.changed_at = latest.given_at + timedelta(minutes=len(visits()))
    latest.save()


def test_what_was_reckoned_waits_for_nobody_and_too_old_a_one_is_reckoned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    visits()
    kept = in_organisation(shop(), why_of, PERIOD)

    with analysing._reckoning:  # somebody else's page is being reckoned
        assert in_organisation(shop(), why_of, PERIOD) is kept
    monkeypatch.setattr(analysing, "KEPT_SECONDS", -1)

    assert in_organisation(shop(), why_of, PERIOD) is not kept


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    visits()
    monkeypatch.setattr(analysing, "MOST_KEPT", 2)
    for topic in ("delivery", "returns", "rare"):
        in_organisation(shop(), why_of, Selection(first=PERIOD.first, last=PERIOD.last, topic=topic))

    assert [key[1].topic for key in analysing._kept] == ["returns", "rare"]


def test_two_clients_never_share_what_was_kept() -> None:  # rule 20
    visits()
    other = create_organisation(NewOrganisation(slug="why-other", name="O", host="why-other.localhost"))

    in_organisation(shop(), why_of, PERIOD)

    assert in_organisation(other, why_of, PERIOD).ratings == 0


def test_nothing_rated_is_withheld_everywhere() -> None:
    why = in_organisation(shop(), reckon, Selection(first=date(2020, 1, 1), last=date(2020, 1, 5)))

    assert why.marks == Withheld(0)
    assert why.expectation == Withheld(0)
    assert isinstance(why.trend, NotEnoughData)
    assert all(one.groups == () for one in why.grouped)
    assert (why.surprises, why.lowest, why.factors) == ((), (), ())


def test_the_first_contact_is_said_or_inferred_and_never_both() -> None:
    organisation = create_organisation(NewOrganisation(slug="why-first", name="F", host="why-first.localhost"))

    def lay(organisation: OrganisationRef) -> FirstContacts:
        for value in (3, 3, 2, 1):
            said = a_conversation(organisation, START, topic="delivery")
            an_answer(an_ask(said, START, ["solved"]), "solved", value, START)
        a_conversation(organisation, START, topic="delivery")
        a_conversation(organisation, START)  # without a topic no return can be told
        a_conversation(organisation, START - timedelta(days=1), topic="delivery")  # not in the period
        return contacts_in(organisation, Selection(first=START.date(), last=START.date()), 100)

    found = in_organisation(organisation, lay)

    assert found == FirstContacts(said=(2, 1, 1), inferred=(1, 0), not_known=1)


def given(per_day: dict[int, int], days: int) -> tuple[Given, Selection]:
    """So many marks of 7 on each day, by its place in the period."""
    first = date(2026, 1, 1)
    by_day = {first + timedelta(days=place): (0, 0, 0, 0, 0, 0, count, 0, 0, 0) for place, count in per_day.items()}
    period = Selection(first=first, last=first + timedelta(days=days - 1))
    return Given(asked=0, by_day=by_day, expectations=(0, 0, 0)), period


def test_a_trend_has_the_shortest_periods_that_hold_ratings_enough() -> None:
    assert periods_of(*given(dict.fromkeys(range(30), 10), 30))[0] == 1
    assert periods_of(*given(dict.fromkeys(range(30), 5), 30))[0] == 2
    assert periods_of(*given(dict.fromkeys(range(30), 4), 30))[0] == 3
    assert periods_of(*given(dict.fromkeys(range(84), 2), 84))[0] == 7
    assert periods_of(*given(dict.fromkeys(range(732), 10), 732))[0] == 14  # at most 62 of them
    days, periods = periods_of(*given(dict.fromkeys(range(0, 84, 7), 12), 84))
    assert (days, [one.n for one in periods]) == (7, [12] * 12)


def test_days_before_the_first_whole_period_are_left_out() -> None:
    days, periods = periods_of(*given(dict.fromkeys(range(31), 4), 31))

    assert (days, len(periods), sum(one.n for one in periods)) == (3, 10, 120)


def test_the_course_has_each_periods_own_mean(why: Why) -> None:
    by_day: dict[int, list[int]] = {}
    for number, visit in enumerate(visits()):
        by_day.setdefault(number % DAYS, []).append(visit.mark)

    assert why.trend_days == 1
    assert len(why.course) == DAYS
    for place, one in enumerate(why.course):
        assert isinstance(one, MarkSummary)
        assert one.mean.value == pytest.approx(sum(by_day[place]) / len(by_day[place]))


def test_a_short_period_has_no_trend(why: Why) -> None:
    few = in_organisation(shop(), reckon, Selection(first=PERIOD.first, last=PERIOD.first + timedelta(days=3)))

    assert isinstance(why.trend, Trend)
    assert isinstance(few.trend, NotEnoughData)
