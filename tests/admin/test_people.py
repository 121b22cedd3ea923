"""Managers invite each other, take roles away and give them back, and learn nothing of anybody's account elsewhere."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from uuid import uuid4

import pytest
from django.test import Client

from conversations.models import OutgoingMail
from conversations.services.inviting import MAILS_A_DAY
from conversations.services.mailing import send_mail
from operators.models import DueWork
from tenants.clock import clock_moved
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import Invalid
from tenants.models import AuditRecord, Invitation, Membership, User
from tenants.people import take_role_away
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import acme, client_of, logged_in

HOST = "people.localhost"
MANAGER = "petra@people.example"
PAGE = "/admin/people/"


@cache
def organisation() -> OrganisationRef:
    acme()
    return create_organisation(NewOrganisation(slug="people", name="People", host=HOST))


@pytest.fixture
def petra() -> Iterator[Client]:
    create_account(MANAGER, "Petra", "nine wet ridge tents", memberships=[(organisation(), Membership.Role.MANAGER)])
    yield logged_in(MANAGER, HOST)
    in_organisation(organisation(), lambda _: OutgoingMail.objects.all().delete())
    DueWork.objects.filter(schema_name=organisation().schema_name).delete()
    Invitation.objects.filter(organisation_id=organisation().id).delete()
    Membership.objects.filter(organisation_id=organisation().id).delete()


def somebody() -> str:
    return f"{uuid4().hex}@people.example"


def a_manager(name: str = "Max", email: str = "") -> User:
    """Another one, who has a password."""
    memberships = [(organisation(), Membership.Role.MANAGER)]
    return create_account(email or somebody(), name, "nine wet ridge tents", memberships=memberships)


def said(client: Client, **posted: str) -> str:
    """What the page says after something was done."""
    response = client.post(PAGE, posted, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def invite(client: Client, email: str, name: str = "Mia") -> str:
    return said(client, action="invite", email=email, name=name)


def invited(email: str) -> Invitation:
    return Invitation.objects.get(organisation_id=organisation().id, email=email)


def mails() -> list[OutgoingMail]:
    return in_organisation(organisation(), lambda _: list(OutgoingMail.objects.order_by("created_at", "number")))


def without_what_differs(page: str, *changing: str) -> str:
    for word in changing:
        page = page.replace(word, "…")
    page = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "id", page)
    page = re.sub(r"\d\d:\d\d", "time", page)
    return re.sub(r'(csrfmiddlewaretoken" value=|"X-CSRFToken": ?|csrf\w*: ?)"\w+"', "token", page)


def test_an_invitation_is_a_row_and_a_mail_and_no_account(petra: Client) -> None:
    email = somebody()

    page = invite(petra, f" {email.upper()} ", name="Mia\n Bos")

    assert f"A mail is on its way to {email.upper()}." in page
    assert f'<strong dir="auto">Mia Bos</strong><span class="quiet">{email}</span>' in page
    [mail] = mails()
    assert (mail.kind, mail.subject_id, mail.recipient, mail.state) == (
        "invitation", invited(email).pk, email, "waiting",
    )  # fmt: skip
    assert DueWork.objects.filter(subject_id=mail.pk).exists()  # rule 12
    assert not User.objects.filter(email=email).exists()


def test_an_address_that_has_an_account_elsewhere_looks_like_any_other(petra: Client) -> None:  # rule 17
    new, elsewhere = somebody(), somebody()
    create_account(elsewhere, "Olga", "nine wet ridge tents", memberships=[(acme(), Membership.Role.MANAGER)])

    pages = []
    for email in (new, elsewhere):
        pages.append(without_what_differs(invite(petra, email), email))
        Invitation.objects.filter(email=email).delete()

    assert pages[0] == pages[1]
    assert "Olga" not in pages[1]
    assert not Membership.objects.filter(user__email=elsewhere, organisation_id=organisation().id).exists()


@pytest.mark.parametrize("switched_off", [False, True])
def test_the_mails_are_alike_as_well(petra: Client, switched_off: bool) -> None:
    new, elsewhere = somebody(), somebody()
    create_account(elsewhere, "Olga", "nine wet ridge tents")
    User.objects.filter(email=elsewhere).update(is_active=not switched_off)

    for email in (new, elsewhere):
        invite(petra, email)

    assert [in_organisation(organisation(), send_mail, mail.pk) for mail in mails()] == [True, True]
    assert [mail.state for mail in mails()] == ["sent", "sent"]


def test_who_is_there_or_invited_is_not_invited_twice(petra: Client) -> None:
    email, there = somebody(), a_manager().email
    invite(petra, email)

    assert "This address was invited already." in invite(petra, email.upper())
    assert "Somebody with this address is in the list already." in invite(petra, there)
    assert len(mails()) == 1


@pytest.mark.parametrize(("name", "email"), [("", "x@people.example"), ("Mia", "nowhere"), ("M" * 81, "x@y.example")])
def test_what_cannot_be_written_to_is_said(petra: Client, name: str, email: str) -> None:
    page = invite(petra, email, name)

    assert 'class="people-problem"' in page
    assert mails() == []


def test_a_day_has_so_many_invitations_and_sending_again_counts(petra: Client) -> None:
    for _number in range(MAILS_A_DAY - 1):
        invite(petra, somebody())
    again = Invitation.objects.filter(organisation_id=organisation().id).first()
    assert again is not None
    assert "A new link is on its way." in said(petra, action="send-again", invitation=str(again.pk))

    email = somebody()
    assert "That was a lot of invitations for one day." in invite(petra, email)
    assert "That was a lot of invitations" in said(petra, action="send-again", invitation=str(again.pk))
    assert len(mails()) == MAILS_A_DAY
    with clock_moved(timedelta(days=1, minutes=1)):
        assert "A mail is on its way" in invite(petra, email)


def test_a_role_is_taken_away_at_once_and_given_back(petra: Client) -> None:
    # rule 37
    max_ = a_manager()
    Membership.objects.filter(user=max_).update(seen_at=max_.created_at)
    theirs = logged_in(max_.email, HOST)
    assert theirs.get(PAGE).status_code == 200

    page = said(petra, action="take-away", person=str(max_.pk), role="manager")

    assert "Taken away by mistake?" in page
    assert max_.email not in page
    assert theirs.get(PAGE).status_code == 302
    assert "Undone." in said(petra, action="undo")
    assert theirs.get(PAGE).status_code == 200
    membership = Membership.objects.get(user=max_)
    assert (membership.role, membership.seen_at) == ("manager", max_.created_at)


def test_undoing_is_for_who_did_it_once_and_for_ten_minutes(petra: Client) -> None:
    max_ = a_manager()
    other = logged_in(a_manager("Moe").email, HOST)

    said(petra, action="take-away", person=str(max_.pk), role="manager")
    assert "Taken away by mistake?" not in other.get(PAGE).content.decode()
    assert "does not exist" in said(other, action="undo")
    with clock_moved(timedelta(minutes=11)):
        assert "does not exist" in said(petra, action="undo")
    assert not Membership.objects.filter(user=max_).exists()

    said(petra, action="undo")
    assert Membership.objects.filter(user=max_).exists()
    assert "does not exist" in said(petra, action="undo")


def test_nobody_takes_their_own_role_away(petra: Client) -> None:
    a_manager()
    own = User.objects.get(email=MANAGER)

    page = said(petra, action="take-away", person=str(own.pk), role="manager")

    assert "Nobody takes away their own role." in page
    assert Membership.objects.filter(user=own).exists()


def test_of_two_managers_who_take_the_role_from_each_other_one_stays(petra: Client) -> None:
    max_ = a_manager()
    own = User.objects.get(email=MANAGER)

    take_role_away(organisation(), own.pk, "manager", max_.pk)
    with pytest.raises(Invalid, match="invalid"):  # Petra's request was let in just before
        take_role_away(organisation(), max_.pk, "manager", own.pk)

    assert Membership.objects.get(organisation_id=organisation().id).user_id == max_.pk


def test_a_specialists_role_can_be_taken_away_too(petra: Client) -> None:
    stan = create_account(somebody(), "Stan", None, memberships=[(organisation(), Membership.Role.SPECIALIST)])

    assert "Specialist" in petra.get(PAGE).content.decode()
    said(petra, action="take-away", person=str(stan.pk), role="specialist")

    assert not Membership.objects.filter(user=stan).exists()


def test_a_withdrawn_invitation_is_gone_and_comes_back(petra: Client) -> None:
    email = somebody()
    invite(petra, email)

    assert email not in said(petra, action="withdraw", invitation=str(invited(email).pk)).split("people-undo")[1]
    assert email in said(petra, action="undo")


def test_a_withdrawn_invitation_does_not_come_back_beside_a_newer_one(petra: Client) -> None:
    email = somebody()
    invite(petra, email)
    said(petra, action="withdraw", invitation=str(invited(email).pk))
    invite(petra, email)

    assert "does not exist" in said(petra, action="undo")
    assert Invitation.objects.filter(email=email, withdrawn_at=None).count() == 1


@pytest.mark.parametrize("whose", ["another's", "nobody's", "no id"])
@pytest.mark.parametrize("action", ["take-away", "send-again", "withdraw", "no such action"])
def test_what_is_anothers_is_like_what_does_not_exist(petra: Client, action: str, whose: str) -> None:  # rule 17
    theirs = User.objects.get(email="maud@acme.example")
    foreign = Invitation.objects.create(
        organisation_id=acme().id, email=somebody(), name="Vim", sent_at=theirs.created_at, expires_at=theirs.created_at
    )
    names = {"another's": (theirs.pk, foreign.pk), "nobody's": (uuid4(), uuid4()), "no id": ("x", "")}[whose]

    page = said(petra, action=action, person=str(names[0]), invitation=str(names[1]), role="manager")

    assert "This does not exist, or not for you." in page
    foreign.refresh_from_db()
    assert (foreign.number, foreign.withdrawn_at) == (1, None)
    assert Membership.objects.filter(user=theirs, organisation_id=acme().id).exists()
    foreign.delete()


def test_everything_done_is_audited_by_ids(petra: Client) -> None:
    AuditRecord.objects.filter(organisation_id=organisation().id).delete()
    max_, email = a_manager(), somebody()

    invite(petra, email)
    for action in ("send-again", "withdraw", "undo"):
        said(petra, action=action, invitation=str(invited(email).pk))
    said(petra, action="take-away", person=str(max_.pk), role="manager")
    said(petra, action="undo")

    own, invitation, person = User.objects.get(email=MANAGER).pk, str(invited(email).pk), str(max_.pk)
    done = AuditRecord.objects.filter(organisation_id=organisation().id).order_by("at")
    assert list(done.values_list("actor_id", "action", "subject_id")) == [
        (own, "invitation.sent", invitation),
        (own, "invitation.sent_again", invitation),
        (own, "invitation.withdrawn", invitation),
        (own, "invitation.restored", invitation),
        (own, "membership.taken_away", person),
        (own, "membership.given_back", person),
    ]


def test_the_last_log_in_is_the_one_on_this_host(petra: Client) -> None:
    max_ = a_manager()
    row = Membership.objects.filter(user=max_)
    create_account(max_.email, "", None, memberships=[(acme(), Membership.Role.MANAGER)])

    client_of("acme.localhost").post("/login/", {"username": max_.email, "password": "nine wet ridge tents"})
    assert row.get(organisation_id=organisation().id).seen_at is None
    client_of(HOST).post("/login/", {"username": max_.email, "password": "wrong"})
    assert row.get(organisation_id=organisation().id).seen_at is None
    client_of(HOST).post("/login/", {"username": max_.email, "password": "nine wet ridge tents"})

    assert row.get(organisation_id=organisation().id).seen_at is not None
    assert petra.get(PAGE).content.decode().count("Last log-in:") == 1


def test_names_are_shown_as_text(petra: Client) -> None:  # rule 39
    a_manager("<b>Max</b>")
    invite(petra, somebody(), name="<script>alert(1)</script>")

    page = petra.get(PAGE).content.decode()

    assert "<b>Max" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
