"""Statements on both sites: shown, locked by what was shown, downloaded, and read by their own client alone."""

import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import pypdf
import pytest
from django.utils import translation

from operators.models import Statement
from ratings.documents.statement import duration_text
from ratings.services.statements import build_statement
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord, Membership, Organisation
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import DESK, account, client_of, logged_in
from tests.conversations.scene import hire_operator
from tests.ratings.rows import a_conversation
from tests.ratings.test_statements import WEEKDAYS, at, held

ADA = "ada@desk.example"
OCTOBER = date(2025, 10, 1)


def a_client(slug: str) -> OrganisationRef:
    organisation = create_organisation(
        NewOrganisation(slug=slug, name=slug.title(), host=f"{slug}.localhost", hours=WEEKDAYS)
    )
    Organisation.objects.filter(pk=organisation.id).update(created_at=datetime(2025, 1, 1, tzinfo=UTC))
    create_account(f"mia@{slug}.example", "Mia", None, memberships=[(organisation, Membership.Role.MANAGER)])
    return organisation


def a_statement(organisation: OrganisationRef) -> Statement:
    """One complaint of 62 minutes, two of them after closing time."""
    operator = hire_operator(organisation, is_present=False).id
    opened = at(2025, 10, 7, 16, 30)
    conversation = in_organisation(organisation, a_conversation, opened)
    held(organisation, operator, opened, 3720, kind="complaint", conversation_id=conversation)
    statement = in_organisation(organisation, build_statement, OCTOBER)
    assert statement is not None
    return statement


def page(statement: Statement) -> str:
    return f"/admin/operators/statement/{statement.pk}"


def test_what_is_locked_is_what_was_shown() -> None:
    organisation = a_client("page-locked")
    statement, ada = a_statement(organisation), logged_in(ADA)

    shown = ada.get(f"{page(statement)}/change/").content.decode()
    outdated = ada.post(f"{page(statement)}/lock/", {"checksum": "0" * 64}, follow=True).content.decode()
    state_then = Statement.objects.get(pk=statement.pk).state
    locked = ada.post(f"{page(statement)}/lock/", {"checksum": statement.checksum}, follow=True).content.decode()

    assert f'name="checksum" value="{statement.checksum}"' in shown
    assert "1 conversations and 1:02:00 of handled time, 1:00:00 in hours and 0:02:00 out of hours" in shown
    assert "counted anew or locked meanwhile" in outdated
    assert state_then == "draft"
    assert "can no longer change" in locked
    assert "Lock it for good" not in locked
    assert Statement.objects.get(pk=statement.pk).locked_by == account(ADA).pk


def test_a_link_alone_locks_and_corrects_nothing() -> None:
    statement, ada = a_statement(a_client("page-link")), logged_in(ADA)

    for step in ("lock", "correct"):
        assert ada.get(f"{page(statement)}/{step}/").headers["Location"] == f"{page(statement)}/change/"

    assert Statement.objects.get(pk=statement.pk).state == "draft"


def test_a_correction_asks_for_its_reason_and_leads_to_the_new_version() -> None:
    statement, ada = a_statement(a_client("page-corrected")), logged_in(ADA)
    ada.post(f"{page(statement)}/lock/", {"checksum": statement.checksum})

    refused = ada.post(f"{page(statement)}/correct/", {"reason": " "})
    made = ada.post(f"{page(statement)}/correct/", {"reason": "Agreed with the client"})

    versions = Statement.objects.filter(organisation=statement.organisation_id, month=OCTOBER).order_by("version")
    assert [(one.version, one.state, one.reason) for one in versions] == [
        (1, "locked", ""),
        (2, "draft", "Agreed with the client"),
    ]
    assert refused.headers["Location"] == f"{page(statement)}/change/"
    assert made.headers["Location"] == f"{page(versions[1])}/change/"


def test_the_files_say_what_the_page_says_and_a_download_is_audited() -> None:
    statement, ada = a_statement(a_client("page-files")), logged_in(ADA)
    ada.post(f"{page(statement)}/lock/", {"checksum": statement.checksum})

    files = {ending: ada.get(f"{page(statement)}/file.{ending}") for ending in ("csv", "xlsx", "pdf")}

    rows = {row["kind"]: row for row in csv.DictReader(io.StringIO(files["csv"].content.decode("utf-8-sig")))}
    assert (rows["complaint"]["in_seconds"], rows["complaint"]["out_seconds"]) == ("3600", "120")
    assert (rows["total"]["conversations"], rows["total"]["seconds"]) == ("1", "3720")
    assert {row["checksum"] for row in rows.values()} == {statement.checksum}
    sheet = openpyxl.load_workbook(io.BytesIO(files["xlsx"].content)).active
    seconds = [row[11] for row in sheet.iter_rows(min_row=2, max_row=6, values_only=True)]
    assert [round(one.total_seconds()) for one in seconds] == [0, 0, 3720, 0, 3720]
    text = pypdf.PdfReader(io.BytesIO(files["pdf"].content)).pages[0].extract_text()
    assert "1:02:00" in text
    assert statement.checksum in text
    assert "Locked" in text
    audit = AuditRecord.objects.filter(subject_id=str(statement.pk), action="statement.downloaded")
    assert [one.actor_id for one in audit] == [account(ADA).pk] * 3
    assert ada.get(f"{page(statement)}/file.exe").status_code == 404


@pytest.mark.parametrize("language", ["nl", "ja"])
def test_a_page_of_paper_in_every_language(language: str) -> None:
    statement = a_statement(a_client(f"paper-{language}"))

    with translation.override(language):
        answer = logged_in(ADA).get(f"{page(statement)}/file.pdf", headers={"accept-language": language})

    assert len(pypdf.PdfReader(io.BytesIO(answer.content)).pages) == 1


def test_a_manager_reads_their_own_locked_statements_and_no_other() -> None:
    # rule 17
    organisation, other = a_client("page-own"), a_client("page-other")
    statement, theirs = a_statement(organisation), a_statement(other)
    host = f"{organisation.slug}.localhost"
    mia, ada = logged_in(f"mia@{organisation.slug}.example", host), logged_in(ADA)

    before = mia.get(f"{page(statement)}/change/").status_code
    for one in (statement, theirs):
        ada.post(f"{page(one)}/lock/", {"checksum": one.checksum})
    own = mia.get(f"{page(statement)}/change/")
    listed = mia.get("/admin/operators/statement/").content.decode()

    assert before == 302  # a draft is not there
    assert own.status_code == 200
    assert "Correct this statement" not in own.content.decode()
    assert mia.get(f"{page(statement)}/file.csv").status_code == 200
    assert "October 2025" in listed
    assert str(theirs.pk) not in listed
    assert [mia.get(f"{page(theirs)}/{rest}").status_code for rest in ("change/", "file.csv")] == [302, 404]
    for step in ("lock", "correct"):
        assert mia.post(f"{page(statement)}/{step}/", {"reason": "x"}).status_code in (302, 404)
    assert client_of(host).get(f"{page(statement)}/file.csv").status_code == 302
    assert logged_in("olga@desk.example", DESK).get(f"{page(statement)}/file.csv").status_code == 302
    assert Statement.objects.filter(organisation=organisation.id).count() == 1


def test_hours_minutes_and_seconds_add_up() -> None:
    assert [duration_text(one) for one in (0, 59, 3600, 740_707)] == ["0:00:00", "0:00:59", "1:00:00", "205:45:07"]
