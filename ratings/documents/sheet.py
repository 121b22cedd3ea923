"""A table for other programs to read: exactly what a page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ratings.documents.files import CSV_TYPE, XLSX_TYPE, FileKind

Value = str | int | float | None


class Kind(StrEnum):
    """What a column holds, and so how a spreadsheet writes it."""

    TEXT = "text"
    COUNT = "count"
    PERCENT = "percent"
    SECONDS = "seconds"
    DURATION = "duration"
    """Seconds that add up to hours."""
    MARK = "mark"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` is for programs and stays the same in every language."""

    name: str
    label: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Sheet:
    """``notes`` say below the table how to read it; they are not in the CSV."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    notes: Sequence[str] = ()


FILES = {
    "csv": FileKind("CSV", CSV_TYPE, "sheet_files:csv_of"),
    "xlsx": FileKind("XLSX", XLSX_TYPE, "sheet_files:xlsx_of"),
}
"""By the ending of the file's name."""
