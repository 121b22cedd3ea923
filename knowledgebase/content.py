"""What an article says, as plain data: what is written, compared, kept as a version, imported and exported.

Questions that were learned are not in it. They come and go with use, and are reviewed by themselves; a restored version
neither brings them back nor takes them away.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from knowledgebase.cleaning import evened
from knowledgebase.errors import Problem
from knowledgebase.models import Article, Variant
from knowledgebase.word_differences import Piece, word_changes
from tenants.errors import Invalid

MAX_POINTS = 30
MAX_VARIANTS_PER_LANGUAGE = 2000
# As long as the columns are.
MAX_TITLE, MAX_SHORT_REPLY, MAX_LONG_TEXT, MAX_POINT, MAX_VARIANT = 200, 4000, 40_000, 200, 300
MAX_SLUG, MAX_SOURCE, MAX_NAME = 80, 300, 80

_SLUG = re.compile(r"[a-zA-Z0-9_-]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,4})?")
_NOT_PRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class TextContent:
    """An article in one language; see ``models.ArticleText``."""

    title: str
    short_reply: str = ""
    long_text: str = ""
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """``topic`` and ``related`` are short names. ``texts`` and ``variants`` are by language."""

    slug: str = ""
    audience: str = Article.Audience.OPERATORS.value
    topic: str = ""
    source: str = ""
    owner_id: UUID | None = None
    owner_name: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    review_on: date | None = None
    related: tuple[str, ...] = ()
    texts: dict[str, TextContent] = field(default_factory=dict)
    variants: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs. ``language`` is empty for what all languages share; ``pieces`` are the words."""

    field: str
    language: str
    before: str
    after: str

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return word_changes(self.before, self.after)


def with_content(articles: QuerySet[Article]) -> QuerySet[Article]:
    """What ``content_of`` needs, in three queries more whatever the number of articles."""
    return articles.select_related("topic").prefetch_related("texts", "variants", "related")


def content_of(article: Article) -> Content:
    """What the article says now. Four queries, none after ``with_content``."""
    variants: dict[str, tuple[str, ...]] = {}
    for one in article.variants.all():
        if one.source != Variant.Source.LEARNED and one.state == Variant.State.ACTIVE:
            variants[one.language] = (*variants.get(one.language, ()), one.text)
    return Content(
        slug=article.slug,
        audience=article.audience,
        topic=article.topic.slug if article.topic else "",
        source=article.source,
        owner_id=article.owner_id,
        owner_name=article.owner_name,
        valid_from=article.valid_from,
        valid_until=article.valid_until,
        review_on=article.review_on,
        related=tuple(sorted(one.slug for one in article.related.all())),
        texts={
            text.language: TextContent(text.title, text.short_reply, text.long_text, tuple(text.points))
            for text in sorted(article.texts.all(), key=lambda text: text.language)
        },
        variants=dict(sorted(variants.items())),
    )


def as_json(content: Content) -> dict[str, Any]:
    """Texts, lists and objects only."""
    return msgspec.json.decode(msgspec.json.encode(content))


def from_json(data: Any) -> Content:
    """The other way. What is not known is left out. Raises Invalid, saying where something has another form."""
    try:
        return msgspec.convert(data, Content)
    except msgspec.ValidationError as error:
        raise Invalid(str(error)) from error


def tidied(content: Content) -> Content:
    """As it is stored: no outer spaces, no empty lines in lists, no question twice, no language without words."""
    texts = {language: _tidied_text(text) for language, text in sorted(content.texts.items())}
    variants = {language: _once(questions) for language, questions in sorted(content.variants.items())}
    return replace(
        content,
        slug=_line(content.slug),
        topic=_line(content.topic),
        source=_line(content.source),
        owner_name=_line(content.owner_name),
        related=tuple(sorted({_line(slug) for slug in content.related} - {"", _line(content.slug)})),
        texts={language: text for language, text in texts.items() if text != TextContent("")},
        variants={language: questions for language, questions in variants.items() if questions},
    )


def differences(before: Content, after: Content) -> list[Difference]:
    """The fields that differ, in the order in which an article is read. The order of questions does not count."""
    old, new = dict(_fields(before)), dict(_fields(after))
    keys = [*new, *(key for key in old if key not in new)]
    return [
        Difference(name, language, old.get((name, language), ""), new.get((name, language), ""))
        for name, language in keys
        if old.get((name, language), "") != new.get((name, language), "")
    ]


def problems_of(content: Content) -> list[Problem]:
    """Everything for which the article cannot be stored. Short names of topics and related articles are not looked up
    here."""
    problems = [
        *_lengths("", ("slug", content.slug, MAX_SLUG)),
        *_lengths("", ("source", content.source, MAX_SOURCE)),
        *_lengths("", ("owner_name", content.owner_name, MAX_NAME)),
    ]
    if content.slug and not _SLUG.fullmatch(content.slug):
        problems.append(Problem("slug", _("Use letters, digits and hyphens.")))
    if content.audience not in Article.Audience.values:
        known = ", ".join(Article.Audience.values)
        problems.append(Problem("audience", _("The audience is one of: %(known)s.") % {"known": known}))
    if content.valid_from and content.valid_until and content.valid_until < content.valid_from:
        problems.append(Problem("valid_until", _("The last day is before the first.")))
    if not content.texts:
        problems.append(Problem("texts", _("Write a title and an answer in at least one language.")))
    for language in sorted({*content.texts, *content.variants}):
        if not _LANGUAGE.fullmatch(language):
            problems.append(Problem("language", _("Name the language as in en, nl or ja."), language))
    for language, text in content.texts.items():
        problems += _problems_of_text(language, text)
    for language, questions in content.variants.items():
        problems += _lengths(language, *(("variants", question, MAX_VARIANT) for question in questions))
        if len(questions) > MAX_VARIANTS_PER_LANGUAGE:
            message = _("At most %(most)d questions.") % {"most": MAX_VARIANTS_PER_LANGUAGE}
            problems.append(Problem("variants", message, language))
    return problems


def _problems_of_text(language: str, text: TextContent) -> Iterable[Problem]:
    if not text.title:
        yield Problem("title", _("Write a title."), language)
    yield from _lengths(
        language,
        ("title", text.title, MAX_TITLE),
        ("short_reply", text.short_reply, MAX_SHORT_REPLY),
        ("long_text", text.long_text, MAX_LONG_TEXT),
        *(("points", point, MAX_POINT) for point in text.points),
    )
    if len(text.points) > MAX_POINTS:
        yield Problem("points", _("At most %(most)d points.") % {"most": MAX_POINTS}, language)


def _lengths(language: str, *fields: tuple[str, str, int]) -> Iterable[Problem]:
    for name, text, most in fields:
        if len(text) > most:
            told = {"most": most, "count": len(text)}
            yield Problem(name, _("At most %(most)d characters; this has %(count)d.") % told, language)


def publishing_problems_of(content: Content) -> list[Problem]:
    """What is missing before the article may be suggested."""
    for_visitors = content.audience == Article.Audience.VISITORS
    problems = []
    for language, text in content.texts.items():
        if for_visitors and not text.short_reply:
            problems.append(Problem("short_reply", _("Visitors need a short reply."), language))
        elif not (text.short_reply or text.long_text):
            problems.append(Problem("short_reply", _("Write an answer."), language))
    return problems


def _tidied_text(text: TextContent) -> TextContent:
    points = tuple(point for point in map(_line, text.points) if point)
    return TextContent(_line(text.title), _lines(text.short_reply), _lines(text.long_text), points)


def _once(questions: Iterable[str]) -> tuple[str, ...]:
    """Each question once, however it is written."""
    found: dict[str, str] = {}
    for question in map(_line, questions):
        if key := evened(question):
            found.setdefault(key, question)
    return tuple(found.values())


def _line(text: str) -> str:
    return " ".join(_lines(text).split())


def _lines(text: str) -> str:
    """One kind of line ending, one way of writing an accent, nothing that is not printed."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _NOT_PRINTED.sub("", text).strip()


def _fields(content: Content) -> Iterable[tuple[tuple[str, str], str]]:
    for language, text in content.texts.items():
        yield ("title", language), text.title
        yield ("short_reply", language), text.short_reply
        yield ("long_text", language), text.long_text
        yield ("points", language), "\n".join(text.points)
    for language, questions in content.variants.items():
        yield ("variants", language), "\n".join(sorted(questions))
    shared: Mapping[str, object] = {
        "slug": content.slug,
        "audience": content.audience,
        "topic": content.topic,
        "source": content.source,
        "owner_name": content.owner_name,
        "owner_id": content.owner_id or "",
        "valid_from": content.valid_from or "",
        "valid_until": content.valid_until or "",
        "review_on": content.review_on or "",
        "related": "\n".join(content.related),
    }
    for name, value in shared.items():
        yield (name, ""), str(value)
