"""The platform's administrators invite a client's first manager, as managers invite each other."""

from collections.abc import Iterator
from functools import cache
from uuid import uuid4

import pytest
from django.test import Client

from conversations.models import OutgoingMail
from operators.models import DueWork
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Invitation, User
from tenants.services import NewOrganisation, create_organisation
from tests.cast import DESK, acme, logged_in

PAGE = "/admin/invitations/"


@cache
def organisation() -> OrganisationRef:
    acme()
    return create_organisation(NewOrganisation(slug="brandnew", name="Brand new", host="brandnew.localhost"))


@pytest.fixture
def ada() -> Iterator[Client]:
    organisation()
    yield logged_in("ada@desk.example", DESK)
    in_organisation(organisation(), lambda _: OutgoingMail.objects.all().delete())
    DueWork.objects.filter(schema_name=organisation().schema_name).delete()
    Invitation.objects.filter(organisation_id=organisation().id).delete()


def said(browser: Client, **posted: str) -> str:
    response = browser.post(PAGE, posted, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def mails() -> list[tuple[str, int, str]]:
    def read(_organisation: OrganisationRef) -> list[tuple[str, int, str]]:
        return list(OutgoingMail.objects.order_by("number").values_list("kind", "number", "recipient"))

    return in_organisation(organisation(), read)


def test_an_invitation_goes_out_in_the_clients_name(ada: Client) -> None:
    email = f"{uuid4().hex}@brandnew.example"

    page = said(ada, action="invite", client="brandnew", name="Bo", email=email)

    assert f"A mail is on its way to {email}." in page
    assert '<span class="tag">Brand new</span>' in page
    [invitation] = Invitation.objects.filter(email=email)
    assert invitation.organisation_id == organisation().id
    assert invitation.invited_by == User.objects.get(email="ada@desk.example")
    assert mails() == [("invitation", 1, email)]


def test_it_is_sent_again_and_withdrawn(ada: Client) -> None:
    email = f"{uuid4().hex}@brandnew.example"
    said(ada, action="invite", client="brandnew", name="Bo", email=email)
    key = str(Invitation.objects.get(email=email).pk)

    assert "A new link is on its way." in said(ada, action="send-again", client="brandnew", invitation=key)
    assert "Withdrawn." in said(ada, action="withdraw", client="brandnew", invitation=key)

    assert mails() == [("invitation", 1, email), ("invitation", 2, email)]
    assert email not in ada.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "posted",
    [
        {"client": "no-such-client", "invitation": str(uuid4())},
        {"client": "brandnew", "invitation": "x"},
        {"client": "acme"},
        {"client": "brandnew", "action": "no such action"},
    ],
)
def test_what_does_not_belong_together_does_not_exist(ada: Client, posted: dict[str, str]) -> None:
    email = f"{uuid4().hex}@brandnew.example"
    said(ada, action="invite", client="brandnew", name="Bo", email=email)
    invitation = Invitation.objects.get(email=email)

    page = said(ada, **{"action": "withdraw", "invitation": str(invitation.pk), **posted})

    assert "This does not exist, or not for you." in page
    invitation.refresh_from_db()
    assert (invitation.number, invitation.withdrawn_at) == (1, None)


@pytest.mark.parametrize("client", ["", "no-such-client"])
def test_a_client_has_to_be_chosen(ada: Client, client: str) -> None:
    page = said(ada, action="invite", client=client, name="Bo", email="bo@brandnew.example")

    assert 'class="people-problem"' in page
    assert not Invitation.objects.filter(email="bo@brandnew.example").exists()
