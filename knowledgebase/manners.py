"""How the organisation addresses its visitors, language by language. Runs inside its schema."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from knowledgebase.models import Address, Manner
from tenants.context import OrganisationRef
from tenants.errors import Invalid
from tenants.services import record_audit


def addresses_of(organisation: OrganisationRef) -> dict[str, str]:
    """Language → form of address, for all of the organisation's languages; formal where nothing was said. One query."""
    said = dict(Manner.objects.values_list("language", "address"))
    return {language: said.get(language, Address.FORMAL.value) for language in organisation.languages}


def set_addresses(organisation: OrganisationRef, addresses: Mapping[str, str], *, actor_id: UUID | None) -> int:
    """Says how visitors are addressed in these languages; how many changed. One transaction.

    Raises Invalid for a language that the organisation does not have, and for a form of address that is none.
    """
    before = addresses_of(organisation)
    if not set(addresses) <= set(before) or not set(addresses.values()) <= set(Address.values):
        raise Invalid()
    changed = {language: address for language, address in addresses.items() if before[language] != address}
    with transaction.atomic():
        for language, address in changed.items():
            Manner.objects.update_or_create(language=language, defaults={"address": address})
            record_audit(organisation.id, actor_id, "manner.changed", language)
    return len(changed)
