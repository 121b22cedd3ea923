"""JSON: our own form, a plain list of articles, or a nested guide; each with the line every object begins on."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from json.decoder import JSONObject  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any

from django.utils.translation import gettext as _

from knowledgebase.imports.csv_form import ALSO_CALLED
from knowledgebase.imports.guide_form import read_guide
from knowledgebase.imports.rows import FIELDS, OF_ONE_LANGUAGE, Place, Problem, RawRow
from knowledgebase.imports.sources import File, Unreadable, text_of

DOCUMENTS = "documents"
"""Which documents an article had. The files are not inside: reading passes over it, and an article keeps its own."""

Named = dict[str, str | int]


class Located(dict[str, Any]):
    """An object that knows on which line it begins."""

    line = 1


def read_json(file: File) -> tuple[list[RawRow], list[Problem]]:
    """Rows of whichever of the three forms it is. Raises ``Unreadable``."""
    data = _parsed(file)
    articles = data.get("articles") if isinstance(data, Located) else data
    problems: list[Problem] = []
    if isinstance(articles, list):
        return [row for one in articles for row in _rows_of(one, file.name, problems)], problems
    if isinstance(data, Located):
        return read_guide(data, file.name)
    text = _("Expected is a list of articles, or an object with “articles” or with sections.")
    return [], [Problem(Place(file.name, 1), text)]


def written_json(
    rows: Sequence[dict[str, str | tuple[str, ...]]], documents: Mapping[str, Sequence[Named]] | None = None
) -> bytes:
    """Our own form: an article with its texts by language, and by its short name which documents it has. Rows of one
    article follow each other."""
    articles: dict[str, dict[str, Any]] = {}
    for row in rows:
        shared = {name: value for name, value in row.items() if name not in OF_ONE_LANGUAGE and name != "language"}
        slug = str(row["slug"])
        article = articles.setdefault(slug, {**shared, "texts": {}})
        if named := (documents or {}).get(slug):
            article[DOCUMENTS] = list(named)
        article["texts"][row["language"]] = {name: row[name] for name in OF_ONE_LANGUAGE}
    return json.dumps({"articles": list(articles.values())}, ensure_ascii=False, indent=1).encode() + b"\n"


def _parsed(file: File) -> Any:
    text = text_of(file)
    starts = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]

    def located(s_and_end: tuple[str, int], *rest: Any) -> tuple[Any, int]:
        found, end = JSONObject(s_and_end, *rest)
        placed = Located(found)
        placed.line = bisect_right(starts, s_and_end[1] - 1)
        return placed, end

    decoder: Any = json.JSONDecoder()
    decoder.parse_object = located
    decoder.scan_once = py_make_scanner(decoder)  # the one in C would not ask us
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        text = _("This is no JSON: %(error)s, at character %(column)s of the line.")
        raise Unreadable(file.name, text % {"error": error.msg, "column": error.colno}, error.lineno) from error
    except RecursionError as error:
        raise Unreadable(file.name, _("This is nested too deeply.")) from error


def _rows_of(article: Any, file: str, problems: list[Problem]) -> Iterator[RawRow]:
    if not isinstance(article, Located):
        problems.append(Problem(Place(file, 1), _("Every article is an object, with a “title” at least.")))
        return
    texts = article.get("texts")
    shared = {name: value for name, value in article.items() if name not in ("texts", DOCUMENTS)}
    if texts is None:
        yield from _row(shared, article.line, file, problems)
        return
    if not isinstance(texts, Located) or not all(isinstance(text, Located) for text in texts.values()):
        problems.append(Problem(Place(file, article.line), _("“texts” has one object per language.")))
        return
    for language, text in texts.items():
        yield from _row({**shared, **text, "language": language}, text.line, file, problems)


def _row(found: Mapping[str, Any], line: int, file: str, problems: list[Problem]) -> Iterator[RawRow]:
    place = Place(file, line)
    values: dict[str, str | tuple[str, ...]] = {}
    wrong: list[str] = []
    for given, value in found.items():
        name = ALSO_CALLED.get(given, given)
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            wrong.append(_("“%(name)s” is not known. Known are: %(known)s.") % {"name": given[:60], "known": known})
        elif value is None:
            values[name] = ""
        elif isinstance(value, str):
            values[name] = value
        elif isinstance(value, list) and all(isinstance(line, str) for line in value):
            values[name] = tuple(value)
        else:
            wrong.append(_("“%(name)s” takes a text or a list of texts.") % {"name": name})
    if wrong:
        problems.extend(Problem(place, text) for text in wrong)
    else:
        yield RawRow(place, values)
