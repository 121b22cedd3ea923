"""A supervisor over real sockets: reads along, whispers, takes over, reassigns, closes. The visitor learns a name."""

from typing import Any
from uuid import UUID

import pytest

from operators.models import Assignment, Operator
from operators.selectors import load_of
from tenants.context import run_in_public
from tenants.models import AuditRecord, StaffRole
from tests.desk_people import Colleague, supervisor
from tests.protocol_client import Frame, Line, desk, desk_door, new_cid, reply, take, widget
from tests.servers import WebServer


@pytest.fixture
def sam() -> Colleague:
    return supervisor()


def place(conversation: str) -> dict[str, str]:
    return {"organisation": "acme", "conversation": conversation}


async def begun(vera: Line, olgas: Line, body: str = "Is it waterproof?") -> str:
    """A conversation that Olga holds."""
    conversation = (await vera.say(body))["conversation"]
    await take(olgas, conversation)
    return conversation


async def watched(sams: Line, conversation: str) -> Frame:
    start = len(sams.frames)
    await sams.send("conversation.watch", **place(conversation))
    watching = await sams.until("watching", start)
    await sams.fetch(sams.thread(conversation))
    await sams.until("entries", start)
    return watching


def audited(sam: Colleague, conversation: str) -> list[str]:
    records = AuditRecord.objects.filter(actor_id=sam.id, subject_id=conversation).order_by("at")
    return list(records.values_list("action", flat=True))


def is_whisper(frame: Frame) -> bool:
    return frame["type"] == "whisper.added"


async def test_a_supervisor_reads_along_whispers_and_takes_over(
    server: WebServer, olga: Colleague, sam: Colleague
) -> None:
    async with (
        widget(server) as vera,
        desk(server, olga.cookie) as olgas,
        desk(server, sam.cookie) as sams,
    ):
        conversation = await begun(vera, olgas)
        welcomed = next(frame for frame in sams.frames if frame["type"] == "welcome")
        assert welcomed["supervises"]
        assert {"acme", "globex"} <= {one["slug"] for one in welcomed["organisations"] if not one["answers"]}
        assert welcomed["inbox"] == []

        watching = await watched(sams, conversation)
        assert (watching["entry"]["state"], watching["entry"]["operator"]) == ("assigned", str(olga.id))
        assert "Is it waterproof?" in sams.bodies(conversation)
        await reply(olgas, conversation, "It is.")
        await sams.until(lambda frame: frame["type"] == "message.sent" and frame["body"] == "It is.")
        await olgas.ask("note.add", **place(conversation), body="Regular.")
        assert (await sams.until("note.added"))["body"] == "Regular."

        acked = await sams.ask("whisper.add", **place(conversation), body="Offer the repair.")
        assert (acked["seq"], acked["type"]) == (None, "ack")
        for line in (olgas, sams):
            whispered = await line.until(is_whisper)
            assert (whispered["body"], whispered["sender"]["name"]) == ("Offer the repair.", "Sam")

        cid = new_cid()
        taken = await sams.ask("conversation.take_over", **place(conversation), cid=cid)
        again = await sams.ask("conversation.take_over", **place(conversation), cid=cid)
        assert (taken["type"], taken["seq"]) == ("ack", again["seq"])
        assigned = await vera.until(
            lambda frame: frame["type"] == "conversation.assigned" and frame["operator"]["name"] == "Sam"
        )
        assert set(assigned["operator"]) == {"id", "name"}
        withdrawn = await olgas.until("offer.withdrawn")
        assert (withdrawn["operator"]["name"], withdrawn["reason"]) == ("Olga", "taken_over")
        late = await reply(olgas, conversation, "One more thing")
        assert (late["type"], late["code"]) == ("error", "not_assigned")
        await reply(sams, conversation, "Sam here.")
        await vera.until(lambda frame: frame["type"] == "message.sent" and frame["body"] == "Sam here.")

        heard = str(vera.frames)
        assert "Offer the repair." not in heard
        assert "whisper" not in heard
        assert "Regular." not in heard

    assert await run_in_public(audited, sam, conversation) == [
        "conversation.watched",
        "conversation.whispered",
        "conversation.taken_over",
    ]
    assert await run_in_public(stretches, conversation) == [("taken", "taken_over"), ("taken_over", "")]


def stretches(conversation: str) -> list[tuple[str, str]]:
    rows = Assignment.objects.filter(conversation_id=UUID(conversation)).order_by("started_at")
    return list(rows.values_list("start", "end"))


async def test_who_can_take_it_is_told_with_their_load_and_gets_it(
    server: WebServer, olga: Colleague, omar: Colleague, sam: Colleague
) -> None:
    await run_in_public(Operator.objects.filter(pk=omar.id).update, capacity=2)
    async with (
        widget(server) as vera,
        desk(server, olga.cookie) as olgas,
        desk(server, omar.cookie) as omars,
        desk(server, sam.cookie) as sams,
    ):
        conversation = await begun(vera, olgas)
        await watched(sams, conversation)
        await sams.send("operators.fetch", **place(conversation))
        choices = {one["id"]: one for one in (await sams.until("operators"))["operators"]}
        omars_line = choices[str(omar.id)]
        assert (omars_line["load"], omars_line["capacity"], omars_line["can_take"]) == (0, 2, True)
        assert choices[str(olga.id)]["load"] == 1
        assert str(sam.id) not in choices

        moved = await sams.ask("conversation.reassign", **place(conversation), operator=str(omar.id))
        assert moved["type"] == "ack"
        await omars.until(lambda frame: frame["type"] == "conversation.assigned" and frame["seq"] == moved["seq"])
        assert (await olgas.until("offer.withdrawn"))["reason"] == "reassigned"
        row = await sams.until(
            lambda frame: frame["type"] == "inbox.changed" and frame["entry"]["operator"] == str(omar.id)
        )
        assert row["entry"]["conversation"] == conversation

        await omars.send("presence.set", state="away")
        await omars.until("presence.changed")
        back = await sams.ask("conversation.reassign", **place(conversation), operator=str(olga.id))
        refused = await sams.ask("conversation.reassign", **place(conversation), operator=str(omar.id))
        unknown = await sams.ask("conversation.reassign", **place(conversation), operator=str(sam.id))
        assert back["type"] == "ack"
        assert (refused["code"], unknown["code"]) == ("cannot_take", "cannot_take")
    assert await run_in_public(load_of, omar.id) == 0
    assert (await run_in_public(audited, sam, conversation))[1:] == ["conversation.reassigned"] * 2


async def test_a_supervisor_closes_what_somebody_else_holds(server: WebServer, olga: Colleague, sam: Colleague) -> None:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas, desk(server, sam.cookie) as sams:
        conversation = await begun(vera, olgas)
        closed = await sams.ask("conversation.close", **place(conversation), purpose="other")
        assert closed["type"] == "ack"
        assert (await vera.until("conversation.closed"))["sender"]["name"] == "Sam"
        await olgas.until("conversation.closed")

        await sams.send("conversation.watch", **place(conversation))
        assert (await sams.until("watching"))["entry"] is None
    assert await run_in_public(audited, sam, conversation) == [
        "conversation.closed_for_operator",
        "conversation.watched",
    ]


async def test_watching_goes_on_after_a_new_connection_and_without_sockets_and_ends_when_asked(
    server: WebServer, olga: Colleague, sam: Colleague
) -> None:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = await begun(vera, olgas)
        reads: dict[str, Any] = {"watched": {conversation: "acme"}}
        async with desk(server, sam.cookie, cursors={conversation: [1, 0]}, **reads) as sams:
            assert sams.frames[0]["inbox"][0]["conversation"] == conversation
            entries = await sams.until("entries")
            assert (entries["conversation"], entries["since"]) == (conversation, 1)
            await vera.say("Still there?")
            await sams.until(lambda frame: frame["type"] == "message.sent" and frame["body"] == "Still there?")
            beat = await sams.until("heartbeat", len(sams.frames))
            assert conversation in beat["tops"]

            await sams.send("conversation.unwatch", **place(conversation))
            shown = True
            while shown:  # an answer to an earlier question may still be on its way
                mark = len(sams.frames)
                await sams.send("inbox.fetch")
                shown = bool((await sams.until("inbox", mark))["inbox"])
            mark = len(sams.frames)
            await vera.say("Hello?")
            await olgas.until(lambda frame: frame["type"] == "message.sent" and frame["body"] == "Hello?")
            await sams.until("heartbeat", mark)
            assert {frame["type"] for frame in sams.frames[mark:]} <= {"heartbeat"}

        status, frames = await desk_door(server, sam.cookie, [{"type": "inbox.fetch"}], **reads)
        assert status == 200
        assert [row["conversation"] for row in frames[-1]["inbox"]] == [conversation]


async def test_whoever_loses_the_role_hears_nothing_more(server: WebServer, olga: Colleague, sam: Colleague) -> None:
    # rule 37
    async with widget(server) as vera, desk(server, olga.cookie) as olgas, desk(server, sam.cookie) as sams:
        conversation = await begun(vera, olgas)
        await watched(sams, conversation)
        await run_in_public(lambda: StaffRole.objects.filter(user_id=sam.id).delete())
        assert await sams.closed() == 4401

        await run_in_public(lambda: StaffRole.objects.create(user_id=sam.id, role=StaffRole.Role.OPERATOR))
        async with desk(server, sam.cookie, watched={conversation: "acme"}) as again:
            assert not again.frames[0]["supervises"]
            assert again.frames[0]["inbox"] == []
            refused = await again.ask("whisper.add", **place(conversation), body="x")
            assert refused["code"] == "not_found"
            await vera.say("Still there?")
            await olgas.until(lambda frame: frame["type"] == "message.sent" and frame["body"] == "Still there?")
            assert "message.sent" not in again.kinds()
