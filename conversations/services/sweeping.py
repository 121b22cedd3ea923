"""What one sweep does: strike due clocks, offer what waits, remove what nobody can reopen. Public schema."""

import logging
import random
from collections.abc import Callable
from uuid import UUID

from conversations.services.offering import offer_conversation_if_free
from conversations.services.promises import strike_clock
from operators.models import Clock, DueWork
from operators.services import postpone_offer, remove_closed_entries
from tenants.clock import PlatformNow
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.selectors import organisation_by_schema

logger = logging.getLogger(__name__)

ROWS_PER_SWEEP = 500


def sweep_once() -> int:
    """One pass over what is due in all organisations; how many things it did. Deadlines come first.

    The order within a pass is random, so that two sweeps meet seldom; one thing that fails does not stop the rest.
    """
    organisations: dict[str, OrganisationRef] = {}
    done = 0
    clocks = list(
        Clock.objects.filter(next_at__lte=PlatformNow())
        .order_by("next_at")
        .values_list("schema_name", "conversation_id", "id")[:ROWS_PER_SWEEP]
    )
    random.shuffle(clocks)
    for schema_name, conversation_id, clock_id in clocks:
        done += _attempt(organisations, schema_name, strike_clock, conversation_id, clock_id)
    offers = DueWork.objects.filter(kind=DueWork.Kind.OFFER, due_at__lte=PlatformNow()).order_by("due_at")
    for schema_name, conversation_id in list(offers.values_list("schema_name", "subject_id")[:ROWS_PER_SWEEP]):
        if _attempt(organisations, schema_name, _offer, conversation_id):
            done += 1
        else:  # held by somebody, gone, or its organisation is closed: what waits behind it gets its turn
            postpone_offer(conversation_id)
    remove_closed_entries()
    return done


def _offer(organisation: OrganisationRef, conversation_id: UUID) -> bool:
    return offer_conversation_if_free(organisation, conversation_id) is not None


def _attempt(
    organisations: dict[str, OrganisationRef], schema_name: str, work: Callable[..., bool], *subject: UUID
) -> bool:
    try:
        if schema_name not in organisations:
            organisations[schema_name] = organisation_by_schema(schema_name)
        return in_organisation(organisations[schema_name], work, *subject)
    except NotFound:
        return False
    except Exception:
        logger.exception("Something due in one organisation failed; it is tried again.")
        return False
