"""The kinds of file in which a report or another document can be downloaded."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class FileKind:
    label: str
    content_type: str
    writer: str
    """Module and function. Loaded when the first file is asked for: no process starts later for it (0.2 s)."""

    @property
    def mime_type(self) -> str:
        return self.content_type.partition(";")[0]

    def write(self, document: Any) -> bytes:
        module, name = self.writer.split(":")
        writer: Callable[[Any], bytes] = getattr(import_module(f"ratings.documents.{module}"), name)
        return writer(document)


FILES = {
    "csv": FileKind("CSV", CSV_TYPE, "tables:csv_file"),
    "xlsx": FileKind("XLSX", XLSX_TYPE, "tables:xlsx_file"),
    "pdf": FileKind("PDF", "application/pdf", "pdf_file:pdf_file"),
}
"""By the ending of the file's name."""
