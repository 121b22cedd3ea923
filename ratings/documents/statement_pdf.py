"""A statement on one page of A4: text that can be searched and copied, the font inside."""

import io

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext
from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from ratings.documents.fonts import BOLD, REGULAR, drawable, load_fonts
from ratings.documents.looks import EDGE, INK, INK_2, WASH, ink_on
from ratings.documents.pdf_file import HEIGHT, INNER, MARGIN, WIDTH, wrapped
from ratings.documents.statement import StatementDocument, duration_text, kind_text
from ratings.handled import Line

BAND = 92.0
# Right edges of the six columns of numbers.
EDGES = tuple(150 + place * (INNER - 154) / 6 for place in range(1, 7))


def pdf_of(document: StatementDocument) -> bytes:
    """In the active language. The same document gives the same bytes."""
    load_fonts()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=1, lang=get_language())
    canvas.setTitle(drawable(f"{document.organisation}: {document.heading}"))
    canvas.setAuthor(drawable(document.organisation))
    page = _Page(canvas)
    page.head(document)
    page.table(document)
    page.words(document)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


class _Page:
    """Draws from the top down; a statement has a fixed number of lines and fits."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas, self._y = canvas, HEIGHT

    def head(self, document: StatementDocument) -> None:
        self._canvas.setFillColor(HexColor(document.colour))
        self._canvas.rect(0, HEIGHT - BAND, WIDTH, BAND, stroke=0, fill=1)
        ink = ink_on(document.colour)
        self._text(document.organisation, MARGIN, HEIGHT - 30, REGULAR, 11, ink)
        self._text(document.heading, MARGIN, HEIGHT - 54, BOLD, 18, ink)
        self._text(document.state_line, MARGIN, HEIGHT - 75, REGULAR, 9, ink)
        self._y = HEIGHT - BAND - 20
        reason = document.statement.reason
        if reason:
            self._paragraph(gettext("Why there is this version: %(reason)s") % {"reason": reason}, 10, INK)
        if not document.statement.is_locked:
            self._paragraph(gettext("This is a draft: it is counted anew each night and is no evidence yet."), 10, INK)

    def table(self, document: StatementDocument) -> None:
        self._y -= 14
        for first, last, title in ((0, 2, gettext("Conversations")), (3, 5, gettext("Handled time (h:mm:ss)"))):
            self._right(title, MARGIN + EDGES[last], self._y, BOLD, 9, INK)
            self._rule(MARGIN + EDGES[first] - 52, MARGIN + EDGES[last], self._y - 4)
        self._y -= 17
        heads = [gettext("in hours"), gettext("out of hours"), gettext("all")] * 2
        for edge, head in zip(EDGES, heads, strict=True):
            self._right(head, MARGIN + edge, self._y, REGULAR, 8, INK_2)
        for line in document.lines:
            self._row(line, REGULAR)
        self._row(document.total, BOLD)
        self._y -= 14

    def _row(self, line: Line, font: str) -> None:
        self._y -= 9
        if font == BOLD:
            self._canvas.setFillColor(HexColor(WASH))
            self._canvas.rect(MARGIN - 4, self._y - 19, INNER + 8, 19, stroke=0, fill=1)
        self._rule(MARGIN, MARGIN + INNER, self._y)
        self._y -= 13
        self._text(kind_text(line.kind).capitalize(), MARGIN, self._y, font, 10, INK)
        counts = [number_format(count) for count in (line.in_conversations, line.out_conversations, line.conversations)]
        times = [duration_text(seconds) for seconds in (line.in_seconds, line.out_seconds, line.seconds)]
        for edge, text in zip(EDGES, [*counts, *times], strict=True):
            self._right(text, MARGIN + edge, self._y, font, 10, INK)

    def words(self, document: StatementDocument) -> None:
        for note in document.notes:
            self._paragraph(note, 9, INK_2)
        self._y -= 8
        self._text(gettext("Checksum (SHA-256)"), MARGIN, self._y, BOLD, 9, INK)
        self._y -= 13
        self._text(document.statement.checksum, MARGIN, self._y, REGULAR, 9, INK)
        self._y -= 8
        self._paragraph(gettext("A copy with the same checksum says the same."), 9, INK_2)

    def _paragraph(self, text: str, size: float, ink: str) -> None:
        for line in wrapped(text, REGULAR, size, INNER):
            self._y -= size + 4
            self._text(line, MARGIN, self._y, REGULAR, size, ink)
        self._y -= 4

    def _rule(self, begin: float, end: float, y: float) -> None:
        self._canvas.setStrokeColor(HexColor(EDGE))
        self._canvas.setLineWidth(0.6)
        self._canvas.line(begin, y, end, y)

    def _text(self, text: str, x: float, y: float, font: str, size: float, ink: str) -> None:
        self._canvas.setFillColor(HexColor(ink))
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, y, drawable(text))

    def _right(self, text: str, x: float, y: float, font: str, size: float, ink: str) -> None:
        self._text(text, x - stringWidth(drawable(text), font, size), y, font, size, ink)
