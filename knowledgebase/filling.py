"""Makes a reply to measure: fills its placeholders, and says which ones nobody can fill.

| in the reply | what is sent |
|---|---|
| ``{visitor}`` | the visitor's name; nothing, with its space, when it is not known |
| ``{operator}``, ``{organisation}`` | their names |
| ``{notice.slug}`` | the notice while it holds; nothing, with its line, once it is over |
| ``{product.slug.fact}`` | the product's fact, ``{product.slug.name}`` its name |
| ``{u|je}`` | the first when visitors are addressed formally, the second when informally |

What cannot be filled stays as it was written and is named, so that no brace is ever sent unnoticed: a fact that is
gone, a word that means nothing, a brace without its partner.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from knowledgebase.models import Address

MAX_NAME = 80

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_BRACES = re.compile(r"[{}]")
_TIGHT = re.compile(r"[,.;:!?)\]…、。！？）」\n]")  # nothing but a word stands behind a space
_STOP = re.compile(r"[,.;:!?)\]…、。！？）」\n]|$")
_COMMA_FIRST, _COMMA_LAST = re.compile(r"[,、，]\s*"), re.compile(r"[,、，] *$")
# "Dear …" to somebody whose name we do not know.
_NOBODY_IN_PARTICULAR = {"ja": re.compile(r"\{ *visitor *\}(?=様|さま|さん)")}
_INSTEAD = {"ja": "お客"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds now, in one language. A notice that is over is there with an empty text."""

    address: str = Address.FORMAL.value
    notices: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """``missing`` names the placeholders left in ``text``, without braces; "{" for a brace that stands alone."""

    text: str
    missing: tuple[str, ...] = ()


def fill(
    text: str, *, language: str, operator_name: str, visitor_name: str, organisation_name: str, facts: Facts
) -> Filled:
    """The reply as it is to be sent. An unknown visitor is passed over; without an operator's or an organisation's name
    those are missing."""
    visitor = _one_line(visitor_name)
    if not visitor and language in _NOBODY_IN_PARTICULAR:
        text = _NOBODY_IN_PARTICULAR[language].sub(_INSTEAD[language], text)
    names = {"operator": _one_line(operator_name), "organisation": _one_line(organisation_name)}
    return _filled(text, {"visitor": visitor, **{name: said or None for name, said in names.items()}}, facts)


def placeholders_of(text: str) -> tuple[str, ...]:
    """What stands in braces, each once, in order; forms of address among them."""
    return tuple(dict.fromkeys(name.strip() for name in _PLACEHOLDER.findall(text)))


def _filled(text: str, names: Mapping[str, str | None], facts: Facts) -> Filled:
    written, missing, end = "", [], 0
    was_emptied = False
    for found in _PLACEHOLDER.finditer(text):
        written = _joined(written, text[end : found.start()], was_emptied)
        value, lacking = _value(found[1], names, facts)
        missing += lacking
        was_emptied = value == ""
        written += found[0] if value is None else value
        end = found.end()
    written = _joined(written, text[end:], was_emptied)
    if was_emptied and end == len(text):
        written = written.rstrip()
    if _BRACES.search(_PLACEHOLDER.sub("", text)):
        missing.append("{")
    return Filled(written, tuple(dict.fromkeys(missing)))


def _value(placeholder: str, names: Mapping[str, str | None], facts: Facts) -> tuple[str | None, list[str]]:
    """What stands for the placeholder, None when nobody knows; and what is missing in it."""
    value: str | None = None
    name = placeholder.strip()
    if name in names:
        value = names[name]
    elif name.count("|") == 1:
        formal, informal = placeholder.split("|")
        value = formal if facts.address == Address.FORMAL else informal
    elif name.startswith("notice."):
        notice = facts.notices.get(name.removeprefix("notice."))
        if notice is not None:
            inside = _filled(notice, names, replace(facts, notices={}))
            return inside.text, list(inside.missing)
    elif name.startswith("product."):
        slug, _dot, fact = name.removeprefix("product.").partition(".")
        value = _BRACES.sub("", facts.products.get(slug, {}).get(fact, "")).strip() or None
    return value, [name] if value is None else []


def _joined(written: str, following: str, was_emptied: bool) -> str:
    """Closes the hole that nothing leaves: no double space, no space or comma before a full stop, no comma at the
    start, no empty line."""
    if not was_emptied:
        return written + following
    if not written or written.endswith("\n"):
        following = following.lstrip()
        if begun := _COMMA_FIRST.match(following):
            following = following[begun.end() :]
            following = following[:1].upper() + following[1:]
        return written + following
    if written.endswith(" "):
        following = following.lstrip(" ")
    if _TIGHT.match(following):
        written = written.rstrip(" ")
    if _STOP.match(following):
        written = _COMMA_LAST.sub("", written)
    return written + following


def _one_line(name: str) -> str:
    """A name as somebody typed it: no line breaks, no braces that would be taken for a placeholder."""
    return " ".join(_BRACES.sub("", name).split())[:MAX_NAME].strip()
