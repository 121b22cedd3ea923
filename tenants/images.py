"""Makes an uploaded image harmless: decode it wholly, keep the pixels, write a new file (rule 40).

Whatever hid in the old file (EXIF with its position, comments, profiles, a web page after the last byte) stays behind.
Colours of wide-gamut photographs are taken as sRGB, because their profile is left behind as well.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.conf import settings
from PIL import Image, ImageOps

from tenants.errors import FileTooLarge, UnsuitableFile

MAX_PIXELS = 40_000_000
MAX_FRAMES = 100
# A decoded image of 40 megapixels takes 160 MB, its copy as much: so many at once in one process, the others wait.
DECODING_AT_ONCE = 2

_decoding = threading.BoundedSemaphore(DECODING_AT_ONCE)


@dataclass(frozen=True, slots=True)
class CleanImage:
    """``data`` is the new file. ``width`` and ``height`` in pixels, as seen: a photograph's orientation is applied."""

    data: bytes
    content_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Format:
    """``names`` are what Pillow may call it; ``saving`` are the options with which the new file is written."""

    name: str
    names: tuple[str, ...]
    content_type: str
    animated: bool
    saving: dict[str, Any]


_PNG = _Format("PNG", ("PNG",), "image/png", False, {})
# MPO is a JPEG followed by further views of the same scene, as many telephones write it.
_JPEG = _Format("JPEG", ("JPEG", "MPO"), "image/jpeg", False, {"quality": 88, "optimize": True})
_GIF = _Format("GIF", ("GIF",), "image/gif", True, {})
_WEBP = _Format("WEBP", ("WEBP",), "image/webp", True, {"quality": 85, "method": 2})


def read_image(data: bytes) -> CleanImage:
    """A new file with the pixels of ``data``, in the same format. Seconds of processor time for the largest.

    Raises UnsuitableFile for what is not wholly a PNG, JPEG, GIF or WebP image; FileTooLarge above
    ``UPLOAD_MAX_BYTES`` or 40 megapixels, which the header alone decides. An animation keeps its frames up to 100,
    and up to 40 megapixels together; a longer one becomes its first frame.
    """
    if len(data) > settings.UPLOAD_MAX_BYTES:
        raise FileTooLarge()
    wanted = _format_of(data)
    if wanted is None:
        raise UnsuitableFile()
    with _decoding:
        try:
            with Image.open(BytesIO(data), formats=wanted.names) as image:
                return _rewritten(image, wanted)
        except (FileTooLarge, UnsuitableFile):
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
            raise FileTooLarge() from error
        except Exception as error:  # a broken file makes Pillow's decoders raise almost anything
            raise UnsuitableFile() from error


def image_type(data: bytes) -> str | None:
    """As what the first bytes present it: the rest may be anything. None for what is no PNG, JPEG, GIF or WebP."""
    found = _format_of(data)
    return found.content_type if found else None


def _format_of(data: bytes) -> _Format | None:
    """By the first bytes alone."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if data.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return _GIF
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _WEBP
    return None


def _rewritten(image: Image.Image, wanted: _Format) -> CleanImage:
    if image.format not in wanted.names:
        raise UnsuitableFile()
    _refuse_too_many_pixels(image)
    frames = list(_frames(image)) if wanted.animated else []
    output = BytesIO()
    if len(frames) > 1:
        first = frames[0][0]
        first.save(
            output,
            wanted.name,
            save_all=True,
            append_images=[frame for frame, _milliseconds in frames[1:]],
            duration=[milliseconds for _frame, milliseconds in frames],
            **_repetition(image, wanted),
            **wanted.saving,
        )
    else:
        image.seek(0)
        first = _pixels(image)
        if wanted is _JPEG and first.mode not in ("RGB", "L"):
            first = first.convert("RGB")
        first.save(output, wanted.name, **wanted.saving)
    return CleanImage(output.getvalue(), wanted.content_type, first.width, first.height)


def _frames(image: Image.Image) -> Iterator[tuple[Image.Image, int]]:
    """The frames with their milliseconds; only the first one when there are more than we keep."""
    allowed = min(MAX_FRAMES, MAX_PIXELS // (image.width * image.height))
    if _has_frame(image, allowed):
        return
    for number in range(allowed):
        if not _has_frame(image, number):
            return
        _refuse_too_many_pixels(image)  # a frame may reach beyond the canvas that the header named
        frame = _pixels(image).convert("RGBA")
        yield frame, int(image.info.get("duration", 0))


def _has_frame(image: Image.Image, number: int) -> bool:
    try:
        image.seek(number)
    except EOFError:
        return False
    return True


def _pixels(image: Image.Image) -> Image.Image:
    """The present frame the right way up, with nothing beside it but a palette's transparent colour."""
    upright = ImageOps.exif_transpose(image)
    upright.info = {name: value for name, value in upright.info.items() if name == "transparency"}
    return upright


def _repetition(image: Image.Image, wanted: _Format) -> dict[str, Any]:
    """How often the animation runs. A GIF that does not say so runs once; frames replace each other."""
    loop = image.info.get("loop")
    options: dict[str, Any] = {} if loop is None else {"loop": loop}
    return {**options, "disposal": 2} if wanted is _GIF else options


def _refuse_too_many_pixels(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise FileTooLarge()
