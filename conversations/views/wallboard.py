"""The supervisors' wallboard on the desk's host: its page, its numbers, and the conversations behind a number.

For anybody else it is not there.
"""

import secrets
from collections.abc import Callable
from uuid import UUID

import msgspec
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from conversations.selectors import follow_up_counts_fact, open_alert_facts
from conversations.services import alerting
from conversations.texts_wallboard import TEXTS
from conversations.views.desk_page import LOCALES, content_policy
from operators.access import SUPERVISOR
from operators.drill import Question, conversations_behind
from operators.wallboard import recent_board, wallboard_of
from tenants.access import request_roles
from tenants.context import run_in_public
from tenants.errors import Invalid, NotFound, ServiceError
from tenants.models import StaffRole, User

NUMBERS_PATH = "/api/wallboard"
CONVERSATIONS_PATH = "/api/wallboard/conversations"
ALERTS_PATH = "/api/wallboard/alerts"
_private = cache_control(private=True, no_store=True)


@require_safe
@_private
def wallboard(request: HttpRequest) -> HttpResponse:
    """The page. Whoever is not logged in is sent to do so; whoever is no supervisor finds nothing."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if SUPERVISOR not in request_roles(request):
        raise Http404
    nonce = secrets.token_urlsafe(16)
    config = wallboard_config(request, request.user)
    response = render(request, "wallboard/wallboard.html", {"config": config, "nonce": nonce})
    response["Content-Security-Policy"] = content_policy("", nonce)
    return response


def wallboard_config(request: HttpRequest, supervisor: User) -> dict[str, object]:
    """What the page needs before it has its first numbers."""
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "numbers_path": NUMBERS_PATH,
        "conversations_path": CONVERSATIONS_PATH,
        "alerts_path": ALERTS_PATH,
        "desk_path": reverse("desk"),
        "staffing_path": reverse("staffing"),
        "follow_ups_path": reverse("follow-ups"),
        "login_path": reverse("login"),
        "logout_path": reverse("logout"),
        "csrf_token": get_token(request),
        "language": language,
        "locale": LOCALES.get(language, language),
        "time_zone": settings.PLATFORM_TIME_ZONE,
        "mark": static("desk/mark.svg"),
        "supervisor": {"id": str(supervisor.pk), "name": supervisor.name},
        "answers": StaffRole.Role.OPERATOR in request_roles(request),
        "texts": {key: str(text) for key, text in TEXTS.items()},
    }


@require_safe
@_private
async def numbers(request: HttpRequest) -> HttpResponse:
    """``GET /api/wallboard?organisation=slug``: every number, at most a second old, and the open alerts: of the client
    shown, and of operators, who are everybody's. Follow-ups are counted over all clients."""

    def read() -> bytes:
        _supervisor(request)
        slug = request.GET.get("organisation") or None
        board = wallboard_of(recent_board(), slug)
        alerts = [one for one in open_alert_facts() if slug is None or one.organisation in (slug, None)]
        return msgspec.json.encode({"board": board, "alerts": alerts, "follow_ups": follow_up_counts_fact()})

    return await _answered(read)


@require_POST
@_private
async def acknowledge(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """``POST /api/wallboard/alerts/<id>/seen``: this supervisor sees to it. Django's CSRF check stands before it."""

    def note() -> bytes:
        supervisor = _supervisor(request)
        alerting.acknowledge(supervisor.pk, supervisor.name, alert_id)
        return b"{}"

    return await _answered(note)


@require_safe
@_private
async def conversations(request: HttpRequest) -> HttpResponse:
    """``GET /api/wallboard/conversations?number=waiting&…``: what is behind one number."""

    def read() -> bytes:
        _supervisor(request)
        return msgspec.json.encode(conversations_behind(_question(request)))

    return await _answered(read)


async def _answered(read: Callable[[], bytes]) -> HttpResponse:
    try:
        return HttpResponse(await run_in_public(read), content_type="application/json")
    except ServiceError as error:
        status = 404 if isinstance(error, NotFound) else 400
        return JsonResponse({"code": error.code, "message": str(error.message)}, status=status)


def _supervisor(request: HttpRequest) -> User:
    if not request.user.is_authenticated or SUPERVISOR not in request_roles(request):
        raise NotFound()
    return request.user


def _question(request: HttpRequest) -> Question:
    try:
        return msgspec.convert(request.GET.dict(), Question, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid() from error
