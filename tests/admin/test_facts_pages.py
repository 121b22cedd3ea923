"""Notices, products with facts, and the form of address, on the organisation's site."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from django.test import Client

from knowledgebase.models import Manner, Notice, Product
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord, Membership
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import client_of, globex

PASSWORD = "correct horse battery"
NOTICES, PRODUCTS, MANNERS = (f"/admin/knowledgebase/{name}/" for name in ("notice", "product", "manner"))


@cache
def facts_client() -> OrganisationRef:
    organisation = create_organisation(
        NewOrganisation(slug="facts", name="Facts", host="facts.localhost", languages=("nl", "en"))
    )
    create_account("mia@facts.example", "Mia", PASSWORD, memberships=[(organisation, Membership.Role.MANAGER)])
    return organisation


@pytest.fixture
def mia() -> Iterator[Client]:
    """The manager's browser; nothing is there yet."""

    def clear(_organisation: OrganisationRef) -> None:
        for model in (Notice, Product, Manner):
            model.objects.all().delete()

    in_organisation(facts_client(), clear)
    client = client_of("facts.localhost")
    client.post("/login/", {"username": "mia@facts.example", "password": PASSWORD})
    yield client


def stored(model: Any, *fields: str) -> list[Any]:
    return in_organisation(facts_client(), lambda _organisation: list(model.objects.values_list(*fields)))


def words(client: Client, path: str, data: dict[str, str] | None = None) -> str:
    response = client.get(path) if data is None else client.post(path, data)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_notice_without_a_beginning_holds_from_now_on(mia: Client) -> None:
    form = {"slug": "carrier", "language": "nl", "text": "De bezorger loopt achter.", "is_shown": "on"}

    answer = mia.post(f"{NOTICES}add/", form)

    assert answer.status_code == 302
    [(slug, starts_at, ends_at)] = stored(Notice, "slug", "starts_at", "ends_at")
    assert (slug, ends_at) == ("carrier", None)
    assert abs(starts_at - platform_now()) < timedelta(minutes=1)
    listing = words(mia, NOTICES)
    assert "holds now" in listing
    assert "{notice.carrier}" in listing


def test_a_notice_cannot_end_before_it_begins(mia: Client) -> None:
    form = {
        "slug": "carrier",
        "language": "nl",
        "text": "Late.",
        "starts_at": "2040-01-02T10:00",
        "ends_at": "2040-01-02T09:00",
    }

    assert "This is not after the beginning." in words(mia, f"{NOTICES}add/", form)
    assert stored(Notice, "slug") == []


def test_a_notices_times_are_the_organisations_own(mia: Client) -> None:
    form = {"slug": "easter", "language": "en", "text": "Closed.", "starts_at": "2040-07-01T10:00"}

    mia.post(f"{NOTICES}add/", form)

    [(starts_at,)] = stored(Notice, "starts_at")
    assert f"{starts_at:%H:%M %z}" == "08:00 +0000"  # Amsterdam's summer


def test_facts_are_lines_of_name_and_value(mia: Client) -> None:
    form = {"name": "Tent", "slug": "tent", "facts": "price: € 249: now\n\nsize : 2 × 3 m \n"}

    mia.post(f"{PRODUCTS}add/", form)

    assert stored(Product, "slug", "facts") == [("tent", {"price": "€ 249: now", "size": "2 × 3 m"})]
    listing = words(mia, PRODUCTS)
    assert "{product.tent.price}" in listing
    assert "size: 2 × 3 m" in listing


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ("price: 1\nsize", "Line 2: write a name, a colon and a value."),
        ("price:", "Line 1: write a name, a colon and a value."),
        ("Full price: 1", "Line 1: a name has only small letters"),
        ("price: 1\nprice: 2", "Line 2: this name was there before."),
        ("price: " + "x" * 201, "Line 1: a value has at most 200 characters."),
        ("\n".join(f"fact{n}: 1" for n in range(41)), "A product has at most 40 facts."),
    ],
)
def test_facts_that_no_reply_could_quote_are_refused_by_line(mia: Client, facts: str, problem: str) -> None:
    assert problem in words(mia, f"{PRODUCTS}add/", {"name": "Tent", "slug": "tent", "facts": facts})
    assert stored(Product, "slug") == []


def test_the_form_of_address_is_chosen_for_all_languages_on_one_page(mia: Client) -> None:
    AuditRecord.objects.filter(organisation_id=facts_client().id).delete()
    assert "Heb je je bestelnummer" in words(mia, MANNERS)

    mia.post(MANNERS, {"address-nl": "informal", "address-en": "formal"})
    mia.post(MANNERS, {"address-nl": "informal", "address-en": "formal"})

    assert stored(Manner, "language", "address") == [("nl", "informal")]
    audited = AuditRecord.objects.filter(organisation_id=facts_client().id)
    assert list(audited.values_list("action", "subject_id")) == [("manner.changed", "nl")]


def test_a_form_of_address_that_is_none_changes_nothing(mia: Client) -> None:
    mia.post(MANNERS, {"address-nl": "informal", "address-en": "shouting"})

    assert stored(Manner, "language", "address") == []


def test_nothing_of_it_reaches_another_organisation(mia: Client) -> None:
    def at_globex(_organisation: OrganisationRef) -> list[int]:
        return [model.objects.filter(**found).count() for model, found in looked_for]  # type: ignore[attr-defined]

    looked_for = [(Notice, {"slug": "facts-own"}), (Product, {"slug": "facts-own"})]

    mia.post(f"{NOTICES}add/", {"slug": "facts-own", "language": "nl", "text": "Ours."})
    mia.post(f"{PRODUCTS}add/", {"name": "Ours", "slug": "facts-own"})

    assert len(stored(Notice, "slug")) == len(stored(Product, "slug")) == 1
    assert in_organisation(globex(), at_globex) == [0, 0]
