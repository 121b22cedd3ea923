"""JSON in our own form, as a plain list, and as a nested guide."""

import json

import pytest

from knowledgebase.imports.json_form import Named, written_json
from knowledgebase.imports.reading import Found, read
from knowledgebase.imports.rows import OF_ONE_LANGUAGE
from knowledgebase.imports.sources import File

pytestmark = pytest.mark.no_database


def found(text: str) -> Found:
    return read([File("articles.json", text.encode())], form="", language="en", languages=("en", "nl"))


def test_texts_by_language_share_what_the_article_has() -> None:
    result = found(
        '{"articles": [\n'
        ' {"slug": "returns", "audience": "visitors", "texts": {\n'
        '   "en": {"title": "Returns", "points": ["free"]},\n'
        '   "nl": {"title": "Terug", "questions": ["Mag het terug?"]}\n'
        " }}\n"
        "]}"
    )

    assert result.problems == ()
    assert [(row.slug, row.language, row.place.line, row.values) for row in result.rows] == [
        ("returns", "en", 3, {"audience": "visitors", "title": "Returns", "points": ("free",)}),
        ("returns", "nl", 4, {"audience": "visitors", "title": "Terug", "questions": ("Mag het terug?",)}),
    ]


def test_documents_are_named_after_an_export_and_passed_over_when_read() -> None:
    terms: Named = {"name": "terms.pdf", "size": 8, "sha256": "ab" * 32}
    rows: list[dict[str, str | tuple[str, ...]]] = [
        {"slug": slug, "language": "en", **dict.fromkeys(OF_ONE_LANGUAGE, "T")} for slug in ("returns", "warranty")
    ]

    written = written_json(rows, {"returns": [terms], "elsewhere": [terms]})
    result = found(written.decode())

    assert [one.get("documents") for one in json.loads(written)["articles"]] == [[terms], None]
    assert result.problems == ()
    assert [(row.slug, sorted(row.values)) for row in result.rows] == [
        ("returns", sorted(OF_ONE_LANGUAGE)),
        ("warranty", sorted(OF_ONE_LANGUAGE)),
    ]


def test_a_plain_list_will_do() -> None:
    (row,) = found('[{"question": "Where?", "answer": "Here", "topic": null}]').rows

    assert row.values == {"title": "Where?", "short_reply": "Here", "topic": ""}


def test_problems_name_the_line_of_the_article() -> None:
    result = found('[\n {"title": "A"},\n {"title": 5},\n {"tittle": "B"},\n\n {"title": ["C"]}\n]')

    assert [problem.place.line for problem in result.problems] == [3, 4, 6]
    assert "“tittle” is not known" in result.problems[1].text


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[\n{"title": "A"},\n{"title" "B"}]', 3, "no JSON"),
        ("[" * 100_000, 1, "nested too deeply"),
        ("5", 1, "Expected is a list"),
        ("[5]", 1, "Every article is an object"),
        ('[\n{"title": "A", "texts": ["x"]}]', 2, "one object per language"),
        ("{}", 1, "Nothing here looks like an article"),
        ("[]", 1, "There are no articles"),
    ],
)
def test_what_is_no_list_of_articles_is_told(text: str, line: int, words: str) -> None:
    result = found(text)

    assert result.rows == ()
    assert [problem.place.line for problem in result.problems] == [line]
    assert words in result.problems[0].text


def test_a_nested_guide_becomes_an_article_at_each_end() -> None:
    guide = {
        "Repairs": {
            "about": "what breaks",
            "parts": {
                "A torn tent": {
                    "instructions": ["Ask how long the tear is."],
                    "steps": [
                        {"kind": "x", "text": "Look up the order", "remarks": ["by number", "or by name"]},
                        {"kind": "x", "text": "Offer the repair", "remarks": []},
                    ],
                },
            },
        },
        "Deliveries": {
            "Abroad": {"Islands": {"instructions": ["Takes longer."]}, "Alps": {"instructions": ["Not at all."]}},
        },
    }

    result = found(json.dumps(guide))

    assert result.problems == ()
    assert [(row.slug, row.values["title"], row.values["source"]) for row in result.rows] == [
        ("repairs-a-torn-tent", "A torn tent", "Repairs › A torn tent"),
        ("deliveries-abroad-islands", "Islands", "Deliveries › Abroad › Islands"),
        ("deliveries-abroad-alps", "Alps", "Deliveries › Abroad › Alps"),
    ]
    assert result.rows[0].values["long_text"] == (
        "Ask how long the tear is.\n\n1. Look up the order\n   - by number\n   - or by name\n2. Offer the repair"
    )
