"""A client's card is published, or confirmed by an operator: what follows, and who hears of it."""

from uuid import UUID

from django.db import transaction

from conversations.events import CardChanged, CardConfirmed, encode
from operators.cards import CardRef, CardText, confirm_card, newest_card, publish_card
from tenants.context import OrganisationRef
from tenants.realtime import group_name, publish_on_commit


def publish_client_card(organisation: OrganisationRef, text: CardText, published_by: UUID | None) -> CardRef:
    """Publishes a card and tells every desk of the client. The same text again changes nothing and tells nobody.

    Locks the organisation's row.
    """
    with transaction.atomic():
        before = newest_card(organisation.id)
        card = publish_card(organisation, text, published_by)
        if before is None or before.version != card.version:
            changed = CardChanged(organisation=organisation.slug, version=card.version)
            publish_on_commit([(group_name("organisation", schema=organisation.schema_name), encode(changed))])
    return card


def confirm_client_card(operator_id: UUID, organisation: OrganisationRef, version: int) -> CardConfirmed:
    """The operator confirms the card on all their pages at once. Locks the posting.

    Raises NotFound or CardOutdated.
    """
    with transaction.atomic():
        card = confirm_card(operator_id, organisation, version)
        confirmed = CardConfirmed(operator=operator_id, organisation=organisation.slug, version=card.version)
        publish_on_commit([(group_name("operator", subject=operator_id), encode(confirmed))])
    return confirmed
