"""The pictures of a mail: PNG on a paper of their own, so that they read the same on light and dark."""

import io
from collections.abc import Sequence

from django.utils.formats import number_format
from PIL import Image, ImageDraw, ImageFont

from ratings.documents.document import Step
from ratings.documents.fonts import REGULAR_FILE, drawable
from ratings.documents.looks import EDGE, INK, INK_2, KEPT, LATE, PAPER
from ratings.documents.words import step_label
from ratings.periods import Kind

# Twice what the mail shows, for sharp screens.
WIDTH, HEIGHT = 1040, 380
SCALE = 2


def course_picture(kind: Kind, course: Sequence[Step], kept_label: str, late_label: str) -> bytes:
    """Replies in time below, too late on top and hatched, their numbers below each column."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    small = ImageFont.truetype(str(REGULAR_FILE), 20)
    top = max([1, *(step.kept + step.late for step in course)])
    left, base, tall = 24, 270, 200
    x = left
    for is_late, label in ((False, kept_label), (True, late_label)):
        _bar(picture, (x, 22, x + 20, 42), is_late)
        draw.text((x + 30, 32), drawable(label), INK, small, anchor="lm")
        x += 70 + int(draw.textlength(drawable(label), small))
    pitch = (WIDTH - 2 * left) / max(len(course), 7)
    for position, step in enumerate(course):
        begin, end = int(left + (position + 0.16) * pitch), int(left + (position + 0.84) * pitch)
        middle = (begin + end) // 2
        kept, late = round(tall * step.kept / top), round(tall * step.late / top)
        if kept:
            _bar(picture, (begin, base - kept, end, base), False)
        if late:
            _bar(picture, (begin, base - kept - late, end, base - kept), True)
        day = step_label(kind, step.starts_on)
        kept_text, late_text = number_format(step.kept), number_format(step.late)
        for row, (text, ink) in enumerate(((day, INK_2), (kept_text, INK), (late_text, INK))):
            draw.text((middle, base + 24 + 30 * row), drawable(text), ink, small, anchor="mm")
    draw.line((left, base, WIDTH - left, base), INK_2, 2)
    draw.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), outline=EDGE, width=2)
    file = io.BytesIO()
    picture.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def _bar(picture: Image.Image, box: tuple[int, int, int, int], is_late: bool) -> None:
    begin, upper, end, lower = box
    if not is_late:
        ImageDraw.Draw(picture).rectangle(box, fill=KEPT)
        return
    width, height = max(1, end - begin), max(1, lower - upper)
    hatched = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(hatched)
    for at in range(-height, width, 9):
        draw.line((at, height, at + height, 0), LATE, 3)
    draw.rectangle((0, 0, width - 1, height - 1), outline=LATE, width=2)
    picture.paste(hatched, (begin, upper))
