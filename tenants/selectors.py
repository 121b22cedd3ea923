"""Named reads of organisations. They return plain data."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.models import Domain, Membership, Organisation, StaffRole, User, Website


@dataclass(frozen=True, slots=True)
class WebsiteRef:
    id: UUID
    key: str
    name: str
    origins: tuple[str, ...]


def organisation_ref(organisation: Organisation) -> OrganisationRef:
    return OrganisationRef(
        id=organisation.id,
        slug=organisation.slug,
        schema_name=organisation.schema_name,
        name=organisation.name,
        time_zone=organisation.time_zone,
        languages=tuple(organisation.languages) or ("en",),
        first_reply_seconds=organisation.first_reply_seconds,
        follow_up_seconds=organisation.follow_up_seconds,
        warn_percent=organisation.warn_percent,
        reoffer_seconds=organisation.reoffer_seconds,
        closing_notice_minutes=organisation.closing_notice_minutes,
        colour=organisation.colour,
        kind=organisation.kind,
    )


def organisation_by_host(host: str) -> OrganisationRef | None:
    """The active organisation that lives on this host (no port), or None. One query."""
    organisation = Organisation.objects.filter(state=Organisation.State.ACTIVE, domains__domain=host).first()
    return organisation_ref(organisation) if organisation else None


def organisation_by_slug(slug: str) -> OrganisationRef:
    """Raises NotFound. One query."""
    return _one(slug=slug)


def organisation_by_schema(schema_name: str) -> OrganisationRef:
    """Raises NotFound. One query."""
    return _one(schema_name=schema_name)


def _one(**lookup: str) -> OrganisationRef:
    organisation = Organisation.objects.filter(state=Organisation.State.ACTIVE, **lookup).first()
    if organisation is None:
        raise NotFound()
    return organisation_ref(organisation)


def active_organisations() -> list[OrganisationRef]:
    """Every active organisation, by name. One query."""
    return [
        organisation_ref(organisation) for organisation in Organisation.objects.filter(state=Organisation.State.ACTIVE)
    ]


def public_origin(host: str) -> str:
    """The origin of one of our hosts as browsers write it: without a default port."""
    default_port = {"http": 80, "https": 443}[settings.PUBLIC_SCHEME]
    port = "" if default_port == settings.PUBLIC_PORT else f":{settings.PUBLIC_PORT}"
    return f"{settings.PUBLIC_SCHEME}://{host}{port}"


def organisation_origin(organisation: OrganisationRef) -> str:
    """Where the organisation's own pages live. Raises NotFound without a host. One query."""
    hosts = Domain.objects.filter(tenant_id=organisation.id).order_by("-is_primary", "domain")
    host = hosts.values_list("domain", flat=True).first()
    if host is None:
        raise NotFound()
    return public_origin(host)


def first_spoken(organisation: OrganisationRef) -> str:
    """The first of the organisation's languages that our screens speak."""
    spoken = dict(settings.LANGUAGES)
    return next((one for one in organisation.languages if one in spoken), settings.LANGUAGE_CODE)


def website_by_key(organisation: OrganisationRef, key: str) -> WebsiteRef:
    """An active website of this organisation. Raises NotFound. One query."""
    website = Website.objects.filter(organisation_id=organisation.id, key=key, is_active=True).first()
    if website is None:
        raise NotFound()
    return WebsiteRef(website.id, website.key, website.name, tuple(website.origins))


def managers_may_read(organisation: OrganisationRef) -> bool:
    """Whether the organisation's managers may read what was said in conversations, as it is now. One query."""
    return bool(Organisation.objects.values_list("managers_read_conversations", flat=True).get(pk=organisation.id))


@dataclass(frozen=True, slots=True)
class ManagerRef:
    id: UUID
    name: str
    email: str


def managers_of(organisation: OrganisationRef) -> list[ManagerRef]:
    """The organisation's managers whose accounts are active, the longest known first. One query."""
    managers = User.objects.filter(
        is_active=True, memberships__organisation=organisation.id, memberships__role=Membership.Role.MANAGER
    )
    return [ManagerRef(user.id, user.name, user.email) for user in managers.order_by("created_at", "id")]


@dataclass(frozen=True, slots=True)
class SupervisorRef:
    id: UUID
    name: str
    email: str


def active_supervisors() -> list[SupervisorRef]:
    """The platform's supervisors whose accounts are active, the longest known first. One query."""
    found = User.objects.filter(is_active=True, staff_roles__role=StaffRole.Role.SUPERVISOR)
    return [SupervisorRef(user.id, user.name, user.email) for user in found.order_by("created_at", "id")]


def automatic_texts(organisation: OrganisationRef, language: str) -> tuple[str, str]:
    """(greeting, goodbye) in this language, else in the organisation's first; empty strings when it has none."""
    rows = {
        text.language: text
        for text in Organisation.objects.get(pk=organisation.id).texts.filter(
            language__in=[language, *organisation.languages]
        )
    }
    for choice in (language, *organisation.languages):
        if choice in rows:
            return rows[choice].greeting, rows[choice].goodbye
    return "", ""
