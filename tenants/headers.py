"""Headers that every answer carries unless its view said otherwise, and those of a file that is handed out."""

from collections.abc import Callable
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header

DEFAULT_POLICY = "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'"
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def download(path: Path, content_type: str, name: str) -> HttpResponse:
    """Somebody's file, to be saved and never to be run in a page (rule 40).

    The bytes at once: streaming from a synchronous file is read whole under ASGI all the same.
    """
    return download_bytes(path.read_bytes(), content_type, name)


def download_bytes(content: bytes, content_type: str, name: str) -> HttpResponse:
    """The same for what was made just now."""
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, name),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": FILE_POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store",
        },
    )


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
