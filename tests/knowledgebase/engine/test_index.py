from uuid import UUID

import pytest

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


def test_another_language_is_another_shelf(index: KnowledgeIndex) -> None:
    index.put(document(RETURNS, "Iets terugsturen", "Hoe stuur ik iets terug?", language="nl"))

    assert best(index, "return my order", "nl") is None
    assert best(index, "terugsturen", "nl-BE") == RETURNS
