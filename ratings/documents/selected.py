"""The figures of a selection as files: the numbers that the overview shows."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, fields

from django.utils.translation import gettext
from openpyxl import Workbook

from ratings.documents.document import Figure, Section
from ratings.documents.tables import BOM, COLUMNS, figure_values, figures_sheet, inert, sheet_title, write_cell
from ratings.selection import Selection

FIGURE_COLUMNS = COLUMNS[-11:]


@dataclass(frozen=True, slots=True)
class SelectedFigures:
    """``compared`` is what the figures stand beside, if anything."""

    organisation: str
    selection: Selection
    compared: Selection | None
    sections: tuple[Section, ...]

    def figures(self) -> Iterator[tuple[Section, Figure]]:
        for section in self.sections:
            for figure in section.figures:
                yield section, figure

    def facts(self) -> list[tuple[str, str]]:
        """What was selected, by the names that programs read."""
        own = [(one.name, str(getattr(self.selection, one.name))) for one in fields(self.selection)]
        before = (str(self.compared.first), str(self.compared.last)) if self.compared else ("", "")
        return [("organisation", self.organisation), *own, *zip(("first_before", "last_before"), before, strict=True)]


def csv_of(selected: SelectedFigures) -> bytes:
    """One row per figure, what was selected in front of each. As the CSV of a report otherwise."""
    written = io.StringIO()
    written.write(BOM)
    rows = csv.writer(written, lineterminator="\r\n")
    facts = selected.facts()
    rows.writerow([*(name for name, _value in facts), *FIGURE_COLUMNS])
    for section, figure in selected.figures():
        rows.writerow([*(inert(value) for _name, value in facts), *figure_values(section, figure)])
    return written.getvalue().encode()


def xlsx_of(selected: SelectedFigures) -> bytes:
    """A sheet of figures as a report has it, and one that says what was selected."""
    book = Workbook()
    book.properties.creator = ""
    figures_sheet(book.active, selected.figures(), gettext("Before"))
    said = book.create_sheet(sheet_title(gettext("What was selected")))
    for row, (name, value) in enumerate(selected.facts(), 1):
        write_cell(said, row, 1, name)
        write_cell(said, row, 2, value or "–")
    for letter, width in zip("AB", (18, 40), strict=True):
        said.column_dimensions[letter].width = width
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
