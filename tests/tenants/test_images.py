"""An uploaded image keeps its pixels and nothing else (rule 40)."""

import struct
import tracemalloc
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from PIL import Image, ImageSequence

from tenants.errors import FileTooLarge, UnsuitableFile
from tenants.images import MAX_FRAMES, image_type, read_image

pytestmark = pytest.mark.no_database

SIZE = (40, 30)
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
SECRET = b"51.9244,4.4777 the visitor's own street"


def drawn(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    """Red on the left half, blue on the right."""
    image = Image.new("RGB", size, (200, 20, 20))
    image.paste((20, 20, 200), (size[0] // 2, 0, *size))
    return image.convert(mode)


def encoded(image: Image.Image, name: str, **options: Any) -> bytes:
    output = BytesIO()
    image.save(output, name, **options)
    return output.getvalue()


def animation(name: str, frames: int, size: tuple[int, int] = SIZE) -> bytes:
    images = [Image.new("RGB", size, (number * 83 % 256, number * 151 % 256, 90)) for number in range(frames)]
    return encoded(images[0], name, save_all=True, append_images=images[1:], duration=70, loop=3)


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def is_reddish(image: Image.Image, x: int, y: int) -> bool:
    red, _green, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]
    return bool(red > blue + 100)


@pytest.mark.parametrize("name", FORMATS)
def test_every_allowed_format_keeps_its_pixels_and_type(name: str) -> None:
    clean = read_image(encoded(drawn(), name))

    again = opened(clean.data)
    assert (clean.content_type, again.format, clean.width, clean.height) == (FORMATS[name], name, *SIZE)
    assert again.size == SIZE
    assert is_reddish(again, 5, 15)
    assert not is_reddish(again, 35, 15)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_any_mode_can_be_sent(mode: str) -> None:
    image = Image.new(mode, SIZE) if mode == "I;16" else drawn(mode=mode)

    assert opened(read_image(encoded(image, "PNG")).data).size == SIZE


def test_a_jpeg_for_the_printing_press_becomes_one_for_screens() -> None:
    assert opened(read_image(encoded(drawn(mode="CMYK"), "JPEG")).data).mode == "RGB"


@pytest.mark.parametrize("name", ["PNG", "GIF", "WEBP"])
def test_transparency_stays(name: str) -> None:
    image = drawn(mode="RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 10, 10))

    again = opened(read_image(encoded(image, name)).data).convert("RGBA")

    assert again.getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert again.getpixel((35, 15))[3] == 255  # type: ignore[index]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_where_a_photograph_was_taken_is_not_kept(name: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    data = encoded(drawn(), name, exif=exif)
    assert SECRET in data

    clean = read_image(data)

    assert SECRET not in clean.data
    assert dict(opened(clean.data).getexif()) == {}


def test_comments_and_profiles_are_not_kept() -> None:
    for data in (
        encoded(drawn(), "JPEG", comment=SECRET, icc_profile=SECRET, xmp=SECRET),
        encoded(drawn(), "GIF", comment=SECRET),
        encoded(drawn(), "WEBP", icc_profile=SECRET, xmp=SECRET),
        encoded(drawn(), "PNG", icc_profile=SECRET),
    ):
        clean = read_image(data)
        assert SECRET not in clean.data
        assert not {"comment", "icc_profile", "xmp"} & set(opened(clean.data).info)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_taken_sideways_is_turned(name: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter, clockwise

    clean = read_image(encoded(drawn(), name, exif=exif))

    again = opened(clean.data)
    assert (clean.width, clean.height) == again.size == (30, 40)
    assert is_reddish(again, 15, 5)
    assert not is_reddish(again, 15, 35)


@pytest.mark.parametrize("name", ["GIF", "WEBP"])
def test_an_animation_keeps_its_frames_their_time_and_its_repetition(name: str) -> None:
    again = opened(read_image(animation(name, 12)).data)

    assert getattr(again, "n_frames", 1) == 12
    assert again.info["loop"] == 3
    durations = []
    for frame in ImageSequence.Iterator(again):
        frame.load()
        durations.append(frame.info["duration"])
    assert durations == [70] * 12


@pytest.mark.parametrize(("frames", "kept"), [(MAX_FRAMES, MAX_FRAMES), (MAX_FRAMES + 1, 1)])
@pytest.mark.parametrize("name", ["GIF", "WEBP"])
def test_an_animation_that_is_too_long_becomes_its_first_frame(name: str, frames: int, kept: int) -> None:
    again = opened(read_image(animation(name, frames)).data)

    assert getattr(again, "n_frames", 1) == kept


def test_an_animation_of_too_many_pixels_becomes_its_first_frame() -> None:
    again = opened(read_image(animation("GIF", 12, size=(2000, 2000))).data)

    assert getattr(again, "n_frames", 1) == 1


@pytest.mark.parametrize("name", FORMATS)
def test_a_page_after_the_last_byte_is_cut_off(name: str) -> None:
    clean = read_image(encoded(drawn(), name) + b"<html><script>alert(1)</script></html>")

    assert b"<script>" not in clean.data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"<html><body><script>alert(1)</script></body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"GIF89a<html><script>alert(1)</script>",
        b"\xff\xd8\xff<svg onload=alert(1)>",
        b"RIFF\x00\x00\x00\x00WEBPVP8X<html>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        encoded(drawn(), "BMP"),
        encoded(drawn(), "TIFF"),
        encoded(drawn(), "ICO"),
        b"\n" + encoded(drawn(), "PNG"),
    ],
    ids=[
        "empty",
        "magic",
        "html",
        "svg",
        "gif-html",
        "jpeg-svg",
        "webp-html",
        "pdf",
        "zip",
        "bmp",
        "tiff",
        "ico",
        "late",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(UnsuitableFile):
        read_image(data)


@pytest.mark.parametrize("name", [*FORMATS, "BMP"])
def test_the_first_bytes_tell_what_it_presents_itself_as(name: str) -> None:
    assert image_type(encoded(drawn(), name)) == FORMATS.get(name)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_file_that_breaks_off_is_refused(name: str, share: float) -> None:
    noise = Image.effect_noise((120, 90), 90).convert("RGB")
    data = encoded(noise, name)

    with pytest.raises(UnsuitableFile):
        read_image(data[: int(len(data) * share)])


@pytest.mark.parametrize("size", [(7000, 7000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_a_small_file_that_claims_to_be_huge_is_refused_without_being_decoded(size: tuple[int, int]) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000)) + chunk(b"IEND", b"")
    tracemalloc.start()

    with pytest.raises(FileTooLarge):
        read_image(bomb)

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_forty_megapixels_are_the_limit() -> None:
    assert read_image(encoded(Image.new("1", (8000, 5000)), "PNG")).width == 8000

    with pytest.raises(FileTooLarge):
        read_image(encoded(Image.new("1", (8000, 5001)), "PNG"))


def test_one_byte_above_the_limit_is_refused() -> None:
    data = encoded(drawn(), "PNG")
    largest = data + b"\0" * (settings.UPLOAD_MAX_BYTES - len(data))
    assert read_image(largest).width == SIZE[0]

    with pytest.raises(FileTooLarge):
        read_image(largest + b"\0")
