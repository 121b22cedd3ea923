"""Origins, sessions, cookies, headers, revocation and logs, against a real server (rules 15, 18, 34 to 37, 42)."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from websockets.exceptions import InvalidStatus

from conversations.models import Conversation, Entry, VisitorToken
from operators.models import Posting
from tenants.context import OrganisationRef, run_in_organisation, run_in_public
from tenants.models import AuditRecord, StaffRole, User, Website
from tests.cast import DESK, acme, client_of, globex, logged_in
from tests.desk_people import Colleague
from tests.protocol_client import (
    DESK_PATH,
    WIDGET_PATH,
    Line,
    desk,
    dial,
    new_cid,
    reply,
    take,
    token_of,
    visitor_door,
    visitor_hello,
    widget,
)
from tests.servers import WebServer

WITHIN_SECONDS = 5.0


def wrong_origins(host: str, other: str, port: int) -> dict[str, str | None]:
    return {
        "scheme": f"https://{host}:{port}",
        "no port": f"http://{host}",
        "another port": f"http://{host}:{port + 1}",
        "another host": f"http://{other}:{port}",
        "the website that embeds us": f"http://acme-shop.localhost:{port}",
        "a longer host": f"http://{host}.evil.example:{port}",
        "a subdomain": f"http://evil.{host}:{port}",
        "capitals": f"HTTP://{host.upper()}:{port}",
        "a path": f"http://{host}:{port}/",
        "null": "null",
        "empty": " ",
        "missing": None,
        "wildcard": "*",
    }


@pytest.mark.parametrize("wrong", wrong_origins("", "", 1))
@pytest.mark.parametrize(
    ("host", "path", "other"), [(DESK, DESK_PATH, "acme.localhost"), ("acme.localhost", WIDGET_PATH, DESK)]
)
async def test_a_socket_opens_for_its_own_origin_only(
    server: WebServer, olga: Colleague, host: str, path: str, other: str, wrong: str
) -> None:
    # rule 34
    origin = wrong_origins(host, other, server.port)[wrong]
    with pytest.raises(InvalidStatus) as refused:
        await dial(server.port, host, path, origin=origin, headers=[("Cookie", olga.cookie)])
    assert refused.value.response.status_code == 403


async def test_an_origin_given_twice_is_none(server: WebServer) -> None:
    # rule 34
    own = f"http://acme.localhost:{server.port}"
    for second in (own, "http://evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            await dial(server.port, "acme.localhost", WIDGET_PATH, origin=own, headers=[("Origin", second)])
        assert refused.value.response.status_code in (400, 403)


async def test_each_socket_lives_on_its_own_kind_of_host(server: WebServer, olga: Colleague) -> None:
    # rule 34: the origin is right, the host is not
    hello = json.dumps({"type": "hello", "protocol": 1, "cursors": {}})
    for host, path, first in (
        ("acme.localhost", DESK_PATH, hello),
        (DESK, WIDGET_PATH, json.dumps(visitor_hello("acme"))),
    ):
        async with dial(server.port, host, path, headers=[("Cookie", olga.cookie)]) as socket:
            await socket.send(first)
            await socket.wait_closed()
            assert socket.close_code == 4404
    for host in ("nobody.localhost", "acme-shop.localhost"):
        with pytest.raises(InvalidStatus) as refused:
            await dial(server.port, host, WIDGET_PATH)
        assert refused.value.response.status_code == 403


async def test_the_widgets_http_door_wants_the_same_origin(server: WebServer) -> None:
    body = json.dumps({"hello": visitor_hello("acme"), "commands": []})

    def post(origin: str | None) -> int:
        client = client_of("acme.localhost")
        client.defaults.pop("HTTP_ORIGIN")
        if origin is not None:
            client.defaults["HTTP_ORIGIN"] = origin
        return client.post("/api/widget/commands", body, content_type="application/json").status_code

    for origin in (None, "null", "http://evil.example", "http://acme.localhost", f"http://{DESK}:{settings.PORT}"):
        assert await run_in_public(post, origin) == 404


def test_a_session_is_for_the_host_that_gave_it() -> None:
    # rule 18
    manager = logged_in("maud@acme.example", "acme.localhost")
    assert manager.get("/admin/").status_code == 200
    cookie = manager.cookies[settings.SESSION_COOKIE_NAME].value

    for host in (DESK, "globex.localhost"):
        elsewhere = client_of(host)
        elsewhere.cookies[settings.SESSION_COOKIE_NAME] = cookie
        assert elsewhere.get("/admin/").status_code == 302


def real_log_in(host: str, email: str) -> Client:
    client = client_of(host, csrf=True)
    client.get("/login/")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    answer = client.post(
        "/login/", {"username": email, "password": "quiet-green-canal", "csrfmiddlewaretoken": token, "next": "/"}
    )
    assert answer.status_code == 302, answer.content
    return client


def test_cookies_are_host_only_and_scripts_cannot_read_the_session() -> None:
    # rule 18
    client = real_log_in(DESK, "olga@desk.example")
    client.post(
        "/language/", {"language": "nl", "csrfmiddlewaretoken": client.cookies[settings.CSRF_COOKIE_NAME].value}
    )

    assert len(client.cookies) >= 2
    for cookie in client.cookies.values():
        assert cookie["domain"] == ""
        assert cookie["samesite"] == "Lax"
        assert str(settings.PUBLIC_PORT) in cookie.key
    assert client.cookies[settings.SESSION_COOKIE_NAME]["httponly"]


def test_the_widget_may_be_framed_by_its_websites_alone_and_nothing_else_by_anybody() -> None:
    # rule 35
    website = Website.objects.get(key="acme-shop")
    framed = client_of("acme.localhost").get("/widget/?website=acme-shop")
    ancestors = [part for part in framed["Content-Security-Policy"].split("; ") if part.startswith("frame-ancestors")]
    assert ancestors == [" ".join(["frame-ancestors", *website.origins])]
    assert "X-Frame-Options" not in framed

    pages = {
        DESK: ["/", "/login/", "/admin/", "/no-such-page", "/api/desk/commands", "/healthz"],
        "acme.localhost": ["/", "/login/", "/admin/", "/widget/", "/widget/?website=globex-bank", "/widget/loader.js",
                           "/no-such-page", "/api/widget/commands"],
        "nobody.localhost": ["/", "/widget/", "/login/"],
    }  # fmt: skip
    for host, paths in pages.items():
        clients = [client_of(host)]
        if host == DESK:
            clients += [logged_in("olga@desk.example"), logged_in("ada@desk.example")]
        elif host == "acme.localhost":
            clients.append(logged_in("maud@acme.example", host))
        for client in clients:
            for path in paths:
                answer = client.get(path)
                assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], (host, path)
                if path != "/widget/loader.js":
                    assert set(answer["Cache-Control"].replace(" ", "").split(",")) >= {"private", "no-store"}, path


async def test_the_http_doors_answers_are_kept_by_nobody(server: WebServer) -> None:
    # rule 42
    from chatplatform.replay.platform import Platform

    body = json.dumps({"hello": visitor_hello("acme"), "commands": []}).encode()
    headers = {"Content-Type": "application/json"}
    for data in (body, b"nonsense", b"x" * 300_000):
        response, answer = await asyncio.to_thread(
            Platform.at(server.address).request, "acme.localhost", "POST", "/api/widget/commands", data, headers
        )
        assert response.headers["Cache-Control"] == "private, no-store"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        if data != body:
            assert response.status == 400
            assert [frame["code"] for frame in json.loads(answer)["frames"]] == ["invalid"]


@asynccontextmanager
async def at_work(server: WebServer, olga: Colleague) -> AsyncIterator[tuple[Line, str]]:
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        conversation = (await vera.say("Hello"))["conversation"]
        await take(olgas, conversation)
        yield olgas, conversation


def log_out(olga: Colleague) -> None:
    client = client_of(DESK)
    name, _, value = olga.cookie.partition("=")
    client.cookies[name] = value
    assert client.post("/logout/").status_code == 302


def change_password(olga: Colleague) -> None:
    user = User.objects.get(pk=olga.id)
    user.set_password("another-green-canal")
    user.save()


REVOCATIONS: dict[str, Callable[[Colleague], Any]] = {
    "logout": log_out,
    "password change": change_password,
    "account off": lambda olga: User.objects.filter(pk=olga.id).update(is_active=False),
    "role removed": lambda olga: StaffRole.objects.filter(user_id=olga.id).delete(),
}


@pytest.mark.parametrize("how", REVOCATIONS)
async def test_whoever_may_not_be_here_any_more_is_out_within_five_seconds(
    server: WebServer, olga: Colleague, how: str
) -> None:
    # rule 37
    async with at_work(server, olga) as (olgas, _conversation):
        start = time.monotonic()
        await run_in_public(REVOCATIONS[how], olga)

        assert await olgas.closed(WITHIN_SECONDS + 1) == 4401
        assert time.monotonic() - start <= WITHIN_SECONDS


async def test_a_posting_that_ends_narrows_the_live_desk_within_five_seconds(
    server: WebServer, olga: Colleague
) -> None:
    # rule 37
    async with at_work(server, olga) as (olgas, conversation):
        posting = Posting.objects.filter(operator_id=olga.id, organisation__slug="acme")
        assert (await run_in_public(posting.delete))[0] == 1
        await asyncio.sleep(WITHIN_SECONDS)
        mark = len(olgas.frames)

        refused = await reply(olgas, conversation, "Still me")
        assert (refused["type"], refused["code"]) == ("error", "not_found")
        async with widget(server) as other:
            heard_of = (await other.say("A new one"))["conversation"]
        beat = await olgas.until("heartbeat", len(olgas.frames))
        assert beat["tops"] == {}
        assert heard_of not in str(olgas.frames[mark:])
        async with widget(server, "globex") as victor:
            ack = await victor.say("Hello from Globex")
            await olgas.until(lambda frame: frame.get("conversation") == ack["conversation"])


async def test_neither_tokens_nor_words_reach_the_log_or_the_audit(server: WebServer, olga: Colleague) -> None:
    # rules 36 and 42
    secret = f"secret{random.getrandbits(64):x}"
    async with widget(server) as vera, desk(server, olga.cookie) as olgas:
        token = token_of(vera)
        conversation = (await vera.say(f"{secret} words"))["conversation"]
        await take(olgas, conversation)
        await reply(olgas, conversation, f"{secret} answer")
        await olgas.ask("note.add", organisation="acme", conversation=conversation, body=f"{secret} note")
        await olgas.ask("conversation.close", organisation="acme", conversation=conversation, purpose="other")
        await vera.ask("rating.give", conversation=conversation, mark=9, comment=f"{secret} comment")
        await vera.socket.send(f'{{"type": "{secret}", "token": "{token}"}}')
        await vera.until("error")
    await visitor_door(server, "acme", visitor_hello("acme", token=token), [{"type": secret}])

    def public_words() -> str:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            words = []
            for (table,) in cursor.fetchall():
                cursor.execute(f"SELECT string_agg(t::text, '\n') FROM public.\"{table}\" t")
                words.append(cursor.fetchone()[0] or "")
        return "\n".join(words)

    random_part = token.split(".")[1]
    public = await run_in_public(public_words)
    for place in (server.log(), public, str(await run_in_public(lambda: list(AuditRecord.objects.values())))):
        assert secret not in place
        assert random_part not in place

    def stored(_: OrganisationRef) -> str:
        return str(list(VisitorToken.objects.values()))

    assert random_part not in await run_in_organisation(await run_in_public(acme), stored)


async def test_five_hundred_interleaved_operations_of_two_tenants_stay_apart(
    server: WebServer, olga: Colleague
) -> None:
    # rule 15: sockets, HTTP and tasks' services, each word marked with the tenant it belongs to
    async def visit(slug: str, number: int) -> tuple[str, list[str]]:
        async with widget(server, slug) as page:
            conversation = (await page.say(f"{slug} {number} hello"))["conversation"]
            token = token_of(page)
            for turn in range(6):
                await page.say(f"{slug} {number} socket {turn}")
                send = {"type": "message.send", "cid": new_cid(), "body": f"{slug} {number} http {turn}"}
                status, frames = await visitor_door(server, slug, visitor_hello(slug, token=token), [send])
                assert status == 200
                await run_in_organisation(organisations[slug], read_all)
                bodies = [
                    fact["body"] for frame in frames if frame["type"] == "entries" for fact in frame["entries"]
                    if fact["type"] == "message.sent" and fact["sender"]["kind"] == "visitor"
                ]  # fmt: skip
                assert all(body.startswith(f"{slug} {number} ") for body in bodies)
            await page.settled(lambda: len(page.bodies(conversation)) >= 14)
            return conversation, page.bodies(conversation)

    def read_all(organisation: OrganisationRef) -> None:
        words = Entry.objects.filter(sender_kind="visitor", body__regex=r"^(acme|globex) \d+ ").values_list(
            "body", flat=True
        )
        assert all(word.startswith(organisation.slug + " ") for word in words)

    organisations = {"acme": await run_in_public(acme), "globex": await run_in_public(globex)}
    async with desk(server, olga.cookie) as olgas:
        seen = await asyncio.gather(*(visit(slug, number) for number in range(14) for slug in organisations))
        await olgas.until("heartbeat", len(olgas.frames))

    def is_there(_: OrganisationRef, conversation: str) -> bool:
        return Conversation.objects.filter(pk=conversation).exists()

    for (conversation, bodies), slug in zip(seen, ["acme", "globex"] * 14, strict=True):
        assert len([body for body in bodies if body.startswith(f"{slug} ")]) == 13, bodies
        for name, organisation in organisations.items():
            assert await run_in_organisation(organisation, is_there, conversation) == (name == slug)
