"""One document, many renderings: CSV, XLSX, PDF, mail and page of one stored day show the same numbers."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import NamedTuple

import pypdf
import pytest
from django.test import Client
from django.utils import translation
from openpyxl import load_workbook

from ratings.documents.building import report_document
from ratings.documents.document import ReportDocument
from ratings.documents.mail import report_mail
from ratings.documents.tables import csv_file, inert, xlsx_file
from ratings.models import Report
from ratings.selectors import local_today
from ratings.services import build_report
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Membership
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import Answer, acme, client_of, globex, logged_in
from tests.ratings.documents_shelf import a_document, an_organisation
from tests.ratings.rows import a_conversation, a_mark, a_promise, an_answer, an_ask

PASSWORD = "correct horse battery"
FORMULAS = ['=HYPERLINK("https://evil.example";"x")', "+1", "-1+1", "@SUM(A1)", "  =1", "\t=1", "＝1", "|calc"]


class Row(NamedTuple):
    """Shares in per cent, waits in seconds."""

    value: float | None
    n: float | None
    before: float | None
    before_n: float | None
    difference: float | None


@pytest.fixture(scope="module")
def organisation(platform_database: None) -> OrganisationRef:
    made = create_organisation(
        NewOrganisation(slug="same", name="Same & Sons", host="same.localhost", time_zone="Europe/Amsterdam")
    )
    create_account("mia@same.example", "Mia", PASSWORD, memberships=[(made, Membership.Role.MANAGER)])
    in_organisation(made, _write)
    return made


def _write(organisation: OrganisationRef) -> None:
    """Two days: 14 and 17 conversations, late ones among them, and 12 marks on the second alone."""
    yesterday = local_today(organisation.time_zone) - timedelta(days=1)
    for day, talks in ((yesterday - timedelta(days=1), 14), (yesterday, 17)):
        noon = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
        for position in range(talks):
            talk = a_conversation(organisation, noon)
            waited = 3.37 * (position + 1) + (5 if day == yesterday else 0)
            a_promise(talk, 1, "first", noon, "kept" if waited <= 20 else "broken", waited)
            if position % 2:
                a_promise(talk, 2, "follow_up", noon + timedelta(minutes=1), "kept", 9.96)
            if day == yesterday and position < 12:
                a_mark(talk, 1 + position % 10, noon)
            ask = an_ask(talk, noon, ["expectation", "solved"], shown=position % 3 > 0)
            an_answer(ask, "expectation", 1 + position % 3, noon)
            an_answer(ask, "solved", 3 - position % 3, noon)
        build_report(organisation, day)


def newest(organisation: OrganisationRef) -> Report:
    return in_organisation(organisation, lambda _: Report.objects.filter(is_current=True).order_by("-starts_on")[0])


@pytest.fixture
def document(organisation: OrganisationRef) -> ReportDocument:
    return in_organisation(organisation, report_document, newest(organisation))


@pytest.fixture
def manager(organisation: OrganisationRef) -> Client:
    client = client_of("same.localhost")
    client.post("/login/", {"username": "mia@same.example", "password": PASSWORD})
    return client


def downloaded(client: Client, report: Report, ending: str) -> Answer:
    response = client.get(f"/admin/ratings/report/{report.pk}/file.{ending}")
    assert response.status_code == 200
    return response


def expected(document: ReportDocument) -> dict[str, Row]:
    return {
        figure.name: Row(
            figure.now.value,
            figure.now.n,
            figure.before.value if figure.before else None,
            figure.before.n if figure.before else None,
            figure.difference.value if figure.difference else None,
        )
        for _section, figure in document.figures()
    }


def parsed(text: str) -> float | None:
    """What a person reads: 67%, 8.4 s, 1 min 12 s, +4 points, −2, –."""
    text = text.replace("−", "-").replace("±", "").strip()
    if text in ("", "–"):
        return None
    sign = -1 if text.startswith("-") else 1
    minutes = re.fullmatch(r"[+-]?(\d+) min (\d+) s", text)
    if minutes:
        return sign * (60 * int(minutes[1]) + int(minutes[2]))
    found = re.fullmatch(r"([+-]?[\d.]+)(%| s| points?)?", text)
    assert found is not None, text
    return float(found[1])


def in_csv(content: bytes) -> dict[str, Row]:
    assert content.startswith(b"\xef\xbb\xbf")
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    names = ("value", "n", "value_before", "n_before", "difference")
    return {row["figure"]: Row(*(float(row[name]) if row[name] else None for name in names)) for row in rows}


def in_xlsx(content: bytes) -> dict[str, Row]:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    found = {}
    for cells in sheet.iter_rows(min_row=2):
        numbers = []
        for position in (2, 3, 6, 7, 8):
            value, is_share = cells[position].value, "%" in cells[position].number_format
            assert value is None or cells[position].data_type == "n"
            numbers.append(round(100 * value, 6) if is_share and value is not None else value)
        found[cells[9].value] = Row(*numbers)
    return found


VALUE = r"–|\d+%|\d+ min \d+ s|[\d.]+ s|[\d.]+"
LINE = re.compile(
    rf"(?: *promised within \d+ s| *to beat: [\d.]+%?)? *(?P<value>{VALUE})(?: +(?P<n>\d+))?? +(?P<before>{VALUE})"
    rf"(?: \(n = (?P<before_n>\d+)\))?(?: +(?P<difference>[+−±].*))?"
)


def in_pdf(content: bytes, document: ReportDocument) -> dict[str, Row]:
    lines = [" ".join(line.split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages
             for line in page.extract_text(extraction_mode="layout").splitlines()]  # fmt: skip
    found, at = {}, 0
    for _section, figure in document.figures():
        label = str(figure.label)
        while True:
            match = LINE.fullmatch(lines[at].removeprefix(label)) if lines[at].startswith(label) else None
            at += 1
            if match:
                break
        found[figure.name] = Row(*(parsed(match[name] or "") for name in Row._fields))
    return found


def in_html(source: str) -> dict[str, Row]:
    """A mail and a page mark each row with the figure's name."""
    found = {}
    for name, row in re.findall(r'<tr data-figure="(\w+)">(.*?)</tr>', source, re.DOTALL):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        value, before, difference = (
            " ".join(
                unescape(re.sub(r"<[^>]+>", " ", cell)).replace("promised within", "|").replace("to beat", "|").split()
            )
            for cell in cells
        )
        (value, n), (before, before_n) = (_with_n(one.split("|")[0]) for one in (value, before))
        found[name] = Row(parsed(value), parsed(n), parsed(before), parsed(before_n), parsed(difference))
    return found


def _with_n(text: str) -> tuple[str, str]:
    value, _sign, n = text.partition("n =")
    return value, n


def test_every_number_is_the_same_everywhere(
    organisation: OrganisationRef, document: ReportDocument, manager: Client
) -> None:
    report, wanted = newest(organisation), expected(document)

    page = manager.get(f"/admin/ratings/report/{report.pk}/change/").content.decode()
    with translation.override("en"):
        mail = report_mail(document, link="https://x.example/1", settings_link="https://x.example/2")

    assert len(wanted) == 28
    assert sum(row.difference is not None for row in wanted.values()) > 10
    assert wanted["first_replies_in_time"] == Row(24, 17, 36, 14, -12)
    assert wanted["first_wait_p90"].value == 57
    assert in_csv(downloaded(manager, report, "csv").content) == wanted
    assert in_xlsx(downloaded(manager, report, "xlsx").content) == wanted
    assert in_pdf(downloaded(manager, report, "pdf").content, document) == wanted
    assert in_html(mail.html) == wanted
    assert in_html(page) == wanted
    assert all("to beat: 25.37%" in words and "to beat: 9.2" in words for words in (page, mail.html, mail.text))


@pytest.mark.parametrize("language", ["nl", "ja"])
def test_another_language_changes_labels_and_no_number(document: ReportDocument, language: str) -> None:
    with translation.override(language):
        translated = csv_file(document)
        assert in_xlsx(xlsx_file(document)) == expected(document)

    assert in_csv(translated) == expected(document)
    assert b"First replies" not in translated


@pytest.mark.parametrize("name", FORMULAS)
def test_what_looks_like_a_formula_stays_text(name: str) -> None:
    document = a_document(organisation=an_organisation(name))

    rows = list(csv.DictReader(io.StringIO(csv_file(document).decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(xlsx_file(document)))

    assert {row["organisation"] for row in rows} == {f"'{name}"}
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert book.worksheets[1]["A1"].value.startswith(name)
    assert inert("Acme") == "Acme"


def test_the_workbook_has_a_frozen_header_and_formats_of_its_own() -> None:
    sheet = load_workbook(io.BytesIO(xlsx_file(a_document()))).worksheets[0]

    assert sheet.freeze_panes == "C2"
    by_name = {row[9].value: row for row in sheet.iter_rows(min_row=2)}
    assert (by_name["first_replies_in_time"][2].value, by_name["first_replies_in_time"][2].number_format) == (
        0.94,
        "0%",
    )
    assert by_name["mean_mark"][2].value == 7.9


def test_a_file_is_named_private_and_only_for_who_may_see_the_page(
    organisation: OrganisationRef, manager: Client
) -> None:
    report = newest(organisation)

    response = downloaded(manager, report, "xlsx")
    path = f"/admin/ratings/report/{report.pk}/file.xlsx"

    assert response.headers["Content-Disposition"] == f'attachment; filename="same-day-{report.starts_on}.xlsx"'
    assert response.headers["Cache-Control"].startswith("private, no-store")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert client_of("same.localhost").get(path).headers["Location"] == f"/login/?next={path}"
    acme(), globex()
    assert logged_in("maud@acme.example", "acme.localhost").get(path).status_code == 404
    assert manager.get(f"/admin/ratings/report/{report.pk}/file.exe").status_code == 404
