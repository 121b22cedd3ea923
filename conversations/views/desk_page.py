"""The operators' desk: one page for all organisations, on the desk's own host."""

import secrets

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_info
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from conversations.commands.sessions import DeskSession, open_desk
from conversations.texts_desk import TEXTS
from operators.selectors import PRESENT_SECONDS
from tenants.access import Actor, request_roles
from tenants.errors import NotFound
from tenants.models import StaffRole
from tenants.views import ACCOUNT_PAGE_POLICY, place_name

PROTOCOL = 1
SOCKET_PATH = "/socket/desk/"
API_PATH = "/api/desk/commands"
# How times are written where the language alone would mean another country's habits.
LOCALES = {"en": "en-GB"}


@require_safe
@cache_control(private=True, no_store=True)
def desk(request: HttpRequest) -> HttpResponse:
    """For whom the desk's socket admits: operators and supervisors. Others log in, go to their own screens, or learn
    that nothing is here for them.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    roles = request_roles(request)
    try:
        session = open_desk(Actor(request.user.pk, request.user.name, roles))
    except NotFound:
        return redirect("/admin/") if StaffRole.Role.PLATFORM_ADMIN in roles else _no_access(request)
    nonce = secrets.token_urlsafe(16)
    response = render(request, "desk/desk.html", {"config": desk_config(request, session), "nonce": nonce})
    scheme = "wss" if request.is_secure() else "ws"
    response["Content-Security-Policy"] = content_policy(f"{scheme}://{request.get_host()}", nonce)
    return response


def desk_config(request: HttpRequest, session: DeskSession) -> dict[str, object]:
    """What the page needs before its socket says anything: who is here, the words, and where things are."""
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "protocol": PROTOCOL,
        "socket_path": SOCKET_PATH,
        "api_path": API_PATH,
        "login_path": reverse("login"),
        "logout_path": reverse("logout"),
        "language_path": reverse("language"),
        "csrf_token": get_token(request),
        "language": language,
        "locale": LOCALES.get(language, language),
        "languages": [
            {"code": code, "name": get_language_info(code)["name_local"].capitalize()} for code, _ in settings.LANGUAGES
        ],
        "mark": static("desk/mark.svg"),
        "grace_seconds": PRESENT_SECONDS,
        "operator": {"id": str(session.operator.id), "name": session.operator.name},
        "wallboard_path": reverse("wallboard") if session.supervises else None,
        "follow_ups_path": reverse("follow-ups") if session.supervises else None,
        "reviews_path": reverse("reviews") if session.supervises else None,
        "coaching_path": reverse("coaching"),
        "texts": {key: str(text) for key, text in TEXTS.items()},
    }


def content_policy(socket_origin: str, nonce: str) -> str:
    """Own scripts and styles only; images as blobs. Older browsers do not count a socket as ``'self'``."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' blob: data:; "
        f"connect-src 'self' {socket_origin}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


def _no_access(request: HttpRequest) -> HttpResponse:
    """As if nothing were here, but with a way to another account."""
    response = render(request, "account/no_access.html", {"place": place_name(request)}, status=404)
    response["Content-Security-Policy"] = ACCOUNT_PAGE_POLICY
    return response
