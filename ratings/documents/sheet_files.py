"""CSV and XLSX of a sheet."""

import csv
import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from ratings.documents.sheet import Kind, Sheet
from ratings.documents.tables import BOM, inert, sheet_title, write_cell

FORMATS = {
    Kind.COUNT: "#,##0",
    Kind.PERCENT: "0%",
    Kind.SECONDS: '0.0" s"',
    Kind.DURATION: "[h]:mm:ss",
    Kind.MARK: "0.0",
    Kind.SIGNED: "+0.0;-0.0;0",
}
DIVISORS = {Kind.PERCENT: 100, Kind.DURATION: 24 * 3600}


def csv_of(sheet: Sheet) -> bytes:
    """UTF-8 with a byte order mark. Numbers have a decimal point; shares are per cent, times seconds."""
    written = io.StringIO()
    written.write(BOM)
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow([column.name for column in sheet.columns])
    for row in sheet.rows:
        rows.writerow(["" if value is None else inert(value) if isinstance(value, str) else value for value in row])
    return written.getvalue().encode()


def xlsx_of(sheet: Sheet) -> bytes:
    """One sheet: real numbers under a frozen header, then the notes. No formulas."""
    book = Workbook()
    book.properties.title, book.properties.creator = sheet.title, ""
    page: Worksheet = book.active
    page.title = sheet_title(sheet.title)
    for number, column in enumerate(sheet.columns, 1):
        cell = write_cell(page, 1, number, column.label)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="EEF1F0")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.column_dimensions[cell.column_letter].width = 28 if number == 1 else 15
    for place, row in enumerate(sheet.rows, 2):
        for number, (column, value) in enumerate(zip(sheet.columns, row, strict=True), 1):
            if isinstance(value, str) or value is None:
                write_cell(page, place, number, value)
                continue
            cell = write_cell(page, place, number, value / DIVISORS[column.kind] if column.kind in DIVISORS else value)
            cell.number_format = FORMATS.get(column.kind, "General")
    for place, note in enumerate(sheet.notes, len(sheet.rows) + 3):
        write_cell(page, place, 1, note)
    page.freeze_panes = "B2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
