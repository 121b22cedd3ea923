"""What is exported and imported again changes nothing, whatever the articles say."""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from knowledgebase.content import Content, TextContent, problems_of, tidied
from knowledgebase.imports.reading import read
from knowledgebase.imports.sources import File
from knowledgebase.imports.writing import ENDINGS
from knowledgebase.models import Article
from knowledgebase.services.articles import Wanted, save_articles
from knowledgebase.services.exporting import export_articles
from knowledgebase.services.importing import Preview, preview_import
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme
from tests.knowledgebase.shelf import MAUD

AWKWARD = [
    "---",
    "- a",
    "# b",
    "|",
    "'=1",
    '"',
    "a: b",
    "=1+1",
    "@x",
    "\t",
    "\n\n",
    ",",
    ";",
    "’",
    "{x|y}",
    "質問",
    "  b",
]
words = st.lists(st.one_of(st.sampled_from(AWKWARD), st.text(max_size=12)), max_size=5).map(" ".join)
lines = st.lists(words, max_size=3).map(tuple)
days = st.none() | st.dates(date(2020, 1, 1), date(2039, 12, 31))
texts = st.builds(TextContent, title=words.map("T{}".format), short_reply=words, long_text=words, points=lines)


@st.composite
def contents(draw: st.DrawFn) -> list[Content]:
    slugs = draw(
        st.lists(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True), min_size=1, max_size=3, unique=True)
    )
    return [
        tidied(
            Content(
                slug=slug,
                audience=draw(st.sampled_from(["operators", "visitors"])),
                source=draw(words),
                owner_name=draw(words),
                valid_from=draw(days),
                review_on=draw(days),
                related=tuple(draw(st.lists(st.sampled_from(slugs), max_size=2))),
                texts=draw(st.dictionaries(st.sampled_from(["en", "nl", "ja"]), texts, min_size=1)),
                variants={"en": draw(lines), "nl": tuple(f"nl {line}" for line in draw(lines))},
            )
        )
        for slug in slugs
    ]


def there_and_back(organisation: OrganisationRef, made: list[Content], form: str) -> tuple[Preview, int]:
    """Stored, exported, read and compared, and forgotten."""
    with transaction.atomic():
        save_articles(MAUD, [Wanted(None, content) for content in made])
        data, _count = export_articles(organisation, form)
        name = f"articles{ENDINGS[form]}"
        found = read([File(name, data)], form="", language="en", languages=("en", "nl", "ja"))
        result = preview_import(organisation, found), Article.objects.count()
        transaction.set_rollback(True)
        return result


@pytest.mark.parametrize("form", sorted(ENDINGS))
@given(made=contents())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_export_that_is_imported_changes_nothing(form: str, made: list[Content]) -> None:
    assume(not any(problems_of(content) for content in made))
    assume(all({*one.variants["en"]}.isdisjoint(one.variants["nl"]) for one in made if len(one.variants) == 2))

    preview, count = in_organisation(acme(), there_and_back, made, form)

    assert preview.problems == ()
    assert [change.differences for change in preview.changed] == []
    assert preview.new == ()
    assert len(preview.unchanged) == count
