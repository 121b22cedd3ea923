"""The page behind a mailed link, and its door. No session, no cookie: the token is the permission, for one rating."""

import ipaddress
import secrets
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from msgspec import Meta

from conversations.commands.registry import error_frame
from conversations.commands.sessions import Allowance
from conversations.events import Struct
from conversations.texts_widget import WIDGET_TEXTS
from conversations.views.guest_doors import decoded, own_page_door
from conversations.views.widget_page import chosen_language
from ratings.link_commands import LinkSession, begin_link_session, link_commands, state_of
from ratings.texts import LINK_TEXTS
from tenants.context import OrganisationRef
from tenants.errors import NotFound, RateLimited, ServiceError

MAX_COMMANDS = 10
WRONG_AT_ONCE = 10
WRONG_PER_SECOND = 0.1
KEPT_ADDRESSES = 10_000

_wrong: dict[str, Allowance] = {}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """``/rating/``: the same shell for everybody. Asks the database nothing."""
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    nonce = secrets.token_urlsafe(16)
    language = chosen_language(request.GET.get("language", ""), organisation.languages)
    with translation.override(language):
        context = {"nonce": nonce, "organisation": organisation, "language": language}
        response = render(request, "ratings/link.html", {**context, "config": _config(organisation, language)})
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    response["Content-Language"] = language
    return response


def _config(organisation: OrganisationRef, language: str) -> dict[str, Any]:
    shared = {key: str(text) for key, text in WIDGET_TEXTS.items() if key.startswith(("rating.", "message."))}
    return {
        "organisation": {"name": organisation.name, "colour": organisation.colour},
        "language": language,
        "api_path": "/api/rating/commands",
        "texts": {**shared, **{key: str(text) for key, text in LINK_TEXTS.items()}},
    }


class LinkEnvelope(msgspec.Struct, forbid_unknown_fields=True):
    """``{"token": …, "commands": […]}``, each command still as it came."""

    token: Annotated[str, Meta(max_length=200)]
    commands: Annotated[list[msgspec.Raw], Meta(max_length=MAX_COMMANDS)] = []


@own_page_door
async def door(request: HttpRequest) -> Sequence[Struct]:
    """``POST /api/rating/commands``: replies to the commands, then what is asked and answered now.

    Who came with ten wrong tokens waits: ten seconds for each one more, whatever token it is.
    """
    envelope = decoded(request, LinkEnvelope)
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    guesses = _guesses_of(organisation, request)
    if guesses.is_spent:
        raise RateLimited(retry_after=1 / WRONG_PER_SECOND)
    try:
        session = await begin_link_session(organisation, envelope.token)
    except NotFound:
        guesses.spend()
        raise
    frames: list[Struct] = []
    for raw in envelope.commands:
        frames.extend(await _run(session, bytes(raw)))
    return [*frames, await state_of(session)]


async def _run(session: LinkSession, raw: bytes) -> Sequence[Struct]:
    cid = None
    try:
        command = link_commands.decode(raw)
        cid = getattr(command, "cid", None)
        return await link_commands.run(session, command)
    except ServiceError as error:
        return [error_frame(error, cid)]


def _guesses_of(organisation: OrganisationRef, request: HttpRequest) -> Allowance:
    """What an address may still get wrong here, in this process. The least recently used are forgotten."""
    key = f"{organisation.schema_name} {_address(request)}"
    allowance = _wrong.pop(key, None) or Allowance(WRONG_PER_SECOND, WRONG_AT_ONCE)
    _wrong[key] = allowance
    while len(_wrong) > KEPT_ADDRESSES:
        del _wrong[next(iter(_wrong))]
    return allowance


def _address(request: HttpRequest) -> str:
    """Where the request came from, as our proxy says it; of IPv6 the network (rule 30)."""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
