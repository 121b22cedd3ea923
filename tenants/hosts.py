"""Which host is whose. The ASGI middleware resolves it into ``scope["organisation"]``; the Django one serves sync code.

A host is the desk's, an organisation's, a demo page's (development only) or nobody's. Answers are kept for 5 s in each
process, so that a new or archived organisation is seen within that time.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from tenants.context import OrganisationRef, organisation_schema, run_in_public
from tenants.selectors import organisation_by_host

KEPT_SECONDS = 5.0
KEPT_HOSTS = 5_000

Scope = dict[str, Any]


class HostKind(StrEnum):
    DESK = "desk"
    ORGANISATION = "organisation"
    DEMO = "demo"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Host:
    """``name`` has no port. ``organisation`` is set for an organisation's host only."""

    kind: HostKind
    name: str
    organisation: OrganisationRef | None = None


_kept: dict[str, tuple[float, Host]] = {}


def host_of(name: str) -> Host:
    """The host called ``name`` (no port, any case). At most one query."""
    name = name.lower().rstrip(".")
    kept = _kept.get(name)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    return _keep(name, _look_up(name))


async def host_of_async(name: str) -> Host:
    """As :func:`host_of`, for coroutines."""
    name = name.lower().rstrip(".")
    kept = _kept.get(name)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    return _keep(name, await run_in_public(_look_up, name))


def forget_hosts() -> None:
    """Forgets what was kept, for tests and for the process that changed a host."""
    _kept.clear()


def _look_up(name: str) -> Host:
    if name == settings.DESK_HOST:
        return Host(HostKind.DESK, name)
    if name in settings.DEMO_HOSTS:
        return Host(HostKind.DEMO, name)
    organisation = organisation_by_host(name) if name else None
    if organisation is None:
        return Host(HostKind.NOBODY, name)
    return Host(HostKind.ORGANISATION, name, organisation)


def _keep(name: str, host: Host) -> Host:
    if len(_kept) >= KEPT_HOSTS:
        _kept.clear()
    _kept[name] = (time.monotonic() + KEPT_SECONDS, host)
    return host


def header(scope: Scope, name: bytes) -> str | None:
    """One request header as text; None when it is absent, given twice, or not ASCII."""
    values = [value for key, value in scope["headers"] if key == name]
    if len(values) != 1 or not values[0].isascii():
        return None
    return values[0].decode("ascii")


class HostScopeMiddleware:
    """ASGI: puts ``host`` and ``organisation`` into the scope of a socket. It enters no schema."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        name, _port = split_domain_port(header(scope, b"host") or "")
        host = await host_of_async(name)
        await self._application({**scope, "host": host, "organisation": host.organisation}, receive, send)


class OwnOriginMiddleware:
    """ASGI: a socket opens only for pages of its own host: scheme, host and port exactly (rule 34).

    The widget's frame and the desk are both served by the host whose socket they open, so nothing else is ever right.
    A missing or ``null`` origin is refused, whatever ``ALLOWED_HOSTS`` says.
    """

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if is_own_origin(header(scope, b"origin"), scope["host"], header(scope, b"host") or ""):
            await self._application(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.close", "code": 4403})


def is_own_origin(origin: str | None, host: Host, host_header: str) -> bool:
    """Is ``origin`` exactly this host, as browsers write it: in lower case, without a default port?"""
    if host.kind in (HostKind.NOBODY, HostKind.DEMO):
        return False
    _, port = split_domain_port(host_header)
    default_port = {"http": "80", "https": "443"}[settings.PUBLIC_SCHEME]
    return origin == f"{settings.PUBLIC_SCHEME}://{host.name}" + (f":{port}" if port not in ("", default_port) else "")


class HostMiddleware:
    """Django: chooses the host's addresses, and serves the request inside the organisation's schema."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in ("/healthz", "/readyz"):
            host = Host(HostKind.NOBODY, "")  # answered on every host, without looking it up
        else:
            name, _port = split_domain_port(request.get_host())
            host = host_of(name)
        request.host = host  # type: ignore[attr-defined]
        request.organisation = host.organisation  # type: ignore[attr-defined]
        if host.kind is HostKind.DESK:
            request.urlconf = settings.DESK_URLCONF
        elif host.kind is HostKind.DEMO:
            request.urlconf = settings.DEMO_URLCONF
        elif host.organisation is not None:
            request.urlconf = settings.ORGANISATION_URLCONF
            with organisation_schema(host.organisation):
                return self._get_response(request)
        return self._get_response(request)


async def refuse_socket(_scope: Scope, receive: Any, send: Any) -> None:
    """ASGI: an address where no socket lives."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})
