"""No request body is read beyond a bound: Django's ASGI handler would write any length to disk before a view saw it."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from django.utils.translation import gettext as _

Scope = dict[str, Any]


class _TooLong(Exception):
    """The body went on after the bound."""


class BodyLimit:
    """ASGI: answers 413 when the announced length, or what really comes, is more than ``most`` bytes."""

    def __init__(self, application: Callable[..., Awaitable[None]], most: int) -> None:
        self._application = application
        self._most = most

    async def __call__(self, scope: Scope, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        if self._announced(scope) > self._most:
            await _refuse(send)
            return
        read = 0

        async def bounded() -> Any:
            nonlocal read
            event = await receive()
            read += len(event.get("body", b""))
            if read > self._most:
                raise _TooLong
            return event

        try:
            await self._application(scope, bounded, send)
        except _TooLong:
            await _refuse(send)

    @staticmethod
    def _announced(scope: Scope) -> int:
        """The longest of the ``Content-Length`` headers; 0 without one, for the server refuses what is no number."""
        lengths = [int(value) for name, value in scope["headers"] if name == b"content-length" and value.isdigit()]
        return max(lengths, default=0)


async def _refuse(send: Any) -> None:
    body = json.dumps({"code": "too_large", "message": _("This is too much for one request.")}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"private, no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
