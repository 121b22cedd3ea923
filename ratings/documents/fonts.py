"""The vendored font: where it is, and what to write instead of a character that it lacks."""

import functools
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).parent / "fonts"
REGULAR_FILE, BOLD_FILE = FOLDER / "BIZUDPGothic-Regular.subset.ttf", FOLDER / "BIZUDPGothic-Bold.subset.ttf"
REGULAR, BOLD = "Report", "Report-Bold"
GETA = "〓"
"""What Japanese printers set where a character is missing."""


@functools.cache
def load_fonts() -> None:
    """Once per process, about 0.2 s."""
    pdfmetrics.registerFont(TTFont(REGULAR, str(REGULAR_FILE)))
    pdfmetrics.registerFont(TTFont(BOLD, str(BOLD_FILE)))


@functools.lru_cache(maxsize=4096)
def drawable(text: str) -> str:
    """The text with every character that the font has; others become a geta, invisible ones nothing."""
    load_fonts()
    known = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return "".join(one if ord(one) in known else GETA if one.isprintable() else " " for one in text)
