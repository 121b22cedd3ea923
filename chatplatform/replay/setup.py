"""The ground for measurements: two organisations that are always open, and operators who serve them alone."""

import math
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password

from chatplatform.replay.play import Site
from operators.models import Presence
from operators.services import register_operator
from tenants.context import OrganisationRef
from tenants.models import Organisation, StaffRole, User
from tenants.services import ALL_DAY, NewOrganisation, NewWebsite, create_account, create_organisation

SITES = (
    Site("measure-a", "measure-a.localhost", "replay"),
    Site("measure-b", "measure-b.localhost", "replay"),
)
CAPACITY = 25
_MAIL_HOST = "measure.example"


@dataclass(frozen=True, slots=True)
class Ground:
    """``password`` is this run's: earlier sessions of the measuring operators end with it."""

    desk: str
    sites: tuple[Site, ...]
    emails: tuple[str, ...]
    password: str


def operators_for(concurrency: int) -> int:
    """Twice the room that so many conversations need, and never fewer than two."""
    return max(2, math.ceil(2 * concurrency / CAPACITY))


def prepare_ground(*, operators: int, capacity: int = CAPACITY, port: int = 80) -> Ground:
    """Makes what is missing and gives the operators a new password. Demo operators have no posting here.

    The first time it makes two schemas (seconds); after that it costs a few queries per operator.
    """
    organisations = [_organisation(site, port) for site in SITES]
    password = secrets.token_urlsafe(18)
    emails = tuple(f"operator-{number:03}@{_MAIL_HOST}" for number in range(1, operators + 1))
    for number, email in enumerate(emails, start=1):
        user = create_account(email, f"Measure {number:03}", None, staff_roles=[StaffRole.Role.OPERATOR])
        register_operator(user, name=user.name, languages=["en"], capacity=capacity, organisations=organisations)
    User.objects.filter(email__in=emails).update(password=make_password(password))
    # Whoever an aborted run left "available" is not there.
    Presence.objects.filter(operator__user__email__endswith=f"@{_MAIL_HOST}").delete()
    return Ground(settings.DESK_HOST, SITES, emails, password)


def _organisation(site: Site, port: int) -> OrganisationRef:
    return create_organisation(
        NewOrganisation(
            slug=site.slug,
            name=site.slug.replace("-", " ").title(),
            host=site.host,
            time_zone="UTC",
            kind=Organisation.Kind.MEASUREMENT,
            websites=[NewWebsite(key=site.website, name="Replay", origins=[f"http://{site.host}:{port}"])],
            hours=[(weekday, *ALL_DAY) for weekday in range(7)],
        )
    )
