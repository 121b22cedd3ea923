"""Taking articles in from a file: first what would change, then all of it or nothing.

A file never deletes: articles, languages and fields that it does not have stay. A field that it has and leaves empty
is emptied. What was learned from use stays as well.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledgebase.cleaning import evened
from knowledgebase.content import (
    Content,
    Difference,
    TextContent,
    as_json,
    content_of,
    differences,
    problems_of,
    publishing_problems_of,
    tidied,
    with_content,
)
from knowledgebase.imports.reading import PROBLEMS_SHOWN, Found
from knowledgebase.imports.rows import OF_THE_ARTICLE, Place, Problem, Row, Value
from knowledgebase.models import Article, ArticleText, Topic, Variant
from knowledgebase.services.articles import Editor, Wanted, publish, save_articles
from knowledgebase.services.revisions import lock_revision
from tenants.context import OrganisationRef
from tenants.errors import Invalid, ServiceError
from tenants.models import Membership

State = Article.State


class ImportStale(ServiceError):
    code = "import_stale"
    message = gettext_lazy("Articles have changed since you looked at the preview. Nothing was imported: look again.")


class ImportRefused(Invalid):
    code = "import_refused"
    message = gettext_lazy("The file has problems. Nothing was imported.")


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one article. ``differences`` is empty where nothing changes; ``state`` is the one it has now."""

    article_id: UUID | None
    version: int
    state: str
    place: Place
    content: Content
    differences: tuple[Difference, ...]
    goes_live: bool

    @property
    def title(self) -> str:
        return next((text.title for text in self.content.texts.values()), self.content.slug)

    @property
    def is_live(self) -> bool:
        """Whether what is written here is seen at once."""
        return self.goes_live or self.state == State.LIVE


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. ``fingerprint`` stands for all of it, and for the versions it was compared with."""

    new: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    unchanged: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    fingerprint: str = ""

    @property
    def going_live(self) -> int:
        return sum(one.goes_live for one in (*self.new, *self.changed, *self.unchanged))

    @property
    def does_something(self) -> bool:
        return bool(self.new or self.changed or self.going_live)


@dataclass(slots=True)
class _Known:
    """What the rows are compared with, and what was found wrong."""

    articles: Mapping[str, Article]
    slugs: frozenset[str]
    topics: frozenset[str]
    managers: Mapping[str, list[tuple[UUID, str]]]
    problems: list[Problem] = field(default_factory=list)


def known_languages(organisation: OrganisationRef) -> list[str]:
    """In which an import may be: the organisation's, and those that articles are written in already. One query."""
    written = ArticleText.objects.order_by("language").values_list("language", flat=True).distinct()
    return list(dict.fromkeys([*organisation.languages, *written]))


def preview_import(organisation: OrganisationRef, found: Found, *, go_live: bool = False) -> Preview:
    """Compares, and changes nothing. With ``go_live``, what is new or a draft is to be published. Eight queries."""
    if found.problems:
        return Preview(problems=found.problems)
    by_slug: dict[str, list[Row]] = {}
    for row in found.rows:
        by_slug.setdefault(row.slug, []).append(row)
    known = _known(organisation, by_slug)
    changes = [_change(slug, rows, known, go_live=go_live) for slug, rows in by_slug.items()]
    if known.problems:
        return Preview(problems=tuple(sorted(known.problems)[:PROBLEMS_SHOWN]))
    return Preview(
        new=tuple(one for one in changes if one.article_id is None),
        changed=tuple(one for one in changes if one.article_id and one.differences),
        unchanged=tuple(one for one in changes if one.article_id and not one.differences),
        fingerprint=_fingerprint(changes),
    )


def apply_import(
    organisation: OrganisationRef,
    editor: Editor,
    found: Found,
    *,
    go_live: bool = False,
    fingerprint: str | None = None,
) -> Preview:
    """Does what the preview said, in one transaction, and returns it. About ten queries for each article that changes.

    Takes the revision's lock first, so that nothing changes between comparing and writing. Raises ImportRefused for a
    file with problems, ImportStale when this would do anything else than the preview of ``fingerprint`` said, and as
    ``save_articles`` and ``publish``.
    """
    with transaction.atomic():
        lock_revision()
        preview = preview_import(organisation, found, go_live=go_live)
        if preview.problems:
            raise ImportRefused()
        if fingerprint is not None and fingerprint != preview.fingerprint:
            raise ImportStale()
        why = _("Imported from %(file)s") % {"file": found.rows[0].place.file[:100]}
        written = (*preview.new, *preview.changed)
        wanted = [Wanted(one.article_id, one.content) for one in written]
        saved = save_articles(editor, wanted, why, variant_source=Variant.Source.IMPORTED)
        for article, change in zip(saved, written, strict=True):
            if change.goes_live:
                publish(editor, article.id, why)
        for change in preview.unchanged:
            if change.goes_live and change.article_id is not None:
                publish(editor, change.article_id, why)
    return preview


def _known(organisation: OrganisationRef, by_slug: Mapping[str, Sequence[Row]]) -> _Known:
    managers: dict[str, list[tuple[UUID, str]]] = {}
    memberships = Membership.objects.filter(organisation_id=organisation.id, role=Membership.Role.MANAGER)
    for membership in memberships.select_related("user"):
        for name in {membership.user.name.casefold(), membership.user.email.casefold()}:
            managers.setdefault(name, []).append((membership.user_id, membership.user.name))
    return _Known(
        articles={one.slug: one for one in with_content(Article.objects.filter(slug__in=[*by_slug]))},
        slugs=frozenset(Article.objects.values_list("slug", flat=True)) | by_slug.keys(),
        topics=frozenset(Topic.objects.values_list("slug", flat=True)),
        managers=managers,
    )


def _change(slug: str, rows: Sequence[Row], known: _Known, *, go_live: bool) -> Change:
    article = known.articles.get(slug)
    before = tidied(content_of(article)) if article else Content(slug=slug)
    content = tidied(_with_shared(_with_texts(before, rows, known), rows, known))
    state = article.state if article else State.DRAFT.value
    goes_live = go_live and state in (State.DRAFT, State.TO_CHECK)
    places = {row.language: row.place for row in rows}
    problems = problems_of(content)
    if goes_live or state == State.LIVE:
        problems += publishing_problems_of(content)
    for problem in problems:
        named = " / ".join(part for part in (slug, problem.language, problem.field) if part)
        known.problems.append(Problem(places.get(problem.language, rows[0].place), f"{named}: {problem.message}"))
    for language, question in _asked_in_another_language(article, content):
        text = _("“%(question)s” is a question of “%(slug)s” in another language already: leave it out here.")
        given = {"question": question, "slug": slug}
        known.problems.append(Problem(places.get(language, rows[0].place), text % given))
    return Change(
        article_id=article.id if article else None,
        version=article.version if article else 0,
        state=state,
        place=rows[0].place,
        content=content,
        differences=tuple(differences(before, content)) if article else (),
        goes_live=goes_live,
    )


def _with_texts(content: Content, rows: Sequence[Row], known: _Known) -> Content:
    """The content with what the rows say in their languages."""
    texts, variants = dict(content.texts), dict(content.variants)
    for row in rows:
        text = texts.get(row.language, TextContent(""))
        if text.title and row.values.get("title", text.title) == "":
            known.problems.append(Problem(row.place, _("There is no title: give it one.")))
        given = {
            name: row.values[name] for name in ("title", "short_reply", "long_text", "points") if name in row.values
        }
        texts[row.language] = replace(text, **given)  # type: ignore[arg-type]
        questions = row.values.get("questions")
        if isinstance(questions, tuple):
            variants[row.language] = questions
    return replace(content, texts=texts, variants=variants)


def _with_shared(content: Content, rows: Sequence[Row], known: _Known) -> Content:
    """The content with what the rows say of the article in all languages: one of them is enough to say it."""
    given: dict[str, Value] = {}
    for row in rows:
        for name in OF_THE_ARTICLE:
            if name in row.values and not given.get(name):
                given[name] = row.values[name]
        known.problems.extend(_unknown_names(row, known))
    owner = given.pop("owner", content.owner_name)
    place = next((row.place for row in rows if row.values.get("owner")), rows[0].place)
    given |= _owner(str(owner or ""), content, place, known)
    if not given.get("audience", content.audience):
        del given["audience"]
    return replace(content, **given)  # type: ignore[arg-type]


def _unknown_names(row: Row, known: _Known) -> Iterator[Problem]:
    topic = row.values.get("topic")
    if topic and topic not in known.topics:
        text = _("There is no topic “%(topic)s”: make it first, or leave it empty. There are: %(known)s.")
        yield Problem(row.place, text % {"topic": topic, "known": ", ".join(sorted(known.topics)) or "–"})
    related = row.values.get("related")
    for slug in related if isinstance(related, tuple) else ():
        if slug not in known.slugs:
            text = _("There is no article “%(slug)s”, neither here nor in the file: take it out of “related”.")
            yield Problem(row.place, text % {"slug": slug})


def _owner(name: str, content: Content, place: Place, known: _Known) -> dict[str, Value]:
    """The manager who is called so, or has this e-mail address. Who owns the article already need not be one still."""
    if name == content.owner_name:
        return {}
    if not name:
        return {"owner_id": None, "owner_name": ""}
    found = known.managers.get(name.casefold(), [])
    if len(found) == 1:
        return {"owner_id": found[0][0], "owner_name": found[0][1]}  # type: ignore[dict-item]
    if found:
        text = _("Several managers are called “%(name)s”: write the e-mail address.")
    else:
        text = _("No manager of the organisation is called “%(name)s”: write a name or an e-mail address, or nothing.")
    known.problems.append(Problem(place, text % {"name": name}))
    return {}


def _asked_in_another_language(article: Article | None, content: Content) -> Iterator[tuple[str, str]]:
    """(language, question) of what the table refuses: one question in two languages of an article."""
    stored = article.variants.all() if article else ()
    languages = {one.evened: one.language for one in stored if one.source == Variant.Source.LEARNED}
    for language, questions in content.variants.items():
        for question in questions:
            if languages.setdefault(evened(question), language) != language:
                yield language, question


def _fingerprint(changes: Sequence[Change]) -> str:
    told = [[one.version, one.state, one.goes_live, as_json(one.content)] for one in changes]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
