"""A nested guide: sections, their sub-sections to any depth, and at the end instructions. Each end is one article.

What counts is the shape, not the names: an object with a list of texts or of steps is an article, any other object is a
section. An object that stands alone beside a section's own words ("sub-sections": {…}) is not a section of its own. A
step is an object with a text, and perhaps lists of remarks below it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from knowledgebase.imports.rows import Place, Problem, RawRow, slug_of, tidy_line

DEEPEST = 20


def read_guide(data: Mapping[str, Any], file: str) -> tuple[list[RawRow], list[Problem]]:
    """One row per article: its title is its name, its source the way to it, its text what it instructs."""
    rows = list(_articles(data, (), file))
    if rows:
        return rows, []
    text = _("Nothing here looks like an article: expected are sections that end in lists of instructions.")
    return [], [Problem(Place(file, 1), text)]


def _articles(node: Mapping[str, Any], way: tuple[str, ...], file: str) -> Iterator[RawRow]:
    if len(way) > DEEPEST:
        return
    if way and any(isinstance(value, list) and _lines(value) for value in node.values()):
        title = tidy_line(way[-1])
        yield RawRow(
            Place(file, getattr(node, "line", 1)),
            {
                "slug": slug_of(" ".join(way)),
                "title": title,
                "long_text": "\n\n".join(_text(node)),
                "source": " › ".join(map(tidy_line, way)),
            },
        )
        return
    inner = {name: value for name, value in node.items() if isinstance(value, Mapping)}
    is_wrapped = len(inner) == 1 and len(node) > 1
    for name, value in inner.items():
        yield from _articles(value, way if is_wrapped else (*way, name), file)


def _text(node: Mapping[str, Any]) -> Iterator[str]:
    """Paragraphs: the article's own words, its plain lists, then its numbered steps."""
    yield from (value for value in node.values() if isinstance(value, str) and value.strip())
    lists = [value for value in node.values() if isinstance(value, list)]
    for value in lists:
        yield from (line for line in value if isinstance(line, str) and line.strip())
    for value in lists:
        steps = [step for step in value if isinstance(step, Mapping) and _step_text(step)]
        if steps:
            yield "\n".join(line for number, step in enumerate(steps, 1) for line in _step(number, step))


def _step(number: int, step: Mapping[str, Any]) -> Iterator[str]:
    yield f"{number}. {tidy_line(_step_text(step))}"
    for value in step.values():
        if isinstance(value, list):
            yield from (f"   - {tidy_line(remark)}" for remark in value if isinstance(remark, str) and remark.strip())


def _step_text(step: Mapping[str, Any]) -> str:
    """Its text, or where nothing is called so, the longest of its words."""
    words = [value for value in step.values() if isinstance(value, str)]
    named = step.get("text")
    return named if isinstance(named, str) else max(words, key=len, default="")


def _lines(values: list[Any]) -> bool:
    return any(isinstance(value, str | Mapping) for value in values)
