"""One article in one language, as a file has it: what is checked before anything is compared with what is there."""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.text import slugify
from django.utils.translation import gettext as _

from knowledgebase.content import (
    MAX_LONG_TEXT,
    MAX_POINT,
    MAX_POINTS,
    MAX_SHORT_REPLY,
    MAX_SLUG,
    MAX_SOURCE,
    MAX_TITLE,
    MAX_VARIANT,
    MAX_VARIANTS_PER_LANGUAGE,
)

TEXT_LENGTHS = {
    "title": MAX_TITLE,
    "short_reply": MAX_SHORT_REPLY,
    "long_text": MAX_LONG_TEXT,
    "source": MAX_SOURCE,
    "topic": 40,
    "owner": 254,
}
LINE_LENGTHS = {"points": MAX_POINT, "questions": MAX_VARIANT, "related": MAX_SLUG}
LINES_AT_MOST = {"points": MAX_POINTS, "questions": MAX_VARIANTS_PER_LANGUAGE, "related": 100}
OF_ONE_LANGUAGE = ("title", "short_reply", "long_text", "points", "questions")
DATES = ("valid_from", "valid_until", "review_on")
OF_THE_ARTICLE = ("audience", "topic", "source", "owner", *DATES, "related")
FIELDS = ("slug", "language", *OF_ONE_LANGUAGE, *OF_THE_ARTICLE)
MULTILINE = ("short_reply", "long_text")
AUDIENCES = ("operators", "visitors")
SLUG = re.compile(rf"[-a-zA-Z0-9_]{{1,{MAX_SLUG}}}")
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Value = str | tuple[str, ...] | date | None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands, for whoever has to mend it. Lines count from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Why the file cannot be taken in as it is: ``text`` says what is wrong and what to do."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """What a reader found: text, or lines, by field name. A field the file does not have is absent."""

    place: Place
    values: Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """A raw row that can be used. A field that is absent stays as it is in the article."""

    place: Place
    slug: str
    language: str
    values: Mapping[str, Value]


def tidy(text: str) -> str:
    """As it is stored: one kind of line end, no invisible control characters, nothing around it."""
    return UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def tidy_line(text: str) -> str:
    """The same on one line."""
    return " ".join(UNSEEN.sub("", text).split())


def tidy_lines(lines: Collection[str]) -> tuple[str, ...]:
    """Each on one line, none empty."""
    return tuple(line for line in map(tidy_line, lines) if line)


def slug_of(title: str) -> str:
    """The short name made of a title; of its digest where the title has no Latin letters."""
    slug = slugify(title)[:MAX_SLUG].strip("-_")
    return slug or "article-" + hashlib.sha256(title.encode()).hexdigest()[:10]


def check(raw: RawRow, *, language: str, languages: Collection[str]) -> tuple[Row | None, list[Problem]]:
    """The row, or everything that is wrong with it. ``language`` is meant where the file names none."""
    problems: list[str] = []
    values: dict[str, Value] = {}
    for name, value in raw.values.items():
        if name not in ("slug", "language"):
            values[name] = _checked(name, value, problems)
    slug = tidy_line(str(raw.values.get("slug") or "")) or slug_of(str(values.get("title") or ""))
    says_something = any(values.get(name) for name in ("short_reply", "long_text", "points"))
    if (
        not values.get("title")
        and not problems
        and (("title" in values and says_something) or not raw.values.get("slug"))
    ):
        problems.append(_("There is no title: give it one."))
    elif not SLUG.fullmatch(slug):
        problems.append(
            _("“%(value)s” cannot be a short name: use up to 80 letters, digits, - and _.") % {"value": _short(slug)}
        )
    spoken = tidy_line(str(raw.values.get("language") or "")).lower() or language
    if spoken not in languages:
        problems.append(
            _("“%(value)s” is none of the organisation's languages: %(known)s.")
            % {"value": _short(spoken), "known": ", ".join(languages)}
        )
    opens, closes = values.get("valid_from"), values.get("valid_until")
    if isinstance(opens, date) and isinstance(closes, date) and closes < opens:
        problems.append(_("“valid_until” is before “valid_from”: change one of them."))
    found = [Problem(raw.place, text) for text in problems]
    return (None if found else Row(raw.place, slug, spoken, values)), found


def _checked(name: str, value: str | tuple[str, ...], problems: list[str]) -> Value:
    if name in LINE_LENGTHS:
        lines = tidy_lines(value.split("\n") if isinstance(value, str) else value)
        if name == "related" and isinstance(value, str):
            lines = tuple(dict.fromkeys(value.replace(",", " ").split()))
        if len(lines) > LINES_AT_MOST[name]:
            problems.append(
                _("“%(field)s” has %(count)s lines: %(most)s is the most.")
                % {"field": name, "count": len(lines), "most": LINES_AT_MOST[name]}
            )
        for line in lines:
            if len(line) > LINE_LENGTHS[name]:
                problems.append(
                    _("“%(value)s” in “%(field)s” is too long: %(most)s characters is the most.")
                    % {"value": _short(line), "field": name, "most": LINE_LENGTHS[name]}
                )
        return lines
    if not isinstance(value, str):
        problems.append(_("“%(field)s” takes one text, not a list.") % {"field": name})
        return ""
    if name in DATES:
        return _date(name, tidy_line(value), problems)
    text = tidy(value) if name in MULTILINE else tidy_line(value)
    if name == "audience":
        text = text.lower()
        if text and text not in AUDIENCES:
            problems.append(_("“%(value)s” is no audience: write “operators” or “visitors”.") % {"value": _short(text)})
    elif len(text) > TEXT_LENGTHS[name]:
        problems.append(
            _("“%(field)s” has %(count)s characters: %(most)s is the most.")
            % {"field": name, "count": len(text), "most": TEXT_LENGTHS[name]}
        )
    return text


def _date(name: str, text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(
            _("“%(value)s” in “%(field)s” is no date: write it as 2027-01-31.") % {"value": _short(text), "field": name}
        )
        return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
