"""Colours and measures that PDF and mail share. Nothing is told by colour alone: late is hatched, tones have signs."""

from ratings.documents.document import Tone

INK, INK_2, EDGE, WASH, PAPER = "#14201e", "#5d6c69", "#dce2e0", "#f3f5f4", "#ffffff"
KEPT, LATE = "#0b7a75", "#d9822b"
SIGNS = {Tone.WORSE: "▼", Tone.BETTER: "▲", Tone.NOTE: "●"}
READABLE = 4.5
"""Contrast of small text (WCAG 2, AA)."""


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on the colour."""
    return "#ffffff" if contrast(colour, "#ffffff") >= contrast(colour, "#000000") else "#000000"


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
