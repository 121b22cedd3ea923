"""Operators of a test's own, and organisations that are open whatever the hour."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from operators.models import Alert, Clock, DueWork, Presence, QueueEntry
from operators.services import register_operator
from tenants.context import OrganisationRef
from tenants.models import OpeningHours, StaffRole
from tenants.services import ALL_DAY, create_account
from tests.protocol_client import desk_cookie

CAPACITY = 500


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at the desk who has logged in. ``cookie`` is a whole Cookie header."""

    id: UUID
    email: str
    cookie: str


def colleague_of(*organisations: OrganisationRef, name: str = "Olga") -> Colleague:
    """A new operator with room for everything, posted to these organisations, and logged in."""
    email = f"{name.lower()}-{uuid4().hex[:12]}@desk.example"
    user = create_account(email, name, "quiet-green-canal", staff_roles=[StaffRole.Role.OPERATOR])
    register_operator(user, name=name, languages=["en"], capacity=CAPACITY, organisations=organisations)
    return Colleague(user.pk, email, desk_cookie(email))


def supervisor() -> Colleague:
    """A new supervisor who answers for nobody, logged in."""
    email = f"sam-{uuid4().hex[:12]}@desk.example"
    user = create_account(email, "Sam", "quiet-green-canal", staff_roles=[StaffRole.Role.SUPERVISOR])
    return Colleague(user.pk, email, desk_cookie(email))


def clear_desk() -> None:
    """Nothing of other tests waits, is held, rings or is due, and nobody is there. The conversations themselves stay
    in their organisations' tables, where some are open still."""
    for rows in (QueueEntry, DueWork, Clock, Alert, Presence):
        rows.objects.all().delete()


@contextmanager
def open_all_day(*organisations: OrganisationRef) -> Iterator[None]:
    """Round the clock, and with nobody at the desk yet; their own hours come back at the end."""
    ids = [organisation.id for organisation in organisations]
    before = list(OpeningHours.objects.filter(organisation__in=ids))
    Presence.objects.all().delete()
    OpeningHours.objects.filter(organisation__in=ids).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(organisation_id=id, weekday=day, opens=ALL_DAY[0], closes=ALL_DAY[1])
        for id in ids
        for day in range(7)
    )
    yield
    OpeningHours.objects.filter(organisation__in=ids).delete()
    OpeningHours.objects.bulk_create(before)
