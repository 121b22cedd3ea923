"""The manager's front page: figures over any selection, beside another period, in a constant number of queries."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from ratings.overview import overview, reported_days
from ratings.selection import Compare, Selection, usual
from ratings.selectors import local_today
from ratings.services import build_report
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Membership
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import client_of, page_and_queries
from tests.ratings.rows import a_conversation, a_mark, a_promise

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def organisation(platform_database: None) -> OrganisationRef:
    return create_organisation(
        NewOrganisation(slug="overview", name="Overview", host="overview.localhost", time_zone="UTC")
    )


@pytest.fixture(scope="module")
def days_ago(organisation: OrganisationRef) -> Iterator[dict[int, list[float]]]:
    """First waits in seconds; 31 days ago is no longer part of the usual period, and is of the one before."""
    waits = {1: [5.0, 6.0, 7.0], 2: [100.0], 31: [9999.0]}

    def write(organisation: OrganisationRef) -> None:
        for days, seconds in waits.items():
            noon = noon_of(days)
            for waited in seconds:
                outcome = "kept" if waited <= 20 else "broken"
                talk = a_conversation(organisation, noon, language="nl" if days == 2 else "en")
                a_promise(talk, 1, "first", noon, outcome, waited)
            build_report(organisation, noon.date())

    in_organisation(organisation, write)
    yield waits


def noon_of(days: int) -> datetime:
    day = local_today("UTC") - timedelta(days=days)
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def seen(organisation: OrganisationRef, compare: Compare = Compare.BEFORE, **narrowed: str) -> Any:
    period = usual(local_today("UTC"))
    selection = Selection(first=period.first, last=period.last, **narrowed)
    return in_organisation(organisation, overview, selection, compare)


def test_thirty_days_are_counted_and_their_median_is_over_all_waits(
    organisation: OrganisationRef, days_ago: dict[int, list[float]]
) -> None:
    shown = seen(organisation).shown

    assert shown["conversations"].figure.now.value == 4
    assert shown["conversations"].figure.before.value == 1
    assert (shown["first_replies_in_time"].figure.now.value, shown["first_replies_in_time"].figure.now.n) == (75, 4)
    assert shown["first_wait_median"].figure.now.value == 6.5
    assert shown["follow_up_wait_median"].figure.now.value is None


def test_narrowing_holds_for_every_part_of_the_page(
    organisation: OrganisationRef, days_ago: dict[int, list[float]]
) -> None:
    everything, dutch = seen(organisation), seen(organisation, language="nl")

    assert (sum(bar.due for bar in everything.chart.bars), sum(bar.due for bar in dutch.chart.bars)) == (4, 1)
    assert dutch.figures.first_replies_kept == 0
    assert dutch.counts["first_late"] == 1
    assert dutch.shown["articles_helped"].untold
    assert not everything.shown["articles_helped"].untold


def test_without_a_comparison_nothing_is_said_of_before(
    organisation: OrganisationRef, days_ago: dict[int, list[float]]
) -> None:
    alone = seen(organisation, Compare.NONE)

    assert alone.compared is None
    assert all(one.figure.before is None and not one.word for one in alone.shown.values())
    assert [one.code for one in alone.essentials] == []


def test_the_reports_chart_counts_what_reports_counted(
    organisation: OrganisationRef, days_ago: dict[int, list[float]]
) -> None:
    bars = in_organisation(organisation, reported_days).bars

    assert len(bars) == 30
    assert [(bar.kept, bar.late, bar.is_counted) for bar in bars[-3:]] == [(0, 0, False), (0, 1, True), (3, 0, True)]


def test_a_line_is_drawn_only_where_most_days_have_a_value(
    organisation: OrganisationRef, days_ago: dict[int, list[float]]
) -> None:
    shown = seen(organisation).shown

    assert shown["conversations"].spark
    assert not shown["first_replies_in_time"].spark


def test_the_response_rate_is_held_against_its_goal_with_the_decimals_of_the_goal(
    organisation: OrganisationRef, days_ago: dict[int, list[float]], manager: Client
) -> None:
    nobody = seen(organisation)

    assert (nobody.response_percent, nobody.beats_response_goal) == (0, False)
    assert "100.00%: the goal of 25.37%, reached by asking every visitor, is beaten" in (
        manager.get("/admin/").content.decode()
    )


@pytest.fixture(scope="module")
def manager(platform_database: None) -> Client:
    busy = create_organisation(
        NewOrganisation(slug="overview-busy", name="Busy", host="overview-busy.localhost", time_zone="UTC")
    )
    create_account("mia@busy.example", "Mia", PASSWORD, memberships=[(busy, Membership.Role.MANAGER)])

    def write(organisation: OrganisationRef) -> None:
        for position in range(30):
            talk = a_conversation(organisation, noon_of(1 + position))
            a_promise(talk, 1, "first", noon_of(1 + position), "kept", 8.0)
            a_mark(talk, 9, noon_of(1 + position), "Fine")

    in_organisation(busy, write)
    client = client_of("overview-busy.localhost")
    client.post("/login/", {"username": "mia@busy.example", "password": PASSWORD})
    client.get("/admin/")
    return client


@pytest.mark.parametrize("path", ["/admin/", "/admin/overview/behind/?number=conversations"])
def test_the_number_of_queries_depends_on_neither_period_nor_size(manager: Client, path: str) -> None:
    today = local_today("UTC")
    mark = "&" if "?" in path else "?"
    counted = []
    for days in (2, 30, 300):
        period = f"first={today - timedelta(days=days)}&last={today - timedelta(days=1)}"
        counted.append(page_and_queries(manager, f"{path}{mark}{period}")[1])

    assert len(set(counted)) == 1, counted
    assert counted[0] <= 20
