"""Deadlines in the specialists' hours."""

from datetime import datetime

from tenants.context import OrganisationRef
from tenants.hours import add_open_seconds, calendar_of
from tenants.models import CalendarKind, Organisation

REMIND_SHARE = 0.6


def accept_seconds(organisation: OrganisationRef) -> int:
    """How long a specialist has to accept. One query."""
    return 60 * Organisation.objects.values_list("specialist_accept_minutes", flat=True).get(pk=organisation.id)


def answer_seconds(organisation: OrganisationRef) -> int:
    """How long a specialist has to answer once they accepted. One query."""
    return 60 * Organisation.objects.values_list("specialist_answer_minutes", flat=True).get(pk=organisation.id)


def specialist_deadline(organisation: OrganisationRef, start: datetime, seconds: float) -> datetime:
    """When this many of the specialists' open seconds have passed since ``start``. Two queries."""
    return add_open_seconds(calendar_of(organisation, CalendarKind.SPECIALISTS), start, seconds)
