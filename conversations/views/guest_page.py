"""The page behind a specialist's link: the same shell for everybody. What it shows, the token in its fragment opens."""

import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from conversations.frames import MAX_BODY_CHARACTERS
from conversations.texts_guest import GUEST_TEXTS
from tenants.context import OrganisationRef

# How times are written where the language alone would mean another country's habits.
LOCALES = {"en": "en-GB"}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Asks the database nothing: whoever looks at it learns nothing but the organisation's name and colour."""
    nonce = secrets.token_urlsafe(16)
    context = {"nonce": nonce, "organisation": request.organisation, "config": _config(request)}  # type: ignore[attr-defined]
    response = render(request, "guest/page.html", context)
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def _config(request: HttpRequest) -> dict[str, Any]:
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "organisation": {"name": organisation.name, "colour": organisation.colour},
        "language": language,
        "locale": LOCALES.get(language, language),
        "open_path": "/api/guest/open",
        "new_link_path": "/api/guest/new-link",
        "api_path": "/api/guest/commands",
        "limits": {"body_characters": MAX_BODY_CHARACTERS},
        "texts": {key: str(text) for key, text in GUEST_TEXTS.items()},
    }
