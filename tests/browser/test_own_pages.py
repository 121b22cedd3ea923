"""What a manager does on the organisation's own pages, in a real browser: invite, choose a colour, copy a line."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tenants.context import OrganisationRef
from tenants.models import Invitation, Membership, Website
from tenants.people import invitation_link, write_invitation
from tenants.services import NewOrganisation, add_website, create_account, create_organisation
from tests.chromium import outside_browser

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.servers import WebServer

HOST = "ownpages.localhost"
MANAGER = "nora@ownpages.example"
PASSWORD = "nine wet ridge tents"


@cache
def organisation() -> OrganisationRef:
    made = create_organisation(NewOrganisation(slug="ownpages", name="Own pages", host=HOST))
    create_account(MANAGER, "Nora", PASSWORD, memberships=[(made, Membership.Role.MANAGER)])
    return made


@pytest.fixture(autouse=True)
def _organisation_is_there(platform_database: None) -> None:
    organisation()


@pytest.fixture
def invitation(platform_database: None) -> Iterator[Invitation]:
    with transaction.atomic():
        made = write_invitation(organisation(), f"{uuid4().hex}@ownpages.example", "Mia", None)
    yield made
    with outside_browser():
        Invitation.objects.filter(organisation_id=organisation().id).delete()


@pytest.fixture
def website(platform_database: None) -> Iterator[Website]:
    with transaction.atomic():
        made = add_website(organisation(), "Shop", ["https://ownpages.example"])
    yield made
    with outside_browser():
        made.delete()


def log_in(page: "Page", server: "WebServer", path: str, email: str = MANAGER) -> None:
    page.goto(server.url(HOST, f"/login/?next={path}"))
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(f"**{path}")


def test_an_invited_person_chooses_a_password_and_logs_in(
    page: "Page", web_server: "WebServer", invitation: Invitation
) -> None:
    # rule 36
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    with outside_browser():
        link = invitation_link(organisation(), invitation, web_server.url(HOST).rstrip("/"))
    token = link.partition("#")[2]

    page.goto(link)

    expect(page.get_by_role("heading", name="Welcome, Mia")).to_be_visible()
    assert page.url == web_server.url(HOST, "/invitation/")
    assert not [one for one in requested if token in one.partition("#")[0]]
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password confirmation").fill(PASSWORD)
    page.get_by_label("New password confirmation").press("Enter")
    expect(page.get_by_text("You have accepted. Now log in.")).to_be_visible()
    log_in(page, web_server, "/admin/people/", invitation.email)
    expect(page.get_by_role("listitem").filter(has_text=invitation.email).get_by_text("you")).to_be_visible()
    page.goto(web_server.url(HOST, "/healthz"))
    page.goto(link)
    expect(page.get_by_role("heading", name="This link opens nothing any more")).to_be_visible()


def test_the_colours_preview_follows_the_choice_and_says_what_changed(page: "Page", web_server: "WebServer") -> None:
    log_in(page, web_server, "/admin/brand/")

    page.get_by_label("Colour", exact=True).fill("#ffe14d")

    notes = page.locator(".brand-preview [role=status]")
    expect(notes.nth(0)).to_contain_text("A darker shade, #ae9100")
    expect(notes.nth(1)).to_contain_text("Your colour as it is.")
    heads = page.locator(".brand-head")
    expect(heads.nth(0)).to_have_css("background-color", "rgb(174, 145, 0)")
    expect(heads.nth(1)).to_have_css("background-color", "rgb(255, 225, 77)")
    expect(heads.nth(1)).to_have_css("color", "rgb(21, 23, 28)")
    page.get_by_label("Colour", exact=True).fill("#ffe1")  # not yet a colour: the last one stays
    expect(heads.nth(1)).to_have_css("background-color", "rgb(255, 225, 77)")


def test_the_line_of_code_is_copied(page: "Page", web_server: "WebServer", website: Website) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page, web_server, f"/admin/tenants/website/{website.pk}/change/")

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#snippet").inner_text()
    assert copied.startswith("<script async src=")
    assert f'data-website="{website.key}"></script>' in copied
