"""Capacity: a week on the wall, the half hours that were too thin, and both days on which the clocks change."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from operators.models import DeskHalfHour
from ratings.platform_view.capacity import MEASURES, Week, newest_week, week_asked, week_of
from tenants.clock import platform_now
from tests.cast import client_of, logged_in

ZONE = ZoneInfo("Europe/Amsterdam")
BY_NAME = {measure.name: measure for measure in MEASURES}


def row(starts_at: datetime, **given: float) -> DeskHalfHour:
    nothing = {
        "conversations": 0, "first_replies": 0, "first_replies_kept": 0, "handled_seconds": 0.0,
        "present_seconds": 0.0, "place_seconds": 0.0,
    }  # fmt: skip
    return DeskHalfHour(starts_at=starts_at.astimezone(UTC), **{**nothing, **given})


def week(rows: list[DeskHalfHour], monday: date, measure: str = "conversations") -> Week:
    return week_of(rows, tuple(monday + timedelta(days=place) for place in range(7)), ZONE, BY_NAME[measure])


def texts(found: Week, wall: time) -> list[str]:
    return next([cell.text for cell in cells] for begins, cells in found.rows if begins == wall)


def test_every_measure_stands_where_its_half_hour_is() -> None:
    monday = date(2026, 11, 16)
    rows = [
        row(datetime(2026, 11, 17, 10, tzinfo=ZONE), conversations=8, first_replies=8, first_replies_kept=6,
            handled_seconds=2700, present_seconds=2700, place_seconds=5400),
        row(datetime(2026, 11, 18, 11, 30, tzinfo=ZONE), conversations=4),
    ]  # fmt: skip

    shown = {name: texts(week(rows, monday, name), time(10))[1] for name in BY_NAME}

    assert shown == {"conversations": "8", "present": "1.5", "handled": "45", "occupancy": "50%", "kept": "75%"}
    found = week(rows, monday)
    assert [begins for begins, _cells in found.rows] == [time(10), time(10, 30), time(11), time(11, 30)]
    assert [cell.look for _begins, cells in found.rows for cell in cells if cell.text] == [4, 2]
    assert texts(week(rows, monday, "occupancy"), time(11, 30))[2] == "–"
    assert found.conversations == 12


def test_one_more_operator_would_have_helped_where_most_promises_were_broken() -> None:
    monday = date(2026, 11, 16)
    rows = [
        row(datetime(2026, 11, 16, 9, tzinfo=ZONE) + timedelta(minutes=30 * place), conversations=9, first_replies=9,
            first_replies_kept=9 - broken, present_seconds=3600, place_seconds=7200, handled_seconds=6840)
        for place, broken in enumerate([1, 5, 0, 3, 2, 4, 1])
    ]  # fmt: skip

    shortest = week(rows, monday).shortest

    assert [one.slot.broken for one in shortest] == [5, 4, 3, 2, 1]
    assert shortest[0].slot.begins == time(9, 30)
    assert shortest[0].told == (
        "5 of 9 first replies came too late, with 2.0 operators present, occupied to 95%"
    )  # fmt: skip


def test_the_half_hour_that_comes_twice_holds_both_and_the_missing_one_nothing() -> None:
    autumn, spring = date(2026, 10, 19), date(2026, 3, 23)
    begins = datetime(2026, 10, 25, 0, tzinfo=UTC)  # two in the morning, for the first time
    twice = [row(begins + timedelta(minutes=30 * place), conversations=1, present_seconds=1800) for place in range(4)]
    jump = datetime(2026, 3, 29, 0, tzinfo=UTC)  # one in the morning; at two the clocks jump
    left_out = [row(jump + timedelta(minutes=30 * place), conversations=1) for place in range(4)]

    assert [texts(week(twice, autumn), wall)[6] for wall in (time(2), time(2, 30))] == ["2", "2"]
    assert texts(week(twice, autumn, "present"), time(2))[6] == "1.0"
    assert [texts(week(left_out, spring), wall)[6] for wall in (time(1), time(1, 30), time(2), time(2, 30))] == [
        "1", "1", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize("day", ["", "soon", "0001-01-01", "2999-01-01", "2001-01-01"])
def test_a_link_that_names_no_week_that_was_counted_shows_this_one(day: str) -> None:
    assert week_asked(day) == newest_week()


@pytest.fixture
def counted() -> Iterator[datetime]:
    monday = newest_week() - timedelta(weeks=1)
    starts_at = datetime.combine(monday, time(14), ZONE)
    row(starts_at, conversations=3, first_replies=3, first_replies_kept=1, handled_seconds=600, present_seconds=1800,
        place_seconds=7200).save()  # fmt: skip
    yield starts_at
    DeskHalfHour.objects.filter(starts_at=starts_at).delete()


def test_page_and_file_show_the_week_to_platform_administrators_alone(counted: datetime) -> None:
    asked = f"?week={counted.date()}&show=conversations"
    ada = logged_in("ada@desk.example")

    page = ada.get(f"/admin/capacity/{asked}").content.decode()
    written = ada.get(f"/admin/capacity/file.csv{asked}").content.decode("utf-8-sig")

    assert "2 of 3 first replies came too late" in page
    rows = [one for one in csv.DictReader(io.StringIO(written)) if one["conversations"] == "3"]
    assert [(one["begins"], one["operators_present"], one["handled_seconds"], one["occupancy"]) for one in rows] == [
        ("14:00", "1.0", "600", "8")
    ]
    assert "Nothing was counted in this week" in ada.get(
        f"/admin/capacity/?week={platform_now().date() - timedelta(weeks=40)}"
    ).content.decode()  # fmt: skip
    for stranger in (client_of("desk.localhost"), logged_in("sam@desk.example")):
        assert stranger.get(f"/admin/capacity/file.csv{asked}").status_code == 302
