"""Client cards in the administration: written, looked at, published, by whom and for whom."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client

from operators.cards import CardText, confirm_card, newest_card, publish_card
from operators.models import ClientCard, Posting
from tenants.context import OrganisationRef
from tests.cast import DESK, acme, globex, logged_in, omar

TEXT = CardText(tone="Calm.", dos="Greet.", donts="", specialists="Stan: tents")
TYPED = {"tone": "Calm. ", "dos": "Greet.\r\n\r\n Smile.", "donts": "", "specialists": "Stan: tents"}
ADD = "/admin/operators/clientcard/add/"


@pytest.fixture(autouse=True)
def _no_cards_left() -> Iterator[None]:
    yield
    ClientCard.objects.all().delete()
    Posting.objects.update(confirmed_version=None, confirmed_at=None, trained_at=None)


@pytest.fixture
def ada() -> Client:
    return logged_in("ada@desk.example", DESK)


@pytest.fixture
def maud() -> Client:
    return logged_in("maud@acme.example", "acme.localhost")


def words(client: Client, path: str, data: dict[str, str] | None = None) -> str:
    answer = client.get(path) if data is None else client.post(path, data)
    assert answer.status_code == 200
    main = answer.content.decode().split('<div class="front', 1)[-1].split("<form", 1)[-1]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def of(organisation: OrganisationRef) -> str:
    return f"{ADD}?organisation={organisation.id}"


def test_an_administrator_writes_looks_and_publishes_any_clients_card(ada: Client) -> None:
    acme(), globex()
    assert {"Acme Outdoor", "Globex Bank"} <= set(re.findall(r"(?:Acme|Globex) \w+", words(ada, ADD)))

    shown = words(ada, of(globex()), TYPED)
    assert "This is what operators will see." in shown
    assert newest_card(globex().id) is None
    published = ada.post(of(globex()), {**TYPED, "_publish": "yes", "replaces": "0"})

    card = newest_card(globex().id)
    assert card is not None
    assert (card.version, card.text.tone, card.text.dos) == (1, "Calm.", "Greet.\nSmile.")
    assert published["Location"] == f"/admin/operators/clientcard/{card.id}/change/"
    assert ClientCard.objects.get(pk=card.id).published_by is not None


def test_a_manager_writes_the_own_organisations_card_only(maud: Client) -> None:
    other = publish_card(globex(), TEXT, None)

    assert "The card of Acme Outdoor" in words(maud, ADD)
    for path in (of(globex()), f"{ADD}?organisation={uuid4()}", f"{ADD}?organisation=x"):
        assert maud.post(path, {**TYPED, "_publish": "yes", "replaces": "1"}).status_code == 404
    maud.post(ADD, {**TYPED, "_publish": "yes", "replaces": "0"})

    own = newest_card(acme().id)
    assert own is not None
    assert own.text.dos == "Greet.\nSmile."
    assert newest_card(globex().id) == other
    assert str(other.id) not in maud.get("/admin/operators/clientcard/").content.decode()
    missing = maud.get(f"/admin/operators/clientcard/{other.id}/change/")
    absent = maud.get(f"/admin/operators/clientcard/{uuid4()}/change/")
    assert missing.status_code == absent.status_code == 302


def test_the_preview_marks_what_is_new_and_what_is_gone(maud: Client) -> None:
    publish_card(acme(), TEXT, None)

    page = maud.post(ADD, {**TYPED, "dos": "Smile.", "donts": "<b>Shout.</b>"}).content.decode()

    assert "<mark>Smile.</mark>" in page
    assert "<del>Greet.</del>" in page
    assert "<mark>&lt;b&gt;Shout.&lt;/b&gt;</mark>" in page
    assert "<mark>Calm.</mark>" not in page


def test_an_unchanged_card_cannot_be_published_and_an_empty_one_neither(maud: Client) -> None:
    publish_card(acme(), TEXT, None)
    same = {"tone": "Calm.", "dos": "Greet.", "donts": "", "specialists": "Stan: tents"}

    assert "nothing has changed" in words(maud, ADD, same)
    assert "This field is required." in words(maud, ADD, {**same, "tone": " "})
    maud.post(ADD, {**same, "_publish": "yes", "replaces": "1"})

    assert ClientCard.objects.filter(organisation_id=acme().id).count() == 1


def test_a_card_that_somebody_else_replaced_meanwhile_is_not_overwritten(maud: Client) -> None:
    publish_card(acme(), TEXT, None)

    answer = maud.post(ADD, {**TYPED, "_publish": "yes", "replaces": "0"})

    assert answer.status_code == 302
    card = newest_card(acme().id)
    assert card is not None
    assert (card.version, card.text) == (1, TEXT)


def test_a_published_card_shows_who_has_confirmed_it_and_cannot_be_changed(maud: Client) -> None:
    card = publish_card(acme(), TEXT, None)
    path = f"/admin/operators/clientcard/{card.id}/change/"
    assert "Omar not yet" in words(maud, path)

    confirm_card(omar().id, acme(), 1)
    maud.post(path, {"tone": "Loud."})

    assert re.search(r"Omar \d+ \w+ \d{4}, \d\d:\d\d", words(maud, path))
    assert ClientCard.objects.get(pk=card.id).tone == "Calm."
    assert maud.post(f"/admin/operators/clientcard/{card.id}/delete/", {"post": "yes"}).status_code in (302, 403)
    assert ClientCard.objects.filter(pk=card.id).exists()
    assert "of" in words(maud, "/admin/operators/clientcard/")
