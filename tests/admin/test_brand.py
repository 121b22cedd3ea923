"""Managers choose their colour: widget and pages wear it at once."""

from collections.abc import Iterator
from functools import cache

import pytest
from django.test import Client

from tenants.context import OrganisationRef
from tenants.models import AuditRecord, Membership, Organisation
from tenants.services import NewOrganisation, NewWebsite, create_account, create_organisation
from tests.cast import acme, client_of, globex, logged_in

HOST = "brand.localhost"
MANAGER = "bea@brand.example"
PAGE = "/admin/brand/"
FIRST = "#2f5bd8"


@cache
def organisation() -> OrganisationRef:
    acme()
    website = NewWebsite(key="shop", name="Shop", origins=["https://brand.example"])
    made = create_organisation(NewOrganisation(slug="brand", name="Brand", host=HOST, websites=[website]))
    create_account(MANAGER, "Bea", None, memberships=[(made, Membership.Role.MANAGER)])
    return made


@pytest.fixture
def bea() -> Iterator[Client]:
    organisation()
    yield logged_in(MANAGER, HOST)
    Organisation.objects.filter(pk=organisation().id).update(colour=FIRST)


def stored() -> str:
    return Organisation.objects.get(pk=organisation().id).colour


def test_a_saved_colour_is_the_widgets_at_once(bea: Client) -> None:
    client_of(HOST).get("/widget/", {"website": "shop"})  # the host is kept in memory now

    response = bea.post(PAGE, {"colour": "#AA3300"})

    assert (response.status_code, response.headers["Location"]) == (302, PAGE)
    assert '"colour": "#aa3300"' in client_of(HOST).get("/widget/", {"website": "shop"}).content.decode()
    assert 'value="#aa3300"' in bea.get(PAGE).content.decode()


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#123456;x", "url(//x)", "#123456\n#000000"])
def test_what_is_no_colour_is_said_and_not_stored(bea: Client, colour: str) -> None:
    response = bea.post(PAGE, {"colour": colour})

    assert response.status_code == 200
    assert "Use a colour such as #1f6f54." in response.content.decode()
    assert stored() == FIRST


def test_only_a_change_is_audited(bea: Client) -> None:
    AuditRecord.objects.filter(organisation_id=organisation().id).delete()

    for colour in ("#aa3300", "#AA3300", "#aa3301"):
        bea.post(PAGE, {"colour": colour})

    done = AuditRecord.objects.filter(organisation_id=organisation().id).values_list("action", "subject_id")
    assert list(done) == [("organisation.colour_changed", str(organisation().id))] * 2


def test_the_page_shows_the_name_and_does_not_change_it(bea: Client) -> None:
    bea.post(PAGE, {"colour": "#aa3300", "name": "Mine now"})

    assert Organisation.objects.get(pk=organisation().id).name == "Brand"
    assert "It was agreed with the platform" in bea.get(PAGE).content.decode()


def test_nobody_else_changes_it(bea: Client) -> None:
    globex()

    for client in (client_of(HOST), logged_in("mona@globex.example", HOST), logged_in("olga@desk.example", HOST)):
        response = client.post(PAGE, {"colour": "#aa3300"})
        assert (response.status_code, response.headers["Location"]) == (302, f"/login/?next={PAGE}")
    assert stored() == FIRST
