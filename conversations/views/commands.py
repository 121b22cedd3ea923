"""The HTTP doors: the very frames of the sockets, through the same functions (rule 9)."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from conversations.commands.desk import desk_commands, welcome
from conversations.commands.registry import Registry, decode_hello, error_frame
from conversations.commands.sessions import open_desk
from conversations.commands.visitor import begin_visitor_session, visitor_commands
from conversations.events import Struct
from conversations.frames import MAX_FRAME_BYTES, DeskHello, Heartbeat, VisitorHello
from tenants.access import Actor, request_roles
from tenants.context import run_in_public
from tenants.errors import Invalid, NotFound, ServiceError
from tenants.hosts import is_own_origin

MAX_COMMANDS = 50
_ENCODER = msgspec.json.Encoder()


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """``{"hello": …, "commands": […]}``, each part still as it came."""

    hello: msgspec.Raw
    commands: list[msgspec.Raw] = []


_ENVELOPE = msgspec.json.Decoder(Envelope)


@csrf_exempt  # no cookie speaks here: the token in the body does, and only our own pages may send it
@require_POST
async def visitor_door(request: HttpRequest) -> HttpResponse:
    """``POST /api/widget/commands``"""
    if not is_own_origin(request.headers.get("Origin"), request.host, request.get_host()):  # type: ignore[attr-defined]
        return _answer([error_frame(NotFound())], 404)
    try:
        envelope = _decode(request)
        hello = decode_hello(bytes(envelope.hello), VisitorHello)
        session, frames = await begin_visitor_session(request.organisation, hello)  # type: ignore[attr-defined]
    except Invalid as error:
        return _answer([error_frame(error)], 400)
    except NotFound as error:
        return _answer([error_frame(error)], 404)
    return _answer([*frames, *await _run(visitor_commands, session, envelope.commands)])


@require_POST
async def desk_door(request: HttpRequest) -> HttpResponse:
    """``POST /api/desk/commands``; Django's CSRF check stands before it."""
    try:
        envelope = _decode(request)
        hello = decode_hello(bytes(envelope.hello), DeskHello)
        session = await run_in_public(open_desk, await run_in_public(_actor, request))
    except Invalid as error:
        return _answer([error_frame(error)], 400)
    except NotFound as error:
        return _answer([error_frame(error)], 404)
    session.watch(hello.watched)
    frames = await welcome(session, hello)
    return _answer([*frames, *await _run(desk_commands, session, envelope.commands)])


def _actor(request: HttpRequest) -> Actor | None:
    user = request.user
    if not user.is_authenticated:
        return None
    return Actor(user.pk, user.name, request_roles(request), request.session.session_key or "")


def _decode(request: HttpRequest) -> Envelope:
    try:
        if len(request.body) > 2 * MAX_FRAME_BYTES:
            raise Invalid()
        envelope = _ENVELOPE.decode(request.body)
    except (RequestDataTooBig, msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Invalid() from error
    if len(envelope.commands) > MAX_COMMANDS:
        raise Invalid()
    return envelope


async def _run(registry: Registry[Any], session: Any, commands: Sequence[msgspec.Raw]) -> list[Struct]:
    frames: list[Struct] = []
    for raw in commands:
        cid = None
        try:
            command = registry.decode(bytes(raw))
            cid = getattr(command, "cid", None)
            if not isinstance(command, Heartbeat):
                frames.extend(await registry.run(session, command))
        except ServiceError as error:
            frames.append(error_frame(error, cid))
    return frames


def _answer(frames: Sequence[Struct], status: int = 200) -> HttpResponse:
    return HttpResponse(_ENCODER.encode({"frames": frames}), content_type="application/json", status=status)
