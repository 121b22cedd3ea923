"""Questions and answers of an existing page, as plain text."""

import json

import pytest

from knowledgebase.imports.reading import Found, read
from knowledgebase.imports.sources import File

pytestmark = pytest.mark.no_database


def found(html: str) -> Found:
    return read([File("faq.html", html.encode())], form="", language="en", languages=("en",))


def asked(html: str) -> list[tuple[int, object, object]]:
    return [(row.place.line, row.values["title"], row.values["short_reply"]) for row in found(html).rows]


def test_headings_with_text_below_them() -> None:
    page = """<!doctype html><title>Help</title><nav><h2>Menu</h2><a href="/">Home</a></nav>
    <h1>Help</h1>
    <h2>Delivery</h2>
    <h3>How <em>long</em>?</h3>
    <p>Two days. See <a href="https://shop.example/d">our page</a> or <a href="javascript:x()">this</a>.</p>
    <ul><li>here: 1</li><li><p>there: 2</p></li></ul>
    <h3>What does it cost?</h3>Nothing&nbsp;&amp; less.<br>Always.
    <script>alert("no")</script><style>p { color: red }</style>
    """

    assert asked(page) == [
        (4, "How long?", "Two days. See our page (https://shop.example/d) or this.\n\n- here: 1\n- there: 2"),
        (7, "What does it cost?", "Nothing & less.\nAlways."),
    ]


def test_foldable_questions_and_lists_of_definitions() -> None:
    assert asked(
        "<h2>FAQ</h2><p>Look:</p>\n<details><summary>One?</summary><p>1</p><p>I</p></details>\n<dl><dt>Two?<dd>2</dl>"
    ) == [
        (2, "One?", "1\n\nI"),
        (3, "Two?", "2"),
    ]


def test_what_is_marked_for_search_engines_comes_before_what_is_drawn() -> None:
    marked = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite"},
            {
                "@type": ["WebPage", "FAQPage"],
                "mainEntity": [
                    {"@type": "Question", "name": "Is it <b>free</b>?", "acceptedAnswer": {"text": "<p>Yes.<p>It is."}},
                    {"@type": "Question", "name": "No answer"},
                ],
            },
        ],
    }
    page = f'<h2>Other</h2><p>text</p>\n<script type="application/ld+json">{json.dumps(marked)}</script>'

    assert asked(page) == [(2, "Is it free?", "Yes.\n\nIt is.")]
    assert asked('<script type="application/ld+json">{broken</script><h2>A</h2><p>b</p>') == [(1, "A", "b")]


def test_a_long_answer_is_for_the_operator_and_its_beginning_the_reply() -> None:
    (row,) = found("<h2>Long?</h2>" + "<p>" + "word " * 100 + "</p><p>" + "more " * 100 + "</p>").rows

    assert row.values["short_reply"] == ("word " * 100).strip()
    assert row.values["long_text"] == f"{('word ' * 100).strip()}\n\n{('more ' * 100).strip()}"


def test_nothing_of_the_html_is_kept() -> None:
    page = (
        "<h2>A<script>x</script></h2><p onclick=x>b<img src=x onerror=alert(1)>"
        "<iframe src=x>c</iframe><svg><p>d</svg>e</p>"
    )

    assert asked(page) == [(1, "A", "be")]


@pytest.mark.parametrize(
    "page", ["", "<p>Only text</p>", "<h2>Only a heading</h2>", "<details>", "</details></li>", "<" * 500]
)
def test_a_page_without_questions_is_told(page: str) -> None:
    result = found(page)

    assert result.rows == ()
    assert "No questions with answers" in result.problems[0].text
