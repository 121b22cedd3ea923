"""Client cards: versions that never change, confirmed one by one, and what is written down of it."""

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from operators.cards import (
    CardStanding,
    CardText,
    Confirmation,
    card_of_version,
    card_standings,
    confirm_card,
    confirmations_of,
    newest_card,
    publish_card,
)
from operators.errors import CardOutdated
from operators.models import ClientCard, Posting
from operators.selectors import OperatorRef
from tenants.clock import clock_moved
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.models import AuditRecord
from tenants.services import NewOrganisation, create_organisation
from tests.cast import globex
from tests.conversations.scene import in_threads

Hire = Callable[..., OperatorRef]
TEXT = CardText(tone="Calm.", dos="Greet.", donts="No jokes.", specialists="Stan: tents")


@functools.cache
def _clients() -> OrganisationRef:
    return create_organisation(NewOrganisation(slug="cards", name="Cards", host="cards.localhost"))


@pytest.fixture
def client() -> OrganisationRef:
    """An organisation of these tests' own, without a card."""
    organisation = _clients()
    ClientCard.objects.filter(organisation_id=organisation.id).delete()
    return organisation


def posting_of(operator: OperatorRef, organisation: OrganisationRef) -> Posting:
    return Posting.objects.get(operator_id=operator.id, organisation_id=organisation.id)


def test_each_new_text_is_a_new_version_and_the_old_one_stays(client: OrganisationRef) -> None:
    first = publish_card(client, TEXT, None)
    second = publish_card(client, replace(TEXT, dos="Greet twice."), None)

    assert (first.version, second.version) == (1, 2)
    assert newest_card(client.id) == second
    assert card_of_version(client.id, 1) == first
    assert newest_card(globex().id) is None


def test_the_same_text_again_is_no_new_version(client: OrganisationRef) -> None:
    writer = uuid4()
    card = publish_card(client, TEXT, writer)

    assert publish_card(client, TEXT, writer) == card
    assert ClientCard.objects.filter(organisation_id=client.id).count() == 1
    published = AuditRecord.objects.filter(organisation_id=client.id, action="clientcard.published", actor_id=writer)
    assert [record.subject_id for record in published] == [str(card.id)]


def test_two_writers_at_once_get_two_versions(client: OrganisationRef) -> None:
    texts = [replace(TEXT, tone=f"Tone {number}.") for number in range(6)]

    in_threads([partial(publish_card, client, text, None) for text in texts])

    cards = ClientCard.objects.filter(organisation_id=client.id)
    assert sorted(card.version for card in cards) == [1, 2, 3, 4, 5, 6]
    assert {card.tone for card in cards} == {text.tone for text in texts}


def test_confirming_says_since_when_somebody_is_trained_and_a_new_card_asks_again(
    client: OrganisationRef, hire: Hire
) -> None:
    operator = hire(client)
    publish_card(client, TEXT, None)
    assert card_standings(operator.id, [client.id, globex().id]) == {client.id: CardStanding(1, None)}

    confirm_card(operator.id, client, 1)
    trained = posting_of(operator, client)
    publish_card(client, replace(TEXT, dos=""), None)
    asked_again = card_standings(operator.id, [client.id])
    with clock_moved(timedelta(hours=1)):
        confirm_card(operator.id, client, 2)
    again = posting_of(operator, client)

    assert trained.trained_at == trained.confirmed_at
    assert trained.trained_at is not None
    assert asked_again == {client.id: CardStanding(2, 1)}
    assert card_standings(operator.id, [client.id]) == {client.id: CardStanding(2, 2)}
    assert again.trained_at == trained.trained_at
    assert again.confirmed_at is not None
    assert again.confirmed_at - trained.trained_at >= timedelta(hours=1)


def test_confirming_twice_is_one_confirmation(client: OrganisationRef, hire: Hire) -> None:
    operator = hire(client)
    card = publish_card(client, TEXT, None)

    confirm_card(operator.id, client, 1)
    before = Posting.objects.values().get(pk=posting_of(operator, client).pk)
    confirm_card(operator.id, client, 1)

    assert Posting.objects.values().get(pk=before["id"]) == before
    confirmed = AuditRecord.objects.filter(action="clientcard.confirmed", actor_id=operator.id)
    assert [(record.organisation_id, record.subject_id) for record in confirmed] == [(client.id, str(card.id))]


def test_only_the_newest_card_of_a_client_one_answers_for_can_be_confirmed(client: OrganisationRef, hire: Hire) -> None:
    operator, stranger = hire(client), hire(globex())
    publish_card(client, TEXT, None)
    publish_card(client, replace(TEXT, dos=""), None)

    for someone, version, error in (
        (operator, 1, CardOutdated),
        (operator, 3, CardOutdated),
        (stranger, 2, NotFound),
    ):
        with pytest.raises(error):
            confirm_card(someone.id, client, version)
    with pytest.raises(NotFound):
        confirm_card(stranger.id, globex(), 1)

    assert posting_of(operator, client).confirmed_version is None
    assert posting_of(stranger, globex()).confirmed_version is None
    assert not AuditRecord.objects.filter(actor_id__in=[operator.id, stranger.id]).exists()


def test_who_has_confirmed_what_and_when_is_listed_by_name(client: OrganisationRef, hire: Hire) -> None:
    zoe, anna = hire(client, name="Zoe"), hire(client, name="Anna")
    publish_card(client, TEXT, None)
    confirm_card(zoe.id, client, 1)

    listed = confirmations_of(client.id)

    confirmed_at = posting_of(zoe, client).confirmed_at
    assert listed == [Confirmation(anna.name, None, None), Confirmation("Zoe", 1, confirmed_at)]
