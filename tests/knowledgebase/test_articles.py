"""Articles from draft to retired: who may do what, what a version keeps, and what every process is told."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection

from knowledgebase.content import Content, TextContent, as_json, content_of, differences
from knowledgebase.errors import ArticleChanged, OnlyManagersPublish, UnsuitableArticle
from knowledgebase.models import Article, Topic, Variant
from knowledgebase.services.articles import (
    Editor,
    Wanted,
    publish,
    restore_version,
    retire,
    save_article,
    save_articles,
    send_back,
    submit_for_check,
)
from knowledgebase.services.revisions import lock_revision, mark_changed
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tests.cast import acme, globex
from tests.conversations.scene import separate_connection
from tests.knowledgebase.shelf import (
    MAUD,
    RETURNS,
    SAM,
    a_content,
    content_in,
    lay_article,
    revision_in,
    shelf_cleared,
    versions_in,
)


@pytest.fixture(autouse=True)
def _clean_shelf() -> Iterator[None]:
    with shelf_cleared(acme(), globex()):
        yield


def save(editor: Editor, article: Article | None, content: Content, why: str = "", **options: object) -> Article:
    return in_organisation(
        acme(),
        lambda _: save_article(editor, article.pk if article else None, content, why, **options),  # type: ignore[arg-type]
    )


def move(step: Callable[..., Article], editor: Editor, article: Article, why: str = "") -> Article:
    return in_organisation(acme(), lambda _: step(editor, article.pk, why))


def everything_of(article: Article) -> tuple[object, ...]:
    def read(_organisation: OrganisationRef) -> tuple[object, ...]:
        row = Article.objects.filter(pk=article.pk).values().get()
        return row, content_of(Article.objects.get(pk=article.pk)), revision_in(acme())

    return in_organisation(acme(), read)


def test_a_new_article_is_a_draft_that_says_what_was_written() -> None:
    content = a_content(
        audience="visitors",
        topic="returns",
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 12, 31),
        review_on=date(2026, 6, 1),
        owner_id=uuid4(),
        texts={"en": RETURNS, "nl": TextContent("Terugsturen", "Dat kan binnen 30 dagen.")},
        variants={"en": ("Can I send it back?",), "nl": ("Kan ik het ruilen?", "Hoe stuur ik iets terug?")},
    )

    article = save(MAUD, None, content, "the new terms")

    assert (article.state, article.version) == ("draft", 1)
    assert content_in(acme(), article.pk) == content
    version = versions_in(acme(), article.pk)[0]
    assert (version.number, version.state, version.by_id, version.by_name, version.why) == (
        1,
        "draft",
        MAUD.id,
        "Maud",
        "the new terms",
    )
    assert version.content == as_json(content)
    assert version.at == article.changed_at


def test_the_way_from_draft_to_retired_and_back_each_step_once() -> None:
    article = lay_article(acme(), is_live=False)
    steps = [submit_for_check, submit_for_check, send_back, send_back, submit_for_check, publish, publish, retire]
    states = [move(step, MAUD, article).state for step in [*steps, retire, submit_for_check, publish]]

    assert states == [
        "to_check",
        "to_check",
        "draft",
        "draft",
        "to_check",
        "live",
        "live",
        "retired",
        "retired",
        "to_check",
        "live",
    ]
    assert [(one.number, one.state) for one in reversed(versions_in(acme(), article.pk))] == [
        (1, "draft"),
        (2, "to_check"),
        (3, "draft"),
        (4, "to_check"),
        (5, "live"),
        (6, "retired"),
        (7, "to_check"),
        (8, "live"),
    ]


def test_what_a_manager_changes_in_a_live_article_is_live_at_once_as_a_new_version() -> None:
    article = lay_article(acme())
    before = content_in(acme(), article.pk)
    shorter = replace(before, texts={"en": replace(RETURNS, short_reply="Within 14 days.")})

    changed = save(MAUD, article, shorter, "the terms changed")

    assert (changed.state, changed.version) == ("live", 3)
    assert changed.revision == revision_in(acme()) > article.revision
    assert content_in(acme(), article.pk) == shorter
    assert [one.why for one in versions_in(acme(), article.pk)] == ["the terms changed", "", "first"]


@pytest.mark.parametrize("step", [publish, retire])
def test_the_outsourcers_people_neither_publish_nor_retire_what_is_live(step: Callable[..., Article]) -> None:
    article = lay_article(acme(), is_live=step is retire)
    before = everything_of(article)

    with pytest.raises(OnlyManagersPublish):
        move(step, SAM, article)

    assert everything_of(article) == before


def test_the_outsourcers_people_write_drafts_and_send_them_for_checking_but_leave_what_is_live() -> None:
    draft = save(SAM, None, a_content())
    assert save(SAM, draft, a_content(slug=draft.slug, source="A call")).version == 2
    assert move(submit_for_check, SAM, draft).state == "to_check"
    live = lay_article(acme())
    before = everything_of(live)

    with pytest.raises(OnlyManagersPublish):
        save(SAM, live, a_content(slug=live.slug, source="A call"))

    assert everything_of(live) == before


def test_saving_the_same_again_makes_no_version_and_tells_nobody() -> None:
    article = lay_article(acme())
    before = everything_of(article)
    same = content_in(acme(), article.pk)
    untidy = replace(
        same,
        source="  The shop's \n terms ",
        texts={"en": replace(RETURNS, title="Returning  something ", points=("30 days ", "", "unworn"))},
        variants={"en": ("How do I return boots?", "Can I send it back?", "can i send it BACK ", "")},
    )

    again = save(SAM, article, untidy, "for nothing")

    assert again.version == article.version
    assert everything_of(article) == before


def test_an_editor_who_saw_an_older_version_is_told_and_nothing_is_overwritten() -> None:
    article = lay_article(acme(), is_live=False)
    save(MAUD, article, a_content(slug=article.slug, source="Newer"), based_on=1)
    before = everything_of(article)

    with pytest.raises(ArticleChanged):
        save(MAUD, article, a_content(slug=article.slug, source="Older"), based_on=1)

    assert everything_of(article) == before


def test_an_earlier_version_comes_back_as_a_new_one_under_todays_state_and_short_name() -> None:
    def gone(_organisation: OrganisationRef) -> None:
        Topic.objects.filter(slug=topic.slug).delete()
        Article.objects.filter(slug=neighbour.slug).delete()

    topic = in_organisation(acme(), lambda _: Topic.objects.create(slug=f"t{uuid4().hex[:8]}"))
    neighbour = lay_article(acme())
    first = a_content(topic=topic.slug, related=(neighbour.slug,), valid_until=date(2026, 12, 31))
    article = save(MAUD, None, first)
    move(publish, MAUD, article)
    other = a_content(texts={"nl": TextContent("Anders", "Anders.")}, variants={"nl": ("Hoe dan?",)})
    save(MAUD, article, other)
    in_organisation(acme(), gone)

    restored = in_organisation(acme(), lambda _: restore_version(MAUD, article.pk, 1, "it was better"))

    assert (restored.version, restored.state) == (4, "live")
    assert content_in(acme(), article.pk) == replace(first, slug=other.slug, topic="", related=())
    assert versions_in(acme(), article.pk)[0].why == "it was better"


def test_a_version_that_never_was_is_not_found() -> None:
    article = lay_article(acme())

    with pytest.raises(NotFound):
        in_organisation(acme(), lambda _: restore_version(MAUD, article.pk, 9))


def test_learned_and_rejected_questions_outlive_edits_and_restoring() -> None:
    article = lay_article(acme())

    def learn(_organisation: OrganisationRef) -> None:
        for text, state in (("will you take it back", "active"), ("hello", "rejected")):
            Variant.objects.create(
                article=article, language="en", text=text, evened=text, source="learned", state=state
            )

    def rows(_organisation: OrganisationRef) -> set[tuple[str, str, str]]:
        return set(Variant.objects.filter(article=article).values_list("text", "source", "state"))

    in_organisation(acme(), learn)
    save(MAUD, article, a_content(slug=article.slug, variants={"en": ("Will you take it back?", "Is it too late?")}))
    in_organisation(acme(), lambda _: restore_version(MAUD, article.pk, 1))

    assert in_organisation(acme(), rows) == {
        ("Can I send it back?", "manager", "active"),
        ("How do I return boots?", "manager", "active"),
        ("hello", "learned", "rejected"),
    }
    in_organisation(acme(), lambda _: save_article(MAUD, article.pk, a_content(variants={"en": ("Hello?",)})))
    assert in_organisation(acme(), rows) == {("Hello?", "manager", "active")}


def test_the_same_question_may_stand_in_two_languages() -> None:
    article = lay_article(acme(), variants={"en": ("Retour?",), "nl": ("Retour",)})

    assert content_in(acme(), article.pk).variants == {"en": ("Retour?",), "nl": ("Retour",)}


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"texts": {}}, ["texts"]),
        ({"texts": {"en": TextContent("", "Yes.")}}, ["title"]),
        ({"texts": {"English!": TextContent("Yes", "Yes.")}}, ["language"]),
        ({"slug": "not a slug"}, ["slug"]),
        ({"audience": "everybody"}, ["audience"]),
        ({"valid_from": date(2026, 2, 1), "valid_until": date(2026, 1, 1)}, ["valid_until"]),
        ({"topic": "nonsense"}, ["topic"]),
        ({"related": ("nobody-knows", "nor-this")}, ["related", "related"]),
        ({"texts": {"en": TextContent("t" * 201, "r" * 4001, "l" * 40_001, ("p" * 201,))}}, ["title", "short_reply"]),
        ({"variants": {"en": ("q" * 301,)}, "source": "s" * 301}, ["source", "variants"]),
    ],
)
def test_everything_wrong_is_told_at_once_and_nothing_is_kept(changed: dict[str, object], fields: list[str]) -> None:
    content = a_content(**changed)

    with pytest.raises(UnsuitableArticle) as refused:
        save(MAUD, None, content)

    assert [one.field for one in refused.value.problems][: len(fields)] == fields
    assert in_organisation(acme(), lambda _: Article.objects.filter(slug=content.slug).exists()) is False


@pytest.mark.parametrize(
    ("audience", "text"),
    [("operators", TextContent("Only a title")), ("visitors", TextContent("No short reply", long_text="Long."))],
)
def test_without_an_answer_nothing_goes_live(audience: str, text: TextContent) -> None:
    article = lay_article(acme(), is_live=False, audience=audience, texts={"en": text})
    before = everything_of(article)

    for step in (submit_for_check, publish):
        with pytest.raises(UnsuitableArticle):
            move(step, MAUD, article)

    assert everything_of(article) == before
    live = lay_article(acme())
    with pytest.raises(UnsuitableArticle):
        save(MAUD, live, a_content(slug=live.slug, audience=audience, texts={"en": text}))


def test_a_short_name_is_made_of_the_title_and_is_nobody_elses() -> None:
    word = uuid4().hex[:8]
    text = TextContent(f"Sending {word} back?", "Yes.")
    articles = [save(MAUD, None, a_content(slug="", texts={"nl": TextContent("Nee"), "en": text})) for _ in range(3)]
    japanese = save(MAUD, None, a_content(slug="", texts={"ja": TextContent("返品について", "はい。")}))

    assert [one.slug for one in articles] == [
        f"sending-{word}-back",
        f"sending-{word}-back-2",
        f"sending-{word}-back-3",
    ]
    assert japanese.slug.startswith("article-")
    with pytest.raises(UnsuitableArticle):
        save(MAUD, articles[0], a_content(slug=articles[1].slug))


def test_articles_saved_together_may_name_each_other_and_are_all_kept_or_none() -> None:
    slugs = [f"{name}-{uuid4().hex[:8]}" for name in ("tents", "boots")]
    contents = [a_content(slug=slugs[0], related=(slugs[1],)), a_content(slug=slugs[1], related=())]
    before = revision_in(acme())

    articles = in_organisation(acme(), lambda _: save_articles(MAUD, [Wanted(None, one) for one in contents]))

    assert [content_in(acme(), one.pk).related for one in articles] == [(slugs[1],), ()]
    assert {one.revision for one in articles} == {before + 1} == {revision_in(acme())}
    bad = [Wanted(None, a_content(slug=f"x{uuid4().hex}")), Wanted(articles[0].pk, a_content(texts={}))]
    with pytest.raises(UnsuitableArticle):
        in_organisation(acme(), lambda _: save_articles(MAUD, bad))
    assert in_organisation(acme(), lambda _: Article.objects.filter(slug=bad[0].content.slug).exists()) is False
    assert revision_in(acme()) == before + 1


def test_every_change_gives_the_article_the_knowledge_bases_next_number() -> None:
    before = revision_in(acme())
    article = lay_article(acme())
    assert (article.revision, revision_in(acme())) == (before + 2, before + 2)

    in_organisation(acme(), lambda _: mark_changed([article.pk]))

    row = in_organisation(acme(), lambda _: Article.objects.get(pk=article.pk))
    assert (row.revision, row.version, revision_in(acme())) == (before + 3, 2, before + 3)


def test_numbers_become_visible_in_their_order_because_a_second_writer_waits() -> None:
    article = lay_article(acme())
    before = revision_in(acme())
    saved = threading.Event()

    def write() -> None:
        try:
            save(MAUD, article, a_content(slug=article.slug, source="Second"))
            saved.set()
        finally:
            connection.close()

    with separate_connection() as first:
        first.execute("SET search_path = o_acme")
        first.execute("UPDATE knowledgebase_revision SET number = number + 1")
        writer = threading.Thread(target=write)
        writer.start()
        assert not saved.wait(0.5)
        first.commit()
        writer.join(30)

    assert saved.is_set()
    assert in_organisation(acme(), lambda _: Article.objects.get(pk=article.pk).revision) == before + 2


def test_two_organisations_keep_their_articles_apart() -> None:  # rule 15
    article = lay_article(acme())
    theirs = revision_in(globex())

    with pytest.raises(NotFound):
        in_organisation(globex(), lambda _: publish(MAUD, article.pk))
    copy = in_organisation(globex(), lambda _: save_article(MAUD, None, a_content(slug=article.slug)))

    assert copy.pk != article.pk
    assert revision_in(globex()) == theirs + 1
    assert differences(content_in(acme(), article.pk), content_in(globex(), copy.pk)) == []


def test_asking_for_the_lock_gives_no_new_number() -> None:
    before = revision_in(acme())

    assert in_organisation(acme(), lambda _: lock_revision()) == before == revision_in(acme())
