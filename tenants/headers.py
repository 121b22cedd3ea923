"""Headers that every answer carries unless its view said otherwise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

DEFAULT_POLICY = "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'"


class ResponseHeadersMiddleware:
    """Nobody frames us, and nobody keeps a dynamic answer (rules 35 and 42).

    A view that is meant to be framed sets ``Content-Security-Policy`` itself. Static files never come this far.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", DEFAULT_POLICY)
        if "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]:
            response.headers["X-Frame-Options"] = "DENY"
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response
