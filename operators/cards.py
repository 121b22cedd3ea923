"""Client cards: what an operator must know of a client before answering for it.

A version never changes. A new one asks everybody to confirm again: until then they get no conversations of this client;
those they have go on.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from operators.errors import CardOutdated
from operators.models import ClientCard, Posting
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.models import Organisation, StaffRole
from tenants.services import record_audit


@dataclass(frozen=True, slots=True, kw_only=True)
class CardText:
    """What stands on a card, in the words of whoever wrote it; never a visitor's."""

    tone: str
    dos: str
    donts: str
    specialists: str


@dataclass(frozen=True, slots=True)
class CardRef:
    id: UUID
    version: int
    text: CardText
    published_at: datetime


@dataclass(frozen=True, slots=True)
class CardStanding:
    """How far one operator is with one client's card: the newest version, and the one they confirmed last."""

    version: int
    confirmed: int | None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Somebody who answers for the client. ``version`` and ``at`` are None until they confirmed any card."""

    operator: str
    version: int | None
    at: datetime | None


def newest_card(organisation_id: UUID) -> CardRef | None:
    """What is to be confirmed now; None when the client has no card. One query."""
    return _first(Q(organisation_id=organisation_id))


def card_of_version(organisation_id: UUID, version: int) -> CardRef | None:
    """One query."""
    return _first(Q(organisation_id=organisation_id, version=version))


def card_standings(operator_id: UUID, organisation_ids: Collection[UUID]) -> dict[UUID, CardStanding]:
    """Organisation → how far this operator is, for those clients that have a card. One query."""
    newest = ClientCard.objects.filter(organisation=OuterRef("organisation")).order_by("-version").values("version")[:1]
    rows = (
        Posting.objects.filter(operator_id=operator_id, organisation_id__in=organisation_ids)
        .annotate(newest=Subquery(newest))
        .filter(newest__isnull=False)
        .values_list("organisation_id", "newest", "confirmed_version")
    )
    return {organisation_id: CardStanding(version, confirmed) for organisation_id, version, confirmed in rows}


def confirmations_of(organisation_id: UUID) -> list[Confirmation]:
    """Everybody who answers for the client, by name, with what they confirmed and when. One query."""
    rows = (
        Posting.objects.filter(
            organisation_id=organisation_id,
            operator__user__is_active=True,
            operator__user__staff_roles__role=StaffRole.Role.OPERATOR,
        )
        .order_by("operator__name", "operator_id")
        .values_list("operator__name", "confirmed_version", "confirmed_at")
    )
    return [Confirmation(*row) for row in rows]


def publish_card(organisation: OrganisationRef, text: CardText, published_by: UUID | None) -> CardRef:
    """Makes this text the client's newest card. The same text again changes nothing, and asks nobody again.

    Locks the organisation's row, so that two writers get two versions. Audited.
    """
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.id)
        newest = newest_card(organisation.id)
        if newest is not None and newest.text == text:
            return newest
        card = ClientCard.objects.create(
            organisation_id=organisation.id,
            version=newest.version + 1 if newest else 1,
            tone=text.tone,
            dos=text.dos,
            donts=text.donts,
            specialists=text.specialists,
            published_at=platform_now(),
            published_by=published_by,
        )
        record_audit(organisation.id, published_by, "clientcard.published", str(card.pk))
    return _ref(card)


def confirm_card(operator_id: UUID, organisation: OrganisationRef, version: int) -> CardRef:
    """The operator has read this version. The first one ever also says since when they are trained. Again: no change.

    Locks the posting. Audited. Raises NotFound without a posting or a card, CardOutdated for any but the newest.
    """
    with transaction.atomic():
        posting = (
            Posting.objects.select_for_update().filter(operator_id=operator_id, organisation_id=organisation.id).first()
        )
        card = newest_card(organisation.id)
        if posting is None or card is None:
            raise NotFound()
        if version != card.version:
            raise CardOutdated()
        if posting.confirmed_version != version:
            now = platform_now()
            posting.confirmed_version, posting.confirmed_at = version, now
            posting.trained_at = posting.trained_at or now
            posting.save(update_fields=["confirmed_version", "confirmed_at", "trained_at"])
            record_audit(organisation.id, operator_id, "clientcard.confirmed", str(card.id))
    return card


def _first(condition: Q) -> CardRef | None:
    card = ClientCard.objects.filter(condition).order_by("-version").first()
    return _ref(card) if card else None


def _ref(card: ClientCard) -> CardRef:
    text = CardText(tone=card.tone, dos=card.dos, donts=card.donts, specialists=card.specialists)
    return CardRef(card.pk, card.version, text, card.published_at)
