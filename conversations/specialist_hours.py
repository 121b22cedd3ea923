"""Deadlines in the specialists' hours."""

from datetime import datetime, timedelta

from tenants.context import OrganisationRef
from tenants.hours import opening_of
from tenants.models import Organisation

REMIND_SHARE = 0.6
_LONGEST_SEARCH = 100


def accept_seconds(organisation: OrganisationRef) -> int:
    """How long a specialist has to accept. One query."""
    return 60 * Organisation.objects.values_list("specialist_accept_minutes", flat=True).get(pk=organisation.id)


def answer_seconds(organisation: OrganisationRef) -> int:
    """How long a specialist has to answer once they accepted. One query."""
    return 60 * Organisation.objects.values_list("specialist_answer_minutes", flat=True).get(pk=organisation.id)


def specialist_deadline(organisation: OrganisationRef, start: datetime, seconds: float) -> datetime:
    """When this many of the specialists' open seconds have passed since ``start``; plain seconds without any hours."""
    left, at = timedelta(seconds=seconds), start
    for _ in range(_LONGEST_SEARCH):
        opening = opening_of(organisation, at)
        if opening.open:
            if opening.until is None or opening.until - at >= left:
                break
            left -= opening.until - at
            at = opening.until
        elif opening.next_opening is None:
            break
        else:
            at = opening.next_opening
    return at + left
