"""Readable on every organisation's colour, and never by colour alone."""

import io

import pytest
from django.utils import translation
from PIL import Image

from ratings.documents.document import Tone
from ratings.documents.looks import KEPT, LATE, PAPER, READABLE, SIGNS, contrast, ink_on
from ratings.documents.mail import report_mail
from ratings.documents.pictures import course_picture
from ratings.periods import Kind
from tests.ratings.documents_shelf import a_bad_day, a_document

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#1f6f54", "#ffd400", "#808080", "#d9822b", "#2f5bd8"])
def test_words_on_the_organisations_colour_can_be_read(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= READABLE


def test_every_tone_has_a_sign_of_its_own() -> None:
    assert len(set(SIGNS.values())) == len(Tone)


def test_late_is_hatched_and_in_time_is_not() -> None:
    picture = Image.open(io.BytesIO(course_picture(Kind.DAY, a_bad_day().course, "in time", "too late"))).convert("RGB")

    seen = picture.getcolors(picture.width * picture.height) or []
    counts = {colour: count for count, colour in seen}

    def rgb(colour: str) -> tuple[int, ...]:
        return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))

    assert picture.size == (1040, 380)
    assert {rgb(KEPT), rgb(LATE), rgb(PAPER)} <= counts.keys()
    # The square of the legend: full for in time, mostly paper for too late.
    kept, late = picture.crop((24, 22, 44, 42)), picture.crop((24, 22, 400, 42))
    assert (kept.getcolors() or [])[0][1] == rgb(KEPT)
    assert rgb(PAPER) in {colour for _count, colour in late.getcolors(10_000) or []}


def test_a_mail_without_replies_has_no_picture() -> None:
    nothing = dict.fromkeys(["first_replies", "first_replies_kept", "follow_ups", "follow_ups_kept"], 0)

    with translation.override("en"):
        mail = report_mail(
            a_document(None, None, **nothing), link="https://x.example/", settings_link="https://y.example/"
        )

    assert mail.picture is None
    assert "cid:" not in mail.html
