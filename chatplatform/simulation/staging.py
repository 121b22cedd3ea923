"""Puts the day's clients and operators into an empty database, as the platform's own services would."""

from datetime import time

from django.core.management import call_command
from django.db import connection

from chatplatform.simulation.clock import TIME_ZONE, make_clock_stand
from chatplatform.simulation.model import Client, Day, Roster
from operators.services import register_operator
from tenants.context import OrganisationRef
from tenants.models import Organisation, StaffRole, User
from tenants.selectors import organisation_by_slug
from tenants.services import NewOrganisation, NewWebsite, create_organisation

WEBSITE = "site"


def set_stage(day: Day) -> None:
    """Migrates, and makes every organisation and operator. Half a second per organisation."""
    call_command("migrate_schemas", shared=True, executor="standard", verbosity=0)
    for client in day.clients:
        _make_organisation(client)
    make_clock_stand()  # after the migrations, which close connections and would lose the time
    for roster in day.rosters:
        _make_operator(roster, [organisation_by_slug(day.clients[number].slug) for number in roster.clients])
    Organisation.objects.update(reoffer_seconds=day.reoffer_seconds)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _make_organisation(client: Client) -> None:
    create_organisation(
        NewOrganisation(
            slug=client.slug,
            name=f"Client {client.number:03}",
            host=f"{client.slug}.example",
            time_zone=TIME_ZONE,
            languages=client.languages,
            websites=[NewWebsite(key=WEBSITE, name="Site", origins=[f"https://www.{client.slug}.example"])],
            texts={client.languages[0]: ("Hello! Somebody will be with you in a moment.", "Thank you, and goodbye.")},
            hours=[(weekday, _clock_time(client.opens), _clock_time(client.closes)) for weekday in range(7)],
        )
    )


def _make_operator(roster: Roster, organisations: list[OrganisationRef]) -> None:
    user = User(id=roster.id, email=f"operator-{roster.number:03}@desk.example", name=roster.name)
    user.set_unusable_password()
    user.save(force_insert=True)
    StaffRole.objects.create(user=user, role=StaffRole.Role.OPERATOR)
    register_operator(
        user,
        name=roster.name,
        languages=roster.languages,
        capacity=roster.capacity,
        organisations=organisations,
    )


def _clock_time(second: float) -> time:
    hours, rest = divmod(int(second), 3600)
    return time(hours, rest // 60)
