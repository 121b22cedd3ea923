from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledgebase.engine import Document, KnowledgeIndex

pytestmark = pytest.mark.no_database

RETURNS, DELIVERY, PAYMENT = (UUID(int=number) for number in (1, 2, 3))


def document(
    id: UUID, title: str, *variants: str, language: str = "en", text: str = "", sinks: bool = False
) -> Document:
    return Document(id, language, title, variants, text, "", sinks=sinks)


@pytest.fixture
def index() -> KnowledgeIndex:
    index = KnowledgeIndex()
    index.put(document(RETURNS, "Sending something back", "How do I return my order?", "Can I send it back?"))
    index.put(document(DELIVERY, "Delivery times", "When does my parcel arrive?", "Where is my order?"))
    index.put(document(PAYMENT, "Ways of paying", "Can I pay with a credit card?"))
    return index


def best(index: KnowledgeIndex, text: str, language: str = "en") -> UUID | None:
    hits = index.suggest(text, language)
    return hits[0].id if hits else None


def test_a_question_finds_its_article_and_says_why(index: KnowledgeIndex) -> None:
    hits = index.suggest("i want to return an order", "en")

    assert hits[0].id == RETURNS
    assert hits[0].because.field == "question"
    assert hits[0].because.question == "How do I return my order?"
    assert set(hits[0].because.words) >= {"return", "order"}


def test_an_article_that_is_removed_is_found_no_more(index: KnowledgeIndex) -> None:
    index.remove(PAYMENT, "en")

    assert len(index) == 2
    assert PAYMENT not in {hit.id for hit in index.suggest("credit card", "en")}


def test_only_allowed_articles_are_found(index: KnowledgeIndex) -> None:
    assert PAYMENT not in {hit.id for hit in index.suggest("credit card", "en", allowed=lambda id: id != PAYMENT)}


def test_a_typing_error_finds_the_article_all_the_same(index: KnowledgeIndex) -> None:
    hits = index.suggest("can i pya by creditcrad", "en")

    assert hits[0].id == PAYMENT


def test_a_dutch_compound_finds_the_word_it_is_made_of() -> None:
    index = KnowledgeIndex()
    index.put(document(PAYMENT, "Betaalmogelijkheden", "Kan ik met iDEAL betalen?", language="nl"))
    index.put(document(DELIVERY, "Verzendkosten", "Wat kost bezorgen?", language="nl"))
    index.put(document(RETURNS, "Retourneren", "Hoe stuur ik iets terug?", language="nl"))

    assert best(index, "krijg ik een verzendkostenvergoeding?", "nl") == DELIVERY


def test_a_japanese_question_finds_its_article() -> None:
    index = KnowledgeIndex()
    index.put(document(PAYMENT, "お支払い方法", "クレジットカードは使えますか", language="ja"))
    index.put(document(DELIVERY, "配送料", "送料はいくらですか", language="ja"))
    index.put(document(RETURNS, "返品について", "商品を返品できますか", language="ja"))

    assert best(index, "この商品を返品したいのですが", "ja") == RETURNS
    assert best(index, "ｸﾚｼﾞｯﾄｶｰﾄﾞで払えますか", "ja") == PAYMENT


def test_what_the_text_alone_says_is_found_too_and_named(index: KnowledgeIndex) -> None:
    index.put(document(UUID(int=4), "Warranty", text="We repair zippers free of charge for three years."))

    hits = index.suggest("zippers", "en")

    assert hits[0].id == UUID(int=4)
    assert (hits[0].because.field, hits[0].because.words) == ("text", ("zippers",))


def test_of_equals_the_one_that_sinks_comes_last() -> None:
    index = KnowledgeIndex()
    index.put(document(RETURNS, "Sale terms", "What are the terms of the sale?", sinks=True))
    index.put(document(DELIVERY, "Sale terms", "What are the terms of the sale?"))

    assert [hit.id for hit in index.suggest("terms of the sale", "en")] == [DELIVERY, RETURNS]


def test_of_equals_the_one_that_is_taken_comes_before_the_one_passed_over() -> None:
    index = KnowledgeIndex()
    index.put(Document(RETURNS, "en", "Sale terms", ("What are the terms?",), "", "", shown=40, used=0, passed_over=30))
    index.put(Document(DELIVERY, "en", "Sale terms", ("What are the terms?",), "", "", shown=40, used=30))

    assert [hit.id for hit in index.suggest("the terms please", "en")] == [DELIVERY, RETURNS]


def test_confidence_falls_when_the_words_are_unknown(index: KnowledgeIndex) -> None:
    known = index.suggest("When does my parcel arrive?", "en")[0].confidence
    foreign = index.suggest("When does my zeppelin festival quarrel end?", "en")[0].confidence

    assert 0 <= foreign < known <= 1


def test_nothing_crosses_between_two_indices(index: KnowledgeIndex) -> None:
    other = KnowledgeIndex()
    other.put(document(UUID(int=9), "Parcels of Globex", "When does my parcel arrive?"))

    assert {hit.id for hit in other.suggest("where is my parcel", "en")} == {UUID(int=9)}
    assert UUID(int=9) not in {hit.id for hit in index.suggest("where is my parcel", "en", limit=20)}


def test_an_index_knows_what_it_holds(index: KnowledgeIndex) -> None:
    before = index.nbytes()
    index.put(document(UUID(int=5), "Gift cards", *(f"Gift card question number {n}" for n in range(50))))
    grown = index.nbytes()
    index.remove(UUID(int=5), "en")

    assert grown > before + 50 * 60
    assert len(index) == 3


def test_an_empty_question_and_an_empty_index_find_nothing(index: KnowledgeIndex) -> None:
    assert index.suggest(" ?! ", "en") == []
    assert KnowledgeIndex().suggest("anything", "en") == []


WORDS = st.sampled_from(["order", "parcel", "return", "card", "payment", "shoe", "size", "refund", "broken", "zip"])
TEXTS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
CHANGES = st.lists(st.tuples(st.integers(0, 7), TEXTS, st.lists(TEXTS, max_size=3), st.booleans()), max_size=60)


@settings(max_examples=40, deadline=None)
@given(changes=CHANGES, question=TEXTS)
def test_an_index_changed_bit_by_bit_answers_like_one_made_anew(
    changes: list[tuple[int, str, list[str], bool]], question: str
) -> None:
    changed = KnowledgeIndex()
    content: dict[int, Document] = {}
    for number, title, variants, stays in changes:
        content[number] = document(UUID(int=number), title, *variants)
        changed.put(content[number])
        changed.suggest(question, "en")
        if not stays:
            changed.remove(content.pop(number).id, "en")
    anew = KnowledgeIndex()
    for one in content.values():
        anew.put(one)

    assert [(hit.id, round(hit.score, 3)) for hit in changed.suggest(question, "en", 8)] == [
        (hit.id, round(hit.score, 3)) for hit in anew.suggest(question, "en", 8)
    ]


def test_another_language_is_another_shelf(index: KnowledgeIndex) -> None:
    index.put(document(RETURNS, "Iets terugsturen", "Hoe stuur ik iets terug?", language="nl"))

    assert best(index, "payment", "nl") is None
    assert best(index, "terugsturen", "nl-BE") == RETURNS
