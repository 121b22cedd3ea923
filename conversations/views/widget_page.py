"""The visitor's side on an organisation's host: the loader script and the page inside the frame."""

import secrets
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from conversations.frames import MAX_ATTACHMENTS, MAX_BODY_CHARACTERS
from conversations.services.rating_requests import asks_by_mail
from conversations.texts_widget import WIDGET_TEXTS
from knowledgebase.selectors import topic_choices
from knowledgebase.visitor_help import has_help
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.hours import opening_of
from tenants.selectors import WebsiteRef, automatic_texts, website_by_key

LOADER_PATH = settings.BASE_DIR / "static" / "widget" / "loader.js"
LOADER_KEPT_SECONDS = 300


@require_safe
def loader(request: HttpRequest) -> HttpResponse:
    """The script that a website includes. Its own address tells it where the organisation lives, hence not /static/."""
    response = HttpResponse(LOADER_PATH.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={LOADER_KEPT_SECONDS}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def frame(request: HttpRequest) -> HttpResponse:
    """The page that the loader frames; only the website's own origins may. Nine queries at most."""
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    try:
        website = website_by_key(organisation, request.GET.get("website", ""))
    except NotFound:
        raise Http404 from None
    language = chosen_language(request.GET.get("language", ""), organisation.languages)
    nonce = secrets.token_urlsafe(16)
    with translation.override(language):
        context = {
            "nonce": nonce,
            "language": language,
            "organisation": organisation,
            "config": _config(organisation, website, language),
        }
        response = render(request, "widget/frame.html", context)
    response["Content-Security-Policy"] = content_policy(website.origins, nonce, request.get_host())
    response["Cache-Control"] = "private, no-store"
    response["Content-Language"] = language
    return response


def chosen_language(wanted: str, offered: tuple[str, ...]) -> str:
    """The page's language (``nl-BE`` counts as ``nl``) if the organisation offers it, else the organisation's first."""
    wanted = wanted.lower()
    for code in (wanted, wanted.partition("-")[0]):
        if code in offered:
            return code
    return offered[0]


def _config(organisation: OrganisationRef, website: WebsiteRef, language: str) -> dict[str, Any]:
    greeting, _goodbye = automatic_texts(organisation, language)
    opening = opening_of(organisation, platform_now())
    return {
        "organisation": {
            "name": organisation.name,
            "colour": organisation.colour,
            "greeting": greeting,
        },
        "website": {"key": website.key, "origins": website.origins},
        "language": language,
        "languages": organisation.languages,
        "topics": [{"slug": choice.slug, "label": choice.label} for choice in topic_choices(organisation, language)],
        "first_reply_seconds": organisation.first_reply_seconds,
        "follow_up_seconds": organisation.follow_up_seconds,
        "opening": {
            "open": opening.open,
            "until": opening.until,
            "next_opening": opening.next_opening,
            "time_zone": opening.time_zone,
            "label": opening.label,
        },
        "has_help": has_help(organisation),
        "asks_by_mail": asks_by_mail(organisation),
        "closing_notice_minutes": organisation.closing_notice_minutes,
        "socket_path": "/socket/widget/",
        "api_path": "/api/widget/commands",
        "upload_path": "/api/widget/attachments",
        "limits": {
            "body_characters": MAX_BODY_CHARACTERS,
            "attachments": MAX_ATTACHMENTS,
            "upload_bytes": settings.UPLOAD_MAX_BYTES,
        },
        "texts": {key: str(text) for key, text in WIDGET_TEXTS.items()},
    }


def content_policy(origins: tuple[str, ...], nonce: str, host: str) -> str:
    """Exactly these origins may frame it (rule 35). Origins were validated as such when they were stored."""
    socket = {"http": "ws", "https": "wss"}[settings.PUBLIC_SCHEME]
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            f"connect-src 'self' {socket}://{host}",
            " ".join(["frame-ancestors", *(origins or ["'none'"])]),
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
