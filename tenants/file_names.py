"""Names of uploaded files, as they may be shown and saved: the uploader's words, with nothing hidden in them."""

import re
import unicodedata

MAX_NAME_CHARACTERS = 120

_ENDINGS = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
_NAMELESS = {"application/pdf": "document"}


def clean_name(name: str, content_type: str) -> str:
    """The last part of a file's name without anything invisible, ending as its content does; at most 120 characters."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(" " if character.isspace() else character for character in name if _is_visible(character))
    stem, ending = " ".join(name.split()).rstrip(". "), _ENDINGS[content_type][0]
    for known in _ENDINGS[content_type]:
        if stem.lower().endswith(known):
            stem, ending = stem[: -len(known)], stem[-len(known) :]
            break
    stem = stem.strip(". ")[: MAX_NAME_CHARACTERS - len(ending)].rstrip()
    return (stem or _NAMELESS.get(content_type, "image")) + ending


def _is_visible(character: str) -> bool:
    """False for control, bidirectional and other format characters, half surrogates, private and unassigned ones."""
    return character.isspace() or not unicodedata.category(character).startswith("C")
