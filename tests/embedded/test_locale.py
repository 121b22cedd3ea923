"""Translations are compiled when they changed, and only then."""

import gettext
import os
from pathlib import Path

import pytest

from chatplatform.embedded.locale import compile_locale

pytestmark = pytest.mark.no_database

SOURCE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Send"
msgstr "{send}"

#, fuzzy
msgid "Close"
msgstr "Misschien sluiten"
"""


def write(root: Path, send: str) -> Path:
    path = root / "locale" / "nl" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SOURCE.format(send=send))
    return path


def translated(root: Path, text: str) -> str:
    with (root / "locale/nl/LC_MESSAGES/django.mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext(text)


def test_a_new_source_is_compiled_and_fuzzy_entries_stay_english(tmp_path: Path) -> None:
    source = write(tmp_path, "Versturen")

    assert compile_locale(tmp_path) == [source]
    assert translated(tmp_path, "Send") == "Versturen"
    assert translated(tmp_path, "Close") == "Close"


def test_an_unchanged_source_is_left_alone_and_a_changed_one_compiled(tmp_path: Path) -> None:
    write(tmp_path, "Versturen")
    compile_locale(tmp_path)
    assert compile_locale(tmp_path) == []

    source = write(tmp_path, "Verzenden")
    later = source.stat().st_mtime + 10
    os.utime(source, (later, later))

    assert compile_locale(tmp_path) == [source]
    assert translated(tmp_path, "Send") == "Verzenden"
