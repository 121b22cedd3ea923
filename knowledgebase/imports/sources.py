"""The bytes of an import: from an upload, a file or a folder, a ZIP opened in memory, each within bounds."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from knowledgebase.imports.rows import Place, Problem

MAX_BYTES = 8 * 1024 * 1024
MAX_FILES = 5000
MARKDOWN = (".md", ".markdown")


class Unreadable(Exception):
    """The whole source is refused."""

    def __init__(self, file: str, text: str, line: int = 1) -> None:
        super().__init__(text)
        self.problem = Problem(Place(file, line), text)


@dataclass(frozen=True, slots=True)
class File:
    """``name`` is relative to where the import began."""

    name: str
    data: bytes


def source_at(path: Path) -> list[File]:
    """One file, or the Markdown files of a folder; links are not followed. Raises ``Unreadable``."""
    if path.is_dir():
        return list(_folder(path))
    if not path.is_file():
        raise Unreadable(path.name, _("There is no such file or folder."))
    if path.stat().st_size > MAX_BYTES:
        raise Unreadable(path.name, _too_large())
    return [File(path.name, path.read_bytes())]


def unpacked(archive: File) -> list[File]:
    """The Markdown files of a ZIP, in memory; a path that leads out is refused. Raises ``Unreadable``."""
    try:
        return list(_archive(archive))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Unreadable(archive.name, _("This ZIP cannot be opened: is it whole, and without a password?")) from error


def text_of(file: File) -> str:
    """UTF-8, or UTF-16 with its mark. Raises ``Unreadable`` with the line of what is neither."""
    encoding = "utf-16" if file.data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return file.data.decode(encoding)
    except UnicodeDecodeError as error:
        line = file.data.count(b"\n", 0, error.start) + 1
        text = _("The text is not written in UTF-8: save the file again as UTF-8 (in Excel: “CSV UTF-8”).")
        raise Unreadable(file.name, text, line) from error


def _folder(path: Path) -> Iterator[File]:
    left, count = MAX_BYTES, 0
    for found in sorted(path.rglob("*")):
        inside = found.relative_to(path)
        if found.is_symlink() or not found.is_file() or not _counts(PurePosixPath(inside.as_posix())):
            continue
        left, count = left - found.stat().st_size, count + 1
        _bounded(path.name, left, count)
        yield File(inside.as_posix(), found.read_bytes())


def _archive(archive: File) -> Iterator[File]:
    left, count = MAX_BYTES, 0
    with zipfile.ZipFile(io.BytesIO(archive.data)) as opened:
        if len(opened.infolist()) > MAX_FILES * 2:
            raise Unreadable(archive.name, _too_many())
        for entry in sorted(opened.infolist(), key=lambda entry: entry.filename):
            inside = PurePosixPath(entry.filename.replace("\\", "/"))
            if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0]:
                text = _("“%(name)s” leads out of the ZIP: pack the folder again.") % {"name": entry.filename[:80]}
                raise Unreadable(archive.name, text)
            if entry.is_dir() or not _counts(inside):
                continue
            with opened.open(entry) as stream:  # what the directory says of its size is not believed
                data = stream.read(left + 1)
            left, count = left - len(data), count + 1
            _bounded(archive.name, left, count)
            yield File(inside.as_posix(), data)


def _counts(inside: PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in inside.parts)
    return inside.suffix.lower() in MARKDOWN and not hidden


def _bounded(name: str, left: int, count: int) -> None:
    if left < 0:
        raise Unreadable(name, _too_large())
    if count > MAX_FILES:
        raise Unreadable(name, _too_many())


def _too_large() -> str:
    return _("This is more than %(megabytes)s MB: import it in parts.") % {"megabytes": MAX_BYTES // 1024 // 1024}


def _too_many() -> str:
    return _("These are more than %(count)s files: import them in parts.") % {"count": MAX_FILES}
