"""PDF: text that can be read out again, and a font that holds every character of it."""

import hashlib
import io
import re
from typing import Any

import pypdf
import pytest
from django.utils import translation
from reportlab.pdfbase import pdfmetrics

from ratings.documents.fonts import FOLDER, GETA, REGULAR, drawable
from ratings.documents.pdf_file import pdf_file
from tests.ratings.documents_shelf import a_bad_day, a_document, an_organisation

pytestmark = pytest.mark.no_database


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("language", ["en", "nl", "ja"])
def test_every_character_is_in_the_font(language: str) -> None:
    with translation.override(language):
        pdf = pdf_file(a_bad_day())

    text = text_of(pdf)
    glyphs = pdfmetrics.getFont(REGULAR).face.charToGlyph
    assert len(text) > 700
    assert {one for one in text if not one.isspace() and not glyphs.get(ord(one))} == set()  # glyph 0 is .notdef
    assert GETA not in text
    assert ("日曜日" in text) == (language == "ja")


def test_the_font_is_inside_and_has_japanese() -> None:
    with translation.override("ja"):
        pdf = pypdf.PdfReader(io.BytesIO(pdf_file(a_bad_day())))

    fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    embedded = [font for font in fonts if "BIZUDPGothic" in str(font["/BaseFont"])]
    assert embedded
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)
    assert "会話" in text_of(pdf_file_in("ja"))


def pdf_file_in(language: str) -> bytes:
    with translation.override(language):
        return pdf_file(a_bad_day())


def test_what_the_font_lacks_is_a_geta_and_never_an_empty_box() -> None:
    organisation = an_organisation("Größe 漢字 \N{GRINNING FACE}\x07 हिन्दी")

    text = text_of(pdf_file(a_document(organisation=organisation)))

    assert f"Größe 漢字 {GETA}" in text
    assert drawable("\x07\N{GRINNING FACE}") == f" {GETA}"


def test_the_same_document_gives_the_same_bytes() -> None:
    document = a_bad_day()

    assert pdf_file(document) == pdf_file(document)


def test_a_day_without_replies_has_no_chart() -> None:
    nothing: dict[str, Any] = dict.fromkeys(["first_replies", "first_replies_kept", "follow_ups", "follow_ups_kept"], 0)

    assert "Replies per day" not in text_of(pdf_file(a_document(**nothing)))
    assert "Replies per day" in text_of(pdf_file(a_document()))


def test_the_vendored_font_is_what_its_table_says() -> None:
    table = (FOLDER / "README.md").read_text()
    rows = re.findall(r"\| `([^`]+\.ttf)` \| .* \| `([0-9a-f]{64})` \|", table)

    assert len(rows) == 2
    for name, checksum in rows:
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == checksum
