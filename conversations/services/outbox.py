"""Mails are rows first: written in the transaction that makes them necessary, sent by whoever comes to it."""

from datetime import datetime
from uuid import UUID

from conversations.models import OutgoingMail
from operators.models import DueWork
from tenants.clock import platform_now
from tenants.context import OrganisationRef


def queue_mail(
    organisation: OrganisationRef,
    kind: str,
    subject_id: UUID,
    recipient: str,
    number: int = 1,
    *,
    due_at: datetime | None = None,
) -> UUID:
    """A mail about a row, to be sent now or when it is due; its id. Once per kind, row and number. In the caller's
    transaction."""
    mail, is_new = OutgoingMail.objects.get_or_create(
        kind=kind, subject_id=subject_id, number=number, defaults={"recipient": recipient}
    )
    if is_new:
        DueWork.objects.create(
            schema_name=organisation.schema_name,
            kind=DueWork.Kind.MAIL,
            subject_id=mail.id,
            due_at=due_at or platform_now(),
        )
    return mail.id
