"""A table: one row per article and language. Lines of questions and points stand below each other in their cell."""

import csv
import io
import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from knowledgebase.imports.rows import FIELDS, Place, Problem, RawRow
from knowledgebase.imports.sources import File, text_of

# What a list of questions and answers is usually headed with.
ALSO_CALLED = {"question": "title", "answer": "short_reply", "variants": "questions"}
DELIMITERS = ",;\t"
FORMULA = re.compile(r"'*[=+\-@\t\r]")
CELL_LENGTH = 1_000_000


def read_csv(file: File) -> tuple[list[RawRow], list[Problem]]:
    """Rows with the line each begins on. Raises ``Unreadable``."""
    text = text_of(file)
    header = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=header.count)
    csv.field_size_limit(CELL_LENGTH)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[RawRow] = []
    problems: list[Problem] = []
    names: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            place, line = Place(file.name, line), reader.line_num + 1
            if names is None:
                names = [_name(cell) for cell in cells]
                problems = [Problem(place, text) for text in _heading_problems(names)]
                if problems:
                    return [], problems
            elif any(cell.strip() for cell in cells):
                if len(cells) > len(names):
                    problems.append(Problem(place, _row_too_long(len(cells), len(names))))
                    continue
                values = {name: unguarded(cell) for name, cell in zip(names, cells, strict=False)}
                rows.append(RawRow(place, values))
    except csv.Error as error:
        text = _("The table breaks off here (%(error)s): look for a quotation mark too many or too few.")
        problems.append(Problem(Place(file.name, line), text % {"error": error}))
    if names is None:
        problems.append(Problem(Place(file.name, 1), _("The file is empty: the first line names the columns.")))
    return rows, problems


def guarded(cell: str) -> str:
    """What a spreadsheet would take for a formula gets an apostrophe before it; reading takes it off again."""
    return "'" + cell if FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def written_csv(rows: Sequence[dict[str, str | tuple[str, ...]]]) -> bytes:
    """The same table, with a mark that tells a spreadsheet that it is UTF-8."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(FIELDS)
    for row in rows:
        cells = (row.get(name, "") for name in FIELDS)
        writer.writerow([guarded(cell if isinstance(cell, str) else "\n".join(cell)) for cell in cells])
    return written.getvalue().encode("utf-8-sig")


def _name(cell: str) -> str:
    name = cell.strip().lower().replace(" ", "_").replace("-", "_")
    return ALSO_CALLED.get(name, name)


def _heading_problems(names: Sequence[str]) -> list[str]:
    problems = [
        _("The column “%(name)s” is not known. Known are: %(known)s.")
        % {"name": name[:60], "known": ", ".join([*FIELDS, *ALSO_CALLED])}
        for name in names
        if name not in FIELDS
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [_("The column “%(name)s” is there twice: leave one out.") % {"name": name[:60]} for name in twice]
    if not problems and "title" not in names and "slug" not in names:
        problems = [_("There is no column “title”: the first line names the columns.")]
    return problems


def _row_too_long(found: int, expected: int) -> str:
    return _("This row has %(found)s cells, and there are %(expected)s columns: put a text with commas in quotes.") % {
        "found": found,
        "expected": expected,
    }
