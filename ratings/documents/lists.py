"""Long lists as files, written to the disk while they are read: however many rows, little is held in memory."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from ratings.documents.tables import BOM, inert, plain_text, sheet_title

Value = str | int | float | None


def csv_file(_title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> IO[bytes]:
    """A temporary file, which vanishes when it is closed. UTF-8 with a byte order mark; text that looks like a formula
    is made text."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (whoever hands it out closes it)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    text.write(BOM)
    written = csv.writer(text, lineterminator="\r\n")
    written.writerow(columns)
    for row in rows:
        written.writerow(["" if value is None else inert(value) if isinstance(value, str) else value for value in row])
    text.detach()
    return file


def xlsx_file(title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> IO[bytes]:
    """As :func:`csv_file`. Each different text is held until the end, numbers are not."""
    book = Workbook(write_only=True)
    book.properties.creator = ""
    sheet = book.create_sheet(sheet_title(title))
    sheet.freeze_panes = "B2"

    def cell(value: Value) -> WriteOnlyCell:
        if not isinstance(value, str):
            return WriteOnlyCell(sheet, value)
        written = WriteOnlyCell(sheet, plain_text(value))
        written.data_type = "s"  # never a formula, whatever it looks like
        return written

    sheet.append([cell(name) for name in columns])
    for row in rows:
        sheet.append([cell(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 (whoever hands it out closes it)
    book.save(file)
    return file


WRITERS: dict[str, Callable[[str, Sequence[str], Iterable[Sequence[Value]]], IO[bytes]]] = {
    "csv": csv_file,
    "xlsx": xlsx_file,
}
"""By the ending of the file's name."""
