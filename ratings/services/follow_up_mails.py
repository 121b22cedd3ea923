"""Follow-ups by mail: to the desk's supervisors and to the client's managers. Numbers and a link that asks to log in;
never a word of the visitor."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from conversations.models import OutgoingMail
from conversations.services.mailing import Letter, mail_of_letter
from operators.models import FollowUpState
from ratings.models import FollowUp
from tenants.context import OrganisationRef
from tenants.selectors import (
    ManagerRef,
    SupervisorRef,
    active_supervisors,
    managers_of,
    organisation_origin,
    public_origin,
)

DESK_PATH = "/follow-ups/"
ADMIN_PATH = "/admin/ratings/followup/"


def manager_message(organisation: OrganisationRef, mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """None once it was done or withdrawn, or when they are no manager any more. Three queries."""
    spoken = dict(settings.LANGUAGES)
    language = next((one for one in organisation.languages if one in spoken), settings.LANGUAGE_CODE)
    follow_up = _waiting(mail)
    if follow_up is None or not _is_among(managers_of(organisation), mail):
        return None
    link = f"{organisation_origin(organisation)}{ADMIN_PATH}{follow_up.id}/change/"
    return _message(organisation, mail, follow_up, language, link)


def supervisor_message(organisation: OrganisationRef, mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """None once it was done or withdrawn, or when they are no supervisor any more. Two queries."""
    follow_up = _waiting(mail)
    if follow_up is None or not _is_among(active_supervisors(), mail):
        return None
    link = f"{public_origin(settings.DESK_HOST)}{DESK_PATH}"
    return _message(organisation, mail, follow_up, settings.LANGUAGE_CODE, link)


def _waiting(mail: OutgoingMail) -> FollowUp | None:
    return FollowUp.objects.exclude(state=FollowUpState.DONE).filter(pk=mail.subject_id).first()


def _is_among(people: Sequence[ManagerRef | SupervisorRef], mail: OutgoingMail) -> bool:
    return any(one.email == mail.recipient for one in people)


def _message(
    organisation: OrganisationRef, mail: OutgoingMail, follow_up: FollowUp, language: str, link: str
) -> EmailMultiAlternatives:
    context = {"follow_up": follow_up, "link": link}
    letter = Letter(mail.recipient, language, context, deadline=follow_up.due_at)
    return mail_of_letter(organisation, mail, "follow_up", letter)
