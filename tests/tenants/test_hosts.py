"""Which host is whose, and which page may open its sockets (rules 34 and 35)."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from tenants.hosts import (
    Host,
    HostKind,
    HostScopeMiddleware,
    OwnOriginMiddleware,
    forget_hosts,
    header,
    host_of,
    host_of_async,
    is_own_origin,
)
from tenants.models import Domain, Organisation
from tests.cast import acme, client_of, globex

PORT = django_settings.PUBLIC_PORT


@pytest.fixture(autouse=True)
def _fresh_hosts() -> Iterator[None]:
    acme()
    forget_hosts()
    yield
    forget_hosts()


@pytest.mark.parametrize(
    ("name", "kind", "slug"),
    [
        ("desk.localhost", HostKind.DESK, None),
        ("acme.localhost", HostKind.ORGANISATION, "acme"),
        ("ACME.localhost.", HostKind.ORGANISATION, "acme"),
        ("globex.localhost", HostKind.ORGANISATION, "globex"),
        ("acme-shop.localhost", HostKind.DEMO, None),
        ("other.localhost", HostKind.NOBODY, None),
        ("", HostKind.NOBODY, None),
        ("desk.localhost.evil.example", HostKind.NOBODY, None),
    ],
)
def test_a_host_belongs_to_one(name: str, kind: HostKind, slug: str | None) -> None:
    host = host_of(name)

    assert (host.kind, host.organisation.slug if host.organisation else None) == (kind, slug)


@pytest.mark.parametrize("path", ["/", "/login/", "/admin/", "/api/desk/commands", "/widget/"])
@pytest.mark.parametrize("host", ["other.localhost", "127.0.0.1", "acme.localhost.evil.example"])
def test_a_host_that_is_nobodys_answers_nothing(host: str, path: str) -> None:
    assert client_of(host).get(path).status_code == 404


def test_each_host_has_its_own_addresses_only() -> None:
    assert client_of("desk.localhost").get("/widget/").status_code == 404
    assert client_of("acme.localhost").post("/api/desk/commands").status_code == 404
    assert client_of("desk.localhost").get("/login/").status_code == 200
    assert client_of("acme.localhost").get("/login/").status_code == 200


def test_an_organisation_that_was_archived_is_nobodys_within_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("tenants.hosts.time.monotonic", lambda: now)
    assert host_of("globex.localhost").kind is HostKind.ORGANISATION
    Organisation.objects.filter(pk=globex().id).update(state=Organisation.State.ARCHIVED)
    try:
        now += 4.9
        assert host_of("globex.localhost").kind is HostKind.ORGANISATION
        now += 0.2
        assert host_of("globex.localhost").kind is HostKind.NOBODY
    finally:
        Organisation.objects.filter(slug="globex").update(state=Organisation.State.ACTIVE)


def test_a_second_host_of_an_organisation_is_its_own() -> None:
    Domain.objects.get_or_create(tenant_id=acme().id, domain="service.acme.test", is_primary=False)

    assert host_of("service.acme.test").organisation == acme()


async def test_coroutines_get_the_same_answer() -> None:
    host = await host_of_async("acme.localhost")

    assert host.organisation is not None
    assert (host.kind, host.organisation.slug) == (HostKind.ORGANISATION, "acme")


ACME = Host(HostKind.ORGANISATION, "acme.localhost")

# (origin, Host header, is it the page of that host?) for http
ORIGINS = [
    (f"http://acme.localhost:{PORT}", f"acme.localhost:{PORT}", True),
    ("http://acme.localhost", "acme.localhost", True),
    ("http://acme.localhost", "acme.localhost:80", True),
    (None, f"acme.localhost:{PORT}", False),
    ("", f"acme.localhost:{PORT}", False),
    ("null", f"acme.localhost:{PORT}", False),
    (f"https://acme.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"ws://acme.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"//acme.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"acme.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    ("http://acme.localhost", f"acme.localhost:{PORT}", False),
    ("http://acme.localhost:1", f"acme.localhost:{PORT}", False),
    (f"http://acme.localhost:{PORT}", "acme.localhost", False),
    (f"http://globex.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"http://acme-shop.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"http://desk.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"http://evil.acme.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"http://acme.localhost.evil.example:{PORT}", f"acme.localhost:{PORT}", False),
    (f"http://evilacme.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"http://acme.localhost.:{PORT}", f"acme.localhost:{PORT}", False),
    (f"http://ACME.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"HTTP://acme.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"http://acme.localhost:{PORT}@evil.example", f"acme.localhost:{PORT}", False),
    (f"http://vera@acme.localhost:{PORT}", f"acme.localhost:{PORT}", False),
    (f"http://acme.localhost:{PORT}/", f"acme.localhost:{PORT}", False),
    (f"http://acme.localhost:{PORT}/page", f"acme.localhost:{PORT}", False),
    (f"http://acme.localhost:{PORT}?x", f"acme.localhost:{PORT}", False),
    (f"http://acme.localhost:{PORT} ", f"acme.localhost:{PORT}", False),
    ("http://[", f"acme.localhost:{PORT}", False),
    ("http://acme.localhost:port", f"acme.localhost:{PORT}", False),
    ("*", f"acme.localhost:{PORT}", False),
]


@pytest.mark.parametrize("allowed", [["*"], ["acme.localhost"]])
@pytest.mark.parametrize(("origin", "host_header", "own"), ORIGINS)
def test_only_the_hosts_own_page_is_its_own(
    origin: str | None, host_header: str, own: bool, allowed: list[str], settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = allowed  # rule 34: whatever it says

    assert is_own_origin(origin, ACME, host_header) is own


@pytest.mark.parametrize("kind", [HostKind.NOBODY, HostKind.DEMO])
def test_hosts_without_sockets_have_no_page_of_their_own(kind: HostKind) -> None:
    assert not is_own_origin(f"http://x.localhost:{PORT}", Host(kind, "x.localhost"), f"x.localhost:{PORT}")


def test_https_is_asked_for_where_the_platform_is_reached_by_it(settings: Settings) -> None:
    settings.PUBLIC_SCHEME = "https"

    assert is_own_origin("https://acme.localhost", ACME, "acme.localhost")
    assert is_own_origin("https://acme.localhost", ACME, "acme.localhost:443")
    assert not is_own_origin("http://acme.localhost", ACME, "acme.localhost")


@pytest.mark.parametrize(
    ("headers", "value"),
    [([], None), ([b"a"], "a"), ([b"a", b"a"], None), ([b"\xc3\xa4"], None)],
    ids=["none", "one", "two", "not-ascii"],
)
def test_a_header_counts_once_and_in_ascii(headers: list[bytes], value: str | None) -> None:
    assert header({"headers": [(b"origin", text) for text in headers]}, b"origin") == value


async def test_a_socket_from_a_foreign_page_ends_before_the_handshake() -> None:
    reached: list[Any] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        reached.append(scope["organisation"])

    async def open_socket(*headers: tuple[bytes, bytes]) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        queue.put_nowait({"type": "websocket.connect"})

        async def send(event: dict[str, Any]) -> None:
            sent.append(event)

        scope = {"type": "websocket", "path": "/socket/widget/", "headers": list(headers)}
        await HostScopeMiddleware(OwnOriginMiddleware(application))(scope, queue.get, send)
        return sent

    host = (b"host", f"acme.localhost:{PORT}".encode())
    own = (b"origin", f"http://acme.localhost:{PORT}".encode())
    foreign = (b"origin", f"http://acme-shop.localhost:{PORT}".encode())

    for headers in ([host], [host, foreign], [host, own, foreign], [host, own, own], [own], [host, host, own]):
        assert [event["type"] for event in await open_socket(*headers)] == ["websocket.close"]
    assert reached == []

    assert await open_socket(host, own) == []
    assert [organisation.slug for organisation in reached] == ["acme"]
