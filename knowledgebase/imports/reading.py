"""One door to all readers: which form is it, what rows are in it, and what is wrong with them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledgebase.imports.csv_form import read_csv
from knowledgebase.imports.faq_page import read_faq_page
from knowledgebase.imports.json_form import read_json
from knowledgebase.imports.markdown_form import read_markdown
from knowledgebase.imports.rows import OF_THE_ARTICLE, Place, Problem, RawRow, Row, check
from knowledgebase.imports.sources import MARKDOWN, MAX_BYTES, File, Unreadable, unpacked

READERS: dict[str, Callable[[File], tuple[list[RawRow], list[Problem]]]] = {
    "csv": read_csv,
    "json": read_json,
    "markdown": read_markdown,
    "html": read_faq_page,
}
FORMATS = {
    "csv": gettext_lazy("CSV table"),
    "json": gettext_lazy("JSON"),
    "markdown": gettext_lazy("Markdown folder, as a ZIP"),
    "html": gettext_lazy("FAQ page (HTML)"),
}
ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".zip": "markdown",
    ".html": "html",
    ".htm": "html",
    **dict.fromkeys(MARKDOWN, "markdown"),
}
MAX_ROWS = 20_000
PROBLEMS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What a source holds. With a problem nothing of it is taken in."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read(files: Sequence[File], *, form: str, language: str, languages: Collection[str]) -> Found:
    """Reads and checks everything; the problems come in the order of the lines, the first ``PROBLEMS_SHOWN`` of them.

    ``form`` is a key of ``FORMATS``, or empty: then the name tells. ``language`` is meant where a file names none.
    """
    raw: list[RawRow] = []
    problems: list[Problem] = []
    try:
        for file in _opened(files):
            if len(file.data) > MAX_BYTES:
                raise Unreadable(
                    file.name, _("This is more than %(mb)s MB: import it in parts.") % {"mb": MAX_BYTES >> 20}
                )
            rows, wrong = READERS[form or _form_of(file)](file)
            raw += rows
            problems += wrong
    except Unreadable as error:
        problems.append(error.problem)
    if len(raw) > MAX_ROWS:
        text = _("These are more than %(count)s rows: import them in parts.") % {"count": MAX_ROWS}
        return Found((), (Problem(raw[MAX_ROWS].place, text),))
    rows_found: list[Row] = []
    for one in raw:
        row, wrong = check(one, language=language, languages=languages)
        problems += wrong
        if row is not None:
            rows_found.append(row)
    problems += _contradictions(rows_found)
    if not raw and not problems:
        problems = [Problem(Place(files[0].name if files else "", 1), _("There are no articles in it."))]
    return Found(tuple(rows_found), tuple(sorted(problems)[:PROBLEMS_SHOWN]))


def _opened(files: Sequence[File]) -> Sequence[File]:
    if len(files) == 1 and (files[0].name.lower().endswith(".zip") or files[0].data[:4] == b"PK\x03\x04"):
        found = unpacked(files[0])
        if not found:
            raise Unreadable(files[0].name, _("There are no Markdown files in this ZIP."))
        return found
    return files


def _form_of(file: File) -> str:
    form = ENDINGS.get(PurePosixPath(file.name.lower()).suffix, "")
    if not form:
        raise Unreadable(file.name, _("The name does not tell which form this is: choose one."))
    return form


def _contradictions(rows: Sequence[Row]) -> list[Problem]:
    """Two rows for one article and language, or rows of one article that disagree on what they share."""
    problems = []
    texts: dict[tuple[str, str], Place] = {}
    shared: dict[tuple[str, str], tuple[object, Place]] = {}
    for row in rows:
        first = texts.setdefault((row.slug, row.language), row.place)
        if first is not row.place:
            text = _("“%(slug)s” in %(language)s is already at %(place)s: give one of them another short name.")
            given = {"slug": row.slug, "language": row.language, "place": first}
            problems.append(Problem(row.place, text % given))
        for name in OF_THE_ARTICLE:
            if value := row.values.get(name):
                before, place = shared.setdefault((row.slug, name), (value, row.place))
                if before != value:
                    text = _("“%(field)s” of “%(slug)s” is different at %(place)s: it is one for all languages.")
                    problems.append(Problem(row.place, text % {"field": name, "slug": row.slug, "place": place}))
    return problems
