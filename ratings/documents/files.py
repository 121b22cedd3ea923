"""The kinds of file in which a report can be downloaded."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from ratings.documents.document import ReportDocument


@dataclass(frozen=True, slots=True)
class FileKind:
    label: str
    content_type: str
    writer: str
    """Module and function. Loaded when the first file is asked for: no process starts later for it (0.2 s)."""

    @property
    def mime_type(self) -> str:
        return self.content_type.partition(";")[0]

    def write(self, document: ReportDocument) -> bytes:
        module, name = self.writer.split(":")
        writer: Callable[[ReportDocument], bytes] = getattr(import_module(f"ratings.documents.{module}"), name)
        return writer(document)


FILES = {
    "csv": FileKind("CSV", "text/csv; charset=utf-8", "tables:csv_file"),
    "xlsx": FileKind("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "tables:xlsx_file"),
    "pdf": FileKind("PDF", "application/pdf", "pdf_file:pdf_file"),
}
"""By the ending of the file's name."""
