"""Who is at the desk."""

from operators.selectors import OperatorRef, operator_by_id
from tenants.access import Actor
from tenants.errors import NotFound
from tenants.models import StaffRole

DESK_ROLES = frozenset({StaffRole.Role.OPERATOR.value})


def operator_of(actor: Actor | None) -> OperatorRef:
    """The operator this actor is on the desk host. Raises NotFound for anybody else. One query."""
    if actor is None or not actor.roles & DESK_ROLES:
        raise NotFound()
    return operator_by_id(actor.user_id)
