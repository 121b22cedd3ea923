"""Which articles are suggested: of this organisation, live, valid today, and as they are now."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledgebase import suggesting
from knowledgebase.content import TextContent, content_of
from knowledgebase.models import Article, Revision, Signal
from knowledgebase.services.articles import publish, retire, save_article
from knowledgebase.suggesting import Memories, Suggestion
from knowledgebase.validity import local_today
from tenants.clock import clock_moved
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme, globex
from tests.conversations.scene import in_threads
from tests.embedded.platform_run import wait_for
from tests.knowledgebase.shelf import MAUD, lay_article, shelf_cleared

QUESTION = "Is the zorblax kettle quiet?"
MEBIBYTE = 1024 * 1024
PATIENCE_SECONDS = 30.0


@pytest.fixture(autouse=True)
def _own_shelf(platform_database: None) -> Iterator[None]:
    with shelf_cleared(acme(), globex()):
        yield


@pytest.fixture(autouse=True)
def _always_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for the second to pass is the socket tests' part."""
    monkeypatch.setattr(suggesting, "LOOK_EVERY_SECONDS", 0.0)


@pytest.fixture
def memories() -> Memories:
    """A process that has just started."""
    return Memories(64 * MEBIBYTE)


def kettle(organisation: OrganisationRef, **changed: Any) -> Article:
    words = TextContent("The zorblax kettle", "It hums.", "Measured: 30 decibels.", ("one metre away",))
    return lay_article(organisation, **{"texts": {"en": words}, "variants": {"en": (QUESTION,)}, **changed})


def suggested(memories: Memories, organisation: OrganisationRef, text: str = QUESTION, **how: Any) -> list[Suggestion]:
    return in_organisation(organisation, memories.suggest, text, "en", **how)


def ids(found: list[Suggestion]) -> list[UUID]:
    return [one.article for one in found]


def revised(article: Article, **changed: Any) -> None:
    def revise(_organisation: OrganisationRef) -> None:
        save_article(MAUD, article.pk, replace(content_of(Article.objects.get(pk=article.pk)), **changed), "why")

    in_organisation(acme(), revise)


def test_an_article_is_suggested_with_its_words_and_why(memories: Memories) -> None:
    article = kettle(acme())

    [first, *_] = suggested(memories, acme())

    assert (first.article, first.language, first.title, first.reply) == (
        article.pk, "en", "The zorblax kettle", "It hums.",
    )  # fmt: skip
    assert first.points == ("one metre away",)
    assert "zorblax" in first.because.words
    assert 0 < first.confidence <= 1
    assert (first.is_overdue, first.is_expired) == (False, False)


def test_nothing_is_asked_nothing_is_suggested(memories: Memories) -> None:
    kettle(acme())

    assert suggested(memories, acme(), " \n ") == []


def test_two_organisations_never_see_each_others_articles(memories: Memories) -> None:
    # rule 15
    ours, theirs = kettle(acme()), kettle(globex())

    for _ in range(3):
        assert theirs.pk not in ids(suggested(memories, acme(), limit=20))
        assert ours.pk not in ids(suggested(memories, globex(), limit=20))
        assert ids(suggested(memories, acme()))[0] == ours.pk
        assert ids(suggested(memories, globex()))[0] == theirs.pk


def test_only_live_articles_are_suggested_and_a_retired_one_is_gone_at_once(memories: Memories) -> None:
    article = kettle(acme(), is_live=False)
    assert ids(suggested(memories, acme())) == []

    in_organisation(acme(), lambda _: publish(MAUD, article.pk))
    assert ids(suggested(memories, acme())) == [article.pk]

    in_organisation(acme(), lambda _: retire(MAUD, article.pk))
    assert ids(suggested(memories, acme())) == []


def test_what_is_changed_is_read_again_and_nothing_else(memories: Memories) -> None:
    article = kettle(acme())
    for number in range(30):
        lay_article(acme(), texts={"en": TextContent(f"Grommet {number}", "Yes.")}, variants={})
    suggested(memories, acme())
    revised(article, texts={"en": TextContent("The zorblax urn", "It sings.")}, variants={})

    with CaptureQueriesContext(connection) as queries:
        [first] = suggested(memories, acme(), "zorblax urn")

    assert (first.title, first.reply) == ("The zorblax urn", "It sings.")
    read = [query["sql"] for query in queries if "knowledgebase_article" in query["sql"]]
    assert all("Grommet" not in sql for sql in read)
    assert len(read) <= 5
    with CaptureQueriesContext(connection) as queries:
        suggested(memories, acme(), "zorblax urn")
    assert len([query for query in queries if "knowledgebase" in query["sql"]]) == 2  # the number, and the words


def test_within_a_second_the_tables_are_not_looked_at_again(
    memories: Memories, monkeypatch: pytest.MonkeyPatch
) -> None:
    kettle(acme())
    suggested(memories, acme())
    monkeypatch.setattr(suggesting, "LOOK_EVERY_SECONDS", 3600.0)

    with CaptureQueriesContext(connection) as queries:
        assert suggested(memories, acme())

    assert not [query for query in queries if "knowledgebase_revision" in query["sql"]]


def test_an_expired_article_is_not_suggested_and_a_search_marks_it(memories: Memories) -> None:
    today = in_organisation(acme(), local_today)
    article = kettle(acme(), valid_until=today)
    assert ids(suggested(memories, acme())) == [article.pk]

    with clock_moved(timedelta(days=1)):
        assert ids(suggested(memories, acme())) == []
        [found] = in_organisation(acme(), memories.search, QUESTION, "en")

    assert (found.article, found.is_expired) == (article.pk, True)


def test_an_article_holds_from_its_first_day(memories: Memories) -> None:
    article = kettle(acme(), valid_from=in_organisation(acme(), local_today) + timedelta(days=1))
    assert ids(suggested(memories, acme())) == []

    with clock_moved(timedelta(days=1)):
        assert ids(suggested(memories, acme())) == [article.pk]


def test_an_overdue_article_is_marked_and_sinks_below_its_equal(memories: Memories) -> None:
    today: date = in_organisation(acme(), local_today)
    late, good = kettle(acme(), review_on=today), kettle(acme())
    assert set(ids(suggested(memories, acme()))) == {late.pk, good.pk}

    with clock_moved(timedelta(days=1)):
        found = suggested(memories, acme())

    assert [(one.article, one.is_overdue) for one in found] == [(good.pk, False), (late.pk, True)]


def test_visitors_are_only_given_what_is_for_them(memories: Memories) -> None:
    own, public = kettle(acme()), kettle(acme(), audience=Article.Audience.VISITORS)

    assert set(ids(suggested(memories, acme()))) == {own.pk, public.pk}
    assert ids(suggested(memories, acme(), for_visitors=True)) == [public.pk]


def test_a_deleted_article_leaves_its_place_to_the_next(memories: Memories) -> None:
    first, second = kettle(acme()), kettle(acme())
    suggested(memories, acme(), limit=1)

    in_organisation(acme(), lambda _: Article.objects.filter(pk=first.pk).delete())

    assert ids(suggested(memories, acme(), limit=1)) == [second.pk]


def test_an_older_state_that_was_restored_is_read_anew(memories: Memories) -> None:
    article = kettle(acme())
    suggested(memories, acme())

    def restore(_organisation: OrganisationRef) -> None:
        Article.objects.filter(pk=article.pk).update(revision=0)
        article.texts.update(title="The zorblax pot", short_reply="It was loud.")
        Revision.objects.update(number=0)

    number = in_organisation(acme(), lambda _: Revision.objects.get().number)
    try:
        in_organisation(acme(), restore)
        assert suggested(memories, acme(), "zorblax pot")[0].reply == "It was loud."
    finally:
        in_organisation(acme(), lambda _: Revision.objects.update(number=number))


def test_a_question_in_a_language_without_articles_is_answered_in_the_organisations(memories: Memories) -> None:
    article = kettle(acme())

    [found] = in_organisation(acme(), memories.suggest, "zorblax?", "fr")

    assert (found.article, found.language) == (article.pk, "en")


def test_the_least_recently_asked_organisation_is_forgotten_first() -> None:
    kettle(acme())
    kettle(globex())
    small = Memories(1)

    assert suggested(small, acme())
    assert list(small.remembered()) == [acme().id]
    assert suggested(small, globex())
    assert list(small.remembered()) == [globex().id]
    assert suggested(small, acme())  # read again
    assert list(small.remembered()) == [acme().id]

    roomy = Memories(64 * MEBIBYTE)
    suggested(roomy, acme())
    suggested(roomy, globex())
    suggested(roomy, acme())
    assert list(roomy.remembered()) == [globex().id, acme().id]
    assert all(nbytes > 0 for nbytes in roomy.remembered().values())


def test_without_a_text_a_search_lists_what_is_used_most(memories: Memories) -> None:
    article = kettle(acme())
    in_organisation(acme(), lambda _: Signal.objects.create(article=article, used=1_000_000))

    found = in_organisation(acme(), memories.search, "", "en")

    assert found[0].article == article.pk
    assert found[0].confidence == 0


def test_whoever_asks_while_another_thread_reads_for_the_first_time_gets_the_answer(memories: Memories) -> None:
    article = kettle(acme())
    for number in range(20):
        lay_article(acme(), texts={"en": TextContent(f"Grommet {number}", "Yes.")}, variants={})

    found = in_threads([lambda: suggested(memories, acme())] * 6)

    assert [ids(one)[:1] for one in found] == [[article.pk]] * 6


def test_many_articles_are_read_beside_the_database_pool_and_nobody_waits_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suggesting, "MOST_READ_INLINE", 0)
    may_read, threads, read = threading.Event(), [], suggesting._articles

    def slow(ids: Sequence[UUID]) -> Iterable[Article]:
        threads.append(threading.current_thread().name)
        assert may_read.wait(PATIENCE_SECONDS)
        return read(ids)

    monkeypatch.setattr(suggesting, "_articles", slow)
    monkeypatch.setattr(suggesting, "FIRST_READING_PATIENCE_SECONDS", 0.05)
    memories = Memories(64 * MEBIBYTE)
    article = kettle(acme())

    assert suggested(memories, acme()) == suggested(memories, acme()) == []
    assert not memories.is_read(acme())
    may_read.set()
    wait_for(lambda: memories.is_read(acme()), "the reading")

    assert ids(suggested(memories, acme())) == [article.pk]
    assert {name.partition("_")[0] for name in threads} == {"aside"}


def test_a_reading_that_failed_is_told_and_tried_again(
    memories: Memories, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(suggesting, "MOST_READ_INLINE", 0)
    article = kettle(acme())
    with monkeypatch.context() as broken:
        broken.setattr(suggesting, "_articles", lambda ids: 1 / 0)
        assert suggested(memories, acme()) == []

    assert ids(suggested(memories, acme())) == [article.pk]
    assert caplog.messages == ["Articles could not be read: ZeroDivisionError"]
