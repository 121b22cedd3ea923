"""The overview's figures, the rows behind a number and the marks, as files. Whoever may see the pages may have them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from ratings.behind import NUMBERS, Row, all_behind, can_tell
from ratings.documents.building import sections_of
from ratings.documents.files import CSV_TYPE, XLSX_TYPE, FileKind
from ratings.factors import EXPECTATION, SOLVED, Factor
from ratings.filters import chosen
from ratings.marks_given import MarkGiven, marks_given
from ratings.reports import figures_of
from ratings.selection import Selection
from tenants.admin_site import SitePage, organisation_site
from tenants.context import OrganisationRef
from tenants.headers import download_bytes, download_file
from tenants.services import record_audit

Value = str | int | float | None
FIGURE_FILES = {
    "csv": FileKind("CSV", CSV_TYPE, "selected:csv_of"),
    "xlsx": FileKind("XLSX", XLSX_TYPE, "selected:xlsx_of"),
}
TYPES = {ending: kind.content_type for ending, kind in FIGURE_FILES.items()}
PLACE = ("website", "language", "topic", "purpose")
ROW_COLUMNS = (
    "at", "conversation", *PLACE, "reply_seconds", "reply_in_time", "first_reply_seconds", "first_replies_due",
    "first_replies_in_time", "follow_ups_due", "follow_ups_in_time", "mark", "expectation",
)  # fmt: skip
QUESTIONS = (EXPECTATION, SOLVED, *Factor.values)
MARK_COLUMNS = ("given_at", "opened_at", "conversation", *PLACE, "mark", *QUESTIONS, "comment")


def figures_view(request: HttpRequest, ending: str) -> HttpResponse:
    """The figures of the overview, as it shows them."""
    from ratings.documents.selected import SelectedFigures  # spreadsheets are loaded when the first one is asked for

    organisation = _organisation(request, ending)
    selection, compare, _wrong = chosen(organisation, request.GET.dict())
    compared = selection.compared(compare)
    before = figures_of(organisation, compared) if compared else None
    sections = sections_of(organisation, figures_of(organisation, selection), before)
    document = SelectedFigures(organisation.name, selection, compared, sections)
    _audit(request, organisation, f"figures.{ending}")
    return download_bytes(
        FIGURE_FILES[ending].write(document), TYPES[ending], _name(organisation, "figures", selection, ending)
    )


def rows_view(request: HttpRequest, ending: str) -> HttpResponseBase:
    """The rows behind a number; never a text. 404 where there is no such number."""
    organisation = _organisation(request, ending)
    selection, _compare, _wrong = chosen(organisation, request.GET.dict())
    name = request.GET.get("number", "conversations")
    if name not in NUMBERS or not can_tell(name, selection):
        raise Http404
    file = _written(ending, name, ROW_COLUMNS, map(_row_values, all_behind(organisation, selection, name)))
    _audit(request, organisation, f"{name}.{ending}")
    return download_file(request, file, TYPES[ending], _name(organisation, name, selection, ending))


def marks_view(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Every mark with its answers and the comment, which was written to the organisation."""
    organisation = _organisation(request, ending)
    selection, _compare, _wrong = chosen(organisation, request.GET.dict())
    file = _written(ending, "marks", MARK_COLUMNS, map(_mark_values, marks_given(organisation, selection)))
    _audit(request, organisation, f"marks.{ending}")
    return download_file(request, file, TYPES[ending], _name(organisation, "marks", selection, ending))


def _organisation(request: HttpRequest, ending: str) -> OrganisationRef:
    """404 for a kind of file that does not exist."""
    if ending not in TYPES:
        raise Http404
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    return organisation


def _written(ending: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> IO[bytes]:
    from ratings.documents.lists import WRITERS  # as above

    return WRITERS[ending](title, columns, rows)


def _audit(request: HttpRequest, organisation: OrganisationRef, what: str) -> None:
    record_audit(organisation.id, request.user.pk, "overview.exported", what)


def _name(organisation: OrganisationRef, what: str, selection: Selection, ending: str) -> str:
    """``acme-marks-2026-11-01-2026-11-30.csv``"""
    return f"{organisation.slug}-{what.replace('_', '-')}-{selection.first}-{selection.last}.{ending}"


def _row_values(row: Row) -> list[Value]:
    return [
        _instant(row.at),
        str(row.conversation_id or ""),
        row.website,
        row.language,
        row.topic,
        row.purpose,
        row.waited,
        None if row.is_kept is None else int(row.is_kept),
        row.first_wait,
        row.first_due,
        row.first_kept,
        row.following_due,
        row.following_kept,
        row.mark,
        row.expectation,
    ]


def _mark_values(given: MarkGiven) -> list[Value]:
    return [
        _instant(given.given_at),
        _instant(given.opened_at),
        str(given.conversation_id),
        given.website,
        given.language,
        given.topic,
        given.purpose,
        given.mark,
        *(given.answers.get(question) for question in QUESTIONS),
        given.comment,
    ]


def _instant(at: datetime) -> str:
    """In the organisation's time zone, which is the page's."""
    return timezone.localtime(at).isoformat(timespec="seconds")


for _route, _name_of_page, _view in (
    ("overview/figures.<slug:ending>", "overview_figures", figures_view),
    ("overview/behind/rows.<slug:ending>", "overview_rows", rows_view),
    ("overview/marks.<slug:ending>", "overview_marks", marks_view),
):
    organisation_site.add_page(SitePage(route=_route, name=_name_of_page, view=_view))
