"""Organisations are made whole, once, and apart from each other (rules 16 and 32)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tenants.context import OrganisationRef
from tenants.errors import Invalid, NotFound
from tenants.models import AuditRecord, Domain, Membership, OpeningHours, Organisation, Pulse, StaffRole, User, Website
from tenants.selectors import automatic_texts, organisation_by_schema, organisation_by_slug, website_by_key
from tenants.services import (
    ALL_DAY,
    NewOrganisation,
    NewWebsite,
    create_account,
    create_organisation,
    provision_waiting,
    record_pulse,
    schema_name_for,
)
from tenants.tasks import provision_organisation
from tests.cast import acme, globex


def new(slug: str | None = None, **changes: Any) -> NewOrganisation:
    slug = slug or f"test-{uuid4().hex[:10]}"
    defaults: dict[str, Any] = {
        "slug": slug,
        "name": slug.title(),
        "host": f"{slug}.localhost",
        "languages": ("nl", "en"),
        "websites": (NewWebsite(key="shop", name="Shop", origins=("https://shop.example",)),),
        "texts": {"nl": ("Dag!", "Tot ziens!")},
        "hours": ((0, time(9), time(17)), (1, *ALL_DAY)),
    }
    return NewOrganisation(**{**defaults, **changes})


def asked(query: str, *parameters: str) -> set[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return {row[0] for row in cursor.fetchall()}


def tables_in(schema: str) -> set[str]:
    return asked("SELECT tablename FROM pg_tables WHERE schemaname = %s", schema)


def rows_of(organisation: OrganisationRef) -> list[int]:
    return [
        Domain.objects.filter(tenant_id=organisation.id).count(),
        Website.objects.filter(organisation_id=organisation.id).count(),
        OpeningHours.objects.filter(organisation_id=organisation.id).count(),
        AuditRecord.objects.filter(organisation_id=organisation.id, action="organisation.provisioned").count(),
    ]


@pytest.fixture(scope="module")
def made(platform_database: None) -> tuple[NewOrganisation, OrganisationRef]:
    wanted = new()
    return wanted, create_organisation(wanted)


def test_a_new_organisation_is_complete(made: tuple[NewOrganisation, OrganisationRef]) -> None:
    wanted, organisation = made

    assert organisation.schema_name == schema_name_for(wanted.slug)
    assert organisation == organisation_by_slug(wanted.slug) == organisation_by_schema(organisation.schema_name)
    assert rows_of(organisation) == [1, 1, 2, 1]
    assert website_by_key(organisation, "shop").origins == ("https://shop.example",)
    assert automatic_texts(organisation, "en") == ("Dag!", "Tot ziens!")
    assert Organisation.objects.get(pk=organisation.id).state == Organisation.State.ACTIVE


def test_creating_it_again_changes_nothing(made: tuple[NewOrganisation, OrganisationRef]) -> None:
    wanted, organisation = made

    again = create_organisation(new(wanted.slug, name="Other", host="other.localhost", hours=()))

    assert again == organisation
    assert rows_of(organisation) == [1, 1, 2, 1]


def test_creating_it_at_the_same_moment_makes_one() -> None:
    wanted = new()
    barrier = Barrier(4)

    def create(_: int) -> OrganisationRef:
        try:
            barrier.wait(timeout=10)
            return create_organisation(wanted)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(create, range(4)))

    assert len({organisation.id for organisation in made}) == 1
    assert rows_of(made[0]) == [1, 1, 2, 1]


@pytest.mark.parametrize("point", ["no schema", "empty schema"])
def test_an_interrupted_creation_is_finished_later(point: str) -> None:
    slug = f"test-{uuid4().hex[:10]}"
    organisation = Organisation.objects.create(slug=slug, name=slug, schema_name=schema_name_for(slug))
    with pytest.raises(NotFound):
        organisation_by_slug(slug)
    if point == "empty schema":
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE SCHEMA "{organisation.schema_name}"')

    provision_organisation(slug)
    provision_organisation(slug)

    assert organisation_by_slug(slug).id == organisation.id
    assert tables_in(organisation.schema_name) == tables_in(acme().schema_name)
    assert provision_waiting(slug) == 0
    assert AuditRecord.objects.filter(organisation=organisation).count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "Acme"}, "slug"),
        ({"slug": "a"}, "slug"),
        ({"slug": "x" * 41}, "slug"),
        ({"slug": "acme\n"}, "slug"),
        ({"slug": 'a";drop schema public'}, "slug"),
        ({"name": ""}, "name"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"colour": "red;}"}, "colour"),
        ({"first_reply_seconds": 1}, "first_reply_seconds"),
        ({"host": "acme.localhost"}, "domain"),
        ({"websites": (NewWebsite(key="shop", name="Shop", origins=("https://shop.example/path",)),)}, "origins"),
        ({"websites": (NewWebsite(key="shop", name="Shop", origins=("javascript:alert(1)",)),)}, "origins"),
        ({"websites": (NewWebsite(key="shop", name="Shop", origins=("https://*.example",)),)}, "origins"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_nothing_is_made(changes: dict[str, Any], field: str) -> None:
    acme()
    before = (Organisation.objects.count(), Domain.objects.count(), Website.objects.count())

    with pytest.raises(Invalid) as refusal:
        create_organisation(new(**changes))

    assert field in str(refusal.value.message)
    assert (Organisation.objects.count(), Domain.objects.count(), Website.objects.count()) == before


def test_every_organisation_has_every_tenant_table_and_no_other() -> None:
    expected = {
        model._meta.db_table
        for app in settings.TENANT_APPS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    } | {"django_migrations"}

    for organisation in (acme(), globex()):
        assert tables_in(organisation.schema_name) == expected


def test_no_table_name_is_in_both_schemas() -> None:
    assert tables_in("public") & tables_in(acme().schema_name) == {"django_migrations"}


def test_no_foreign_key_leaves_an_organisations_schema() -> None:
    inside = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = %s::regnamespace"
    leaving = (
        "SELECT conrelid::regclass::text || ' -> ' || confrelid::regclass::text FROM pg_constraint"
        " JOIN pg_class target ON target.oid = confrelid"
        " WHERE contype = 'f' AND connamespace = %s::regnamespace AND target.relnamespace <> connamespace"
    )

    assert asked(inside, "o_acme") != {0}
    for schema in ("o_acme", "o_globex", "public"):
        assert asked(leaving, schema) == set()


def test_no_key_in_an_organisations_schema_can_be_counted() -> None:
    """Outside, things are named by uuids: nobody learns how many conversations a client has (rule 16)."""
    for app in settings.TENANT_APPS:
        for model in apps.get_app_config(app).get_models():
            if any(field.name == "id" for field in model._meta.fields) and model.__name__ in (
                "Visitor",
                "Conversation",
                "Entry",
                "DeskEntry",
                "Promise",
                "Attachment",
                "ContactRequest",
                "Topic",
            ):
                assert model._meta.pk is not None
                assert model._meta.pk.get_internal_type() == "UUIDField", model


def test_an_account_keeps_its_password_and_gains_roles() -> None:
    email = f"{uuid4().hex}@acme.example"
    first = create_account(email.upper() + " ", "Somebody", "a first long password")
    second = create_account(
        email,
        "Another name",
        "a second long password",
        staff_roles=[StaffRole.Role.OPERATOR],
        memberships=[(acme(), Membership.Role.MANAGER)],
    )
    create_account(email, "Again", None, staff_roles=[StaffRole.Role.OPERATOR])

    assert first.pk == second.pk
    user = User.objects.get(email=email)
    assert (user.name, user.check_password("a first long password")) == ("Somebody", True)
    assert (user.staff_roles.count(), user.memberships.count()) == (1, 1)


def test_a_pulse_is_kept_once_per_kind() -> None:
    record_pulse("test")
    first = Pulse.objects.get(name="test").at
    record_pulse("test")

    assert Pulse.objects.get(name="test").at > first
    assert Pulse.objects.filter(name="test").count() == 1
