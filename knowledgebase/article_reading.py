"""What the page of an article shows beside its form: what versions changed, learned questions, what a reply may quote,
and how it reads once it is filled. Runs inside the organisation's schema."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledgebase.content import Difference
from knowledgebase.filling import fill
from knowledgebase.models import Address, Article, Notice, Product, Variant
from knowledgebase.selectors import facts_for
from knowledgebase.validity import Validity
from knowledgebase.word_differences import Piece
from tenants.clock import platform_now
from tenants.context import OrganisationRef

FIELDS: dict[str, LazyText] = {
    "title": _("title"),
    "short_reply": _("short reply"),
    "long_text": _("text for the operator"),
    "points": _("points to mention"),
    "variants": _("questions"),
    "slug": _("short name"),
    "audience": _("audience"),
    "topic": _("topic"),
    "source": _("source"),
    "owner_name": _("owner"),
    "valid_from": _("valid from"),
    "valid_until": _("valid until"),
    "review_on": _("to be reviewed on"),
    "related": _("related articles"),
}
VALIDITY: dict[str, LazyText] = {
    Validity.NOT_YET: _("not yet"),
    Validity.EXPIRED: _("expired"),
    Validity.OVERDUE: _("review overdue"),
}
SAMPLE_VISITOR, SAMPLE_VISITORS = "Vera", {"ja": "山田"}
QUOTABLE_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of a version that differs from the version before, word by word."""

    name: str | LazyText
    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A reply as it would be sent to a visitor; ``address`` is empty when both forms of address read the same."""

    address: str
    text: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quotable:
    """A placeholder, and what it becomes now."""

    placeholder: str
    becomes: str


def title_of(article: Article, languages: tuple[str, ...]) -> str:
    """In the organisation's first language that has one. One query, none with its texts prefetched."""
    titles = {text.language: text.title for text in article.texts.all()}
    return next((titles[code] for code in (*languages, *sorted(titles)) if code in titles), article.slug)


def changes_shown(differences: Sequence[Difference]) -> list[Changed]:
    """What a version changed, for people: with the fields' names, without what nobody reads."""
    names = dict(settings.LANGUAGES)
    return [
        Changed(FIELDS[one.field], str(names.get(one.language, one.language)), one.pieces)
        for one in differences
        if one.field in FIELDS
    ]


def previews_of(organisation: OrganisationRef, language: str, text: str, operator_name: str) -> list[Preview]:
    """The reply filled for a made-up visitor, first in the organisation's own form of address. Four queries."""
    facts = facts_for(organisation, language)
    own = Address(facts.address)
    previews = []
    for address in sorted(Address, key=lambda one: one != own):
        filled = fill(
            text,
            language=language,
            operator_name=operator_name,
            visitor_name=SAMPLE_VISITORS.get(language, SAMPLE_VISITOR),
            organisation_name=organisation.name,
            facts=replace(facts, address=address.value),
        )
        previews.append(Preview(str(address.label), filled.text, filled.missing))
    return previews if previews[0].text != previews[1].text else [replace(previews[0], address="")]


def learned_questions(article: Article) -> list[Variant]:
    """What use has taught the article, and what a manager has rejected; the newest first. One query."""
    learned = Q(source=Variant.Source.LEARNED) | Q(state=Variant.State.REJECTED)
    return list(article.variants.filter(learned).order_by("state", "-asked_at", "id"))


def quotable(organisation_name: str) -> list[Quotable]:
    """What a reply may quote today. Two queries."""
    return list(_quotable(organisation_name))[:QUOTABLE_SHOWN]


def _quotable(organisation_name: str) -> Iterator[Quotable]:
    yield Quotable("{visitor}", gettext("the visitor's name"))
    yield Quotable("{operator}", gettext("the operator's name"))
    yield Quotable("{organisation}", organisation_name)
    holding = Q(ends_at=None) | Q(ends_at__gt=platform_now())
    notices = Notice.objects.filter(holding).order_by("slug", "language")
    for notice in {one.slug: one for one in notices}.values():
        yield Quotable(f"{{notice.{notice.slug}}}", notice.text)
    for product in Product.objects.order_by("name"):
        for name, fact in product.facts.items():
            yield Quotable(f"{{product.{product.slug}.{name}}}", f"{product.name}: {fact}")
