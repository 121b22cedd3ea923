"""Finds every translatable text in the sources and keeps ``locale/*/LC_MESSAGES/django.po`` in step. No gettext tools.

A text is what Python marks with ``gettext`` and its kin (``_`` included), and templates with ``translate`` and
``blocktranslate``. Files are named beside each text, without line numbers, so that an edit elsewhere changes nothing.
"""

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

APPS = ("tenants", "operators", "knowledgebase", "conversations", "ratings", "chatplatform")

_ARGUMENTS = {
    "gettext": (1,),
    "gettext_lazy": (1,),
    "gettext_noop": (1,),
    "_": (1,),
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_TEXT = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_TEMPLATE_CALL = re.compile(rf"(?<!\w)(n?p?gettext|_)\(\s*{_TEXT}(?:\s*,\s*{_TEXT})?(?:\s*,\s*{_TEXT})?")
# Dates and names in the header would change with every run and say nothing.
_IDLE_HEADERS = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|Report-Msgid-Bugs-To):.*\n',
    re.M,
)


def marked_texts(root: Path) -> Catalog:
    """Every text marked for translation below ``root``, with the files that mark it."""
    catalogue = Catalog()
    for path in _sources(root):
        found = _in_python(path) if path.suffix == ".py" else texts_in_template(path)
        for text, context in found:
            catalogue.add(text, locations=[(path.relative_to(root).as_posix(), 0)], context=context)
    return catalogue


def catalogue_path(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalogue(root: Path, language: str) -> Catalog:
    """The language's texts; empty when it has no file yet."""
    path = catalogue_path(root, language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def untranslated(catalogue: Catalog) -> list[str]:
    """The texts that would be shown in English: without a translation, in part, or with a doubtful one."""
    missing = []
    for message in catalogue:
        strings = message.string if isinstance(message.string, list | tuple) else [message.string]
        if message.id and (message.fuzzy or not all(strings)):
            missing.append(str(message.id))
    return missing


def update_catalogue(root: Path, language: str, texts: Catalog) -> bool:
    """Adds new texts, drops those that are gone, and keeps every translation. Returns whether the file changed.

    A new text that resembles an old one gets its translation marked fuzzy, which is never shown.
    """
    catalogue = read_catalogue(root, language)
    catalogue.update(texts)
    catalogue.obsolete.clear()
    catalogue.project, catalogue.version, catalogue.fuzzy = "chatplatform", "0", False
    catalogue.header_comment = "# Texts of the platform. `manage.py update_messages` keeps this file in step."
    output = BytesIO()
    write_po(output, catalogue, width=110, sort_output=True, include_lineno=False, include_previous=False)
    written = _IDLE_HEADERS.sub(b"", output.getvalue())
    path = catalogue_path(root, language)
    if path.exists() and path.read_bytes() == written:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written)
    return True


def _sources(root: Path) -> Iterator[Path]:
    for app in APPS:
        for path in sorted((root / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path
    for folder in (root / "templates", *(root / app / "templates" for app in APPS)):
        yield from sorted(folder.rglob("*.html"))
        yield from sorted(folder.rglob("*.txt"))


def _in_python(path: Path) -> Iterator[tuple[Any, str | None]]:
    with path.open("rb") as file:
        for _line, text, _comments, context in extract(
            "python", file, keywords=_ARGUMENTS, options={"encoding": "utf-8"}
        ):
            yield text, context


def texts_in_template(path: Path) -> Iterator[tuple[Any, str | None]]:
    """Django rewrites its tags as calls among filler; only those calls are looked at."""
    for call in _TEMPLATE_CALL.finditer(templatize(path.read_text(encoding="utf-8"), origin=str(path))):
        name, *quoted = call.groups()
        texts = [ast.literal_eval(text) for text in quoted if text is not None]
        context = texts.pop(0) if "p" in name.partition("gettext")[0] else None
        yield (tuple(texts[:2]) if name.startswith("n") else texts[0]), context
