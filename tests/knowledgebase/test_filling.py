"""Replies made to measure: what is filled, what is left out without a trace, and what is said to be missing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledgebase.filling import Facts, Filled, fill, placeholders_of

pytestmark = pytest.mark.no_database

FACTS = Facts(
    address="informal",
    notices={
        "strike": "The carrier is on strike until Friday.",
        "over": "",
        "polite": "{Houdt u|Hou je} rekening met {product.tent.wait}.",
        "loop": "{notice.loop}",
    },
    products={"tent": {"name": "Ridge 2", "price": "€ 189", "wait": "3 dagen", "weight": ""}},
)


def filled(text: str, *, visitor: str = "Vera", language: str = "en", address: str = "informal") -> Filled:
    return fill(
        text,
        language=language,
        operator_name="Olga",
        visitor_name=visitor,
        organisation_name="Acme Outdoor",
        facts=Facts(address, FACTS.notices, FACTS.products),
    )


@pytest.mark.parametrize(
    ("reply", "sent"),
    [
        ("Hi {visitor}, this is {operator} of {organisation}.", "Hi Vera, this is Olga of Acme Outdoor."),
        ("The {product.tent.name} costs {product.tent.price}.", "The Ridge 2 costs € 189."),
        ("Heeft {u|je} een vraag?", "Heeft je een vraag?"),
        ("{ visitor }!", "Vera!"),
        ("{|Hoi, }dat kan.", "Hoi, dat kan."),
        ("It is late. {notice.strike}", "It is late. The carrier is on strike until Friday."),
        ("{notice.polite}", "Hou je rekening met 3 dagen."),
        ("Nothing to fill.", "Nothing to fill."),
        ("", ""),
    ],
)
def test_placeholders_are_filled(reply: str, sent: str) -> None:
    assert filled(reply) == Filled(sent, ())


def test_the_form_of_address_is_the_organisations() -> None:
    assert filled("{Kunt u|Kun je} dat doen?", address="formal").text == "Kunt u dat doen?"
    assert filled("{Kunt u|Kun je} dat doen?", address="informal").text == "Kun je dat doen?"


@pytest.mark.parametrize(
    ("reply", "sent"),
    [
        ("Hi {visitor}, welcome.", "Hi, welcome."),
        ("Hi {visitor}! Welcome.", "Hi! Welcome."),
        ("Hello {visitor} and welcome.", "Hello and welcome."),
        ("{visitor}, thank you.", "Thank you."),
        ("Thank you, {visitor}", "Thank you"),
        ("That can be done, {visitor}. Send it.", "That can be done. Send it."),
        ("Thank you, {visitor}!", "Thank you!"),
        ("One moment, {visitor}, I am looking.", "One moment, I am looking."),
        ("{notice.over} Your order is on its way.", "Your order is on its way."),
        ("Your order is on its way. {notice.over}", "Your order is on its way."),
        ("First.\n{notice.over}\nLast.", "First.\nLast."),
        ("First.\n\n{notice.over}\n\nLast.", "First.\n\nLast."),
        ("On its way {notice.over} {notice.over} soon.", "On its way soon."),
    ],
)
def test_what_is_not_known_or_over_leaves_no_trace(reply: str, sent: str) -> None:
    assert filled(reply, visitor="") == Filled(sent, ())


def test_in_japanese_somebody_unknown_is_a_guest() -> None:
    assert filled("{visitor}様、こんにちは。", visitor="", language="ja").text == "お客様、こんにちは。"
    assert filled("{visitor}様、こんにちは。", visitor="佐藤", language="ja").text == "佐藤様、こんにちは。"


@pytest.mark.parametrize(
    ("reply", "missing"),
    [
        ("It costs {product.boot.price}.", ("product.boot.price",)),
        ("It weighs {product.tent.weight}.", ("product.tent.weight",)),
        ("{notice.never} Sorry.", ("notice.never",)),
        ("{Visitor} {name} {name}", ("Visitor", "name")),
        ("{a|b|c}", ("a|b|c",)),
        ("{}", ("",)),
        ("An open { brace", ("{",)),
        ("A closed } brace", ("{",)),
        ("{{visitor}}", ("{",)),
        ("{notice.loop}", ("notice.loop",)),
    ],
)
def test_what_cannot_be_filled_stays_and_is_named(reply: str, missing: tuple[str, ...]) -> None:
    result = filled(reply)

    assert result.missing == missing
    assert "{" in result.text or "}" in result.text


def test_an_answer_without_an_operator_lacks_their_name() -> None:
    result = fill(
        "{operator}, {organisation}",
        language="en",
        operator_name="",
        visitor_name="",
        organisation_name="",
        facts=FACTS,
    )

    assert result.missing == ("operator", "organisation")


def test_a_visitors_name_fills_nothing_but_its_own_place() -> None:
    assert filled("Hi {visitor}.", visitor="{operator}\n{product.tent.price}").text == "Hi operator product.tent.price."
    assert len(filled("{visitor}", visitor="V" * 500).text) == 80


def test_placeholders_are_listed_once_in_order() -> None:
    assert placeholders_of("{b} {a|c} { b } {") == ("b", "a|c")


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "{visitor}",
                "{operator}",
                "{u|je}",
                "{notice.strike}",
                "{notice.over}",
                "{notice.loop}",
                "{product.tent.price}",
            ]
        ),
        st.sampled_from(["{", "}", "{}", "{x}", "{notice.x}", "{product.tent}", " ", "\n", ", ", "{a|{b}}"]),
        st.text(max_size=8),
    ),
    max_size=12,
).map("".join)


@given(PIECES, st.text(max_size=20), st.sampled_from(["en", "nl", "ja"]))
def test_no_brace_is_ever_left_unnoticed(reply: str, visitor: str, language: str) -> None:
    result = filled(reply, visitor=visitor, language=language)

    assert bool(result.missing) == bool(re.search(r"[{}]", result.text))


@given(st.text(alphabet=st.characters(exclude_characters="{}")))
def test_a_reply_without_placeholders_is_sent_as_it_was_written(reply: str) -> None:
    assert filled(reply) == Filled(reply, ())


@given(PIECES, st.text(max_size=20))
def test_filling_what_is_filled_changes_nothing(reply: str, visitor: str) -> None:
    once = filled(reply, visitor=visitor)

    if not once.missing:
        assert filled(once.text, visitor=visitor) == once
