"""PDF, A4: text that can be searched and copied, the font inside, charts as vectors."""

import io
import re
from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext
from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from ratings.documents.document import Essential, Figure, ReportDocument, Section, Step
from ratings.documents.fonts import BOLD, REGULAR, drawable, load_fonts
from ratings.documents.looks import EDGE, INK, INK_2, KEPT, LATE, SIGNS, ink_on
from ratings.documents.words import (
    NOTHING,
    aim_text,
    amount_text,
    chart_title,
    counted_text,
    difference_text,
    heading,
    period_before,
    reading_notes,
    sentence_text,
    step_label,
    version_line,
)

WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 46.0
INNER = WIDTH - 2 * MARGIN
BAND, FOOT = 74.0, 40.0
# Right edges of the columns of numbers; the label has what is left of them.
COLUMNS = (282.0, 328.0, 428.0, INNER - 4)
CHART_HEIGHT = 86.0


def pdf_file(document: ReportDocument) -> bytes:
    """In the active language. The same document gives the same bytes."""
    load_fonts()
    paper = _Paper(document)
    paper.essentials()
    for section in document.sections:
        paper.section(section)
    paper.course(document.course)
    paper.notes()
    return paper.finished()


class _Paper:
    """Draws from the top down and begins a new page when there is no room."""

    def __init__(self, document: ReportDocument) -> None:
        self._document = document
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=(WIDTH, HEIGHT), invariant=1, lang=get_language())
        self._canvas.setTitle(drawable(f"{document.organisation}: {heading(document)}"))
        self._canvas.setAuthor(drawable(document.organisation))
        self._page, self._y = 0, HEIGHT
        self._begin_page()

    def essentials(self) -> None:
        self._title(gettext("The essentials"))
        for one in self._document.essentials:
            self._essential(one)
        self._y -= 6

    def _essential(self, one: Essential) -> None:
        parts = [(BOLD, INK, sentence_text(one.what))]
        parts += [(REGULAR, INK_2, sentence_text(part)) for part in (one.why, one.advice) if part]
        lines = [(font, ink, line) for font, ink, text in parts for line in wrapped(text, font, 10, INNER - 22)]
        self._room(14.5 * len(lines) + 4)
        self._text(SIGNS[one.tone], MARGIN + 2, self._y - 10, BOLD, 9, INK)
        for font, ink, line in lines:
            self._y -= 14.5
            self._text(line, MARGIN + 18, self._y + 4, font, 10, ink)
        self._y -= 4

    def section(self, section: Section) -> None:
        self._room(40 + 18 * len(section.figures))
        self._title(str(section.label))
        heads = (gettext("Value"), "n", period_before(self._document), gettext("Difference"))
        for edge, head in zip(COLUMNS, heads, strict=True):
            self._right(head, MARGIN + edge, self._y - 8, REGULAR, 7.5, INK_2)
        self._y -= 13
        for figure in section.figures:
            self._row(figure)
        self._y -= 9

    def _row(self, figure: Figure) -> None:
        self._rule(self._y)
        y = self._y - 12.5
        label = drawable(str(figure.label))
        self._text(label, MARGIN, y, REGULAR, 9.5, INK)
        aim = "" if figure.name.endswith(("_median", "_p90")) else aim_text(figure)
        if aim:
            self._text(aim, MARGIN + stringWidth(label, REGULAR, 9.5) + 8, y, REGULAR, 7.5, INK_2)
        count = number_format(figure.now.n) if figure.now.n is not None else ""
        before = counted_text(figure.before) if figure.before else NOTHING
        self._right(amount_text(figure.now), MARGIN + COLUMNS[0], y, BOLD, 9.5, INK)
        for edge, text in zip(COLUMNS[1:], (count, before, difference_text(figure)), strict=True):
            self._right(text, MARGIN + edge, y, REGULAR, 9, INK_2)
        self._y -= 18

    def course(self, course: Sequence[Step]) -> None:
        """Columns: in time below, too late on top and hatched. The number on a column is of those that were late."""
        top = max([1, *(step.kept + step.late for step in course)])
        if top == 1 and not any(step.kept + step.late for step in course):
            return
        self._room(CHART_HEIGHT + 66)
        self._title(chart_title(self._document))
        self._legend()
        base, pitch = self._y - CHART_HEIGHT - 10, INNER / max(len(course), 7)
        self._rule(base)
        for position, step in enumerate(course):
            x, width = MARGIN + position * pitch + pitch * 0.16, pitch * 0.68
            kept, late = CHART_HEIGHT * step.kept / top, CHART_HEIGHT * step.late / top
            self._canvas.setFillColor(HexColor(KEPT))
            self._canvas.rect(x, base, width, kept, stroke=0, fill=1)
            self._hatched(x, base + kept, width, late)
            middle = x + width / 2
            day = step_label(self._document.span.kind, step.starts_on)
            self._centred(day, middle, base - 10, REGULAR, 7, INK_2)
            self._centred(number_format(step.kept), middle, base - 19, REGULAR, 7, INK)
            self._centred(number_format(step.late), middle, base - 28, REGULAR, 7, INK)
        self._y = base - 40

    def _legend(self) -> None:
        x, y = MARGIN, self._y - 8
        self._canvas.setFillColor(HexColor(KEPT))
        self._canvas.rect(x, y, 8, 8, stroke=0, fill=1)
        kept = drawable(gettext("in time"))
        self._text(kept, x + 12, y + 1, REGULAR, 8, INK_2)
        x += 26 + stringWidth(kept, REGULAR, 8)
        self._hatched(x, y, 8, 8)
        late = drawable(gettext("too late"))
        self._text(late, x + 12, y + 1, REGULAR, 8, INK_2)
        x += 26 + stringWidth(late, REGULAR, 8)
        self._text(gettext("below each column: when, in time, too late"), x, y + 1, REGULAR, 8, INK_2)
        self._y -= 14

    def _hatched(self, x: float, y: float, width: float, height: float) -> None:
        if height <= 0:
            return
        canvas = self._canvas
        canvas.saveState()
        canvas.setStrokeColor(HexColor(LATE))
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.setLineWidth(0.9)
        canvas.rect(x, y, width, height, stroke=1, fill=1)
        clip = canvas.beginPath()
        clip.rect(x, y, width, height)
        canvas.clipPath(clip, stroke=0, fill=0)
        at = x - height
        while at < x + width:
            canvas.line(at, y, at + height, y + height)
            at += 3.2
        canvas.restoreState()

    def notes(self) -> None:
        lines = [line for note in reading_notes(self._document) for line in wrapped(note, REGULAR, 8, INNER)]
        self._room(11 * len(lines))
        for line in lines:
            self._y -= 11
            self._text(line, MARGIN, self._y, REGULAR, 8, INK_2)

    def finished(self) -> bytes:
        self._end_page()
        self._canvas.save()
        return self._file.getvalue()

    def _begin_page(self) -> None:
        self._page += 1
        document, canvas = self._document, self._canvas
        ink = ink_on(document.colour)
        band = BAND if self._page == 1 else 30
        canvas.setFillColor(HexColor(document.colour))
        canvas.rect(0, HEIGHT - band, WIDTH, band, stroke=0, fill=1)
        if self._page == 1:
            self._text(document.organisation, MARGIN, HEIGHT - 26, REGULAR, 10, ink)
            self._text(heading(document), MARGIN, HEIGHT - 45, BOLD, 15, ink)
            self._text(version_line(document), MARGIN, HEIGHT - 61, REGULAR, 8, ink)
        else:
            self._text(f"{document.organisation}: {heading(document)}", MARGIN, HEIGHT - 19, REGULAR, 9, ink)
        self._y = HEIGHT - band - 14

    def _end_page(self) -> None:
        self._right(str(self._page), WIDTH - MARGIN, FOOT - 16, REGULAR, 8, INK_2)
        self._canvas.showPage()

    def _room(self, height: float) -> None:
        if self._y - height < FOOT:
            self._end_page()
            self._begin_page()

    def _title(self, text: str) -> None:
        self._y -= 16
        self._text(text, MARGIN, self._y, BOLD, 11.5, INK)
        self._y -= 5

    def _rule(self, y: float) -> None:
        self._canvas.setStrokeColor(HexColor(EDGE))
        self._canvas.setLineWidth(0.6)
        self._canvas.line(MARGIN, y, WIDTH - MARGIN, y)

    def _text(self, text: str, x: float, y: float, font: str, size: float, ink: str) -> None:
        self._canvas.setFillColor(HexColor(ink))
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, y, drawable(text))

    def _right(self, text: str, x: float, y: float, font: str, size: float, ink: str) -> None:
        self._text(text, x - stringWidth(drawable(text), font, size), y, font, size, ink)

    def _centred(self, text: str, x: float, y: float, font: str, size: float, ink: str) -> None:
        self._text(text, x - stringWidth(drawable(text), font, size) / 2, y, font, size, ink)


_WIDE = r"\u3000-\u9fff\uff00-\uffef"
_NOT_FIRST = "、。，．）」』・ー％！？："
# A word with the spaces behind it, or one character of a script without spaces with what may not begin a line.
_PIECES = re.compile(rf"[{_WIDE}][{_NOT_FIRST}]*|[^\s{_WIDE}]+\s*|\s+")


def wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    lines, line = [], ""
    for piece in _PIECES.findall(drawable(text)):
        if line and stringWidth((line + piece).rstrip(), font, size) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]
