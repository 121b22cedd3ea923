"""An invitation's link: opened by looking, spent by accepting, and never a log-in (rules 17 and 36)."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from tenants.clock import clock_moved
from tenants.context import OrganisationRef
from tenants.models import AuditRecord, Invitation, Membership, User
from tenants.people import invitation_link, renew_invitation, withdraw_invitation, write_invitation
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import acme, client_of

HOST = "invited.localhost"
PATH = "/invitation/"
PASSWORD = "nine wet ridge tents"
OVER = "This link opens nothing any more"


@cache
def organisation() -> OrganisationRef:
    acme()
    return create_organisation(NewOrganisation(slug="invited", name="Invited", host=HOST))


@pytest.fixture
def invitation() -> Iterator[Invitation]:
    with transaction.atomic():
        made = write_invitation(organisation(), f"{uuid4().hex}@invited.example", "Mia", None)
    yield made
    Invitation.objects.filter(organisation_id=organisation().id).delete()


def token_of(invitation: Invitation) -> str:
    link = invitation_link(organisation(), invitation, "https://invited.example")
    assert link.startswith("https://invited.example/invitation/#")
    return link.partition("#")[2]


def posted(token: str, host: str = HOST, client: Client | None = None, **fields: str) -> tuple[int, str]:
    """Status, and where it leads or what it says."""
    response = (client or client_of(host)).post(PATH, {"token": token, **fields})
    return response.status_code, response.headers.get("Location") or response.content.decode()


def accepted(token: str, host: str = HOST, password: str = PASSWORD, name: str = "Mia Bos") -> tuple[int, str]:
    return posted(token, host, accept="1", name=name, new_password1=password, new_password2=password)


def account_of(invitation: Invitation) -> User | None:
    return User.objects.filter(email=invitation.email).first()


def logs_in(email: str, password: str, host: str = HOST) -> bool:
    client = client_of(host)
    client.post("/login/", {"username": email, "password": password})
    return client.get("/admin/").status_code == 200


def test_a_new_address_becomes_an_account_with_its_own_password(invitation: Invitation) -> None:
    status, page = posted(token_of(invitation))
    assert status == 200
    assert invitation.email in page
    assert "Choose a password" in page
    assert account_of(invitation) is None  # looking spends nothing

    assert accepted(token_of(invitation)) == (302, "/login/?next=/admin/&accepted")

    user = account_of(invitation)
    assert user is not None
    assert (user.name, user.check_password(PASSWORD), user.staff_roles.count()) == ("Mia Bos", True, 0)
    assert list(user.memberships.values_list("organisation_id", "role")) == [(organisation().id, "manager")]
    assert logs_in(invitation.email, PASSWORD)
    audited = AuditRecord.objects.get(action="invitation.accepted", subject_id=str(invitation.pk))
    assert (audited.actor_id, audited.organisation_id) == (user.pk, organisation().id)


def test_the_link_opens_no_session(invitation: Invitation) -> None:
    client = client_of(HOST)

    posted(token_of(invitation), client=client)
    posted(token_of(invitation), client=client, accept="1", name="Mia", new_password1=PASSWORD, new_password2=PASSWORD)

    assert client.get("/admin/").headers["Location"] == "/login/?next=/admin/"


def test_an_account_that_has_a_password_keeps_everything_it_has(invitation: Invitation) -> None:
    create_account(invitation.email, "Olga", "her very own words", memberships=[(acme(), Membership.Role.MANAGER)])

    status, page = posted(token_of(invitation))
    assert (status, "You have an account here already." in page, "password1" in page) == (200, True, False)
    assert accepted(token_of(invitation))[0] == 302

    user = account_of(invitation)
    assert user is not None
    assert (user.name, user.check_password("her very own words"), user.memberships.count()) == ("Olga", True, 2)
    assert logs_in(invitation.email, "her very own words")
    assert not logs_in(invitation.email, PASSWORD)


def test_an_account_without_a_password_chooses_one(invitation: Invitation) -> None:
    create_account(invitation.email, "Olga", None)

    accepted(token_of(invitation))

    assert logs_in(invitation.email, PASSWORD)


def test_an_account_that_is_switched_off_stays_so(invitation: Invitation) -> None:
    create_account(invitation.email, "Olga", None)
    User.objects.filter(email=invitation.email).update(is_active=False)

    assert accepted(token_of(invitation))[0] == 404
    assert not Membership.objects.filter(user__email=invitation.email).exists()


@pytest.mark.parametrize("what", ["accepted", "withdrawn", "replaced", "expired", "changed", "empty", "made up"])
def test_a_link_that_is_no_more_says_the_same_whatever_it_was(invitation: Invitation, what: str) -> None:
    token = token_of(invitation)
    unknown = posted(f"{uuid4().hex}.1.signature")
    moved = timedelta(days=7, seconds=1) if what == "expired" else timedelta(0)
    if what == "accepted":
        accepted(token)
    if what == "withdrawn":
        withdraw_invitation(organisation(), invitation.pk, None)
    if what == "replaced":
        with transaction.atomic():
            renew_invitation(organisation(), invitation.pk, None)
    if what in ("changed", "empty", "made up"):
        token = {"changed": token[:-1] + ("a" if token[-1] != "a" else "b"), "empty": "", "made up": "x.y.z"}[what]
    before = User.objects.count(), Membership.objects.count()

    with clock_moved(moved):
        looked, tried = posted(token), accepted(token)

    assert looked[0] == tried[0] == unknown[0] == 404
    assert OVER in looked[1]
    assert OVER in tried[1]
    assert (User.objects.count(), Membership.objects.count()) == before


def test_another_organisations_host_knows_no_such_link(invitation: Invitation) -> None:  # rule 17
    assert accepted(token_of(invitation), "acme.localhost")[0] == 404
    assert account_of(invitation) is None


def test_only_the_newest_link_opens(invitation: Invitation) -> None:
    first = token_of(invitation)
    with transaction.atomic():
        newer = renew_invitation(organisation(), invitation.pk, None)

    assert posted(first)[0] == 404
    assert posted(token_of(newer))[0] == 200


@pytest.mark.parametrize("password", ["", "short", "password1234", "mia@invited"])
def test_a_password_that_is_easily_guessed_is_refused_and_the_link_stays(invitation: Invitation, password: str) -> None:
    status, page = accepted(token_of(invitation), password=password)

    assert (status, 'class="problem"' in page) == (200, True)
    assert account_of(invitation) is None
    assert accepted(token_of(invitation))[0] == 302


def test_two_different_passwords_and_no_name_are_refused(invitation: Invitation) -> None:
    token = token_of(invitation)

    status, page = posted(token, accept="1", name=" ", new_password1=PASSWORD, new_password2=PASSWORD + "s")

    assert (status, page.count('class="problem"')) == (200, 2)
    assert account_of(invitation) is None


def test_the_page_is_the_same_for_everybody_and_keeps_to_itself(invitation: Invitation) -> None:
    response = client_of(HOST).get(PATH)

    assert response.status_code == 200
    assert invitation.email not in response.content.decode()
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"
    assert client_of(HOST, csrf=True).post(PATH, {"token": token_of(invitation)}).status_code == 403


def test_the_token_holds_no_address_and_stands_in_the_fragment(invitation: Invitation) -> None:
    token = token_of(invitation)

    assert invitation.email.partition("@")[0] not in token
    assert len(token.rpartition(".")[2]) * 6 >= 128
