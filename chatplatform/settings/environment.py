"""Typed reading of environment variables: a wrong value stops the start, and the message says what is allowed."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


class Environment:
    """Reads variables from ``values`` (the process environment unless a test passes its own)."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = os.environ if values is None else values

    def text(self, name: str, default: str | None = None, *, at_least: int = 1) -> str:
        """The variable, ``at_least`` characters long. Without a default it must be set."""
        value = self._values.get(name, "")
        if value == "":
            if default is None:
                raise ImproperlyConfigured(f"{name} is not set. Set it in the environment; .env.example explains it.")
            return default
        if len(value) < at_least:
            raise ImproperlyConfigured(f"{name} is too short: at least {at_least} characters are needed.")
        return value

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name}={value} is not known. Use one of: {', '.join(choices)}.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, "yes" if default else "no").lower()
        if value not in _TRUE | _FALSE:
            raise ImproperlyConfigured(f"{name}={value} is neither yes nor no.")
        return value in _TRUE

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not value.lstrip("-").isdecimal() or not low <= int(value) <= high:
            raise ImproperlyConfigured(f"{name}={value} is not a whole number from {low} to {high}.")
        return int(value)

    def host(self, name: str, default: str | None = None) -> str:
        value = self.text(name, default)
        if not _HOST.fullmatch(value):
            raise ImproperlyConfigured(f"{name}={value} is not a host name: lower case, no scheme, no port.")
        return value

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().resolve()

    def database(self, name: str, default: str | None = None) -> dict[str, str]:
        """``postgresql://user:password@host:port/name`` (``?host=/folder`` for a socket) as Django's fields."""
        value = self.text(name, default)
        parts = urlsplit(value)
        if parts.scheme not in ("postgres", "postgresql") or len(parts.path) < 2:
            raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/name.")
        host = unquote(parts.hostname or "")
        for pair in filter(None, parts.query.split("&")):
            key, _, option = pair.partition("=")
            if key != "host":
                raise ImproperlyConfigured(f"{name}: the option '{key}' is not known. Only 'host' is.")
            host = unquote(option)
        return {
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or ""),
        }

    def redis(self, name: str, default: str | None = None) -> str:
        value = self.text(name, default)
        if urlsplit(value).scheme not in ("redis", "rediss", "unix"):
            raise ImproperlyConfigured(f"{name} must start with redis://, rediss:// or unix://.")
        return value
