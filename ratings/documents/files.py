"""The kinds of file in which a report can be downloaded."""

from collections.abc import Callable
from dataclasses import dataclass

from ratings.documents.document import ReportDocument
from ratings.documents.pdf_file import pdf_file
from ratings.documents.tables import csv_file, xlsx_file


@dataclass(frozen=True, slots=True)
class FileKind:
    label: str
    content_type: str
    write: Callable[[ReportDocument], bytes]


FILES = {
    "csv": FileKind("CSV", "text/csv; charset=utf-8", csv_file),
    "xlsx": FileKind("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_file),
    "pdf": FileKind("PDF", "application/pdf", pdf_file),
}
"""By the ending of the file's name."""
