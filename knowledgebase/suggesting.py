"""What each process remembers of organisations' articles, and the articles that answer a question.

One index per organisation, read from its tables and kept fresh by comparing ``Revision.number`` at most once a second:
a change is in every process's suggestions within two. Only the articles that changed are read again. All indices
together are bounded by bytes; the least recently asked organisation goes first and is read again when it is asked.

Everything here runs inside the organisation's schema, in the database pool, and outside of transactions that changed
articles. An article's words come from its row at that moment: the index only says which one.
"""

import functools
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import F, Prefetch, Q

from knowledgebase.engine import Because, Document, Hit, KnowledgeIndex
from knowledgebase.engine.words import base_language
from knowledgebase.models import Article, ArticleText, Signal, Variant
from knowledgebase.validity import Validity, valid_on, validity_on
from tenants.context import OrganisationRef, begin_in_organisation

logger = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 1.0
FIRST_READING_PATIENCE_SECONDS = 1.5
# More changed articles than this take seconds, and are read beside the database pool.
MOST_READ_INLINE = 500
ARTICLES_AT_ONCE = 200
MAX_QUESTION_CHARACTERS = 2000
NOT_READ = -1
ROUNDS = 3
SINKING = frozenset({Validity.OVERDUE, Validity.EXPIRED})
UNASKED = Because(field="text", words=(), question="")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article in one language. ``confidence`` is the chance, 0 to 1, that it is the answer; ``reply`` still has its
    placeholders."""

    article: UUID
    language: str
    title: str
    reply: str
    points: tuple[str, ...]
    version: int
    because: Because
    confidence: float
    is_overdue: bool
    is_expired: bool


@dataclass(slots=True)
class _Standing:
    """What decides whether a live article may be suggested today, and to whom."""

    audience: str
    valid_from: date | None
    valid_until: date | None
    review_on: date | None


class _Words(NamedTuple):
    """An article's row in one language, as far as it is shown; in the order of ``_COLUMNS``."""

    article: UUID
    language: str
    title: str
    short_reply: str
    points: list[str]
    version: int
    valid_from: date | None
    valid_until: date | None
    review_on: date | None


_COLUMNS = (
    *("article_id", "language", "title", "short_reply", "points"),
    *("article__version", "article__valid_from", "article__valid_until", "article__review_on"),
)


@dataclass(frozen=True, slots=True)
class _Changes:
    """What a look found: the number and the day it is of, when that was (monotonic), and which articles changed."""

    number: int
    today: date
    looked_at: float
    articles: tuple[UUID, ...]


class _Memory:
    """One organisation's index. One thread at a time reads the tables; meanwhile the others use what is here: an import
    of thousands keeps nobody waiting. The index has a lock of its own."""

    def __init__(self) -> None:
        self.nbytes = 0
        self._index = KnowledgeIndex()
        self._standings: dict[UUID, _Standing] = {}
        self._languages: dict[UUID, set[str]] = {}
        self._number = NOT_READ
        self._today = date.min
        self._looked_at = float("-inf")
        self._reading = threading.Lock()
        # Somebody waits once for what was never read; the others have what is here by then.
        self._patience = FIRST_READING_PATIENCE_SECONDS

    def refresh(self, organisation: OrganisationRef) -> bool:
        """Reads what changed; whether it looked. No query within a second of the last look, else one, and when
        something changed another, and four per 200 articles. Many are read beside the database pool, so nobody waits.
        While another thread reads, what is here is used as it is; a first reading is waited for, not long, and once."""
        if self._is_fresh():
            return False
        patience = self._patience
        if not self._reading.acquire(timeout=patience):
            return False
        with ExitStack() as held:
            held.callback(self._reading.release)
            if self._is_fresh():
                return False
            changes = self._look(ZoneInfo(organisation.time_zone))
            if len(changes.articles) <= MOST_READ_INLINE:
                self._take(organisation, changes)
                return True
            reading = begin_in_organisation(organisation, self._take, changes)
            handed_over = held.pop_all()
        reading.add_done_callback(lambda _reading: handed_over.close())
        reading.add_done_callback(_tell_failure)
        if wait([reading], patience).not_done:
            self._patience = 0
        return True

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._looked_at < LOOK_EVERY_SECONDS

    def _look(self, zone: ZoneInfo) -> _Changes:
        looked_at = time.monotonic()
        number, now = _revision_and_time()
        today = now.astimezone(zone).date()
        if number < self._number:  # an older state was restored: what is here is of another history
            self._index, self._standings, self._languages = KnowledgeIndex(), {}, {}
            self._number = NOT_READ
        changed = Q(pk__in=())
        if number != self._number:
            changed |= Q(revision__gt=self._number)
        if today != self._today and self._number != NOT_READ:
            days = (min(today, self._today), max(today, self._today))
            changed |= Q(review_on__range=days) | Q(valid_until__range=days)
        if self._number == NOT_READ:
            changed &= Q(state=Article.State.LIVE)
        ids = Article.objects.filter(changed).order_by("pk").values_list("pk", flat=True)
        return _Changes(number, today, looked_at, tuple(ids))

    def _take(self, _organisation: OrganisationRef, changes: _Changes) -> None:
        self._today = changes.today
        for start in range(0, len(changes.articles), ARTICLES_AT_ONCE):
            for article in _articles(changes.articles[start : start + ARTICLES_AT_ONCE]):
                self._put(article)
        self._number, self._looked_at, self._patience = changes.number, changes.looked_at, 0
        if changes.articles:
            self.nbytes = self._index.nbytes()

    def _put(self, article: Article) -> None:
        documents = list(_documents(article, self._today)) if article.state == Article.State.LIVE else []
        now_in = {base_language(document.language) for document in documents}
        for language in self._languages.pop(article.id, set()) - now_in:
            self._index.remove(article.id, language)
        self._standings.pop(article.id, None)
        if not documents:
            return
        self._languages[article.id] = now_in
        self._standings[article.id] = _Standing(
            article.audience, article.valid_from, article.valid_until, article.review_on
        )
        for document in documents:
            self._index.put(document)

    def answers(
        self, text: str, languages: Sequence[str], limit: int, *, for_visitors: bool, with_expired: bool
    ) -> list[Suggestion]:
        """In the first of the languages in which there is one, with today's words. One query.

        A row that is gone without a change of the number (retired a moment ago, or deleted) is left out and forgotten.
        """
        for language in languages:
            for _ in range(ROUNDS):
                number = self._number
                hits = self._index.suggest(
                    text, language, limit, functools.partial(self._is_allowed, for_visitors, with_expired)
                )
                found = _with_words(hits, self._today)
                if len(found) == len(hits):
                    break
                self._forget({hit.id for hit in hits} - {one.article for one in found}, number)
            if found:
                return found
        return []

    def _is_allowed(self, for_visitors: bool, with_expired: bool, article_id: UUID) -> bool:
        standing = self._standings.get(article_id)
        if standing is None or (for_visitors and standing.audience != Article.Audience.VISITORS):
            return False
        validity = validity_on(standing, self._today)
        return validity != Validity.NOT_YET and (with_expired or validity != Validity.EXPIRED)

    def _forget(self, article_ids: Collection[UUID], number: int) -> None:
        """Unless something was read meanwhile: then they may be back."""
        if self._reading.acquire(blocking=False):
            try:
                if self._number == number:
                    for article_id in article_ids:
                        for language in self._languages.pop(article_id, set()):
                            self._index.remove(article_id, language)
                        self._standings.pop(article_id, None)
            finally:
                self._reading.release()

    @property
    def today(self) -> date:
        return self._today

    @property
    def is_read(self) -> bool:
        return self._number != NOT_READ


class Memories:
    """The indices of all organisations in this process, at most ``most_bytes`` together (and always the one in use)."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._memories: OrderedDict[UUID, _Memory] = OrderedDict()
        self._lock = threading.Lock()

    def suggest(
        self, organisation: OrganisationRef, text: str, language: str, limit: int = 3, for_visitors: bool = False
    ) -> list[Suggestion]:
        """The live articles of today that answer ``text``, best first. One query, and those of a refresh."""
        if not text.strip():
            return []
        return self._fresh(organisation).answers(
            text[:MAX_QUESTION_CHARACTERS],
            _wanted(organisation, language),
            limit,
            for_visitors=for_visitors,
            with_expired=False,
        )

    def search(self, organisation: OrganisationRef, text: str, language: str, limit: int = 20) -> list[Suggestion]:
        """For operators, expired ones as well; without a text what is used most. One query, and those of a refresh."""
        memory = self._fresh(organisation)
        if not text.strip():
            return _most_used(_wanted(organisation, language), memory.today, limit)
        return memory.answers(
            text[:MAX_QUESTION_CHARACTERS],
            _wanted(organisation, language),
            limit,
            for_visitors=False,
            with_expired=True,
        )

    def today(self, organisation: OrganisationRef) -> date:
        """The organisation's calendar day, at most a second late. No query when it was just asked."""
        return self._fresh(organisation).today

    def is_read(self, organisation: OrganisationRef) -> bool:
        """Whether all of its articles are here, as of some moment."""
        with self._lock:
            memory = self._memories.get(organisation.id)
        return memory is not None and memory.is_read

    def remembered(self) -> dict[UUID, int]:
        """Bytes per organisation, least recently asked first."""
        with self._lock:
            return {organisation_id: memory.nbytes for organisation_id, memory in self._memories.items()}

    def _fresh(self, organisation: OrganisationRef) -> _Memory:
        with self._lock:
            memory = self._memories.setdefault(organisation.id, _Memory())
            self._memories.move_to_end(organisation.id)
        if memory.refresh(organisation):
            self._forget_least_asked()
        return memory

    def _forget_least_asked(self) -> None:
        with self._lock:
            total = sum(memory.nbytes for memory in self._memories.values())
            while total > self._most_bytes and len(self._memories) > 1:
                _organisation_id, forgotten = self._memories.popitem(last=False)
                total -= forgotten.nbytes


@functools.cache
def memories() -> Memories:
    """This process's."""
    return Memories(settings.KNOWLEDGE_MEMORY_MEGABYTES * 1024 * 1024)


def suggest(
    organisation: OrganisationRef, text: str, language: str, limit: int = 3, for_visitors: bool = False
) -> list[Suggestion]:
    """See :meth:`Memories.suggest`."""
    return memories().suggest(organisation, text, language, limit, for_visitors)


def search(organisation: OrganisationRef, text: str, language: str, limit: int = 20) -> list[Suggestion]:
    """See :meth:`Memories.search`."""
    return memories().search(organisation, text, language, limit)


def _tell_failure(reading: Future[None]) -> None:
    """The kind only. Nothing was marked as read, so the next question tries again."""
    if (error := reading.exception()) is not None:
        logger.error("Articles could not be read: %s", type(error).__name__)


def _wanted(organisation: OrganisationRef, language: str) -> list[str]:
    return list(dict.fromkeys((language, *organisation.languages)))


def _revision_and_time() -> tuple[int, datetime]:
    """The number is read before any article: what is committed later only makes an article be read twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT number FROM knowledgebase_revision WHERE id = 1), 0), public.platform_now()"
        )
        number, now = cursor.fetchone()
    return number, now


def _articles(ids: Sequence[UUID]) -> Iterable[Article]:
    active = Variant.objects.filter(state=Variant.State.ACTIVE)
    return (
        Article.objects.filter(pk__in=ids)
        .select_related("signal")
        .prefetch_related("texts", Prefetch("variants", active, to_attr="active_variants"))
    )


def _documents(article: Article, today: date) -> Iterator[Document]:
    signal = getattr(article, "signal", None) or Signal()
    variants: list[Variant] = article.active_variants  # type: ignore[attr-defined]
    for text in article.texts.all():
        yield Document(
            id=article.id,
            language=text.language,
            title=text.title,
            variants=tuple(one.text for one in variants if one.language == text.language),
            short_reply=text.short_reply,
            long_text=text.long_text,
            shown=signal.shown,
            used=signal.used,
            passed_over=signal.passed_over,
            sinks=validity_on(article, today) in SINKING,
        )


def _with_words(hits: Sequence[Hit], today: date) -> list[Suggestion]:
    """The hits with their articles' words; what is no longer live by now is left out."""
    if not hits:
        return []
    live = ArticleText.objects.filter(article__in={hit.id for hit in hits}, article__state=Article.State.LIVE)
    texts: dict[tuple[UUID, str], _Words] = {}
    for words in map(_Words._make, live.order_by("-language").values_list(*_COLUMNS)):
        texts[words.article, base_language(words.language)] = words  # of "nl" and "nl-BE" the plain one
    return [
        _suggestion(texts[hit.id, hit.language], today, hit.because, hit.confidence)
        for hit in hits
        if (hit.id, hit.language) in texts
    ]


def _most_used(languages: Sequence[str], today: date, limit: int) -> list[Suggestion]:
    texts = (
        ArticleText.objects.filter(
            language=languages[0], article__in=Article.objects.filter(valid_on(today), state=Article.State.LIVE)
        )
        .order_by(F("article__signal__used").desc(nulls_last=True), "title")
        .values_list(*_COLUMNS)
    )
    return [_suggestion(words, today, UNASKED, 0.0) for words in map(_Words._make, texts[:limit])]


def _suggestion(words: _Words, today: date, because: Because, confidence: float) -> Suggestion:
    validity = validity_on(words, today)
    return Suggestion(
        article=words.article,
        language=words.language,
        title=words.title,
        reply=words.short_reply,
        points=tuple(words.points),
        version=words.version,
        because=because,
        confidence=confidence,
        is_overdue=validity == Validity.OVERDUE,
        is_expired=validity == Validity.EXPIRED,
    )
