"""All clients side by side: each number from its own row, totals from sums, and files that say what the page says."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest

from ratings.documents.document import Tone
from ratings.periods import span_of
from ratings.platform_view.clients import MEASURES, SideBySide, newest_span, side_by_side, span_asked
from tenants.models import AuditRecord, Organisation, ReportFigures
from tenants.services import NewOrganisation, create_organisation
from tests.cast import logged_in

WEEK = date(2024, 3, 4)
BEFORE = WEEK - timedelta(days=7)
ADA = "ada@desk.example"


def figures(conversations: int, **others: Any) -> dict[str, Any]:
    base = {
        "conversations": conversations, "first_replies": 0, "first_replies_kept": 0, "follow_ups": 0,
        "follow_ups_kept": 0, "first_wait_median_seconds": None, "ratings_asked": 0, "ratings_given": 0, "mark_sum": 0,
        "contact_requests": 0, "with_article": 0, "new_gaps": 0,
    }  # fmt: skip
    return {**base, **others}


def reported(organisation: Organisation, starts_on: date, **given: Any) -> None:
    ReportFigures.objects.create(
        organisation=organisation, period_kind="week", starts_on=starts_on, version=1, figures=figures(**given)
    )


@pytest.fixture
def three() -> Iterator[list[Organisation]]:
    """Two with a report, one without; the only clients that these tests look at."""
    made = []
    for name in ("anna", "bert", "carl"):
        create_organisation(
            NewOrganisation(slug=f"side-{name}", name=f"Side {name.title()}", host=f"side-{name}.localhost")
        )
        made.append(Organisation.objects.get(slug=f"side-{name}"))
    anna, bert, _carl = made
    reported(anna, BEFORE, conversations=100, first_replies=100, first_replies_kept=90)
    reported(anna, WEEK, conversations=120, first_replies=100, first_replies_kept=60, ratings_given=9, mark_sum=72)
    marks = [0, 0, 0, 0, 0, 0, 0, 20, 0, 0]
    reported(
        bert, WEEK, conversations=10, first_replies=300, first_replies_kept=300, ratings_given=20, mark_sum=160,
        marks=marks, first_wait_median_seconds=8.04,
    )  # fmt: skip
    yield made
    ReportFigures.objects.filter(organisation__in=made).delete()


def shown(sort: str = "client", *, down: bool = False) -> SideBySide:
    return side_by_side(span_of("week", WEEK), sort, is_descending=down)


def of(page: SideBySide, name: str) -> dict[str, Any]:
    row = next(row for row in page.rows if row.name == name)
    return {one.figure.name: one for one in row.figures}


def test_each_client_has_its_own_numbers_beside_those_of_the_period_before(three: list[Organisation]) -> None:
    anna, bert = of(shown(), "Side Anna"), of(shown(), "Side Bert")

    first = anna["first_replies_in_time"]
    assert (first.figure.now.value, first.figure.now.n, first.figure.difference.value) == (60, 100, -30)
    assert (first.tone, first.figure.promised_seconds) == (Tone.WORSE, 20)
    assert (anna["conversations"].figure.difference.value, anna["conversations"].tone) == (20, Tone.NOTE)
    assert bert["first_replies_in_time"].figure.difference is None
    assert bert["first_wait_median_seconds"].figure.now.value == 8.0
    assert of(shown(), "Side Carl") == {}


def test_the_total_is_made_of_sums_and_not_of_means(three: list[Organisation]) -> None:
    total = shown().total
    assert total is not None
    amounts = {one.figure.name: one.figure.now for one in total.figures}

    assert amounts["conversations"].value == 130
    assert (amounts["first_replies_in_time"].value, amounts["first_replies_in_time"].n) == (90, 400)  # not 80
    assert (amounts["mean_mark"].value, amounts["mean_mark"].n) == (8.0, 29)
    assert amounts["first_wait_median_seconds"].value is None
    assert shown().counted == 2


def test_clients_without_the_number_come_last_however_it_is_sorted(three: list[Organisation]) -> None:
    ours = {one.name for one in three}

    def order(sort: str, down: bool) -> list[str]:
        return [row.name.removeprefix("Side ") for row in shown(sort, down=down).rows if row.name in ours]

    assert order("client", False) == ["Anna", "Bert", "Carl"]
    assert order("client", True) == ["Carl", "Bert", "Anna"]
    assert order("first_replies_in_time", True) == ["Bert", "Anna", "Carl"]
    assert order("first_replies_in_time", False) == ["Anna", "Bert", "Carl"]
    assert order("nothing like this", False) == ["Anna", "Bert", "Carl"]


def test_two_queries_however_many_clients(three: list[Organisation], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        shown()


@pytest.mark.parametrize("kind", ["day", "week", "month", "century"])
def test_a_link_that_names_nothing_that_is_over_shows_the_newest(kind: str) -> None:
    for day in ("", "yesterday", "2999-01-01", "0001-01-01"):
        assert span_asked(kind, day) == newest_span("day" if kind == "century" else kind)
    assert span_asked("week", "2024-03-07").first == WEEK


def test_page_csv_and_xlsx_show_the_same(three: list[Organisation]) -> None:
    asked = f"?period=week&day={WEEK}&sort=first_replies_in_time&order=down"
    ada = logged_in(ADA)
    page = ada.get(f"/admin/{asked}").content.decode()
    written = ada.get(f"/admin/clients/file.csv{asked}")
    book = openpyxl.load_workbook(io.BytesIO(ada.get(f"/admin/clients/file.xlsx{asked}").content))
    rows = list(csv.DictReader(io.StringIO(written.content.decode("utf-8-sig"))))

    ours = [row for row in rows if row["client"].startswith("Side ")]
    assert [row["client"] for row in ours] == ["Side Bert", "Side Anna", "Side Carl"]
    assert ours[1]["first_replies_in_time"] == "60"
    assert (ours[1]["first_replies_in_time_n"], ours[1]["first_replies_in_time_difference"]) == ("100", "-30")
    assert set(ours[2].values()) == {"Side Carl", ""}
    on_page = re.search(
        r'data-client="Side Anna".*?data-figure="first_replies_in_time".*?<strong>(.*?)</strong>', page, re.S
    )
    assert on_page is not None
    assert on_page[1] == "60%"
    sheet = list(book.active.iter_rows(min_row=2, max_row=1 + len(rows), values_only=True))
    place = list(rows[0]).index("first_replies_in_time")
    assert [row[place] for row in sheet if row[0] == "Side Anna"] == [0.6]
    assert written.headers["Content-Disposition"] == f'attachment; filename="clients-week-{WEEK}.csv"'
    assert AuditRecord.objects.filter(action="clients.downloaded", subject_id=f"week {WEEK}").count() >= 2
    assert "No report of this period" in page


def test_every_measure_is_in_the_heading_and_can_be_sorted_by(three: list[Organisation]) -> None:
    page = logged_in(ADA).get(f"/admin/?period=week&day={WEEK}&sort=mean_mark&order=down").content.decode()

    for measure in MEASURES:
        assert f"sort={measure.name}&amp;order=" in page
    assert page.count('aria-sort="descending"') == 1
    assert "sort=mean_mark&amp;order=up" in page
