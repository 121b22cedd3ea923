"""State changes of organisations and accounts."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from itertools import count
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.text import slugify
from django_tenants.utils import schema_exists

from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid
from tenants.models import (
    COLOUR,
    AuditRecord,
    Domain,
    Membership,
    OpeningHours,
    Organisation,
    OrganisationText,
    Pulse,
    StaffRole,
    User,
    Website,
)
from tenants.schema_cloning import NotAlike, copy_tables, schema_to_copy
from tenants.selectors import organisation_ref

logger = logging.getLogger(__name__)

ALL_DAY = (time(0), time(0))
KEY_CHARACTERS = 32
PROVISION_LOCK = 0x63706F72  # an advisory lock of this platform, taken per organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebsite:
    key: str
    name: str
    origins: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganisation:
    """``texts`` maps a language to (greeting, goodbye); ``hours`` are (weekday, opens, closes), Monday is 0."""

    slug: str
    name: str
    host: str
    time_zone: str = "Europe/Amsterdam"
    languages: Sequence[str] = ("en",)
    colour: str = "#2f5bd8"
    kind: str = Organisation.Kind.CLIENT
    first_reply_seconds: int = 20
    follow_up_seconds: int = 30
    websites: Sequence[NewWebsite] = ()
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    hours: Sequence[tuple[int, time, time]] = ()


def create_organisation(new: NewOrganisation) -> OrganisationRef:
    """Creates an organisation with its host, websites, hours, texts and schema. The same call again changes nothing.

    Takes an advisory lock per organisation while the schema is made. Raises Invalid, naming the field.
    """
    try:
        with transaction.atomic():
            organisation = _create_rows(new)
    except ValidationError as error:
        raise Invalid("; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())) from error
    provision_waiting(organisation.slug)
    organisation.refresh_from_db()
    return organisation_ref(organisation)


def _create_rows(new: NewOrganisation) -> Organisation:
    with connection.cursor() as cursor:  # two callers at the same moment: the second finds what the first made
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [PROVISION_LOCK, schema_name_for(new.slug)])
    existing = Organisation.objects.filter(slug=new.slug).first()
    if existing is not None:
        return existing
    organisation = Organisation(
        slug=new.slug,
        schema_name=schema_name_for(new.slug),
        name=new.name,
        kind=new.kind,
        time_zone=new.time_zone,
        languages=list(new.languages),
        colour=new.colour,
        first_reply_seconds=new.first_reply_seconds,
        follow_up_seconds=new.follow_up_seconds,
    )
    organisation.full_clean()
    organisation.save()
    domain = Domain(tenant=organisation, domain=new.host.lower(), is_primary=True)
    domain.full_clean()
    domain.save()
    for website in new.websites:
        row = Website(organisation=organisation, key=website.key, name=website.name, origins=list(website.origins))
        row.full_clean()
        row.save()
    for language, (greeting, goodbye) in new.texts.items():
        OrganisationText.objects.create(
            organisation=organisation, language=language, greeting=greeting, goodbye=goodbye
        )
    for weekday, opens, closes in new.hours:
        OpeningHours.objects.create(organisation=organisation, weekday=weekday, opens=opens, closes=closes)
    return organisation


def schema_name_for(slug: str) -> str:
    """The schema of the organisation called ``slug``: a prefix keeps it clear of PostgreSQL's own names."""
    return "o_" + slug.replace("-", "_")


def provision_waiting(slug: str | None = None) -> int:
    """Makes the schema of every organisation that still lacks one (or of the one named). Returns how many it finished.

    Resumable: migrations that ran are not run again. Two callers never work on the same organisation.
    """
    waiting = Organisation.objects.filter(state=Organisation.State.PROVISIONING)
    if slug is not None:
        waiting = waiting.filter(slug=slug)
    finished = 0
    for organisation in waiting.order_by("created_at"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [PROVISION_LOCK, organisation.schema_name])
            try:
                finished += _provision(organisation)
            finally:
                cursor.execute(
                    "SELECT pg_advisory_unlock(%s, hashtext(%s))", [PROVISION_LOCK, organisation.schema_name]
                )
    return finished


def _provision(organisation: Organisation) -> int:
    organisation.refresh_from_db(fields=["state"])
    if organisation.state != Organisation.State.PROVISIONING:
        return 0
    if schema_exists(organisation.schema_name):
        call_command("migrate_schemas", tenant=True, schema_name=organisation.schema_name, verbosity=0)
    elif not _copied(organisation.schema_name):
        organisation.create_schema(verbosity=0)
    organisation.state = Organisation.State.ACTIVE
    organisation.save(update_fields=["state"])
    record_audit(organisation.id, None, "organisation.provisioned", str(organisation.id))
    return 1


def _copied(schema_name: str) -> bool:
    """Whether there was a schema to copy, and it stood still meanwhile."""
    source = schema_to_copy()
    if source is None:
        return False
    try:
        copy_tables(source, schema_name)
    except NotAlike:
        return False
    return True


def create_account(
    email: str,
    name: str,
    password: str | None,
    *,
    staff_roles: Sequence[str] = (),
    memberships: Sequence[tuple[OrganisationRef, str]] = (),
) -> User:
    """The account with this address, made if it is new, with at least these roles. A known one's password stays."""
    with transaction.atomic():
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            user = User.objects.create_user(email, name, password)
        for role in staff_roles:
            StaffRole.objects.get_or_create(user=user, role=role)
        for organisation, role in memberships:
            Membership.objects.get_or_create(user=user, organisation_id=organisation.id, role=role)
    return user


def let_managers_read(organisation: OrganisationRef, may_read: bool, actor_id: UUID | None) -> bool:
    """Whether managers may read what was said in conversations; True if that is new. Locks the organisation's row."""
    with transaction.atomic():
        row = Organisation.objects.select_for_update().get(pk=organisation.id)
        if row.managers_read_conversations == may_read:
            return False
        row.managers_read_conversations = may_read
        row.save(update_fields=["managers_read_conversations"])
        action = "conversations.opened_to_managers" if may_read else "conversations.closed_to_managers"
        record_audit(organisation.id, actor_id, action, str(organisation.id))
    return True


def add_website(organisation: OrganisationRef, name: str, origins: Sequence[str]) -> Website:
    """A new website with a key of its own, made from its name or its address, which stays. Locks the organisation's
    row. The caller audits it, in the same transaction."""
    Organisation.objects.select_for_update().get(pk=organisation.id)
    taken = set(Website.objects.filter(organisation_id=organisation.id).values_list("key", flat=True))
    host = urlsplit(origins[0]).hostname or ""
    key = _key(slugify(name)) or _key(slugify(host.removeprefix("www.").partition(".")[0])) or "website"
    free = next(one for number in count(1) if (one := key if number == 1 else f"{key}-{number}") not in taken)
    return Website.objects.create(organisation_id=organisation.id, key=free, name=name, origins=list(origins))


def _key(text: str) -> str:
    """As much of it as can be a key, with room for a number; empty when nothing can."""
    key = text.replace("_", "-").lstrip("-0123456789")[:KEY_CHARACTERS].strip("-")
    return key if len(key) > 1 else ""


def change_colour(organisation: OrganisationRef, colour: str, actor_id: UUID | None) -> bool:
    """The organisation's colour, ``#rrggbb``; True if that is new. Locks its row. Raises Invalid."""
    try:
        COLOUR(colour)
    except ValidationError as error:
        raise Invalid(COLOUR.message) from error
    with transaction.atomic():
        row = Organisation.objects.select_for_update().get(pk=organisation.id)
        if row.colour == colour.lower():
            return False
        row.colour = colour.lower()
        row.save(update_fields=["colour"])
        record_audit(organisation.id, actor_id, "organisation.colour_changed", str(organisation.id))
    return True


def record_audit(organisation_id: UUID | None, actor_id: UUID | None, action: str, subject_id: str = "") -> None:
    """Notes who did what to which id. Never pass a text that somebody wrote."""
    AuditRecord.objects.create(organisation_id=organisation_id, actor_id=actor_id, action=action, subject_id=subject_id)


def record_pulse(name: str) -> None:
    """Notes that a background process of this kind just did work."""
    Pulse.objects.update_or_create(name=name, defaults={"at": platform_now()})
