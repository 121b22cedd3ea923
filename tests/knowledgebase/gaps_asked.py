"""Gaps to test with: questions asked and grouped, in an organisation whose gaps are these tests' own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from uuid import UUID, uuid4

from conversations.models import Conversation
from knowledgebase.models import Article, CollectedUntil, Gap, Suggested, UnansweredTurn
from knowledgebase.services.gaps import Turn, group_turns, keep_turns
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.services import NewOrganisation, create_organisation

ENGRAVING = (
    "Can you engrave a name on a knife?",
    "Do you engrave knives?",
    "Is engraving the knife with a name possible?",
)
PARKING = ("Is there parking at your store?", "Where can I park near the store?")
ENGRAVED = "We engrave every knife for € 5; it takes two days longer then."


@cache
def made(slug: str) -> OrganisationRef:
    return create_organisation(
        NewOrganisation(slug=slug, name=slug.title(), host=f"{slug}.localhost", languages=("en", "nl"))
    )


@contextmanager
def cleared(slug: str = "gaps-shop") -> Iterator[OrganisationRef]:
    """An organisation without any gap, before and behind the block."""
    organisation = made(slug)
    in_organisation(organisation, emptied)
    yield organisation
    in_organisation(organisation, emptied)


def emptied(_organisation: OrganisationRef) -> None:
    for model in (UnansweredTurn, Gap, CollectedUntil, Suggested, Article, Conversation):
        model.objects.all().delete()


def asked(organisation: OrganisationRef, *questions: str, answer: str = ENGRAVED, language: str = "en") -> None:
    """Kept and grouped, one after the other."""
    now = platform_now() - timedelta(days=1)
    for number, question in enumerate(questions):
        turn = Turn(
            conversation_id=uuid4(),
            seq=1,
            language=language,
            question=question,
            answer=answer,
            at=now + timedelta(minutes=number),
        )
        in_organisation(organisation, keep_turns, [turn])
    while in_organisation(organisation, group_turns):
        pass


def gaps_of(organisation: OrganisationRef) -> list[Gap]:
    return in_organisation(organisation, lambda _: list(Gap.objects.all()))


def grouped(organisation: OrganisationRef) -> dict[UUID, set[str]]:
    """Gap → its questions."""

    def read(_organisation: OrganisationRef) -> dict[UUID, set[str]]:
        found: dict[UUID, set[str]] = {}
        for gap_id, question in UnansweredTurn.objects.values_list("gap_id", "question"):
            found.setdefault(gap_id, set()).add(question)
        return found

    return in_organisation(organisation, read)
