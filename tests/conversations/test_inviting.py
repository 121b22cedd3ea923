"""The mail of an invitation: to the address alone, with a link that works as long as the invitation does."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from pytest_django.fixtures import Settings

from conversations.models import OutgoingMail
from conversations.services.inviting import invite, invite_again
from conversations.services.mailing import send_mail
from operators.models import DueWork
from tenants.context import in_organisation
from tenants.models import Invitation
from tenants.people import opened_invitation, withdraw_invitation
from tests.cast import account, globex
from tests.mail_server import MailServer, html_of, mail_server, text_of, token_in


@pytest.fixture
def post_office(settings: Settings) -> Iterator[MailServer]:
    """A real mail server that this process sends to."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server
    in_organisation(globex(), lambda _: OutgoingMail.objects.filter(kind="invitation").delete())
    Invitation.objects.filter(organisation_id=globex().id).delete()


def invited(name: str = "Mia") -> UUID:
    """The id of the mail."""
    mona = account("mona@globex.example").pk
    return in_organisation(
        globex(), lambda globex: invite(globex, email=f"{uuid4().hex}@globex.example", name=name, actor_id=mona)
    )


def row(mail_id: UUID) -> OutgoingMail:
    return in_organisation(globex(), lambda _: OutgoingMail.objects.get(pk=mail_id))


def test_the_mail_says_who_invites_and_its_link_opens(post_office: MailServer) -> None:
    mail_id = invited("Mia <b>Bos</b>")

    assert in_organisation(globex(), send_mail, mail_id)

    [mail] = post_office.mails
    invitation = Invitation.objects.get(pk=row(mail_id).subject_id)
    assert mail["To"] == invitation.email
    assert mail["Subject"] == "You are invited to manage Globex Bank"
    assert "Mona invites you to the administration of Globex Bank" in text_of(mail)
    assert "Hello Mia <b>Bos</b>," in text_of(mail)
    assert "Mia &lt;b&gt;Bos&lt;/b&gt;" in html_of(mail)  # rule 39
    assert "//globex.localhost:" in text_of(mail)
    assert token_in(mail) in html_of(mail)
    assert opened_invitation(globex(), token_in(mail)).email == invitation.email
    assert not DueWork.objects.filter(subject_id=mail_id).exists()


def test_sent_again_only_the_newest_mail_goes_out_and_only_its_link_opens(post_office: MailServer) -> None:
    first = invited()
    invitation = Invitation.objects.get(pk=row(first).subject_id)
    second = in_organisation(globex(), invite_again, invitation.pk, None)

    assert in_organisation(globex(), send_mail, first)
    assert in_organisation(globex(), send_mail, second)

    assert (row(first).state, row(second).state) == ("dropped", "sent")
    [mail] = post_office.mails
    assert opened_invitation(globex(), token_in(mail)).email == invitation.email


def test_a_withdrawn_invitation_is_not_mailed(post_office: MailServer) -> None:
    mail_id = invited()
    withdraw_invitation(globex(), row(mail_id).subject_id, None)

    assert in_organisation(globex(), send_mail, mail_id)

    assert (row(mail_id).state, post_office.mails) == ("dropped", [])
