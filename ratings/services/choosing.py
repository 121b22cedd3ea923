"""What an organisation asks its visitors: which factors, in which order and words, per language; and by which ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ratings.asking import AskedFactor, factors_in
from ratings.factors import Factor
from ratings.models import AskSettings, FactorChoice
from ratings.sampling import begin_anew
from tenants.context import OrganisationRef
from tenants.errors import Invalid
from tenants.services import record_audit

WORDING_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Ways:
    """The settings that hold for all languages."""

    asks_solved: bool
    open_days: int
    mails: bool
    mail_after_days: int


def choose_factors(
    organisation: OrganisationRef, language: str, factors: Sequence[AskedFactor], *, actor_id: UUID | None
) -> bool:
    """Stores all factors of a language, in this order; whether anything changed. When other factors are asked than
    before all pairs are counted anew. Takes effect with the next conversation that ends.

    Raises Invalid (another language, not each factor once, words too long).
    """
    if language not in organisation.languages or sorted(one.factor for one in factors) != sorted(Factor.values):
        raise Invalid()
    if any(len(one.wording) > WORDING_CHARACTERS or "\x00" in one.wording for one in factors):
        raise Invalid(_("A question has at most 160 characters."))
    with transaction.atomic():
        before = factors_in(language)
        if list(factors) == before:
            return False
        FactorChoice.objects.bulk_create(
            [
                FactorChoice(
                    language=language,
                    factor=one.factor,
                    is_asked=one.is_asked,
                    position=position,
                    wording=one.wording,
                )
                for position, one in enumerate(factors, start=1)
            ],
            update_conflicts=True,
            unique_fields=["language", "factor"],
            update_fields=["is_asked", "position", "wording"],
        )
        if _asked(before) != _asked(factors):
            begin_anew(language)
        record_audit(organisation.id, actor_id, "factors.chosen", language)
    return True


def choose_ways(organisation: OrganisationRef, ways: Ways, *, actor_id: UUID | None) -> bool:
    """Stores the settings; whether anything changed. Raises Invalid (days)."""
    if not (1 <= ways.open_days <= 90 and 0 <= ways.mail_after_days <= 30):
        raise Invalid(_("Days: 1 to 90 for the next visit, 0 to 30 for the mail."))
    with transaction.atomic():
        stored, _is_new = AskSettings.objects.select_for_update().get_or_create(id=1)
        wanted = (ways.asks_solved, ways.open_days, ways.mails, ways.mail_after_days)
        if (stored.asks_solved, stored.open_days, stored.mails, stored.mail_after_days) == wanted:
            return False
        stored.asks_solved, stored.open_days, stored.mails, stored.mail_after_days = wanted
        stored.save()
        record_audit(organisation.id, actor_id, "ask_settings.changed", "1")
    return True


def _asked(factors: Sequence[AskedFactor]) -> set[str]:
    return {one.factor for one in factors if one.is_asked}
