"""Topics in the visitor's language, or the next best that somebody wrote."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from knowledgebase.models import Topic, TopicLabel
from knowledgebase.selectors import topic_choices
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme, globex


@pytest.fixture
def labelled() -> Iterator[dict[str, str]]:
    """Topics that exist while the test runs, behind Acme's own: what they are labelled in → their short name."""
    slugs = {languages: f"{uuid4().hex[:12]}" for languages in ("en nl", "en", "nl", "ja", "")}

    def make(_organisation: OrganisationRef) -> None:
        for position, (languages, slug) in enumerate(slugs.items()):
            topic = Topic.objects.create(slug=slug, position=100 + position)
            for language in languages.split():
                TopicLabel.objects.create(topic=topic, language=language, label=f"label in {language}")

    def remove(_organisation: OrganisationRef) -> None:
        Topic.objects.filter(slug__in=slugs.values()).delete()

    in_organisation(acme(), make)
    yield slugs
    in_organisation(acme(), remove)


def labels(organisation: OrganisationRef, language: str) -> dict[str, str]:
    return {choice.slug: choice.label for choice in in_organisation(organisation, topic_choices, language)}


def test_a_topic_is_called_what_it_is_called_in_the_visitors_language() -> None:
    assert labels(acme(), "nl")["delivery"] == "Levering"
    assert labels(acme(), "en")["delivery"] == "Delivery"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl", {"en nl": "nl", "en": "en", "nl": "nl", "ja": None, "": None}),
        ("ja", {"en nl": "en", "en": "en", "nl": "nl", "ja": "ja", "": None}),
        ("fr", {"en nl": "en", "en": "en", "nl": "nl", "ja": None, "": None}),
    ],
)
def test_without_a_label_the_organisations_languages_are_tried_in_their_order_then_its_short_name(
    labelled: dict[str, str], language: str, expected: dict[str, str | None]
) -> None:
    assert acme().languages == ("en", "nl")

    found = labels(acme(), language)

    assert {languages: found[slug] for languages, slug in labelled.items()} == {
        languages: f"label in {choice}" if choice else labelled[languages] for languages, choice in expected.items()
    }


def test_the_order_of_the_organisations_languages_decides(labelled: dict[str, str]) -> None:
    found = labels(replace(acme(), languages=("nl", "en")), "fr")

    assert found[labelled["en nl"]] == "label in nl"


def test_topics_come_in_the_order_the_organisation_gave_them() -> None:
    assert list(labels(acme(), "en"))[:5] == ["order", "delivery", "returns", "advice", "other"]


def test_a_topic_that_is_no_longer_offered_is_left_out(labelled: dict[str, str]) -> None:
    slug = labelled["en"]
    in_organisation(acme(), lambda _: Topic.objects.filter(slug=slug).update(is_active=False))

    assert slug not in labels(acme(), "en")


def test_each_organisation_has_its_own_topics() -> None:  # rule 15
    assert "delivery" not in labels(globex(), "en")
    assert "security" not in labels(acme(), "en")
