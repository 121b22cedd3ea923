"""The overview's figures, the rows behind a number and the marks, as files: the same numbers, no formulas, audited."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from ratings.behind import NUMBERS, all_behind
from ratings.documents.building import sections_of
from ratings.reports import figures_of
from ratings.selection import Selection
from ratings.selectors import local_today
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord, Membership
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import client_of
from tests.ratings.rows import a_conversation, a_mark, a_promise, an_answer, an_ask
from tests.ratings.test_documents_same import in_html, in_xlsx

PASSWORD = "correct horse battery"
FORMULA = '=HYPERLINK("https://evil.example";"x")'


@pytest.fixture(scope="module")
def organisation(platform_database: None) -> OrganisationRef:
    made = create_organisation(
        NewOrganisation(slug="exports", name="=Exports", host="exports.localhost", time_zone="Europe/Amsterdam")
    )
    create_account("mia@exports.example", "Mia", PASSWORD, memberships=[(made, Membership.Role.MANAGER)])
    in_organisation(made, _write)
    return made


def _write(organisation: OrganisationRef) -> None:
    """40 conversations of two days, half of them with a mark; one comment is a formula."""
    for position in range(40):
        noon = noon_of(1 + position % 2)
        talk = a_conversation(organisation, noon, language="nl" if position % 4 else "en", topic="delivery")
        kept = position % 3 > 0
        a_promise(talk, 1, "first", noon, "kept" if kept else "broken", 8.4 if kept else 72.0)
        ask = an_ask(talk, noon, ["expectation", "trust"], shown=True)
        an_answer(ask, "expectation", 1 + position % 3, noon)
        an_answer(ask, "trust", 1 + position % 5, noon)
        if position < 20:
            a_mark(talk, 1 + position % 10, noon, FORMULA if position == 3 else "Fine, thank you")


def noon_of(days: int) -> datetime:
    day = local_today("Europe/Amsterdam") - timedelta(days=days)
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC)


def yesterday(**narrowed: str) -> Selection:
    return Selection(first=noon_of(1).date(), last=noon_of(1).date(), **narrowed)


@pytest.fixture
def manager(organisation: OrganisationRef) -> Client:
    client = client_of("exports.localhost")
    client.post("/login/", {"username": "mia@exports.example", "password": PASSWORD})
    return client


def downloaded(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    return response.getvalue()


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def sheet_rows(content: bytes) -> list[tuple[Any, ...]]:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    return list(sheet.iter_rows(values_only=True))


@pytest.mark.parametrize("narrowed", [{}, {"language": "nl"}])
def test_every_number_is_the_same_on_the_page_and_in_both_files(
    organisation: OrganisationRef, manager: Client, narrowed: dict[str, str]
) -> None:
    chosen = yesterday(**narrowed)
    before, now = (in_organisation(organisation, figures_of, one) for one in (chosen.before(), chosen))
    expected = {
        figure.name: (
            figure.now.value,
            figure.now.n,
            figure.before.value if figure.before else None,
            figure.before.n if figure.before else None,
            figure.difference.value if figure.difference else None,
        )
        for section in sections_of(organisation, now, before)
        for figure in section.figures
    }

    page = manager.get(f"/admin/?{chosen.query()}").content.decode()
    rows = table(downloaded(manager, f"/admin/overview/figures.csv?{chosen.query()}"))
    book = downloaded(manager, f"/admin/overview/figures.xlsx?{chosen.query()}")

    names = ("value", "n", "value_before", "n_before", "difference")
    in_csv = {row["figure"]: tuple(float(row[name]) if row[name] else None for name in names) for row in rows}
    # Beside a number may stand a word, or why there is none.
    shown = in_html(re.sub(r'<small class="(word quiet|quiet|untold)">.*?</small>', "", page))
    told = {name: values for name, values in expected.items() if values[0] is not None or values[2] is not None}
    assert in_csv == expected
    assert {name: tuple(values) for name, values in in_xlsx(book).items()} == expected
    assert {name: tuple(shown[name]) for name in told} == told
    assert {row["organisation"] for row in rows} == {"'=Exports"}
    assert {(row["first"], row["language"]) for row in rows} == {(str(chosen.first), chosen.language)}


@pytest.mark.parametrize("name", ["conversations", "first_late", "ratings_given", "worse_than_expected"])
def test_both_files_hold_exactly_the_rows_behind_a_number(
    organisation: OrganisationRef, manager: Client, name: str
) -> None:
    chosen = yesterday(language="nl")
    expected = in_organisation(organisation, lambda ref: list(all_behind(ref, chosen, name)))

    rows = table(downloaded(manager, f"/admin/overview/behind/rows.csv?{chosen.query(number=name)}"))
    book = sheet_rows(downloaded(manager, f"/admin/overview/behind/rows.xlsx?{chosen.query(number=name)}"))

    assert expected
    assert [row["conversation"] for row in rows] == [str(one.conversation_id) for one in expected]
    assert [row["mark"] for row in rows] == [str(one.mark or "") for one in expected]
    assert len(book) == 1 + len(expected)
    assert [row[1] for row in book[1:]] == [row["conversation"] for row in rows]


def test_marks_are_exported_with_their_answers_and_comments_as_text(manager: Client) -> None:
    chosen = Selection(first=noon_of(2).date(), last=noon_of(1).date())

    rows = table(downloaded(manager, f"/admin/overview/marks.csv?{chosen.query()}"))
    book = sheet_rows(downloaded(manager, f"/admin/overview/marks.xlsx?{chosen.query()}"))

    assert len(rows) == 20
    assert sum(int(row["mark"]) for row in rows) == 2 * sum(range(1, 11))
    assert {row["trust"] for row in rows} == {"1", "2", "3", "4", "5"}
    assert {row["comment"] for row in rows} == {"Fine, thank you", f"'{FORMULA}"}
    assert {row[-1] for row in book[1:]} == {"Fine, thank you", FORMULA}


def test_each_export_is_audited_by_what_and_never_by_a_text(organisation: OrganisationRef, manager: Client) -> None:
    AuditRecord.objects.filter(organisation_id=organisation.id).delete()

    for path in ("figures.xlsx?", "behind/rows.csv?number=first_late", "marks.csv?"):
        downloaded(manager, f"/admin/overview/{path}")

    done = (
        AuditRecord.objects.filter(organisation_id=organisation.id).order_by("at").values_list("action", "subject_id")
    )
    assert list(done) == [("overview.exported", one) for one in ("figures.xlsx", "first_late.csv", "marks.csv")]


@pytest.mark.parametrize(
    "path",
    [
        "figures.pdf",
        "behind/rows.exe",
        "behind/rows.csv?number=secrets",
        "behind/rows.csv?number=new_gaps&topic=delivery",
        "marks.html",
    ],
)
def test_what_is_not_there_is_not_found(manager: Client, path: str) -> None:
    assert manager.get(f"/admin/overview/{path}").status_code == 404


def test_every_number_can_be_exported(manager: Client) -> None:
    for name in NUMBERS:
        assert downloaded(manager, f"/admin/overview/behind/rows.csv?number={name}").startswith(b"\xef\xbb\xbfat,")
