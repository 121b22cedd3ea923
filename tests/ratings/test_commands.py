"""``rating.give`` through the widget's door, as the widget sends it."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import get_channel_layer

from conversations.models import Conversation
from conversations.services.announcing import desk_group, page_group
from ratings.models import Rating
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation, run_in_public
from tenants.models import Website
from tests.cast import VisitorHere, acme, client_of, globex, visitor_of
from tests.ratings.rows import a_conversation


def asked(visitor: VisitorHere) -> UUID:
    """A conversation of the visitor's that was closed a while ago on the organisation's first website."""

    def make(organisation: OrganisationRef) -> UUID:
        website = Website.objects.filter(organisation_id=organisation.id).order_by("key").first()
        assert website is not None
        opened_at = platform_now() - timedelta(minutes=10)
        conversation_id = a_conversation(organisation, opened_at, visitor_id=visitor.id)
        Conversation.objects.filter(pk=conversation_id).update(website_id=website.pk, website_key=website.key)
        return conversation_id

    return in_organisation(visitor.organisation, make)


def say(visitor: VisitorHere, command: dict[str, Any]) -> list[dict[str, Any]]:
    """The frames after the welcome's."""
    website = Website.objects.filter(organisation_id=visitor.organisation.id).order_by("key").first()
    assert website is not None
    hello = {"type": "hello", "protocol": 1, "token": visitor.token, "website": website.key, "language": "en"}
    response = client_of(f"{visitor.organisation.slug}.localhost").post(
        "/api/widget/commands", json.dumps({"hello": hello, "commands": [command]}), content_type="application/json"
    )
    assert response.status_code == 200
    frames: list[dict[str, Any]] = response.json()["frames"]
    return [frame for frame in frames if frame["type"] not in ("welcome", "entries")]


def rating(conversation_id: UUID, **changes: Any) -> dict[str, Any]:
    command = {"type": "rating.give", "conversation": str(conversation_id), "cid": str(uuid4()), "mark": 9}
    return {**command, "comment": "Quick and clear.", **changes}


def marks(organisation: OrganisationRef, conversation_id: UUID) -> list[int]:
    def read(_organisation: OrganisationRef) -> list[int]:
        return list(Rating.objects.filter(conversation_id=conversation_id).values_list("mark", flat=True))

    return in_organisation(organisation, read)


def test_a_mark_is_acked_and_welcomed_back() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)
    command = rating(conversation_id)

    (ack,) = say(vera, command)
    (again,) = say(vera, command)

    assert (ack["type"], ack["cid"], ack["conversation"], ack["seq"]) == (
        "ack",
        command["cid"],
        str(conversation_id),
        1,
    )
    assert again == ack
    assert marks(acme(), conversation_id) == [9]


@pytest.mark.parametrize(
    "wrong", [{"mark": 0}, {"mark": 11}, {"mark": 7.5}, {"comment": "x" * 2001}, {"comment": "\x00"}]
)
def test_a_mark_out_of_range_is_refused_and_nothing_is_stored(wrong: dict[str, Any]) -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    (error,) = say(vera, rating(conversation_id, **wrong))

    assert (error["type"], error["code"]) == ("error", "invalid")
    assert marks(acme(), conversation_id) == []


def test_anothers_conversation_is_like_one_that_does_not_exist() -> None:  # rule 17
    vera, other, victor = visitor_of(acme()), visitor_of(acme()), visitor_of(globex())
    hers, unknown = asked(vera), uuid4()
    asked(other)

    answers = [say(other, rating(hers)), say(other, rating(unknown)), say(victor, rating(hers))]

    assert [[frame["code"] for frame in frames] for frames in answers] == [["not_found"]] * 3
    assert marks(acme(), hers) == []


async def test_a_mark_is_told_once_to_the_page_and_to_the_desks() -> None:
    vera = await run_in_public(lambda: visitor_of(acme()))
    conversation_id = await run_in_public(asked, vera)
    layer = get_channel_layer()
    heard: dict[str, list[str]] = {"page": [], "desks": []}
    await layer.subscribe(page_group(vera.organisation.schema_name, conversation_id), heard["page"].append)
    await layer.subscribe(desk_group(vera.organisation.schema_name, None), heard["desks"].append)

    command = rating(conversation_id)
    await run_in_public(say, vera, command)
    await run_in_public(say, vera, command)
    await asyncio.sleep(0.3)
    await layer.flush()

    for texts in heard.values():
        told = [fact for fact in map(json.loads, texts) if fact["conversation"] == str(conversation_id)]
        assert [(fact["type"], fact["mark"], fact["comment"]) for fact in told] == [
            ("rating.given", 9, "Quick and clear.")
        ]
