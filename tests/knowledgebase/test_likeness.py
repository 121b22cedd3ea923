"""Which questions are alike, and which say nothing."""

import pytest

from knowledgebase.likeness import SAME_GAP, Groups, says_something

pytestmark = pytest.mark.no_database


def groups(language: str, **questions: list[str]) -> Groups[str]:
    background = [text for texts in questions.values() for text in texts]
    made: Groups[str] = Groups(language, background)
    for key, texts in questions.items():
        for text in texts:
            made.put(key, text)
    return made


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Can you engrave a name on the knife?", "engraving"),
        ("en", "do you engrvae knives", "engraving"),
        ("en", "Where can I park my car near the store?", "parking"),
        ("nl", "Wat kost een naamgravure op het mes?", "engraving"),
        ("ja", "ナイフに名前を彫刻できますか", "engraving"),
    ],
)
def test_a_question_is_nearest_to_what_asks_the_same(language: str, text: str, expected: str) -> None:
    known = {
        "en": {
            "engraving": ["Do you engrave knives?", "Is engraving a knife possible?"],
            "parking": ["Is there parking at the store?", "Can I park near your store?"],
        },
        "nl": {
            "engraving": ["Kan er een gravure op het mes?", "Kunnen jullie mijn naam laten graveren?"],
            "parking": ["Kan ik bij de winkel parkeren?"],
        },
        "ja": {
            "engraving": ["ナイフに彫刻はできますか", "名前の彫刻をお願いできますか"],
            "parking": ["駐車場はありますか"],
        },
    }

    near = groups(language, **known[language]).nearest(text)

    assert near is not None
    assert near[0] == expected


def test_the_same_asked_in_other_words_is_one_gap() -> None:
    made = groups("en", engraving=["Do you engrave knives?", "Is engraving a knife possible?"])

    near = made.nearest("Can you engrave a name on the knife?")

    assert near is not None
    assert near[1] >= SAME_GAP


def test_the_grammar_of_a_question_makes_nothing_alike() -> None:
    made = groups("en", engraving=["How do I get this engraved, please?"])

    assert made.likeness("How do I get this cancelled, please?", "engraving") < SAME_GAP


def test_a_question_is_as_like_its_own_group_as_can_be_and_shares_nothing_with_another() -> None:
    made = groups("en", engraving=["Do you engrave knives?"])

    assert made.likeness("Do you engrave knives?", "engraving") == pytest.approx(1)
    assert made.nearest("Is there parking?") is None
    assert made.nearest("") is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Thanks, that was very helpful!"), ("en", "ok"), ("en", "Hello, good day"), ("en", ""),
        ("nl", "Oké, hartelijk bedankt en een fijne dag nog!"), ("nl", "hallo"), ("ja", "はい"), ("en", "👍"),
    ],
)  # fmt: skip
def test_greetings_and_thanks_say_nothing(language: str, text: str) -> None:
    assert not says_something(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "engraving possible"), ("en", "What are the fees for a transfer?"), ("nl", "Is de tent waterdicht?"),
        ("nl", "retour sturen kosten"), ("ja", "返品できますか"), ("fr", "Livrez-vous en Belgique ?"),
    ],
)  # fmt: skip
def test_questions_say_something(language: str, text: str) -> None:
    assert says_something(text, language)
