"""Trends: what is said of twelve weeks, and what is not."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from ratings.analysis.marks import Distribution, mean_interval
from ratings.periods import span_of
from ratings.platform_view.drawing import HEIGHT, small_multiples
from ratings.platform_view.trends import (
    WEEKS,
    ClientTrend,
    Course,
    Point,
    Series,
    _mark_point,
    _series,
    client_trends,
    judged,
)
from ratings.selectors import local_today
from tenants.models import Organisation, ReportFigures
from tenants.services import NewOrganisation, create_organisation
from tests.cast import logged_in

MARKS = [0, 0, 0, 0, 2, 4, 10, 20, 10, 4]


def week(kept: int, due: int = 200, marks: list[int] | None = None) -> dict[str, Any]:
    return {
        "first_replies": due, "first_replies_kept": kept, "follow_ups": due, "follow_ups_kept": due * 9 // 10,
        "marks": marks or MARKS,
    }  # fmt: skip


def mondays() -> list[Any]:
    this_week = span_of("week", local_today(settings.PLATFORM_TIME_ZONE)).first
    return [this_week - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]


def a_client(name: str, weeks: Sequence[dict[str, Any] | None]) -> ClientTrend:
    return ClientTrend(uuid4(), name, "#000000", _series(weeks, mondays()))


FALLING = [week(190 - 5 * place) for place in range(WEEKS)]
RISING = [week(130 + 5 * place) for place in range(WEEKS)]


def courses(client: ClientTrend) -> list[Course]:
    return [one.course for one in client.series]


def test_what_falls_or_rises_is_said_with_where_from_and_to() -> None:
    falling, rising = judged([a_client("Down", FALLING), a_client("Up", RISING)])

    assert courses(falling) == [Course.FALLING, Course.STEADY, Course.STEADY]
    assert falling.sentence == "First replies in time fall, from 95% in the first week to 68% in the last."
    assert (rising.course, falling.course) == (Course.RISING, Course.FALLING)


def test_seven_weeks_or_groups_below_ten_are_not_enough_data() -> None:
    short = a_client("Short", [*[None] * 5, *FALLING[5:]])
    small = a_client("Small", [week(9 - place // 2, due=9, marks=[0] * 9 + [9]) for place in range(WEEKS)])

    for one in judged([short, small]):
        assert one.course == Course.UNKNOWN
        assert one.sentence.startswith("Not enough data")
    assert {point.value for series in small.series for point in series.points if series.name == "first"} == {None}


def test_more_clients_ask_for_more_before_a_trend_is_named() -> None:
    """Nine weeks of fall are beyond chance for one client, and not among fifty."""
    weeks = [week(150), week(152), week(151), *(week(150 - 2 * place) for place in range(WEEKS - 3))]
    one = a_client("One", weeks)
    steady = [a_client(f"Steady {place}", [week(150 + place % 2)] * WEEKS) for place in range(3)]
    noisy = random.Random(5)
    many = [a_client(f"{place}", [week(150 + noisy.randrange(-9, 9)) for _ in range(WEEKS)]) for place in range(60)]

    assert judged([one])[0].course == Course.FALLING
    alone, among = judged([one])[0].series[0].p, judged([one, *steady, *many])[0].series[0].p
    assert alone is not None
    assert among is not None
    assert among >= 60 * alone
    assert {client.course for client in judged(many)} == {Course.STEADY}


def test_a_mark_has_nearly_the_bootstraps_interval() -> None:
    point = _mark_point(mondays()[0], MARKS)
    bootstrap = mean_interval(Distribution(tuple(MARKS)), seed=1)

    assert point.interval is not None
    assert point.interval.low == pytest.approx(bootstrap.low, abs=0.06)
    assert point.interval.high == pytest.approx(bootstrap.high, abs=0.06)
    assert _mark_point(mondays()[0], None) == Point(mondays()[0], 0, None, None)
    equal = _mark_point(mondays()[0], [0] * 9 + [12]).interval
    assert equal is not None
    assert equal.low < 10


def test_all_clients_are_drawn_to_one_scale_and_a_missing_week_is_a_gap() -> None:
    weeks: list[dict[str, Any] | None] = [*FALLING[:6], None, *FALLING[7:]]
    drawn = small_multiples(judged([a_client("Gap", weeks), a_client("Up", RISING)]))

    firsts = [smalls[0] for _client, smalls in drawn]
    assert {(one.low, one.high) for one in firsts} == {("50%", "100%")}
    assert [len(one.lines) for one in firsts] == [2, 1]
    assert len(firsts[0].dots) == WEEKS - 1
    for _client, smalls in drawn:
        for dot in (dot for small in smalls for dot in small.dots):
            assert 0 <= dot.upper <= dot.y <= dot.lower <= HEIGHT


@pytest.fixture
def two() -> Iterator[list[Organisation]]:
    made = []
    for name, weeks in (("trend-rising", RISING), ("trend-falling", FALLING)):
        create_organisation(NewOrganisation(slug=name, name=name, host=f"{name}.localhost"))
        made.append(Organisation.objects.get(slug=name))
        for day, figures in zip(mondays(), weeks, strict=True):
            ReportFigures.objects.create(
                organisation=made[-1], period_kind="week", starts_on=day, version=1, figures=figures
            )
    yield made
    ReportFigures.objects.filter(organisation__in=made).delete()


def test_the_worst_come_first_in_three_queries(two: list[Organisation], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        found = client_trends()

    names = [one.name for one in found if one.name.startswith("trend-")]
    assert names == ["trend-falling", "trend-rising"]
    page = logged_in("ada@desk.example").get("/admin/trends/").content.decode()
    assert 'data-client="trend-falling" data-course="falling"' in page
    assert page.index("trend-falling") < page.index("trend-rising")
    assert "Week of" in page


def test_a_series_that_does_not_move_has_no_direction() -> None:
    flat = Series("first", "First", 0, 100, (), p=0.01, direction=0.0)

    assert flat.course == Course.STEADY
