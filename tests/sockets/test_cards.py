"""A client's card over real sockets: pushed when it changes, confirmed on all pages at once."""

from collections.abc import Iterator

import pytest

from conversations.services.cards import publish_client_card
from operators.cards import CardText
from operators.models import ClientCard, Posting
from tenants.context import run_in_public
from tests.cast import acme
from tests.desk_people import Colleague
from tests.protocol_client import desk
from tests.servers import WebServer

TEXT = CardText(tone="Calm.", dos="Greet.", donts="", specialists="Stan: tents")
OTHER = CardText(tone="Calm.", dos="Greet twice.", donts="", specialists="Stan: tents")


def publish(text: CardText) -> None:
    publish_client_card(acme(), text, None)


@pytest.fixture(autouse=True)
def _no_cards_left() -> Iterator[None]:
    yield
    ClientCard.objects.all().delete()
    Posting.objects.update(confirmed_version=None, confirmed_at=None, trained_at=None)


async def test_a_card_is_pushed_read_and_confirmed_on_all_pages_of_an_operator(
    server: WebServer, olga: Colleague, omar: Colleague
) -> None:
    async with (
        desk(server, olga.cookie) as page,
        desk(server, olga.cookie) as phone,
        desk(server, omar.cookie) as omars,
    ):
        welcomed = next(frame for frame in page.frames if frame["type"] == "welcome")
        assert [one["card"] for one in welcomed["organisations"]] == [None, None]
        await run_in_public(publish, TEXT)
        for line in (page, phone, omars):
            changed = await line.until("card.changed")
            assert (changed["organisation"], changed["version"]) == ("acme", 1)

        await page.send("card.fetch", organisation="acme")
        card = await page.until("card")
        assert (card["text"]["dos"], card["confirmed"], card["before"]) == ("Greet.", None, None)
        await page.send("card.confirm", organisation="acme", version=1)
        for line in (page, phone):
            assert (await line.until("card.confirmed"))["operator"] == str(olga.id)

        await run_in_public(publish, OTHER)
        await phone.until(lambda frame: frame["type"] == "card.changed" and frame["version"] == 2)
        await phone.send("card.confirm", organisation="acme", version=1)
        assert (await phone.until("error"))["code"] == "card_outdated"
        start = len(phone.frames)
        await phone.send("card.fetch", organisation="acme")
        again = await phone.until("card", start)
        assert (again["version"], again["confirmed"], again["before"]["dos"]) == (2, 1, "Greet.")
        assert "card.confirmed" not in [frame["type"] for frame in omars.frames]


async def test_a_client_without_a_card_has_none_to_read_or_confirm(server: WebServer, olga: Colleague) -> None:
    async with desk(server, olga.cookie) as page:
        for kind, fields in (("card.fetch", {}), ("card.confirm", {"version": 1})):
            await page.send(kind, organisation="globex", **fields)
            assert (await page.until("error", len(page.frames)))["code"] == "not_found"


async def test_the_same_card_again_is_pushed_to_nobody(server: WebServer, olga: Colleague) -> None:
    async with desk(server, olga.cookie) as page:
        for text in (TEXT, TEXT, OTHER):
            await run_in_public(publish, text)
        await page.until(lambda frame: frame["type"] == "card.changed" and frame["version"] == 2)

        assert [frame["version"] for frame in page.frames if frame["type"] == "card.changed"] == [1, 2]
