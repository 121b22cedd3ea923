"""What is personal never reaches a variant, and what was asked stays."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledgebase.cleaning import MAX_CHARACTERS, clean, evened
from knowledgebase.cleaning.first_names import DUTCH, ENGLISH
from tests.knowledgebase.personal_questions import HARMLESS, PERSONAL

pytestmark = pytest.mark.no_database


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    assert len(PERSONAL) >= 60
    assert len(HARMLESS) >= 30


@pytest.mark.parametrize(("text", "personal", "meaning"), PERSONAL)
def test_nothing_personal_survives_and_the_meaning_does(
    text: str, personal: tuple[str, ...], meaning: tuple[str, ...]
) -> None:
    cleaned = clean(text).lower()

    assert [one for one in personal if one.lower() in cleaned] == []
    assert [one for one in meaning if one.lower().replace("？", "?") not in cleaned] == []


@pytest.mark.parametrize("text", HARMLESS)
def test_a_question_without_anything_personal_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


AROUND = st.sampled_from(
    [
        ("Where is my parcel? ", ""),
        ("Please look at ", " and tell me when it comes"),
        ("waarom werkt ", " niet?"),
        ("my details: ", ", thanks"),
        ("(", ") does not work"),
        ("返金は", "です。いつですか"),
    ]
)
SEPARATORS = st.sampled_from(["", " ", "-", ".", " - ", "/"])
WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=2, max_size=12)


@example(("Please look at ", " and tell me"), [0] * 7, 2, ".")  # "look at 00.00.00" is no address at a domain
@given(AROUND, st.lists(st.integers(0, 9), min_size=6, max_size=19), st.integers(1, 4), SEPARATORS)
def test_no_long_number_survives_however_it_is_grouped(
    around: tuple[str, str], digits: list[int], group: int, separator: str
) -> None:
    number = "".join(map(str, digits))
    grouped = separator.join(number[start : start + group] for start in range(0, len(number), group))

    cleaned = clean(grouped.join(around))

    assert re.sub(r"\D", "", cleaned) == ""


@given(AROUND, WORDS, WORDS, st.sampled_from(["com", "nl", "co.uk", "example", "museum"]))
def test_no_mail_address_survives(around: tuple[str, str], person: str, house: str, ending: str) -> None:
    cleaned = clean(f"{person}.x@{house}.{ending}".join(around))

    assert "@" not in cleaned
    assert f"{house}.{ending}" not in cleaned


@given(
    st.sampled_from(
        ["Hi, my name is {}. Can I return it?", "Hallo, ik heet {}, kan ik ruilen?", "Ruilen? Groetjes, {}"]
    ),
    st.sampled_from(sorted({*ENGLISH.split(), *DUTCH.split()})),
    st.sampled_from(["Smit", "de Vries", "O'Neill", "van den Berg", "Patel-Jones", ""]),
    st.booleans(),
)
@example("Hallo, ik heet {}, kan ik ruilen?", "wil", "Smit", False)
def test_no_common_name_survives_an_introduction_or_a_sign_off(
    sentence: str, first: str, family: str, is_capital: bool
) -> None:
    name = f"{first.capitalize() if is_capital else first} {family}".strip()

    cleaned = clean(sentence.format(name)).lower()

    assert re.search(rf"\b{first}\b", cleaned) is None
    assert not family or family.lower() not in cleaned
    assert "return" in cleaned or "ruilen" in cleaned


@given(st.text(max_size=200))
def test_cleaning_what_is_clean_changes_nothing_and_leaves_one_line(text: str) -> None:
    cleaned = clean(text)

    assert "\n" not in cleaned
    assert "\ue000" not in cleaned
    assert clean(cleaned) == cleaned == cleaned.strip()


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "1 " * 50_000, "Jan de " * 20_000, "a.b@" * 30_000, "と申します" * 20_000]
)
def test_a_very_long_text_costs_little(text: str) -> None:
    started = time.perf_counter()

    assert len(clean(text)) <= MAX_CHARACTERS

    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Where is my order?", "where  IS my order"),
        ("ＰＩＮを忘れた？", "PINを忘れた"),
        ("Straße?", "STRASSE"),
        (" Hoe lang duurt het… ", "hoe lang duurt het"),
    ],
)
def test_two_ways_of_writing_one_question_are_even(one: str, other: str) -> None:
    assert evened(one) == evened(other)


def test_evening_keeps_what_makes_another_question() -> None:
    assert evened("カード") != evened("カート")
    assert evened("size 43") != evened("size 44")
    assert len(evened("㌀" * 300)) <= 300
