"""What websites, languages and topics are called, for pages on which people read rows that hold their keys."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language, get_language_info

from knowledgebase.selectors import topic_choices
from tenants.context import OrganisationRef
from tenants.models import Website


@dataclass(frozen=True, slots=True)
class Names:
    """By key, in the order in which people choose. What is no longer there has none."""

    websites: Mapping[str, str]
    topics: Mapping[str, str]

    def website(self, key: str) -> str:
        return self.websites.get(key, key)

    def language(self, code: str) -> str:
        return language_name(code)

    def topic(self, slug: str) -> str:
        return self.topics.get(slug, slug)


def website_names(organisation: OrganisationRef) -> dict[str, str]:
    """By key, in the order of names. One query."""
    return dict(Website.objects.filter(organisation_id=organisation.id).order_by("name").values_list("key", "name"))


def language_name(code: str) -> str:
    """In the reader's language, also of languages that the platform's own pages do not speak. No query."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def topic_names(organisation: OrganisationRef) -> dict[str, str]:
    """By slug, in the reader's language. Two queries."""
    return {one.slug: one.label for one in topic_choices(organisation, get_language() or "en")}


def names_of(organisation: OrganisationRef) -> Names:
    """In the reader's language. Three queries, however many rows are named."""
    return Names(website_names(organisation), topic_names(organisation))
