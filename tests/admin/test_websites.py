"""Managers keep their own websites: where the widget appears follows at once, and nothing that was said is lost."""

import re
from functools import cache
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from conversations.models import Conversation
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord, Membership, Website
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import acme, client_of, logged_in
from tests.ratings.rows import a_conversation

HOST = "websites.localhost"
MANAGER = "wilma@websites.example"
ADD = "/admin/tenants/website/add/"


@cache
def organisation() -> OrganisationRef:
    acme()
    made = create_organisation(NewOrganisation(slug="websites", name="Websites", host=HOST))
    create_account(MANAGER, "Wilma", None, memberships=[(made, Membership.Role.MANAGER)])
    return made


@pytest.fixture
def wilma() -> Client:
    organisation()
    return logged_in(MANAGER, HOST)


def added(client: Client, name: str = "Our shop", addresses: str = "https://www.shop.example/") -> Website:
    before = set(Website.objects.values_list("pk", flat=True))
    response = client.post(ADD, {"name": name, "addresses": addresses})
    [website] = Website.objects.exclude(pk__in=before)
    assert response.status_code == 302
    assert response.headers["Location"] == page_of(website)
    return website


def page_of(website: Website) -> str:
    return f"/admin/tenants/website/{website.pk}/change/"


def save(client: Client, website: Website, **changes: str) -> int:
    kept = {"name": website.name, "addresses": "\n".join(website.origins), "is_active": "on"}
    sent = {name: value for name, value in {**kept, **changes}.items() if value}
    return int(client.post(page_of(website), sent).status_code)


def framed_by(website: Website) -> list[str] | None:
    """Who may frame the widget there; None when it is not there."""
    response = client_of(HOST).get("/widget/", {"website": website.key})
    if response.status_code == 404:
        return None
    [ancestors] = re.findall(r"frame-ancestors ([^;]+)", response["Content-Security-Policy"])
    return str(ancestors).split()


def test_an_added_website_is_framed_by_exactly_its_addresses(wilma: Client) -> None:
    # rule 35
    website = added(wilma, addresses="https://www.shop.example/tents?x=1\n\nshop.example\nhttps://SHOP.example\n")

    assert website.organisation_id == organisation().id
    assert framed_by(website) == ["https://www.shop.example", "https://shop.example"]


def test_other_addresses_hold_at_once(wilma: Client) -> None:
    # rule 35
    website = added(wilma)
    assert framed_by(website) == ["https://www.shop.example"]

    save(wilma, website, addresses="https://new.shop.example")

    assert framed_by(website) == ["https://new.shop.example"]


def test_a_website_is_switched_off_and_on_and_keeps_its_conversations(wilma: Client) -> None:
    website = added(wilma, name="Seasonal")

    def talk_there(organisation: OrganisationRef) -> object:
        talk = a_conversation(organisation, platform_now())
        Conversation.objects.filter(pk=talk).update(website_id=website.pk, website_key=website.key)
        return talk

    talk = in_organisation(organisation(), talk_there)

    save(wilma, website, is_active="")

    assert framed_by(website) is None
    assert "switched off" in wilma.get("/admin/tenants/website/").content.decode()
    shown = wilma.get(f"/admin/conversations/conversation/{talk}/change/").content.decode()
    assert "<dd>Seasonal</dd>" in shown
    assert "Seasonal" in wilma.get("/admin/").content.decode()  # figures can still be narrowed to it
    save(wilma, website)
    assert framed_by(website) == ["https://www.shop.example"]


def test_nothing_deletes_a_website(wilma: Client) -> None:
    website = added(wilma)

    assert wilma.post(f"/admin/tenants/website/{website.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Website.objects.filter(pk=website.pk).exists()


def test_the_key_is_made_from_the_name_and_stays(wilma: Client) -> None:
    first, second = added(wilma, name="Café Zürich"), added(wilma, name="Café Zürich")
    from_host = added(wilma, name="テント", addresses="https://www.tent-shop.example")
    digits = added(wilma, name="24 hours", addresses="https://24.example")
    long = added(wilma, name="a" * 80)

    assert (first.key, second.key) == ("cafe-zurich", "cafe-zurich-2")
    assert (from_host.key, digits.key, long.key) == ("tent-shop", "hours", "a" * 32)
    save(wilma, first, name="Renamed", key="another")
    first.refresh_from_db()
    assert (first.name, first.key) == ("Renamed", "cafe-zurich")


def test_the_page_shows_the_line_that_brings_the_widget(wilma: Client) -> None:
    website = added(wilma, name="Line")

    page = wilma.get(page_of(website)).content.decode()

    origin = f"{settings.PUBLIC_SCHEME}://{HOST}:{settings.PUBLIC_PORT}"
    line = f'<script async src="{origin}/widget/loader.js" data-website="{website.key}"></script>'
    escaped = line.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert escaped in page
    assert "data-copy" in page
    assert client_of(HOST).get("/widget/loader.js").status_code == 200


@pytest.mark.parametrize(
    "addresses",
    ["", "javascript:alert(1)", "https://ok.example\nhttps://*.example", "\n".join(f"{n}.example" for n in range(21))],
)
def test_addresses_that_browsers_do_not_know_are_refused(wilma: Client, addresses: str) -> None:
    website = added(wilma)
    count = Website.objects.count()

    assert wilma.post(ADD, {"name": "No", "addresses": addresses}).status_code == 200
    assert save(wilma, website, addresses=addresses or " ") == 200

    assert Website.objects.count() == count
    assert framed_by(website) == ["https://www.shop.example"]


def test_what_is_done_is_audited_by_ids(wilma: Client) -> None:
    website = added(wilma)

    save(wilma, website, name="Another name")

    done = AuditRecord.objects.filter(subject_id=str(website.pk)).order_by("at")
    assert list(done.values_list("action", "organisation_id")) == [
        ("website.added", organisation().id),
        ("website.changed", organisation().id),
    ]


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_a_website_of_somebody_else_does_not_exist(wilma: Client, whose: str) -> None:  # rule 17
    theirs = Website.objects.filter(organisation_id=acme().id)[0]
    before = (theirs.name, theirs.origins, theirs.is_active)
    key = theirs.pk if whose == "another's" else uuid4()

    response = wilma.post(
        f"/admin/tenants/website/{key}/change/", {"name": "Mine", "addresses": "https://evil.example"}
    )

    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
    theirs.refresh_from_db()
    assert (theirs.name, theirs.origins, theirs.is_active) == before
