"""Who may open the desk's pages about quality, and how they are answered."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control

from operators.access import DESK_ROLES, SUPERVISOR
from ratings.services.following_up import Taker
from tenants.access import request_roles
from tenants.errors import NotFound, ServiceError
from tenants.views import ACCOUNT_PAGE_POLICY

# A review's draft is kept by its own page.
PAGE_POLICY = f"{ACCOUNT_PAGE_POLICY}; connect-src 'self'"

View = Callable[..., HttpResponse]


def _for_roles(roles: frozenset[str], view: View) -> View:
    """Whoever is not logged in is sent to do so; whoever has none of the roles finds nothing. What is not there, or not
    possible any more, is answered as such."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not roles & request_roles(request):
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error

    return cache_control(private=True, no_store=True)(guarded)


def for_supervisors(view: View) -> View:
    """A page of supervisors."""
    return _for_roles(frozenset({SUPERVISOR}), view)


def for_the_desk(view: View) -> View:
    """A page of everybody at the desk, each with what is theirs."""
    return _for_roles(DESK_ROLES, view)


def taker_of(request: HttpRequest) -> Taker:
    """Whoever is logged in. Raises NotFound for a stranger, whom the pages let in nowhere."""
    if not request.user.is_authenticated:
        raise NotFound()
    return Taker(request.user.pk, request.user.name)


def attempted(request: HttpRequest, work: Callable[[], object]) -> bool:
    """Does it; false when it was refused, which the next page says. Raises NotFound."""
    try:
        work()
    except NotFound:
        raise
    except ServiceError as error:
        messages.error(request, str(error.message))
        return False
    return True


def desk_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """In the platform's time zone: its people read it, whatever the client's is."""
    with timezone.override(settings.PLATFORM_TIME_ZONE):
        supervises = SUPERVISOR in request_roles(request)
        response = render(request, template, {"supervises": supervises, **context})
    response["Content-Security-Policy"] = PAGE_POLICY
    return response
