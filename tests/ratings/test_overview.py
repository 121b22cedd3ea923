"""The manager's front page sums daily reports; waits are taken over every promise, never over daily medians."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ratings.models import Report
from ratings.overview import CHART_HEIGHT, chart, overview
from ratings.selectors import local_today
from ratings.services import build_report
from tenants.context import OrganisationRef, in_organisation
from tenants.services import NewOrganisation, create_organisation
from tests.ratings.rows import a_conversation, a_promise


def a_report(day: date, *, first: tuple[int, int], following: tuple[int, int]) -> Report:
    """(in time, due) of each kind."""
    return Report(
        starts_on=day,
        first_replies_kept=first[0],
        first_replies=first[1],
        follow_ups_kept=following[0],
        follow_ups=following[1],
    )


def test_the_busiest_day_fills_the_chart_and_the_others_stand_in_proportion() -> None:
    monday = date(2026, 3, 2)
    reports = [
        a_report(monday, first=(6, 8), following=(12, 12)),
        a_report(monday + timedelta(days=2), first=(5, 5), following=(0, 0)),
    ]

    drawn = chart(reports, monday, monday + timedelta(days=2))

    assert drawn.top == 20
    assert [(bar.kept, bar.late, bar.has_report) for bar in drawn.bars] == [(18, 2, True), (0, 0, False), (5, 0, True)]
    assert [(bar.kept_height, bar.late_height) for bar in drawn.bars] == [(90, 10), (0, 0), (25, 0)]
    for bar in drawn.bars:
        assert bar.kept_y == CHART_HEIGHT - bar.kept_height
        assert bar.late_y == bar.kept_y - bar.late_height


def test_days_without_replies_make_an_empty_chart() -> None:
    day = date(2026, 3, 2)

    assert chart([], day, day).is_empty
    assert chart([a_report(day, first=(0, 0), following=(0, 0))], day, day).is_empty


def test_thirty_days_are_summed_and_their_median_is_over_all_waits() -> None:
    organisation = create_organisation(
        NewOrganisation(slug="overview", name="Overview", host="overview.localhost", time_zone="UTC")
    )
    today = local_today("UTC")
    waits = {1: [5.0, 6.0, 7.0], 2: [100.0], 31: [9999.0]}  # days ago; the last is no longer part of it

    def write(organisation: OrganisationRef) -> None:
        for days_ago, seconds in waits.items():
            day = today - timedelta(days=days_ago)
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            for waited in seconds:
                outcome = "kept" if waited <= 20 else "broken"
                a_promise(a_conversation(organisation, noon), 1, "first", noon, outcome, waited)
            build_report(organisation, day)

    in_organisation(organisation, write)

    seen = in_organisation(organisation, overview)

    assert (seen.yesterday.conversations, seen.yesterday.first_wait_median_seconds) == (3, 6.0)
    assert (seen.month.reports, seen.month.conversations) == (2, 4)
    assert (seen.month.first_replies_kept, seen.month.first_replies) == (3, 4)
    assert seen.month.first_wait_median_seconds == pytest.approx(6.5)
    assert seen.month.follow_up_wait_median_seconds is None
