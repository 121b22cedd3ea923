"""The questions and answers of an existing web page, as plain text: nothing of its HTML is kept.

Looked for in this order: what the page tells search engines (schema.org ``FAQPage``), ``<details>`` and ``<dl>``, and
where there is none of these, headings with the text below them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.utils.translation import gettext as _

from knowledgebase.imports.rows import TEXT_LENGTHS, Place, Problem, RawRow, slug_of, tidy_line
from knowledgebase.imports.sources import File, text_of

LEFT_OUT = {"script", "style", "template", "noscript", "nav", "form", "button", "svg", "select", "iframe", "object"}
VOID = {"br", "hr", "img", "input", "meta", "link", "source", "wbr", "col", "area", "base", "embed", "track"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
PARAGRAPHS = {"p", "div", "section", "article", "ul", "ol", "table", "blockquote", "pre", "header", "footer", "main"}
LINES = {"li", "tr", "dt", "dd"}
LINKS = ("https://", "http://", "mailto:", "tel:")
REPLY_LENGTH = 700
DEEPEST = 2000


@dataclass
class _Question:
    line: int
    kind: str
    title: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)


class _Page(HTMLParser):
    """Collects texts into the question they belong to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.questions: list[_Question] = []
        self.scripts: list[tuple[int, str]] = []
        self._left_out: list[str] = []
        self._target: list[str] | None = None
        self._details: list[_Question] = []
        self._links: list[str] = []
        self._in_json = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and (given.get("type") or "").lower() == "application/ld+json":
            self._in_json = True
            self.scripts.append((self.getpos()[0], ""))
            return
        if self._left_out or tag in LEFT_OUT:
            if tag not in VOID and len(self._left_out) < DEEPEST:
                self._left_out.append(tag)
            return
        if tag == "details":
            self._details.append(self._new("details"))
            self._target = None
        elif tag == "summary" and self._details:
            self._target = self._details[-1].title
        elif tag == "dt":
            self._target = self._new("dl").title
        elif tag == "dd" and self.questions and self.questions[-1].kind == "dl":
            self._target = self.questions[-1].answer
            self._say("\n")
        elif tag in HEADINGS and not self._details:
            self._target = self._new("heading").title
        elif tag == "br":
            self._say("\n")
        elif tag == "li":
            self._say("\n- ")
        elif tag in PARAGRAPHS:
            self._say("\n\n")
        elif tag in LINES:
            self._say("\n")
        elif tag == "td":
            self._say(" ")
        elif tag == "a":
            link = (given.get("href") or "").strip()
            self._links.append(link if link.lower().startswith(LINKS) else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._in_json:
            self._in_json = False
        elif self._left_out:
            if tag in self._left_out:
                while self._left_out.pop() != tag:
                    pass
        elif tag == "summary" and self._details:
            self._target = self._details[-1].answer
        elif tag == "details" and self._details:
            self._details.pop()
            self._target = self._details[-1].answer if self._details else None
        elif tag in HEADINGS and self.questions and self.questions[-1].kind == "heading":
            self._target = self.questions[-1].answer
        elif tag in PARAGRAPHS:
            self._say("\n\n")
        elif tag == "dl":
            self._target = None
        elif tag == "a" and self._links and (link := self._links.pop()):
            shown = link.removeprefix("mailto:").removeprefix("tel:")
            if self._target is not None and shown not in "".join(self._target[-3:]):
                self._say(f" ({shown})")

    def handle_data(self, data: str) -> None:
        if self._in_json:
            line, text = self.scripts[-1]
            self.scripts[-1] = (line, text + data)
        elif not self._left_out and self._target is not None:
            self._target.append(" ".join(data.replace("\n", " ").split(" ")))

    def _say(self, text: str) -> None:
        if self._target is not None:
            self._target.append(text)

    def _new(self, kind: str) -> _Question:
        self.questions.append(_Question(self.getpos()[0], kind))
        return self.questions[-1]


def read_faq_page(file: File) -> tuple[list[RawRow], list[Problem]]:
    """One row per question; a short answer becomes the reply, a long one the operator's text with its beginning as
    the reply. Raises ``Unreadable``."""
    page = _read(text_of(file))
    found = [one for line, script in page.scripts for one in _told(script, line)]
    if not found:
        asked = [(one.kind, one.line, tidy_line("".join(one.title)), _text(one.answer)) for one in page.questions]
        kinds = (
            {"details", "dl"} if any(kind != "heading" and answer for kind, _l, _t, answer in asked) else {"heading"}
        )
        found = [(line, title, answer) for kind, line, title, answer in asked if kind in kinds]
    rows = [_row(file.name, line, title, answer) for line, title, answer in found if title and answer]
    if rows:
        return rows, []
    text = _("No questions with answers were found: neither marked ones, nor foldable ones, nor headings with text.")
    return [], [Problem(Place(file.name, 1), text)]


def _row(file: str, line: int, title: str, answer: str) -> RawRow:
    values: dict[str, str | tuple[str, ...]] = {"slug": slug_of(title), "title": title}
    if len(answer) <= REPLY_LENGTH:
        values["short_reply"] = answer
    else:
        values["short_reply"] = _beginning(answer)
        values["long_text"] = answer
    if len(title) > TEXT_LENGTHS["title"]:  # a whole question as a heading: it still recognises the article
        values["title"] = title[: TEXT_LENGTHS["title"] - 1] + "…"
        values["questions"] = (title[:300],)
    return RawRow(Place(file, line), values)


def _beginning(answer: str) -> str:
    """As many whole paragraphs as a reply may be long; the first one at least."""
    kept: list[str] = []
    length = 0
    for paragraph in answer.split("\n\n"):
        if kept and length + len(paragraph) > REPLY_LENGTH:
            break
        kept.append(paragraph)
        length += len(paragraph) + 2
    return "\n\n".join(kept)[: TEXT_LENGTHS["short_reply"]]


def _text(parts: list[str]) -> str:
    """Single blanks, and one empty line between paragraphs."""
    lines = [" ".join(line.split()) for line in "".join(parts).split("\n")]
    kept: list[str] = []
    is_item = False
    for found in lines:
        if found == "-" or (not found and (is_item or not kept or not kept[-1])):
            is_item = is_item or found == "-"  # a list's item that begins with a paragraph
            continue
        line, is_item = f"- {found}" if is_item else found, False
        if line.startswith("- ") and len(kept) > 1 and not kept[-1] and kept[-2].startswith("- "):
            kept.pop()
        kept.append(line)
    return "\n".join(kept).strip()


def _read(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    page.close()
    return page


def _told(script: str, line: int) -> Iterator[tuple[int, str, str]]:
    """(line, question, answer) of the FAQ pages in one JSON-LD block; broken blocks tell nothing."""
    try:
        data = json.loads(script)
    except (json.JSONDecodeError, RecursionError):
        return
    for page in _objects(data):
        if "FAQPage" not in _list(page.get("@type")):
            continue
        for question in _list(page.get("mainEntity")):
            answer = next(iter(_list(question.get("acceptedAnswer"))), None) if isinstance(question, dict) else None
            if isinstance(answer, dict):
                name = _plain(str(question.get("name") or ""))
                yield line, tidy_line(name), _plain(str(answer.get("text") or ""))


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    for one in _list(data):
        if isinstance(one, dict):
            yield one
            yield from (inner for inner in _list(one.get("@graph")) if isinstance(inner, dict))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _plain(html: str) -> str:
    page = _read(f"<details><summary></summary>{html}</details>")
    return _text(page.questions[0].answer)
