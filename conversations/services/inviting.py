"""Inviting somebody to manage an organisation: the invitation, and the mail that carries its link."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.models import OutgoingMail
from conversations.services.outbox import queue_mail
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import RateLimited
from tenants.models import Invitation
from tenants.people import (
    lock_organisation,
    renew_invitation,
    write_invitation,
)

MAILS_A_DAY = 20
"""Of one organisation within 24 hours: nobody sends mails to strangers in our name."""


def invite(organisation: OrganisationRef, *, email: str, name: str, actor_id: UUID | None) -> UUID:
    """Invites this address; the id of the mail to it. Locks the organisation's row. Raises Invalid as
    :func:`tenants.people.write_invitation`, and RateLimited."""
    with transaction.atomic():
        _stay_within_limit(organisation)
        return _mail(organisation, write_invitation(organisation, email, name, actor_id))


def invite_again(organisation: OrganisationRef, invitation_id: UUID, actor_id: UUID | None) -> UUID:
    """Mails a new link; the one before opens nothing any more. The id of the mail. Locks as :func:`invite`. Raises
    NotFound and RateLimited."""
    with transaction.atomic():
        _stay_within_limit(organisation)
        return _mail(organisation, renew_invitation(organisation, invitation_id, actor_id))


def _stay_within_limit(organisation: OrganisationRef) -> None:
    lock_organisation(organisation)
    yesterday = platform_now() - timedelta(days=1)
    sent = OutgoingMail.objects.filter(kind=OutgoingMail.Kind.INVITATION, created_at__gt=yesterday).count()
    if sent >= MAILS_A_DAY:
        raise RateLimited(_("That was a lot of invitations for one day. Please try again tomorrow."))


def _mail(organisation: OrganisationRef, invitation: Invitation) -> UUID:
    return queue_mail(
        organisation, OutgoingMail.Kind.INVITATION, invitation.id, invitation.email, number=invitation.number
    )


def invitation_to_mail(organisation: OrganisationRef, mail: OutgoingMail) -> Invitation | None:
    """What the mail is about; None when it was accepted, withdrawn or replaced meanwhile, or has expired. One query."""
    return (
        Invitation.objects.select_related("invited_by")
        .filter(
            pk=mail.subject_id,
            organisation_id=organisation.id,
            number=mail.number,
            accepted_at=None,
            withdrawn_at=None,
            expires_at__gt=platform_now(),
        )
        .first()
    )
