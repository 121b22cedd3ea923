"""The form above figures offers what there is, and keeps what a link asks for."""

from functools import cache
from urllib.parse import parse_qsl

from ratings.filters import Filters, filters_of
from ratings.selection import selection_of
from ratings.selectors import local_today
from tenants.context import OrganisationRef, in_organisation
from tenants.services import NewOrganisation, NewWebsite, create_organisation


@cache
def shop() -> OrganisationRef:
    return create_organisation(
        NewOrganisation(
            slug="filters",
            name="Filters",
            host="filters.localhost",
            languages=("nl", "en"),
            websites=[NewWebsite(key="shop", name="The shop", origins=["https://shop.example"])],
        )
    )


def filters(**query: str) -> Filters:
    return in_organisation(shop(), filters_of, query)


def test_every_list_begins_with_all_and_holds_the_organisations_own() -> None:
    fields = {field.name: [(one.value, str(one.label)) for one in field.choices] for field in filters().fields}

    assert fields["website"] == [("", "all"), ("shop", "The shop")]
    assert [value for value, _label in fields["language"]] == ["", "nl", "en"]
    assert [value for value, _label in fields["purpose"]][:2] == ["", "problem"]


def test_what_is_no_longer_offered_stays_chosen() -> None:
    (website,) = [field for field in filters(website="closed").fields if field.name == "website"]

    assert [(one.value, one.is_chosen) for one in website.choices] == [("", False), ("shop", False), ("closed", True)]


def test_presets_are_links_to_periods_that_keep_what_narrows() -> None:
    today = local_today(shop().time_zone)

    presets = filters(topic="delivery").presets

    for one in presets:
        selection, wrong = selection_of(dict(parse_qsl(one.query)), today)
        assert (selection.topic, wrong) == ("delivery", [])
        assert selection.first <= selection.last <= today
    assert [one.is_chosen for one in presets] == [str(one.label) == "Last 30 days" for one in presets]


def test_a_wrong_period_is_said_once() -> None:
    assert len(filters(first="x", last="2026-03-01").wrong) == 1
    assert filters().wrong == []
