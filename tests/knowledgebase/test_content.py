"""Content as data: to JSON and back, tidied, compared; and the history that is read from it."""

from dataclasses import replace

import pytest

from knowledgebase.content import TextContent, as_json, differences, from_json, tidied
from knowledgebase.selectors import versions_of
from knowledgebase.services.articles import save_article
from tenants.context import in_organisation
from tenants.errors import Invalid
from tests.cast import acme
from tests.knowledgebase.shelf import MAUD, RETURNS, a_content, lay_article, shelf_cleared


def test_json_brings_back_what_was_written() -> None:
    content = a_content(owner_id=MAUD.id, related=("boots",))

    assert from_json(as_json(content)) == content


def test_json_of_another_form_is_refused_with_its_place() -> None:
    with pytest.raises(Invalid) as refused:
        from_json({"slug": "x", "texts": {"en": {"title": 7}}})

    assert "title" in str(refused.value.message) or "texts" in str(refused.value.message)


def test_tidying_twice_is_tidying_once() -> None:
    untidy = a_content(
        texts={"en": TextContent("  A\ttitle ", "one\r\ntwo\x00 ", points=(" ", "a  b")), "nl": TextContent(" ")},
        variants={"en": ("Who?", "who", " "), "nl": ()},
    )

    tidy = tidied(untidy)

    assert tidy.texts == {"en": TextContent("A title", "one\ntwo", "", ("a b",))}
    assert tidy.variants == {"en": ("Who?",)}
    assert tidied(tidy) == tidy


def test_differences_name_the_field_and_the_language() -> None:
    before = a_content()
    after = replace(
        before,
        source="A call",
        texts={"nl": TextContent("Terug"), "en": replace(RETURNS, short_reply="Within 14 days.")},
    )

    found = [(one.field, one.language, one.after) for one in differences(before, after)]

    assert found == [("title", "nl", "Terug"), ("short_reply", "en", "Within 14 days."), ("source", "", "A call")]


def test_the_history_tells_what_each_version_changed() -> None:
    with shelf_cleared(acme()):
        article = lay_article(acme())
        content = a_content(slug=article.slug, source="A call")
        in_organisation(acme(), lambda _: save_article(MAUD, article.pk, content, "Maud called"))

        history = in_organisation(acme(), versions_of, article.pk)

    assert [(one.number, one.state, one.by_name, one.why) for one in history] == [
        (3, "live", "Maud", "Maud called"),
        (2, "live", "Maud", ""),
        (1, "draft", "Maud", "first"),
    ]
    assert [one.field for one in history[0].changed] == ["source"]
    assert history[1].changed == ()
    assert "title" in [one.field for one in history[2].changed]
