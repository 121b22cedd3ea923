"""The guest page's HTTP doors. A bearer secret speaks here, never a cookie, and only our own page may send it.

Whoever has no right is answered exactly like somebody who made it up: 404 with the same words.
"""

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, TypeVar, cast

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from msgspec import Meta

from conversations.commands.guest import (
    GuestSession,
    ask_for_new_link,
    begin_guest_session,
    guest_commands,
    open_with_token,
    show,
)
from conversations.commands.registry import error_frame
from conversations.events import Struct
from conversations.frames import MAX_FRAME_BYTES
from tenants.errors import Invalid, NotFound, RateLimited, ServiceError
from tenants.hosts import is_own_origin

MAX_COMMANDS = 10
STATUSES = {Invalid.code: 400, NotFound.code: 404, RateLimited.code: 429}

Door = Callable[[HttpRequest], Awaitable[Sequence[Struct]]]
Envelope = TypeVar("Envelope")


class LinkEnvelope(msgspec.Struct, forbid_unknown_fields=True):
    """``{"token": …}``: what stood in the mailed link's fragment."""

    token: Annotated[str, Meta(max_length=200)]


class GuestEnvelope(msgspec.Struct, forbid_unknown_fields=True):
    """``{"since": …, "commands": […]}``, each command still as it came."""

    since: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    commands: Annotated[list[msgspec.Raw], Meta(max_length=MAX_COMMANDS)] = []


_ENCODER = msgspec.json.Encoder()


def own_page_door(door: Door) -> Callable[..., HttpResponse]:
    """A door without an account, for our own pages only; refusals of the whole request as one error frame."""

    @csrf_exempt  # no cookie takes part: the bearer's secret is the permission
    @require_POST
    @functools.wraps(door)
    async def answered(request: HttpRequest) -> HttpResponse:
        try:
            if not is_own_origin(request.headers.get("Origin"), request.host, request.get_host()):  # type: ignore[attr-defined]
                raise NotFound()
            return _answer(await door(request))
        except ServiceError as error:
            return _answer([error_frame(error)], STATUSES.get(error.code, 400))

    return cast(Callable[..., HttpResponse], answered)  # Django awaits it


@own_page_door
async def open_door(request: HttpRequest) -> Sequence[Struct]:
    """``POST /api/guest/open``: on a click, so that a mail scanner that fetches links does not spend one."""
    return await open_with_token(request.organisation, decoded(request, LinkEnvelope).token)  # type: ignore[attr-defined]


@own_page_door
async def new_link_door(request: HttpRequest) -> Sequence[Struct]:
    """``POST /api/guest/new-link``"""
    return await ask_for_new_link(request.organisation, decoded(request, LinkEnvelope).token)  # type: ignore[attr-defined]


@own_page_door
async def commands_door(request: HttpRequest) -> Sequence[Struct]:
    """``POST /api/guest/commands``: replies to the commands, then the question as it is now and what is new in it."""
    session = await begin_guest_session(request.organisation, _bearer(request))  # type: ignore[attr-defined]
    envelope = decoded(request, GuestEnvelope)
    frames: list[Struct] = []
    for raw in envelope.commands:
        frames.extend(await _run(session, bytes(raw)))
    return [*frames, *await show(session, envelope.since)]


async def _run(session: GuestSession, raw: bytes) -> Sequence[Struct]:
    cid = None
    try:
        command = guest_commands.decode(raw)
        cid = getattr(command, "cid", None)
        return await guest_commands.run(session, command)
    except ServiceError as error:
        return [error_frame(error, cid)]


def _bearer(request: HttpRequest) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise NotFound()
    return secret


def decoded(request: HttpRequest, kind: type[Envelope]) -> Envelope:
    try:
        if len(request.body) > MAX_FRAME_BYTES:
            raise Invalid()
        return msgspec.json.decode(request.body, type=kind)
    except (RequestDataTooBig, msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Invalid() from error


def _answer(frames: Sequence[Struct], status: int = 200) -> HttpResponse:
    return HttpResponse(_ENCODER.encode({"frames": frames}), content_type="application/json", status=status)
