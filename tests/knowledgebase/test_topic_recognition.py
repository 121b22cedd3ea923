"""Which first questions are about which topic. A doubtful one is about none, and the visitor is asked."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from knowledgebase.models import Topic, TopicLabel
from knowledgebase.topic_recognition import recognise_topic
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme, globex

# Words of a topic of its own, behind Acme's: nothing of the demo's content is meant here.
WORDS = {
    "en": ["brolly", "storm fly", "ski"],
    "nl": ["regenscherm", "bivakzak", "één ster"],
    "ja": ["カード", "寝袋"],
}


@pytest.fixture
def slug() -> Iterator[str]:
    """The short name of a topic that exists while the test runs."""
    name = f"t{uuid4().hex[:12]}"

    def make(_organisation: OrganisationRef) -> None:
        topic = Topic.objects.create(slug=name, position=100)
        for language, words in WORDS.items():
            TopicLabel.objects.create(topic=topic, language=language, label=name, words=words)

    in_organisation(acme(), make)
    yield name
    in_organisation(acme(), lambda _: Topic.objects.filter(slug=name).delete())


def recognised(text: str, language: str = "en", organisation: OrganisationRef | None = None) -> str | None:
    return in_organisation(organisation or acme(), recognise_topic, language, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Is this brolly any good?"),
        ("en", "BROLLY"),
        ("en", "My brolly's handle came off"),
        ("en", "Do you have brollies?"),
        ("en", "Which storm-fly fits?"),
        ("en", "Two storm   flies, please"),
        ("en", "Skis?"),
        ("nl", "Is dit regenscherm stevig?"),
        ("nl", "Hebben jullie regenschermen"),
        ("nl", "Bivakzak's en matjes"),
        ("nl", "Een tent met een ster?"),
        ("ja", "このカードは使えますか"),
        ("ja", "ｶｰﾄﾞが使えません"),
        ("ja", "寝袋の洗い方を教えてください"),
    ],
)
def test_its_words_point_to_the_topic(slug: str, language: str, text: str) -> None:
    assert recognised(text, language) == slug


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Is it waterproof?"),
        ("en", "I am skiing on Friday"),
        ("en", "Brollywood?"),
        ("en", "The fly in a storm"),
        ("en", "A storm, then a fly"),
        ("nl", "Regenschermhouder"),
        ("nl", "brolly"),
        ("en", "regenscherm"),
        ("ja", "カートに入れました"),
        ("ja", "brolly"),
        ("fr", "brolly"),
        ("en", ""),
        ("en", "?!"),
    ],
)
def test_other_words_point_to_none(slug: str, language: str, text: str) -> None:
    assert recognised(text, language) is None


def test_a_question_about_two_topics_is_recognised_as_neither(slug: str) -> None:
    assert recognised("The parcel") == "delivery"
    assert recognised("The brolly") == slug

    assert recognised("The brolly was not in the parcel") is None


def test_a_topic_listed_in_the_plural_is_found_in_the_singular(slug: str) -> None:
    def list_plurals(_organisation: OrganisationRef) -> None:
        TopicLabel.objects.filter(topic__slug=slug, language="en").update(words=["lanterns", "torches"])

    in_organisation(acme(), list_plurals)

    assert recognised("A lantern") == recognised("A torch") == slug


def test_a_topic_that_is_no_longer_offered_is_not_recognised(slug: str) -> None:
    in_organisation(acme(), lambda _: Topic.objects.filter(slug=slug).update(is_active=False))

    assert recognised("The brolly") is None


def test_each_organisation_has_its_own_words(slug: str) -> None:  # rule 15
    assert recognised("My card was stolen", organisation=globex()) is None
    assert recognised("Somebody has hacked me", organisation=globex()) == "security"
    assert recognised("Somebody has hacked me") is None
    assert recognised("The brolly", organisation=globex()) is None


@pytest.mark.parametrize(
    ("organisation", "language", "text", "expected"),
    [
        (acme, "en", "When will it be delivered?", "delivery"),
        (acme, "nl", "Ik wil dit graag terugsturen", "returns"),
        (acme, "nl", "Waar blijft mijn pakje?", "delivery"),
        (acme, "ja", "荷物が届きません", "delivery"),
        (acme, "en", "Which tent would you recommend?", "advice"),
        (globex, "en", "How do I set up a standing order?", "transfer"),
        (globex, "ja", "カードをなくしました", "card"),
    ],
)
def test_the_demo_recognises_everyday_questions(organisation: object, language: str, text: str, expected: str) -> None:
    assert recognised(text, language, organisation()) == expected  # type: ignore[operator]
