"""Every text a person sees exists in every language, with the same placeholders."""

import re
from pathlib import Path

import pytest
import unfold
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.utils import translation

from chatplatform.messages import marked_texts, read_catalogue, texts_in_template, untranslated, update_catalogue

pytestmark = pytest.mark.no_database

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# Of the theme's templates, those of packages and pages that the platform does not have.
THEME_UNUSED = (
    "unfold_crispy/",
    "admin/auth/",
    "auth/",
    "admin/dataset_actions.html",
    "unfold/helpers/command_results.html",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>|&\w+;")


@pytest.fixture(scope="module")
def marked() -> Catalog:
    return marked_texts(settings.BASE_DIR)


def texts_of(message: Message) -> tuple[list[str], list[str]]:
    """(originals, translations), one or several each."""
    originals = message.id if isinstance(message.id, list | tuple) else [message.id]
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    return [text or "" for text in originals], [text or "" for text in strings]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_has_every_text_and_no_other(language: str, marked: Catalog) -> None:
    """If this fails: ``python manage.py update_messages``, then translate what it counts."""

    def keys(catalogue: Catalog) -> set[tuple[object, str | None]]:
        return {(message.id, message.context) for message in catalogue if message.id}

    assert keys(read_catalogue(settings.BASE_DIR, language)) == keys(marked)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_doubtful(language: str) -> None:
    assert untranslated(read_catalogue(settings.BASE_DIR, language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_placeholders_and_the_edges(language: str) -> None:
    wrong = []
    for message in read_catalogue(settings.BASE_DIR, language):
        originals, strings = texts_of(message)
        if not message.id or not all(strings):
            continue
        allowed = [sorted(PLACEHOLDER.findall(original)) for original in originals]
        for string in strings:
            same_edges = string.strip() == string or originals[0].strip() != originals[0]
            if sorted(PLACEHOLDER.findall(string)) not in allowed or not same_edges:
                wrong.append((message.id, string))

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_admins_theme_says_is_translated_by_django_or_by_us(language: str) -> None:
    """If this fails after an upgrade: name the new texts in ``tenants/admin_theme_texts.py``."""
    folder = Path(unfold.__file__).parent / "templates"
    ours = {texts_of(message)[0][0] for message in read_catalogue(settings.BASE_DIR, language)}
    said, english = 0, set()
    with translation.override(language):
        for path in folder.rglob("*.html"):
            if path.relative_to(folder).as_posix().startswith(THEME_UNUSED):
                continue
            for text, context in texts_in_template(path):
                said += 1
                one, many = (text, text) if isinstance(text, str) else text
                if isinstance(text, str):
                    translated = translation.pgettext(context, one) if context else translation.gettext(one)
                else:
                    translated = translation.ngettext(one, many, 1)
                if translated == one and one not in ours:
                    english.add(one)

    assert said > 100
    assert english == set()


def test_texts_are_found_wherever_they_are_marked(tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "tenants" / "texts.py").write_text(
        'gettext("plain")\n_("short")\nx = _(\n    "in "\n    "pieces"\n)\n'
        'ngettext("one", "many", n)\npgettext_lazy("where", "there")\nother("not this")\n'
    )
    (tmp_path / "templates" / "page.html").write_text(
        "{% load i18n %}<p>_('not this')</p>{% translate \"it's\" %}{{ value|default:_('constant') }}"
        '{% translate "there" context "elsewhere" %}'
        "{% blocktranslate count n=n trimmed %}\n  {{ n }} day\n{% plural %}\n  {{ n }} days\n{% endblocktranslate %}"
        "{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}"
    )

    found = {(message.id, message.context) for message in marked_texts(tmp_path) if message.id}

    assert found == {
        ("plain", None),
        ("short", None),
        ("in pieces", None),
        (("one", "many"), None),
        ("there", "where"),
        ("it's", None),
        ("constant", None),
        ("there", "elsewhere"),
        (("%(n)s day", "%(n)s days"), None),
        ("Hello %(name)s", None),
    }


def test_updating_keeps_translations_drops_what_is_gone_and_is_stable(tmp_path: Path) -> None:
    first = Catalog()
    first.add("Send", locations=[("a.py", 0)])
    first.add("An old text that nobody marks", locations=[("a.py", 0)])
    assert update_catalogue(tmp_path, "nl", first)
    path = tmp_path / "locale/nl/LC_MESSAGES/django.po"
    path.write_text(path.read_text().replace('msgid "Send"\nmsgstr ""', 'msgid "Send"\nmsgstr "Versturen"'))

    second = Catalog()
    second.add("Send", locations=[("b.py", 0)])
    second.add("Receive", locations=[("b.py", 0)])
    assert update_catalogue(tmp_path, "nl", second)
    assert not update_catalogue(tmp_path, "nl", second)

    catalogue = read_catalogue(tmp_path, "nl")
    assert {message.id: message.string for message in catalogue if message.id} == {"Send": "Versturen", "Receive": ""}
    assert untranslated(catalogue) == ["Receive"]
    assert "old text" not in path.read_text()
