"""A folder of Markdown files: one per article and language, its fields between two ``---`` lines at the top.

The fields are a small part of YAML: ``name: text``, ``name: "text"``, a text of several lines after ``name: |``, and a
list of ``- line``. The rest of the file is the text for the operator. A file without fields is an article as well: its
first heading is the title, its name the short name.
"""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from knowledgebase.imports.rows import (
    FIELDS,
    LINE_LENGTHS,
    MULTILINE,
    Place,
    Problem,
    RawRow,
    slug_of,
)
from knowledgebase.imports.sources import File, text_of

FENCE = "---"
FIELD = re.compile(r"([A-Za-z][\w -]*?)[ \t]*:(?:[ \t]+(.*)|)$")
HEADING = re.compile(r"#{1,2}[ \t]+(.+?)[ \t#]*$")
LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]{2,4})?")
PLAIN = re.compile(r"[^\W_][^:#\"'\\\x00-\x1f\x7f\x85\u2028\u2029]*", re.UNICODE)
PACKED_AT = (1980, 1, 1, 0, 0, 0)  # so that the same articles make the same archive


def read_markdown(file: File) -> tuple[list[RawRow], list[Problem]]:
    """One row, with the line of its title. Raises ``Unreadable``."""
    lines = text_of(file).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    problems: list[Problem] = []
    values: dict[str, str | tuple[str, ...]] = {}
    if lines[0].rstrip() == FENCE:
        end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), 0)
        if not end:
            text = _("The fields begin with “---” and do not end: put a line “---” after them.")
            return [], [Problem(Place(file.name, 1), text)]
        values = _fields(file.name, lines[1:end], problems)
        lines = lines[end + 1 :]
    if not values.get("title"):
        lines, values["title"] = _without_title(lines)
    if "long_text" not in values:
        values["long_text"] = "\n".join(lines)
    slug, language = _named(PurePosixPath(file.name))
    values.setdefault("slug", slug)
    if language:
        values.setdefault("language", language)
    return ([] if problems else [RawRow(Place(file.name, 1), values)]), problems


def written_markdown(rows: Sequence[dict[str, str | tuple[str, ...]]]) -> bytes:
    """A ZIP with one file per article and language, named ``short-name.en.md``."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in rows:
            entry = zipfile.ZipInfo(f"{row['slug']}.{row['language']}.md", PACKED_AT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _written(row))
    return written.getvalue()


def _written(row: dict[str, str | tuple[str, ...]]) -> str:
    lines = [FENCE]
    for name in FIELDS:
        value = row.get(name, "")
        if name == "long_text":
            continue
        if isinstance(value, tuple):
            lines += [f"{name}:", *(f"- {_scalar(line)}" for line in value)]
        elif name in MULTILINE and "\n" in value and not re.search(r"(?m)^[ \t]|[ \t]$|[\x00-\x09\x7f\x85]", value):
            lines += [f"{name}: |", *(f"  {line}".rstrip() for line in value.split("\n"))]
        else:
            lines.append(f"{name}: {_scalar(value)}".rstrip())
    return "\n".join([*lines, FENCE, "", str(row.get("long_text", "")), ""])


def _scalar(text: str) -> str:
    return text if not text or PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _fields(file: str, lines: Sequence[str], problems: list[Problem]) -> dict[str, str | tuple[str, ...]]:
    values: dict[str, str | tuple[str, ...]] = {}
    at = 0
    while at < len(lines):
        line, place = lines[at], Place(file, at + 2)
        at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = FIELD.match(line)
        name = found[1].lower().replace("-", "_").replace(" ", "_") if found else ""
        if found is None:
            problems.append(Problem(place, _("This is no field: write it as “name: text”, or as “- line” of a list.")))
        elif name not in FIELDS:
            text = _("“%(name)s” is not known. Known are: %(known)s.")
            problems.append(Problem(place, text % {"name": name[:60], "known": ", ".join(FIELDS)}))
        elif name in values:
            problems.append(Problem(place, _("“%(name)s” is there twice: leave one out.") % {"name": name}))
        begun = (found[2] or "").strip() if found else ""
        if begun in ("|", "|-", ">", ">-"):
            end = _end_of(lines, at, ("  ", "\t"))
            values[name] = "\n".join(line[2:] if line.startswith("  ") else line.lstrip() for line in lines[at:end])
            at = end
        elif not begun and at < len(lines) and lines[at].lstrip().startswith("- "):
            end = _end_of(lines, at, ("- ", " ", "\t"))
            listed = ((at + 2 + n, line.strip()) for n, line in enumerate(lines[at:end]) if line.strip())
            values[name] = tuple(
                _read(line.removeprefix("- "), Place(file, number), problems) for number, line in listed
            )
            at = end
        elif name:
            values[name] = _read(begun, place, problems)
        if name in LINE_LENGTHS and isinstance(value := values.get(name), str):
            values[name] = tuple(part.strip() for part in value.strip("[]").split(",")) if value else ()
    return values


def _end_of(lines: Sequence[str], at: int, beginnings: tuple[str, ...]) -> int:
    while at < len(lines) and (not lines[at].strip() or lines[at].startswith(beginnings)):
        at += 1
    return at


def _read(text: str, place: Place, problems: list[Problem]) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if not text.startswith('"'):
        return text
    try:
        read = json.loads(text)
    except json.JSONDecodeError:
        problems.append(Problem(place, _("The quotation mark is not closed: close it, or leave both out.")))
        return ""
    return str(read)


def _without_title(lines: list[str]) -> tuple[list[str], str]:
    for number, line in enumerate(lines):
        if found := HEADING.match(line):
            return lines[:number] + lines[number + 1 :], found[1]
        if line.strip():
            break
    return lines, ""


def _named(path: PurePosixPath) -> tuple[str, str]:
    """(short name, language) as ``name.en.md`` or ``en/name.md`` say them."""
    name, dot, ending = path.stem.rpartition(".")
    if dot and LANGUAGE.fullmatch(ending.lower()):
        return slug_of(name), ending.lower()
    folder = path.parent.name.lower()
    return slug_of(path.stem), folder if LANGUAGE.fullmatch(folder) else ""
