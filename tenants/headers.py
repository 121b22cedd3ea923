"""Headers that every answer carries unless its view said otherwise, and those of a file that is handed out."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header

DEFAULT_POLICY = "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'"
PORTION_BYTES = 64 * 1024
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def download(path: Path, content_type: str, name: str) -> HttpResponse:
    """Somebody's file, to be saved and never to be run in a page (rule 40).

    The bytes at once: streaming from a synchronous file is read whole under ASGI all the same.
    """
    return download_bytes(path.read_bytes(), content_type, name)


def download_bytes(content: bytes, content_type: str, name: str) -> HttpResponse:
    """The same for what was made just now."""
    return HttpResponse(content, content_type=content_type, headers=_headers_of_file(name))


def download_file(request: HttpRequest, file: IO[bytes], content_type: str, name: str) -> StreamingHttpResponse:
    """The same for what was written to a temporary file, a portion at a time: under ASGI a synchronous iterator would
    be read whole. The file is closed with the response."""
    file.seek(0)
    portions = (
        _portions_async(file) if isinstance(request, ASGIRequest) else iter(lambda: file.read(PORTION_BYTES), b"")
    )
    response = StreamingHttpResponse(portions, content_type=content_type, headers=_headers_of_file(name))
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]
    return response


async def _portions_async(file: IO[bytes]) -> AsyncIterator[bytes]:
    while portion := file.read(PORTION_BYTES):
        yield portion


def _headers_of_file(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": content_disposition_header(True, name) or "",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": FILE_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


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
