"""What a suggestion costs in a web process: by the number of articles, beside PostgreSQL's own ranking; how soon a
change is seen; and what many organisations take in memory."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any
from uuid import uuid4

import psutil
from django.conf import settings
from django.db import connection

from bench.stage import measuring_organisations
from chatplatform.replay.summary import milliseconds
from knowledgebase.content import Content, TextContent
from knowledgebase.models import Article, ArticleText, Variant
from knowledgebase.services.articles import Editor, publish, save_article
from knowledgebase.services.revisions import next_revision
from knowledgebase.suggesting import Memories
from tenants.context import OrganisationRef, in_organisation
from tenants.identifiers import uuid7

SIZES = (200, 2_000, 10_000)
QUESTIONS = 400
CHANGES = 20
PATIENCE_SECONDS = 10.0
# (organisations, articles each)
MANY = (500, 200)
VARIANTS, VARIANT_WORDS, TITLE_WORDS, REPLY_WORDS, TEXT_WORDS = 6, 9, 5, 30, 90
VOCABULARY = 20_000
MEGABYTE = 1024 * 1024
_LETTERS = ("bdfghklmnprstvw", "aeiou")


def suggestion_costs(report: Callable[[str], None]) -> dict[str, Any]:
    """Milliseconds per suggestion, from a question to three articles with their words, one query included."""
    writer = Writer()
    organisation = measuring_organisations()[0]
    sizes = []
    for size in SIZES:
        report(f"suggestions among {size:,} articles")
        sizes.append(in_organisation(organisation, _measure, writer, size))
    report("how soon a change is seen")
    seen = in_organisation(organisation, _changes_seen)
    report(f"{MANY[0]} organisations of {MANY[1]} articles")
    return {"sizes": sizes, "change_seen_seconds": seen, "memory": in_organisation(organisation, _memory, writer)}


class Writer:
    """Made-up words, of which few are used often and most hardly ever, as in a language. The same every time."""

    def __init__(self) -> None:
        self._chance = random.Random(1)
        self._words = list(dict.fromkeys(self._word() for _ in range(VOCABULARY)))
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self._words) + 1)))

    def _word(self) -> str:
        return "".join(self._chance.choice(_LETTERS[place % 2]) for place in range(self._chance.randint(3, 10)))

    def words(self, count: int) -> str:
        return " ".join(self._chance.choices(self._words, cum_weights=self._weights, k=count))

    def asked(self, question: str) -> str:
        """The question in other words: a third of them are others."""
        return " ".join(self.words(1) if self._chance.random() < 1 / 3 else word for word in question.split())


def _fill(writer: Writer, articles: int) -> list[str]:
    """Live articles; returns questions that some of them answer."""
    Article.objects.all().delete()
    made = [Article(slug=f"article-{n}", state=Article.State.LIVE, version=1) for n in range(articles)]
    number = next_revision()
    for one in made:
        one.revision = number
    Article.objects.bulk_create(made, batch_size=1000)
    ArticleText.objects.bulk_create(
        [
            ArticleText(
                article=one,
                language="en",
                title=writer.words(TITLE_WORDS),
                short_reply=writer.words(REPLY_WORDS),
                long_text=writer.words(TEXT_WORDS),
            )
            for one in made
        ],
        batch_size=1000,
    )
    variants = []
    for one in made:
        for place in range(VARIANTS):
            text = f"{writer.words(VARIANT_WORDS)} {place}"
            variants.append(Variant(id=uuid7(), article=one, language="en", text=text, evened=text))
    Variant.objects.bulk_create(variants, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # now, rather than by itself in the middle of measuring
    return [writer.asked(one.text) for one in random.Random(2).sample(variants, QUESTIONS)]


def _measure(organisation: OrganisationRef, writer: Writer, articles: int) -> dict[str, Any]:
    questions = _fill(writer, articles)
    started_at = time.perf_counter()
    memories = _read(organisation)
    first = time.perf_counter() - started_at
    ours = _timed(questions, lambda question: memories.suggest(organisation, question, "en"))
    _index_in_postgres()
    theirs = _timed(questions, _postgres_rank)
    return {
        "articles": articles,
        "first_reading_seconds": round(first, 2),
        "megabytes": round(sum(memories.remembered().values()) / MEGABYTE, 1),
        "ours": milliseconds(ours, 50, 95),
        "postgres": milliseconds(theirs, 50, 95),
    }


def _read(organisation: OrganisationRef) -> Memories:
    """A memory that has all of the organisation's articles. Many are read beside the one who asks."""
    memories = Memories(settings.KNOWLEDGE_MEMORY_MEGABYTES * MEGABYTE)
    while not memories.is_read(organisation):
        memories.suggest(organisation, "warm", "en")
        time.sleep(0.01)
    return memories


def _timed(questions: Sequence[str], ask: Callable[[str], object]) -> list[float]:
    seconds = []
    for question in questions:
        started_at = time.perf_counter()
        ask(question)
        seconds.append(time.perf_counter() - started_at)
    return seconds[1:]  # the first one opens the connection


def _index_in_postgres() -> None:
    """The baseline: one stored ``tsvector`` per article, with the usual index."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_rival")
        cursor.execute(
            "CREATE TABLE bench_rival AS SELECT t.article_id, t.title, to_tsvector('english', t.title || ' ' ||"
            " t.short_reply || ' ' || t.long_text || ' ' || coalesce((SELECT string_agg(v.text, ' ')"
            " FROM knowledgebase_variant v WHERE v.article_id = t.article_id), '')) AS words"
            " FROM knowledgebase_articletext t"
        )
        cursor.execute("CREATE INDEX ON bench_rival USING gin (words)")
        cursor.execute("ANALYZE bench_rival")


def _postgres_rank(question: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT article_id, title FROM bench_rival, to_tsquery('english', %s) AS asked WHERE words @@ asked"
            " ORDER BY ts_rank(words, asked) DESC LIMIT 3",
            [" | ".join(question.split())],
        )
        return cursor.fetchall()


def _changes_seen(organisation: OrganisationRef) -> dict[str, float]:
    """Seconds from a commit until another reader, which asks all the time, suggests the new article."""
    memories = _read(organisation)
    editor = Editor(None, "Bench")
    seconds = []
    for number in range(CHANGES):
        name = f"zzq{number}xj"
        article = save_article(editor, None, Content(slug=name, texts={"en": TextContent(name, "Yes.")}))
        publish(editor, article.id)
        started_at = time.perf_counter()
        while article.id not in {one.article for one in memories.suggest(organisation, name, "en")}:
            if time.perf_counter() - started_at > PATIENCE_SECONDS:
                raise RuntimeError("A changed article was not seen.")
            time.sleep(0.01)
        seconds.append(time.perf_counter() - started_at)
    seconds.sort()
    return {"p50": round(seconds[len(seconds) // 2], 2), "latest": round(seconds[-1], 2)}


def _memory(organisation: OrganisationRef, writer: Writer) -> dict[str, Any]:
    """One after the other is asked for the first time. They share a schema: what is remembered is kept per organisation
    all the same."""
    organisations, articles = MANY
    questions = _fill(writer, articles)
    process = psutil.Process()
    before = process.memory_info().rss
    memories = Memories(settings.KNOWLEDGE_MEMORY_MEGABYTES * MEGABYTE)
    most = 0
    seconds = []
    for number in range(organisations):
        one = replace(organisation, id=uuid4())
        started_at = time.perf_counter()
        memories.suggest(one, questions[number % len(questions)], "en")
        seconds.append(time.perf_counter() - started_at)
        most = max(most, sum(memories.remembered().values()))
    remembered = memories.remembered()
    return {
        "organisations": organisations,
        "articles": articles,
        "allowed_megabytes": settings.KNOWLEDGE_MEMORY_MEGABYTES,
        "most_megabytes": round(most / MEGABYTE, 1),
        "process_megabytes": round((process.memory_info().rss - before) / MEGABYTE, 1),
        "remembered": len(remembered),
        "kilobytes_each": round(sum(remembered.values()) / len(remembered) / 1024),
        "first_reading_ms": milliseconds(seconds, 50, 95),
    }
