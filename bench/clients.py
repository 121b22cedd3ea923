"""Many clients with a past, for measuring what is counted from it."""

from collections.abc import Callable
from datetime import timedelta

from bench.history import DAYS, write_history
from ratings.selectors import local_today
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Membership, Organisation, StaffRole
from tenants.services import ALL_DAY, NewOrganisation, NewWebsite, create_account, create_organisation

CONVERSATIONS = 10_000
FEW_CONVERSATIONS = 100
PASSWORD = "a bench that nobody keeps"
PLATFORM_MAIL = "platform@bench.example"
WEBSITES = ("shop", "outlet")
_ZONES = ("Europe/Amsterdam", "Europe/London", "Asia/Tokyo", "America/New_York")


def make_clients(first: int, count: int, report: Callable[[str], None]) -> list[OrganisationRef]:
    """The clients number ``first`` and on, with 60 days of conversations each, as if they had been clients for as
    long. Their numbers are the seeds."""
    made = []
    for number in range(first, first + count):
        organisation = _organisation(f"client-{number:03}", _ZONES[number % len(_ZONES)])
        _write(organisation, CONVERSATIONS, number / 1000)
        made.append(organisation)
        if len(made) % 10 == 0:
            report(f"{first + len(made) - 1} clients of {CONVERSATIONS:,} conversations are written")
    return made


def make_small_client() -> OrganisationRef:
    """One whose pages are to ask as many queries as a large one's."""
    organisation = _organisation("client-small", _ZONES[0])
    _write(organisation, FEW_CONVERSATIONS, 1.0)
    return organisation


def manager_of(organisation: OrganisationRef) -> str:
    """The address with which a manager of it logs in."""
    email = f"{organisation.slug}@bench.example"
    create_account(email, "Manager", PASSWORD, memberships=[(organisation, Membership.Role.MANAGER)])
    return email


def platform_administrator() -> str:
    create_account(PLATFORM_MAIL, "Platform", PASSWORD, staff_roles=[StaffRole.Role.PLATFORM_ADMIN])
    return PLATFORM_MAIL


def host_of_client(organisation: OrganisationRef) -> str:
    return f"{organisation.slug}.localhost"


def _organisation(slug: str, time_zone: str) -> OrganisationRef:
    organisation = create_organisation(
        NewOrganisation(
            slug=slug,
            name=slug.replace("-", " ").title(),
            host=f"{slug}.localhost",
            time_zone=time_zone,
            languages=("en", "nl"),
            websites=[NewWebsite(key=key, name=key, origins=[f"https://{slug}-{key}.example"]) for key in WEBSITES],
            hours=[(weekday, *ALL_DAY) for weekday in range(7)],
        )
    )
    Organisation.objects.filter(pk=organisation.id).update(created_at=platform_now() - timedelta(days=DAYS + 1))
    return organisation


def _write(organisation: OrganisationRef, conversations: int, seed: float) -> None:
    today = local_today(organisation.time_zone).isoformat()
    in_organisation(organisation, write_history, conversations=conversations, today=today, seed=seed)
