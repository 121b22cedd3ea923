"""What a visitor called a file is shown as text and hides nothing (rule 39)."""

import pytest

from tenants.file_names import clean_name

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("tent.png", "tent.png"),
        ("TENT.PNG", "TENT.PNG"),
        ("tent.jpg", "tent.jpg.png"),
        ("page.html", "page.html.png"),
        ("..\\..\\C:\\tent.png", "tent.png"),
        ("/etc/passwd", "passwd.png"),
        ("a\x00b\r\nc\x7f.png", "ab c.png"),
        ("invoice\u202egnp.exe", "invoicegnp.exe.png"),
        ("\u2066\u200b\ufeff.png", "image.png"),
        ("", "image.png"),
        ("...", "image.png"),
        ("テント 写真.png", "テント 写真.png"),
        ("x" * 300 + ".png", "x" * 116 + ".png"),
        ("\ud800.png", "image.png"),
    ],
)
def test_names_are_shown_as_they_are_and_hide_nothing(given: str, kept: str) -> None:
    assert clean_name(given, "image/png") == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Terms 2026.PDF", "Terms 2026.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\files\\terms.pdf", "terms.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe.pdf"),
        ("  .pdf", "document.pdf"),
        ("x" * 300, "x" * 116 + ".pdf"),
    ],
)
def test_a_document_without_a_name_of_its_own_is_a_document(given: str, kept: str) -> None:
    assert clean_name(given, "application/pdf") == kept


def test_a_name_in_pieces_is_put_together() -> None:
    assert clean_name("e\u0301te\u0301.jpeg", "image/jpeg") == "\u00e9t\u00e9.jpeg"
