"""Rule 17: every address and every command, asked by everybody who may not.

Whatever they name, it is as if it did not exist: the same answer, nothing changed, nothing announced. A new address or
command fails here until it has its line.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver
from websockets.exceptions import ConnectionClosed

from chatplatform import urls_desk, urls_organisation
from conversations.commands.desk import desk_commands
from conversations.commands.visitor import visitor_commands
from knowledgebase.content import Content, TextContent
from knowledgebase.services.articles import Editor, save_article
from knowledgebase.services.documents import store_document
from operators.models import Clock, DueWork, Posting
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation, run_in_public
from tests.cast import DESK, acme, client_of, globex, logged_in
from tests.desk_people import Colleague, colleague_of
from tests.protocol_client import (
    DESK_PATH,
    Frame,
    Line,
    desk,
    desk_cookie,
    desk_door,
    dial,
    new_cid,
    take,
    token_of,
    visitor_door,
    visitor_hello,
    widget,
)
from tests.servers import WebServer
from tests.tenants.test_images import drawn, encoded

# Rows that tell of being there, not of what was done.
BREATHING = {
    "django_session",
    "operators_presence",
    "operators_attendance",
    "tenants_pulse",
    "operators_alert",
    "operators_alertrule",
}
PICTURE = encoded(drawn(), "PNG")

# What each command names beside organisation and conversation; OWN: it reaches nothing but the sender's own.
OWN = None
DESK_MATRIX: dict[str, dict[str, Any] | None] = {
    "heartbeat": OWN,
    "inbox.fetch": OWN,
    "presence.set": OWN,
    "message.send": {"body": "x"},
    "message.edit": {"target": 2, "body": "x"},
    "message.delete": {"target": 2},
    "entries.fetch": {"since": 0, "desk_since": 0},
    "conversation.fetch": {},
    "typing.set": {"typing": True},
    "read.mark": {"upto": 2},
    "conversation.take": {},
    "conversation.close": {"purpose": "other"},
    "ending.correct": {"purpose": "other", "lead": None, "mood_start": None, "mood_end": -2},
    "note.add": {"body": "x"},
    "conversation.watch": {},
    "conversation.unwatch": {},
    "whisper.add": {"body": "x"},
    "conversation.take_over": {},
    "conversation.reassign": {"operator": str(uuid4())},
    "operators.fetch": {},
    "alert.acknowledge": {"alert": str(uuid4())},
    "card.fetch": {},
    "card.confirm": {"version": 1},
    "specialists.fetch": {},
    "conversation.escalate": {"reason": "x"},
    "escalation.withdraw": {"escalation": str(uuid4())},
    "suggestions.fetch": {},
    "articles.search": {"text": "x", "language": "en"},
    "article.fetch": {"article": str(uuid4())},
    "suggestion.use": {"seq": 1, "article": str(uuid4()), "rank": 1},
    "article.report": {"article": str(uuid4()), "kind": "wrong"},
    "gap.flag": {"seq": 1},
}
SUPERVISORS_OWN = ("conversation.watch", "conversation.unwatch", "whisper.add", "conversation.take_over",
                   "conversation.reassign", "operators.fetch")  # fmt: skip
VISITOR_MATRIX: dict[str, dict[str, Any] | None] = {
    "heartbeat": OWN,
    "message.send": OWN,
    "page.visit": OWN,
    "contact.send": OWN,
    "opening.fetch": OWN,
    "help.search": OWN,
    "help.rate": OWN,
    "message.edit": {"target": 2, "body": "x"},
    "message.delete": {"target": 2},
    "entries.fetch": {"since": 0},
    "typing.set": {"typing": True},
    "read.mark": {"upto": 2},
    "topic.choose": {"topic": "delivery"},
    "conversation.leave": {},
    "rating.give": {"mark": 1, "comment": "x"},
    "rating.answer": {"question": "trust", "answer": 1},
    "rating.shown": {},
}
WITHOUT_CID = {
    "entries.fetch", "conversation.fetch", "typing.set", "read.mark", "card.fetch", "card.confirm", "specialists.fetch",
    "conversation.watch", "conversation.unwatch", "operators.fetch", "alert.acknowledge",
    "suggestions.fetch", "articles.search", "article.fetch", "suggestion.use", "rating.shown",
}  # fmt: skip
# They name an organisation only.
WITHOUT_CONVERSATION = {"card.fetch", "card.confirm"}
# Nor an organisation.
WITHOUT_PLACE = {"alert.acknowledge"}

# PUBLIC: for everybody. PAGE: sends strangers to log in, or says 404. DOOR: tested as commands. FILE: 404 as JSON.
PUBLIC, PAGE, DOOR, FILE = "public", "page", "door", "file"
DESK_ADDRESSES = {
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "": PAGE,
    "wallboard/": PAGE,
    "api/wallboard": FILE,
    "api/wallboard/conversations": FILE,
    "staffing/": PAGE,
    "comparison/": PAGE,
    "follow-ups/": PAGE,
    "follow-ups/<slug:slug>/<uuid:follow_up_id>/<slug:action>": PAGE,
    "reviews/": PAGE,
    "reviews/<slug:slug>/<uuid:review_id>/": PAGE,
    "coaching/": PAGE,
    "coaching/team/": PAGE,
    "coaching/<uuid:note_id>/<slug:action>": PAGE,
    "coaching/reviews/<slug:slug>/<uuid:review_id>/": PAGE,
    "api/wallboard/alerts/<uuid:alert_id>/seen": FILE,
    "login/": PUBLIC,
    "logout/": PUBLIC,
    "language/": PUBLIC,
    "api/desk/commands": DOOR,
    "api/desk/organisations/<slug:slug>/conversations/<uuid:conversation_id>/attachments": FILE,
    "api/desk/organisations/<slug:slug>/attachments/<uuid:attachment_id>": FILE,
    "api/desk/organisations/<slug:slug>/article-files/<uuid:document_id>": FILE,
}
ORGANISATION_ADDRESSES = {
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "": PUBLIC,
    "login/": PUBLIC,
    "logout/": PUBLIC,
    "language/": PUBLIC,
    "invitation/": PUBLIC,  # the same shell for everybody; the mailed token opens it
    "widget/": PUBLIC,
    "widget/loader.js": PUBLIC,
    "api/widget/commands": DOOR,
    "api/widget/attachments": FILE,
    "api/widget/attachments/<uuid:attachment_id>": FILE,
    "specialist/": PUBLIC,  # the same shell for everybody; what it shows is behind the three doors
    "api/guest/open": DOOR,
    "api/guest/new-link": DOOR,
    "api/guest/commands": DOOR,
    "rating/": PUBLIC,  # as the specialists' page: the link's token is behind the door
    "api/rating/commands": DOOR,
}


def snapshot() -> dict[str, str | None]:
    """Every row of every table of the platform and both organisations, as one hash per table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'o_acme', 'o_globex')"
        )
        tables = [(schema, table) for schema, table in cursor.fetchall() if table not in BREATHING]
        hashes = {}
        for schema, table in tables:
            cursor.execute(f'SELECT md5(string_agg(t::text, \',\' ORDER BY t::text)) FROM "{schema}"."{table}" t')
            hashes[f"{schema}.{table}"] = cursor.fetchone()[0]
    return hashes


def tags(registry: Any) -> set[str]:
    return {command.__struct_config__.tag for command in registry._handlers}


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def outside_admin(urlconf: Any) -> set[str]:
    return {route for route in routes(urlconf.urlpatterns) if not route.startswith("admin/")}


def filled(route: str, object_id: str, slug: str = "acme") -> str:
    """A path for this route; the admin's few regular expressions are filled by hand."""
    route = route.replace("(?P<url>.*)$", "no-such-page/").replace("$", "").replace("^", "")
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "conversations", route)
    route = re.sub(r"<slug:slug>", slug, route)
    return "/" + re.sub(r"<[^>]+>", object_id, route)


def test_every_command_has_its_line_in_the_matrix() -> None:
    assert tags(desk_commands) == set(DESK_MATRIX)
    assert tags(visitor_commands) == set(VISITOR_MATRIX)


def test_every_address_has_its_line_in_the_matrix() -> None:
    assert outside_admin(urls_desk) == set(DESK_ADDRESSES)
    assert outside_admin(urls_organisation) == set(ORGANISATION_ADDRESSES)


def nothing_due() -> None:
    """A sweep that another test started finds nothing to do meanwhile."""
    later = platform_now() + timedelta(hours=1)
    Clock.objects.update(next_at=later)
    DueWork.objects.update(due_at=later)


async def all_arrived(vera: Line, olgas: Line, conversation: str) -> tuple[int, int]:
    """What was announced so far has arrived at both: each begins to type, and hints do not overtake each other. Returns
    how many frames each has heard."""
    heard = len(vera.frames), len(olgas.frames)
    await olgas.send("typing.set", organisation="acme", conversation=conversation, typing=True)
    await vera.until("typing.changed", heard[0])
    await vera.send("typing.set", conversation=conversation, typing=True)
    await olgas.until("typing.changed", heard[1])
    return len(vera.frames), len(olgas.frames)


async def nobody_heard(vera: Line, olgas: Line, conversation: str, marks: tuple[int, int]) -> None:
    """Since the marks nothing arrived at either but heartbeats, and at last the other's typing."""
    await all_arrived(vera, olgas, conversation)
    for line, mark, side in ((vera, marks[0], "operator"), (olgas, marks[1], "visitor")):
        heard = [frame for frame in line.frames[mark:] if frame["type"] != "heartbeat"]
        assert [(frame["type"], frame.get("side")) for frame in heard] == [("typing.changed", side)]


async def answer(line: Line, kind: str, fields: dict[str, Any]) -> tuple[str, str, bool]:
    """The error that a command got: commands without an answer of their own are fenced by their error."""
    start = len(line.frames)
    if kind in WITHOUT_CONVERSATION:
        fields = {name: value for name, value in fields.items() if name != "conversation"}
    if kind in WITHOUT_PLACE:
        fields = {name: value for name, value in fields.items() if name not in ("organisation", "conversation")}
    await line.send(kind, **({} if kind in WITHOUT_CID else {"cid": new_cid()}), **fields)
    error = await line.until(lambda frame: frame["type"] != "heartbeat", start)
    assert error["type"] == "error", (kind, error)
    return error["code"], error["message"], error["retry"]


async def a_conversation(vera: Line, olgas: Line) -> str:
    conversation = (await vera.say("Between us"))["conversation"]
    await take(olgas, conversation)
    await olgas.until("inbox.changed")
    await vera.until("conversation.assigned")
    vera.follows = olgas.follows = False  # from here on only what is announced is heard
    return conversation


@pytest.mark.parametrize("who", ["former operator", "operator of Globex", "operator of nobody"])
async def test_an_operator_who_does_not_answer_for_an_organisation_finds_nothing_of_it(
    server: WebServer, olga: Colleague, who: str
) -> None:
    # rule 17
    def stranger() -> Colleague:
        if who == "operator of Globex":
            return colleague_of(globex())
        if who == "operator of nobody":
            return colleague_of()
        former = colleague_of(acme(), globex())
        Posting.objects.filter(operator_id=former.id, organisation_id=acme().id).delete()
        return former

    someone = await run_in_public(stranger)
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = await a_conversation(vera, olgas)
        waiting = (await visitor_door(server, "acme", visitor_hello("acme"), [said("And I wait")]))[1][-1][
            "conversation"
        ]
        async with desk(server, someone.cookie) as stranger_line:
            stranger_line.follows = False
            await run_in_public(nothing_due)
            marks = await all_arrived(vera, olgas, conversation)
            before = await run_in_public(snapshot)
            for kind, fields in DESK_MATRIX.items():
                if fields is OWN:
                    continue
                nothing = await answer(
                    stranger_line, kind, {"organisation": "no-such", "conversation": str(uuid4()), **fields}
                )
                assert nothing[0] == "not_found"
                for real in (conversation, waiting):
                    got = await answer(stranger_line, kind, {"organisation": "acme", "conversation": real, **fields})
                    assert got == nothing, kind
                    # an organisation they do answer for does not open another's conversation either
                    if who != "operator of nobody":
                        own = {"organisation": "globex", "conversation": real, **fields}
                        absent = {"organisation": "globex", "conversation": str(uuid4()), **fields}
                        assert await answer(stranger_line, kind, own) == await answer(stranger_line, kind, absent)

            await stranger_line.send("inbox.fetch")
            inbox = await stranger_line.until("inbox")
            assert "acme" not in str(inbox["inbox"])
            assert await run_in_public(snapshot) == before
            await nobody_heard(vera, olgas, conversation, marks)
            heard = str(stranger_line.frames)
            assert conversation not in heard
            assert waiting not in heard
            assert "Between us" not in heard


async def test_a_colleague_who_does_not_hold_a_conversation_changes_nothing_in_it(
    server: WebServer, olga: Colleague, omar: Colleague
) -> None:
    async with (
        widget(server) as vera,
        desk(server, olga.cookie) as olgas,
        desk(server, omar.cookie) as omars,
    ):
        conversation = await a_conversation(vera, olgas)
        omars.follows = False
        place = {"organisation": "acme", "conversation": conversation}
        await run_in_public(nothing_due)
        before = await run_in_public(snapshot)
        codes = {
            kind: (await answer(omars, kind, {**place, **(DESK_MATRIX[kind] or {})}))[0]
            for kind in ("message.send", "message.edit", "message.delete", "typing.set", "read.mark",
                         "conversation.take", "conversation.close", "ending.correct", "conversation.escalate",
                         "escalation.withdraw",
                         *SUPERVISORS_OWN)
        }  # fmt: skip
        assert await run_in_public(snapshot) == before
        assert codes == {
            "message.send": "not_assigned",
            "message.edit": "not_found",
            "message.delete": "not_found",
            "typing.set": "not_found",
            "read.mark": "not_found",
            "conversation.take": "already_taken",
            "conversation.close": "not_assigned",
            "ending.correct": "not_assigned",
            "conversation.escalate": "not_assigned",
            "escalation.withdraw": "not_assigned",
            **dict.fromkeys(SUPERVISORS_OWN, "not_found"),
        }


@pytest.mark.parametrize("who", ["another visitor", "a newcomer", "Globex' visitor", "Vera's token at Globex"])
async def test_a_visitor_finds_nothing_of_another(server: WebServer, olga: Colleague, who: str) -> None:
    # rule 17
    place = "globex" if "Globex" in who else "acme"
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = await a_conversation(vera, olgas)
        token = token_of(vera) if "token" in who else None
        async with widget(server, place, token=token, conversation=conversation, since=0) as victor:
            victor.follows = False
            assert "Between us" not in str(victor.frames)
            if who != "a newcomer":
                await victor.say("Mine")
                await victor.until("ack")
            await run_in_public(nothing_due)
            marks = await all_arrived(vera, olgas, conversation)
            before = await run_in_public(snapshot)
            for kind, fields in VISITOR_MATRIX.items():
                if fields is not OWN:
                    nothing = await answer(victor, kind, {"conversation": str(uuid4()), **fields})
                    assert nothing[0] == "not_found"
                    assert await answer(victor, kind, {"conversation": conversation, **fields}) == nothing, kind
            assert await run_in_public(snapshot) == before
            await nobody_heard(vera, olgas, conversation, marks)
            assert "Between us" not in str(victor.frames)


def said(body: str) -> Frame:
    return {"type": "message.send", "cid": new_cid(), "body": body}


NOT_OPERATORS = {
    "anonymous": lambda: "",
    "manager": lambda: desk_cookie("maud@acme.example"),
    "specialist": lambda: desk_cookie("stan@acme.example"),
    "administrator": lambda: desk_cookie("ada@desk.example"),
    "made-up session": lambda: desk_cookie("maud@acme.example").split("=")[0] + "=" + "a" * 32,
    "Olga's session of another host": lambda: desk_cookie("olga@desk.example", "acme.localhost"),
}


@pytest.mark.parametrize("who", NOT_OPERATORS)
async def test_only_operators_open_the_desk(server: WebServer, who: str) -> None:
    # rules 17 and 18: the same refusal for all of them, over both doors
    cookie = await run_in_public(NOT_OPERATORS[who])
    await run_in_public(nothing_due)
    before = await run_in_public(snapshot)

    async with dial(server.port, DESK, DESK_PATH, headers=[("Cookie", cookie)]) as socket:
        await socket.send('{"type": "hello", "protocol": 1, "cursors": {}}')
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4401
    status, frames = await desk_door(server, cookie, [{"type": "inbox.fetch"}])

    assert status == 404
    assert [(frame["type"], frame["code"]) for frame in frames] == [("error", "not_found")]
    assert await run_in_public(snapshot) == before


@pytest.fixture
def things(web_server: WebServer) -> dict[str, str]:
    """A conversation at Acme with an image in it, and a document of one of its articles."""
    import asyncio

    async def make() -> dict[str, str]:
        async with widget(web_server) as vera:
            conversation = (await vera.say("Hello"))["conversation"]
            return {"token": token_of(vera), "conversation": conversation}

    made = asyncio.run(make())
    answered = client_of("acme.localhost").post(
        "/api/widget/attachments",
        {"file": SimpleUploadedFile("a.png", PICTURE)},
        headers={"authorization": f"Bearer {made['token']}"},
    )
    return {**made, "attachment": answered.json()["id"], "document": in_organisation(acme(), a_document)}


def a_document(organisation: OrganisationRef) -> str:
    """A PDF file of a new article."""
    editor = Editor(None, "Mia")
    article = save_article(editor, None, Content(texts={"en": TextContent("Terms", "See the terms.")}))
    return str(store_document(organisation, editor, article.pk, name="terms.pdf", data=b"%PDF-1.7").pk)


def told(response: Any, path: str) -> tuple[Any, ...]:
    """What an answer tells, apart from the path it was asked for and what is random in every page."""
    text = re.sub(r'(value|nonce)="[\w-]{20,}"', "", response.content.decode())
    return response.status_code, text.replace(path, ""), response.get("Location", "").split("?")[0]


def people(host: str) -> dict[str, Callable[[], Client]]:
    """Browsers at this host in which nobody is logged in who may do anything here."""
    there = {"anonymous": lambda: client_of(host)}
    emails = {
        DESK: ["maud@acme.example", "stan@acme.example", "mona@globex.example"],
        "acme.localhost": ["mona@globex.example", "stan@acme.example", "olga@desk.example", "sam@desk.example",
                           "ada@desk.example"],
    }[host]  # fmt: skip
    return there | {email: (lambda email=email: logged_in(email, host)) for email in emails}


@pytest.mark.parametrize("host", [DESK, "acme.localhost"])
def test_strangers_find_nothing_at_any_address(things: dict[str, str], host: str) -> None:
    # rule 17
    addresses, urlconf = {
        DESK: (DESK_ADDRESSES, urls_desk),
        "acme.localhost": (ORGANISATION_ADDRESSES, urls_organisation),
    }[host]
    clients = {who: client() for who, client in people(host).items()}
    if host == DESK:
        clients["operator of Globex"] = logged_in(colleague_of(globex()).email)
    nothing_due()
    before = snapshot()
    for route in routes(urlconf.urlpatterns):
        kind = addresses.get(route, PAGE)
        if kind in (PUBLIC, DOOR):
            continue
        asked = next((name for name in ("attachment", "document") if f"{name}_id" in route), "conversation")
        real = things[asked]
        path, nothing = filled(route, real), filled(route, str(uuid4()))
        for who, client in clients.items():
            if who == "operator of Globex" and route in ("", "coaching/"):
                continue  # their own desk, and what was written to them
            for ask in (client.get, client.post):
                data = {"file": SimpleUploadedFile("a.png", PICTURE)} if ask == client.post and kind == FILE else {}
                there = told(ask(path, data), path)
                for file in data.values():
                    file.seek(0)
                if nothing != path:
                    assert there == told(ask(nothing, data), nothing), (who, path)
                assert there[0] in ({302, 404, 405} if kind == PAGE else {404, 405}), (who, path, there)
                if there[0] == 302:
                    assert there[2] == "/login/", (who, path)
    assert snapshot() == before


def test_an_image_is_for_its_own_visitor_and_organisation_only(things: dict[str, str]) -> None:
    # rules 17 and 40
    path = f"/api/widget/attachments/{things['attachment']}"
    own = {"authorization": f"Bearer {things['token']}"}

    assert client_of("acme.localhost").get(path, headers=own).status_code == 200
    assert client_of("globex.localhost").get(path, headers=own).status_code == 404
    assert client_of(DESK).get(path, headers=own).status_code == 404
    desk_path = f"/api/desk/organisations/globex/attachments/{things['attachment']}"
    assert logged_in("olga@desk.example").get(desk_path).status_code == 404
