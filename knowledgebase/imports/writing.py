"""Articles into a file, such that reading the file back changes nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext_lazy

from knowledgebase.content import Content, TextContent
from knowledgebase.imports.csv_form import written_csv
from knowledgebase.imports.json_form import Named, written_json
from knowledgebase.imports.markdown_form import written_markdown

WRITERS: dict[str, Callable[[Sequence[dict[str, str | tuple[str, ...]]]], bytes]] = {
    "csv": written_csv,
    "markdown": written_markdown,
}
FORMATS = {
    "csv": gettext_lazy("CSV table"),
    "json": gettext_lazy("JSON"),
    "markdown": gettext_lazy("Markdown folder, as a ZIP"),
}
ENDINGS = {"csv": ".csv", "json": ".json", "markdown": ".zip"}
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "markdown": "application/zip"}


def written(contents: Sequence[Content], form: str, documents: Mapping[str, Sequence[Named]] | None = None) -> bytes:
    """The file with these articles. ``form`` is a key of ``FORMATS``; JSON names their documents too."""
    rows = [row for content in contents for row in _rows(content)]
    return written_json(rows, documents) if form == "json" else WRITERS[form](rows)


def _rows(content: Content) -> Iterator[dict[str, str | tuple[str, ...]]]:
    """One per language, of its text or of its questions alone."""
    for language in sorted({*content.texts, *content.variants}):
        text = content.texts.get(language, TextContent(""))
        yield {
            "slug": content.slug,
            "language": language,
            "title": text.title,
            "short_reply": text.short_reply,
            "long_text": text.long_text,
            "points": text.points,
            "questions": content.variants.get(language, ()),
            "audience": content.audience,
            "topic": content.topic,
            "source": content.source,
            "owner": content.owner_name,
            "valid_from": _day(content.valid_from),
            "valid_until": _day(content.valid_until),
            "review_on": _day(content.review_on),
            "related": content.related,
        }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
