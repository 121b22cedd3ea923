"""Who is at the desk."""

from collections.abc import Iterable
from uuid import UUID

from operators.selectors import OperatorRef, operators_by_id
from tenants.access import Actor
from tenants.errors import NotFound
from tenants.models import StaffRole

SUPERVISOR = StaffRole.Role.SUPERVISOR.value
DESK_ROLES = frozenset({StaffRole.Role.OPERATOR.value, SUPERVISOR})


def operators_of(actors: Iterable[Actor]) -> dict[UUID, OperatorRef]:
    """Account → the operator it is on the desk host, as supervisors are too; anybody else is left out. One query."""
    return operators_by_id([actor.user_id for actor in actors if actor.roles & DESK_ROLES])


def operator_of(actor: Actor | None) -> OperatorRef:
    """The operator this actor is on the desk host. Raises NotFound for anybody else. One query."""
    operator = operators_of([actor]).get(actor.user_id) if actor else None
    if operator is None:
        raise NotFound()
    return operator
