"""What the routing parts of the bench stand on: operators who are there for the whole part, and conversations that
begin as the widget begins them."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import connection

from chatplatform.replay.setup import SITES, Ground, prepare_ground
from conversations.frames import Page
from conversations.services.starting import VisitorMessage, receive_message
from conversations.tokens import new_token
from operators.models import Alert, Assignment, Clock, DueWork, Operator, Presence, QueueEntry
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.identifiers import uuid7
from tenants.selectors import organisation_by_slug, website_by_key

THERE = timedelta(hours=1)  # a presence that outlasts every part: nobody beats here


def clear_desk() -> None:
    """What an earlier part left open would take the operators' room: it is forgotten, and so is who was present."""
    for model in (Clock, DueWork, QueueEntry, Assignment, Alert, Presence):
        model.objects.all().delete()
    connection.close()


def measuring_organisations() -> list[OrganisationRef]:
    return [organisation_by_slug(site.slug) for site in SITES]


def bring_operators(port: int, *, count: int, capacity: int) -> tuple[Ground, list[UUID]]:
    """So many operators of the measuring organisations, of this capacity, present and available."""
    ground = prepare_ground(operators=count, capacity=capacity, port=port)
    operators = Operator.objects.filter(user__email__in=ground.emails)
    operators.update(capacity=capacity, last_offered_at=None)
    ids = list(operators.values_list("pk", flat=True))
    make_present(ids)
    return ground, ids


def make_present(operator_ids: Sequence[UUID]) -> None:
    """Seen in an hour, so that nobody needs to beat."""
    seen_at = platform_now() + THERE
    Presence.objects.bulk_create(
        [Presence(operator_id=one, seen_at=seen_at) for one in operator_ids],
        update_conflicts=True,
        unique_fields=["operator"],
        update_fields=["state", "seen_at"],
    )


def begin_conversation(organisation: OrganisationRef) -> UUID:
    """A new visitor's first message, stored; nobody was sent a task."""
    website = website_by_key(organisation, SITES[0].website)
    message = VisitorMessage(
        token=new_token(organisation.schema_name),
        website=website,
        page=Page(),
        language="en",
        new_conversation_id=uuid7(),
        cid=uuid.uuid4(),
        body="Are you there?",
    )
    return in_organisation(organisation, receive_message, message).conversation_id
