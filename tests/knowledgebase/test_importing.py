"""An import says what it will do, and does that or nothing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from knowledgebase.content import Content, content_of
from knowledgebase.imports.reading import Found, read
from knowledgebase.imports.sources import File, source_at
from knowledgebase.models import Article, Topic, Variant
from knowledgebase.services.importing import ImportRefused, ImportStale, Preview, apply_import, preview_import
from tenants.context import in_organisation
from tests.cast import acme, globex
from tests.knowledgebase.shelf import MAUD, content_in, lay_article, revision_in, shelf_cleared, versions_in

GUIDE = Path(__file__).parents[3] / "shared" / "data" / "abcd_guidelines.json"


@pytest.fixture(autouse=True)
def _clean_shelf() -> Iterator[None]:
    with shelf_cleared(acme(), globex()):
        yield


def found(text: str) -> Found:
    return read([File("articles.csv", text.encode())], form="", language="en", languages=("en", "nl"))


def looked_at(text: str, *, go_live: bool = False) -> Preview:
    return in_organisation(acme(), preview_import, found(text), go_live=go_live)


def taken_in(text: str, *, go_live: bool = False, fingerprint: str | None = None) -> Preview:
    return in_organisation(acme(), apply_import, MAUD, found(text), go_live=go_live, fingerprint=fingerprint)


def article(slug: str) -> Article | None:
    return in_organisation(acme(), lambda _: Article.objects.filter(slug=slug).first())


def content(slug: str) -> Content:
    return in_organisation(acme(), lambda _: content_of(Article.objects.get(slug=slug)))


def some_slug() -> str:
    return f"import-{uuid4().hex[:12]}"


def test_what_is_new_becomes_a_draft_with_who_and_why() -> None:
    slug = some_slug()
    table = (
        "slug,language,title,short_reply,questions,valid_until\n"
        f"{slug},en,Returns,Within 30 days.,May I return it?,2039-12-31\n"
        f"{slug},nl,Terug,Binnen 30 dagen.,,\n"
    )
    seen = looked_at(table)

    done = taken_in(table, fingerprint=seen.fingerprint)

    assert (len(done.new), len(done.changed), len(done.unchanged)) == (1, 0, 0)
    stored = article(slug)
    assert stored is not None
    assert (stored.state, stored.version, stored.valid_until) == (Article.State.DRAFT, 1, date(2039, 12, 31))
    assert {language: text.title for language, text in content(slug).texts.items()} == {"en": "Returns", "nl": "Terug"}
    (version,) = versions_in(acme(), stored.pk)
    assert (version.by_name, version.why) == ("Maud", "Imported from articles.csv")
    sources = in_organisation(acme(), lambda _: [one.source for one in stored.variants.all()])
    assert sources == [Variant.Source.IMPORTED]


def test_a_preview_changes_nothing() -> None:
    before = revision_in(acme())

    seen = looked_at(f"slug,title,short_reply\n{some_slug()},A,b\n")

    assert len(seen.new) == 1
    assert revision_in(acme()) == before
    assert article(seen.new[0].content.slug) is None


def test_what_the_file_does_not_have_stays_and_what_it_leaves_empty_is_emptied() -> None:
    laid = lay_article(acme(), is_live=False)
    before = content_in(acme(), laid.pk)

    done = taken_in(f"slug,title,source\n{laid.slug},Sending it back,\n")

    (change,) = done.changed
    assert [(one.field, one.language, one.after) for one in change.differences] == [
        ("title", "en", "Sending it back"),
        ("source", "", ""),
    ]
    after = content_in(acme(), laid.pk)
    assert after.source == ""
    assert after.owner_name == before.owner_name
    assert after.variants == before.variants
    assert after.texts["en"].short_reply == before.texts["en"].short_reply


def test_the_same_file_again_changes_nothing() -> None:
    table = f"slug,title,short_reply,points\n{some_slug()},Returns,Yes.,free\n"
    taken_in(table)
    before = revision_in(acme())

    again = taken_in(table)

    assert (len(again.new), len(again.changed), len(again.unchanged)) == (0, 0, 1)
    assert not again.does_something
    assert revision_in(acme()) == before


def test_one_problem_keeps_everything_out() -> None:
    good, bad = some_slug(), some_slug()
    table = f"slug,title,short_reply,topic,related,owner\n{good},A,a,,,\n{bad},B,b,no-topic,no-article,Nobody\n"

    seen = looked_at(table)
    with pytest.raises(ImportRefused):
        taken_in(table)

    assert [problem.place.line for problem in seen.problems] == [3, 3, 3]
    texts = " ".join(problem.text for problem in seen.problems)
    assert "no topic “no-topic”" in texts
    assert "no article “no-article”" in texts
    assert "called “Nobody”" in texts
    assert article(good) is None


def test_a_failure_in_the_middle_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = some_slug(), some_slug()
    table = f"slug,title,short_reply\n{first},A,a\n{second},B,b\n"
    before = revision_in(acme())

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("knowledgebase.services.importing.publish", fails)
    with pytest.raises(ZeroDivisionError):
        taken_in(table, go_live=True)

    assert article(first) is None
    assert article(second) is None
    assert revision_in(acme()) == before


def test_a_preview_that_is_no_longer_true_is_refused() -> None:
    laid = lay_article(acme(), is_live=False)
    table = f"slug,title\n{laid.slug},New title\n"
    seen = looked_at(table)
    taken_in(f"slug,source\n{laid.slug},somebody else\n")

    with pytest.raises(ImportStale):
        taken_in(table, fingerprint=seen.fingerprint)
    with pytest.raises(ImportStale):
        taken_in(table, fingerprint=looked_at(table).fingerprint, go_live=True)

    assert content_in(acme(), laid.pk).texts["en"].title == "Returning something"


def test_publishing_takes_drafts_live_and_leaves_what_is_retired() -> None:
    draft, fresh = lay_article(acme(), is_live=False), some_slug()
    table = f"slug,title,short_reply\n{draft.slug},Returning something,Yes.\n{fresh},Fresh,Yes.\n"

    done = taken_in(table, go_live=True)

    assert done.going_live == 2
    for slug in (draft.slug, fresh):
        stored = article(slug)
        assert stored is not None
        assert stored.state == Article.State.LIVE


def test_what_is_to_go_live_needs_an_answer() -> None:
    table = f"slug,title\n{some_slug()},Only a title\n"

    assert looked_at(table).problems == ()
    (problem,) = looked_at(table, go_live=True).problems
    assert problem.place.line == 2
    assert "Write an answer." in problem.text


def test_articles_of_one_file_may_name_each_other_and_a_topic() -> None:
    one, two = some_slug(), some_slug()
    topic = in_organisation(acme(), lambda _: Topic.objects.order_by("slug")[0].slug)

    taken_in(f"slug,title,related,topic\n{one},A,{two},{topic}\n{two},B,{one},\n")

    assert content(one).related == (two,)
    assert content(one).topic == topic
    assert content(two).related == (one,)


def test_a_manager_is_the_owner_by_name_or_address() -> None:
    slug = some_slug()

    taken_in(f"slug,title,owner\n{slug},A,maud@acme.example\n")

    assert content(slug).owner_name == "Maud"
    assert content(slug).owner_id is not None


def test_a_question_in_two_languages_of_one_article_is_told() -> None:
    slug = some_slug()

    seen = looked_at(f"slug,language,title,questions\n{slug},en,A,Wifi?\n{slug},nl,B,WIFI?\n")

    assert [problem.place.line for problem in seen.problems] == [3]


def test_another_organisation_has_nothing_of_it() -> None:
    slug = some_slug()

    taken_in(f"slug,title\n{slug},A\n")

    assert not in_organisation(globex(), lambda _: Article.objects.filter(slug=slug).exists())


@pytest.mark.skipif(not GUIDE.exists(), reason=f"the shop's guidelines are not at {GUIDE}")
def test_a_shops_guidelines_become_articles() -> None:
    guide = read(source_at(GUIDE), form="", language="en", languages=("en",))

    done = in_organisation(acme(), apply_import, MAUD, guide, go_live=True)
    again = in_organisation(acme(), apply_import, MAUD, guide, go_live=True)

    assert (len(done.new), done.going_live) == (55, 55)
    assert (len(again.unchanged), again.does_something) == (55, False)
    refund = content("product-defect-initiate-refund")
    assert refund.texts["en"].title == "Initiate Refund"
    assert refund.source == "Product Defect › Initiate Refund"
    assert (
        "2. To confirm that their purchase is valid with [Validate Purchase]:\n   - Username"
        in refund.texts["en"].long_text
    )
