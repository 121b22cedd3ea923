"""What the desk makes of an answer's words, and of its Markdown: pure modules, run in a real browser."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_desk_state import at_the_desk

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.no_database

RENDER = """async (source) => {
  const { render, h } = await import("preact");
  const { markdownNodes } = await import("/static/shared/markdown.js");
  const place = document.createElement("div");
  render(h("div", null, ...markdownNodes(source)), place);
  return place.firstChild.innerHTML;
}"""


def call(page: "Page", name: str, *arguments: Any) -> Any:
    script = f"""async (given) => (await import("/static/desk/knowledge.js")).{name}(...given)"""
    return at_the_desk(page).evaluate(script, list(arguments))


def rendered(page: "Page", source: str) -> str:
    html: str = at_the_desk(page).evaluate(RENDER, source)
    return html


@pytest.mark.parametrize(
    ("point", "text", "is_mentioned"),
    [
        ("The fee", "There is a fee of 4.95.", True),
        ("The fee", "You have the whole month.", False),
        ("The fee", "It costs {product.parcel.fee}.", False),
        ("Within 30 days", "You have 30 days.", True),
        ("Within 30 days", "You have 14 days.", False),
        ("Sale items are excepted", "Except items bought in the sale.", True),
        ("Sale items are excepted", "All items may come back.", False),
        ("De verzendkosten", "Verzendkosten zijn 4,95.", True),
        ("De verzendkosten", "De tent is groen.", False),
        ("Überweisungsgebühr", "uberweisungsgebuhren", True),
        ("返品の手数料", "返品の手数料は500円です。", True),
        ("返品の手数料", "テントは防水です。", False),
        ("", "Anything", False),
    ],
)
def test_a_point_is_mentioned_when_most_of_its_words_occur(
    page: "Page", point: str, text: str, is_mentioned: bool
) -> None:
    assert call(page, "isMentioned", point, text) is is_mentioned


def test_an_edited_answer_was_used_and_a_rewritten_one_was_not(page: "Page") -> None:
    inserted = {"article": "a", "reply": "You find the label in your account, under Orders.", "points": []}

    edited = call(page, "usedIn", [inserted], "Hi Vera, the label is in your account. Greetings, Olga")
    rewritten = call(page, "usedIn", [inserted], "One moment, I ask a colleague.")

    assert (edited, rewritten) == ([inserted], [])


@pytest.mark.parametrize(
    ("before", "after", "put"),
    [("", "", "It is."), ("Hi!", "", " It is."), ("Hi! ", "Bye.", "It is. "), ("こんにちは。", "", "It is.")],
)
def test_an_answer_keeps_its_distance_where_words_are_parted(page: "Page", before: str, after: str, put: str) -> None:
    assert call(page, "spaced", before, "It is.", after) == put


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("What does a return cost?", ["RETURN"], ["return"]),
        ("Returning a tent", ["return"], ["Returning"]),
        ("In the inn", ["in"], ["In"]),
        ("返品の手数料", ["返品"], ["返品"]),
        ("Nothing here", ["waterproof"], []),
    ],
)
def test_the_words_that_were_met_are_marked(page: "Page", text: str, words: list[str], marked: list[str]) -> None:
    pieces = call(page, "marked", text, words)

    assert "".join(piece["text"] for piece in pieces) == text
    assert [piece["text"] for piece in pieces if piece["isMarked"]] == marked


def test_a_turn_begins_with_the_first_message_after_an_answer(page: "Page") -> None:
    def said(seq: int, kind: str) -> dict[str, Any]:
        return {"type": "message.sent", "seq": seq, "sender": {"kind": kind}}

    burst = [said(1, "visitor"), said(2, "operator"), said(3, "visitor"), said(4, "automatic"), said(5, "visitor")]

    assert call(page, "turnOf", {"entries": burst}) == 3
    assert call(page, "turnOf", {"entries": [*burst, said(6, "operator")]}) == 3
    assert call(page, "turnOf", {"entries": [said(1, "operator")]}) is None


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("# Fees\n\nFrom **May** on.", "<h3>Fees</h3><p>From <strong>May</strong> on.</p>"),
        ("one\ntwo", "<p>one<br>two</p>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("3. x\n4. y", '<ol start="3"><li>x</li><li>y</li></ol>'),
        ("- a\n\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("> said\n> so", "<blockquote><p>said<br>so</p></blockquote>"),
        ("```\n<b>*x*\n```", "<pre><code>&lt;b&gt;*x*</code></pre>"),
        ("---", "<hr>"),
        ("2 * 3 * 4 and snake_case_name", "<p>2 * 3 * 4 and snake_case_name</p>"),
        ("`a*b*`", "<p><code>a*b*</code></p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,y)", "<p>[x](data:text/html,y)</p>"),
    ],
)
def test_markdown_is_drawn_and_html_stays_text(page: "Page", source: str, html: str) -> None:  # rule 39
    assert rendered(page, source) == html


def test_a_link_opens_elsewhere_and_tells_nothing(page: "Page") -> None:
    link = rendered(page, "[terms](https://shop.example/terms)")

    assert 'href="https://shop.example/terms"' in link
    assert 'rel="noopener noreferrer nofollow"' in link
    assert ">terms</a>" in link


def test_long_and_unclosed_markdown_ends(page: "Page") -> None:
    awkward = "*" * 2_000 + "\n" + "- " * 500 + "\n" + "> " * 300 + "x\n```\nnever closed\n" + "_a " * 3_000

    assert "never closed" in rendered(page, awkward)
