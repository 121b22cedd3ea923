"""A web server is killed with an operator on it: nobody says goodbye, and the visitor who waits gets somebody else."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from operators.models import Assignment, Presence
from tenants.context import run_in_public
from tests import servers
from tests.desk_people import Colleague
from tests.protocol_client import desk, reply, take, widget
from tests.servers import WebServer

PRESENT_SECONDS = 45
# A second for the sweep's turn; the rest because other tests run beside this one.
LATEST_SECONDS = PRESENT_SECONDS + 12


async def test_who_waits_for_an_operator_on_a_killed_server_gets_a_colleague_once(
    start_web: Callable[..., WebServer], olga: Colleague, omar: Colleague
) -> None:  # rule 22
    doomed, survivor = await asyncio.gather(*(asyncio.to_thread(start_web) for _ in range(2)))
    with servers.sweep():
        async with widget(survivor) as vera:
            conversation = (await vera.say("Hello"))["conversation"]
            async with desk(doomed, olga.cookie) as olgas:
                await take(olgas, conversation)
                await reply(olgas, conversation, "Hello, how can I help?")
                await vera.say("Is the ridge tent waterproof?")
                await asyncio.to_thread(doomed.kill)
            seen_at: datetime = (await run_in_public(Presence.objects.get, pk=olga.id)).seen_at

            async with desk(survivor, omar.cookie) as omars:
                thread = vera.thread(conversation)
                await vera.settled(lambda: holders(thread.facts)[-1] == str(omar.id), LATEST_SECONDS + 10)
                await reply(omars, conversation, "It is: 4,000 mm.")
                await vera.settled(lambda: vera.bodies(conversation)[-1] == "It is: 4,000 mm.")

    assert await run_in_public(held_by, conversation) == [olga.id, omar.id]
    moved = [fact for fact in thread.facts if fact["type"] == "conversation.assigned"][-1]
    waited = (datetime.fromisoformat(moved["at"]) - seen_at).total_seconds()
    assert PRESENT_SECONDS <= waited < LATEST_SECONDS


def held_by(conversation: str) -> list[UUID]:
    """Whose the conversation was, one stretch after the other. Not read from what the visitor heard: when the sweep was
    faster than olga's hand, her taking what she has already is told once more."""
    stretches = Assignment.objects.filter(conversation_id=conversation).order_by("started_at")
    return list(stretches.values_list("operator_id", flat=True))


def holders(facts: list[dict[str, object]]) -> list[str]:
    """Who answers, as often as the visitor was told."""
    operators = [fact["operator"] for fact in facts if fact["type"] == "conversation.assigned"]
    return [str(operator["id"]) for operator in operators if isinstance(operator, dict)]
