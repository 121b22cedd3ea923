"""What is exported and imported again changes nothing, whatever the articles say."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledgebase.content import Content, TextContent, differences, problems_of, tidied
from knowledgebase.imports.reading import read
from knowledgebase.imports.sources import File
from knowledgebase.imports.writing import ENDINGS, written
from knowledgebase.services.importing import Preview, preview_import
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme
from tests.knowledgebase.imports.shelf import cleared, import_of, shelf

__all__ = ["cleared"]

awkward = st.sampled_from(["---", "- a", "# b", "|", "'=1", '"', "a: b", "=1+1", "@x", "\t", "\n\n", ",", ";", "’", "{x|y}", "質問？", "  two", "é"])
words = st.lists(st.one_of(awkward, st.text(max_size=12)), max_size=5).map(" ".join)
lines = st.lists(words, max_size=3).map(tuple)
days = st.none() | st.dates(date(2020, 1, 1), date(2039, 12, 31))
texts = st.builds(TextContent, title=words, short_reply=words, long_text=words, points=lines)


@st.composite
def contents(draw: st.DrawFn) -> list[Content]:
    slugs = draw(st.lists(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True), min_size=1, max_size=3, unique=True))
    return [
        tidied(
            Content(
                slug=slug,
                audience=draw(st.sampled_from(["operators", "visitors"])),
                source=draw(words),
                valid_from=draw(days),
                review_on=draw(days),
                related=tuple(draw(st.lists(st.sampled_from(slugs), max_size=2))),
                texts=draw(st.dictionaries(st.sampled_from(["en", "nl", "ja"]), texts, min_size=1)),
                variants=draw(st.dictionaries(st.sampled_from(["en", "nl"]), lines)),
            )
        )
        for slug in slugs
    ]


@pytest.mark.parametrize("form", sorted(ENDINGS))
@given(made=contents())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_what_is_written_is_read_as_it_was(form: str, made: list[Content]) -> None:
    made = [content for content in made if not problems_of(content)]
    if not made:
        return
    slugs = {content.slug for content in made}
    data = written(made, form)

    found = read([File(f"a{ENDINGS[form]}", data)], form=form, language="en", languages=("en", "nl", "ja"))

    assert found.problems == ()
    assert {row.slug for row in found.rows} == slugs
    told = in_organisation(acme(), lambda organisation: _as_if_there(organisation, made, found))
    assert told == []


def _as_if_there(_organisation: OrganisationRef, made: list[Content], found: object) -> list[object]:
    raise NotImplementedError
