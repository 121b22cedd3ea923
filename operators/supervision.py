"""Supervisors at the desk: the operator they are there, and to whom they can give a conversation."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from operators.models import Operator
from operators.routing import PLACE
from operators.selectors import PRESENT_SECONDS
from tenants.context import OrganisationRef

SUPERVISOR_CAPACITY = 4
NAME_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class OperatorChoice:
    """Somebody who answers for the client. ``state`` is ``gone`` when not heard for 45 s; ``load`` in places, of
    ``capacity``; ``can_take`` the conversation it was asked for: trained, there, and with room."""

    id: UUID
    name: str
    state: str
    load: float
    capacity: int
    speaks_language: bool
    is_trained: bool
    can_take: bool


# As candidates_for(), but everybody is told, with what stands against them: a supervisor may also choose who is busy.
_CHOICES = """
WITH moment AS MATERIALIZED (
    SELECT public.platform_now() AS now
), card AS MATERIALIZED (
    SELECT max(version) AS version FROM public.operators_clientcard WHERE organisation_id = %(organisation)s
), posted AS (
    SELECT o.user_id AS id, o.name, o.capacity,
           CASE WHEN present.seen_at > moment.now - make_interval(secs => %(present_seconds)s)
                THEN present.state ELSE 'gone' END AS state,
           (SELECT coalesce(sum(q.weight), 0)::int FROM public.operators_queueentry q
            WHERE q.operator_id = o.user_id AND q.state = 'assigned') AS weight,
           %(language)s = ANY (CASE WHEN p.languages = '{}' THEN o.languages ELSE p.languages END) AS speaks_language,
           card.version IS NULL OR coalesce(p.confirmed_version = card.version, false) AS is_trained
    FROM public.operators_posting p
    CROSS JOIN moment
    CROSS JOIN card
    JOIN public.operators_operator o ON o.user_id = p.operator_id
    JOIN public.tenants_user account ON account.id = o.user_id AND account.is_active
    LEFT JOIN public.operators_presence present ON present.operator_id = o.user_id
    WHERE p.organisation_id = %(organisation)s
      AND EXISTS (SELECT 1 FROM public.tenants_staffrole r WHERE r.user_id = o.user_id AND r.role = 'operator')
)
SELECT id, name, state, weight::float8 / %(place)s AS load, capacity, speaks_language, is_trained,
       is_trained AND state IN ('available', 'busy') AND weight + %(weight)s <= capacity * %(place)s AS can_take
FROM posted ORDER BY can_take DESC, state <> 'available', weight::float8 / capacity, name, id
"""


def choices_for(organisation: OrganisationRef, language: str, weight: int) -> list[OperatorChoice]:
    """Everybody posted to the organisation, those first who could take the conversation best. One query."""
    parameters: dict[str, Any] = {
        "organisation": organisation.id,
        "language": language,
        "weight": weight,
        "present_seconds": PRESENT_SECONDS,
        "place": PLACE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHOICES, parameters)
        return [OperatorChoice(*row) for row in cursor.fetchall()]


def admit_supervisor(user_id: UUID, name: str) -> None:
    """Makes the account able to hold what it takes over. Without a posting and the operator's role nothing is ever
    offered to it. Who can already stays as they are. One query."""
    Operator.objects.bulk_create(
        [Operator(user_id=user_id, name=name[:NAME_CHARACTERS], capacity=SUPERVISOR_CAPACITY)], ignore_conflicts=True
    )
