"""CSV and XLSX: the same numbers for other programs to read."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC

from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from ratings.documents.document import Amount, Figure, ReportDocument, Section, Unit
from ratings.documents.words import heading, period_before, reading_notes, sentence_text, version_line

BOM = "\ufeff"
COLUMNS = (
    "organisation", "period", "starts_on", "ends_on", "version", "section", "figure", "label", "value", "unit", "n",
    "promised_seconds", "goal", "value_before", "n_before", "difference",
)  # fmt: skip
FORMULA_STARTS = tuple("=+-@|%＝＋－＠\t\r\n")
FORMATS = {Unit.COUNT: "0", Unit.PERCENT: "0%", Unit.SECONDS: '0.0" s"', Unit.MARK: "0.0"}
GOAL_FORMATS = {Unit.PERCENT: "0.00%", Unit.MARK: "0.0"}
SIGNED = {Unit.COUNT: "+0;-0;0", Unit.PERCENT: "+0%;-0%;0%", Unit.SECONDS: '+0.0" s";-0.0" s";0.0" s"'}
SIGNED[Unit.MARK] = "+0.0;-0.0;0.0"


def csv_file(document: ReportDocument) -> bytes:
    """UTF-8 with a byte order mark, one row per figure. Names of columns, sections and figures never change; labels are
    in the active language. Numbers have a decimal point; shares are per cent, waits seconds."""
    written = io.StringIO()
    written.write(BOM)
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for section, figure in document.figures():
        rows.writerow(
            [
                inert(document.organisation),
                document.span.kind.value,
                document.span.first.isoformat(),
                document.span.last.isoformat(),
                document.version,
                *figure_values(section, figure),
            ]
        )
    return written.getvalue().encode()


def figure_values(section: Section, figure: Figure) -> list[str]:
    """The last eleven of :data:`COLUMNS`."""
    before = figure.before
    return [
        section.name,
        figure.name,
        inert(str(figure.label)),
        _plain(figure.now),
        figure.now.unit.value,
        _number(figure.now.n),
        _number(figure.promised_seconds),
        _number(figure.goal),
        _plain(before),
        _number(before.n) if before else "",
        _plain(figure.difference),
    ]


def inert(text: str) -> str:
    """Text that a spreadsheet would take for a formula, made text by the sign that spreadsheets use for that."""
    return f"'{text}" if text.lstrip(" \u3000\u00a0").startswith(FORMULA_STARTS) else text


def _plain(amount: Amount | None) -> str:
    return "" if amount is None else _number(amount.value)


def _number(value: float | int | None) -> str:
    """Whole numbers without a decimal point."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else str(value)


def xlsx_file(document: ReportDocument) -> bytes:
    """A sheet of figures, real numbers under a frozen header, and one of the essentials in words. No formulas."""
    book = Workbook()
    book.properties.title = plain_text(f"{document.organisation}: {heading(document)}")
    book.properties.creator = ""
    book.properties.created = book.properties.modified = document.built_at.astimezone(UTC).replace(tzinfo=None)
    figures_sheet(book.active, document.figures(), period_before(document))
    _words_sheet(book.create_sheet(sheet_title(gettext("The essentials"))), document)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def figures_sheet(sheet: Worksheet, figures: Iterable[tuple[Section, Figure]], before_title: str) -> None:
    sheet.title = sheet_title(gettext("Figures"))
    titles = [
        gettext("Section"),
        gettext("Figure"),
        gettext("Value"),
        "n",
        gettext("Promised within (s)"),
        gettext("To beat"),
        before_title,
        gettext("n before"),
        gettext("Difference"),
        gettext("Name for programs"),
    ]
    for column, title in enumerate(titles, 1):
        cell = write_cell(sheet, 1, column, title)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="EEF1F0")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for row, (section, figure) in enumerate(figures, 2):
        _figure_row(sheet, row, section, figure)
    for letter, width in zip("ABCDEFGHIJ", (28, 38, 14, 8, 14, 10, 16, 10, 14, 26), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions


def _figure_row(sheet: Worksheet, row: int, section: Section, figure: Figure) -> None:
    write_cell(sheet, row, 1, str(section.label))
    write_cell(sheet, row, 2, str(figure.label))
    _put(sheet, row, 3, figure.now, FORMATS)
    write_cell(sheet, row, 4, figure.now.n)
    write_cell(sheet, row, 5, figure.promised_seconds)
    if figure.goal is not None:
        _put(sheet, row, 6, Amount(figure.goal, figure.now.unit), GOAL_FORMATS)
    _put(sheet, row, 7, figure.before, FORMATS)
    write_cell(sheet, row, 8, figure.before.n if figure.before else None)
    _put(sheet, row, 9, figure.difference, SIGNED)
    write_cell(sheet, row, 10, figure.name)


def _put(sheet: Worksheet, row: int, column: int, amount: Amount | None, formats: dict[Unit, str]) -> None:
    if amount is None or amount.value is None:
        return
    value = amount.value / 100 if amount.unit == Unit.PERCENT else amount.value
    write_cell(sheet, row, column, value).number_format = formats[amount.unit]


def _words_sheet(sheet: Worksheet, document: ReportDocument) -> None:
    sheet.column_dimensions["A"].width = 100
    for row, line in enumerate(_lines(document), 1):
        cell = write_cell(sheet, row, 1, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if row == 1:
            cell.font = Font(bold=True, size=14)


def _lines(document: ReportDocument) -> Iterator[str]:
    yield f"{document.organisation}: {heading(document)}"
    yield version_line(document)
    for one in document.essentials:
        yield " ".join(sentence_text(part) for part in (one.what, one.why, one.advice) if part)
    yield from reading_notes(document)


def write_cell(sheet: Worksheet, row: int, column: int, value: str | float | int | None) -> Cell:
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = plain_text(value)
        cell.data_type = "s"  # never a formula, whatever it looks like
    else:
        cell.value = value
    return cell


def plain_text(value: str) -> str:
    return str(ILLEGAL_CHARACTERS_RE.sub("", value))


def sheet_title(title: str) -> str:
    return title.translate({ord(sign): None for sign in "[]:*?/\\'"})[:31]
