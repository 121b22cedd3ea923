"""Where the platform listens, and HTTP to it. Python does not resolve ``*.localhost``: sites are named in headers."""

import http.client
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

HTTP_SECONDS = 20
_CSRF_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class DoorClosed(RuntimeError):
    """The platform answered a request with something that cannot be worked with."""


@dataclass(frozen=True, slots=True)
class Platform:
    """``host`` and ``port`` are connected to; every site is known under the same port."""

    scheme: str
    host: str
    port: int

    @classmethod
    def at(cls, url: str) -> "Platform":
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise ValueError("Name the platform as http://127.0.0.1:8000.")
        return cls(parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme])

    def origin(self, site: str) -> str:
        return f"{self.scheme}://{self._authority(site)}"

    def socket_url(self, site: str, path: str) -> str:
        return f"{'wss' if self.scheme == 'https' else 'ws'}://{self._authority(site)}{path}"

    def _authority(self, site: str) -> str:
        return site if self.port == {"http": 80, "https": 443}[self.scheme] else f"{site}:{self.port}"

    def request(
        self, site: str, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request on a connection of its own. Raises OSError or http.client.HTTPException; blocks up to 20 s."""
        kind = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.host, self.port, timeout=HTTP_SECONDS)
        try:
            own = {"Host": self._authority(site), "Origin": self.origin(site), "Referer": self.origin(site) + path}
            connection.request(method, path, body=body, headers={**own, **(headers or {})})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def commands(
        self, site: str, path: str, hello: dict[str, Any], commands: list[dict[str, Any]], headers: dict[str, str]
    ) -> list[dict[str, Any]]:
        """The frames that one of the HTTP doors answers with. Raises DoorClosed unless it answers 200."""
        body = msgspec.json.encode({"hello": hello, "commands": commands})
        response, answer = self.request(site, "POST", path, body, {"Content-Type": "application/json", **headers})
        if response.status != http.client.OK:
            raise DoorClosed(f"{path} answered {response.status}: {answer[:200].decode(errors='replace')}")
        return msgspec.json.decode(answer)["frames"]


@dataclass(frozen=True, slots=True)
class Login:
    """A browser's session on the desk."""

    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        csrf = next((value for name, value in self.cookies.items() if "csrf" in name), "")
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "X-CSRFToken": csrf}


def log_in(platform: Platform, site: str, email: str, password: str) -> Login:
    """Logs in as a browser does: opens the form, posts it. Raises DoorClosed when it is refused."""
    response, page = platform.request(site, "GET", "/login/")
    field_found = _CSRF_FIELD.search(page.decode())
    if response.status != http.client.OK or field_found is None:
        raise DoorClosed(f"{site} shows no login form (status {response.status}).")
    cookies = _cookies(response)
    form = {"csrfmiddlewaretoken": field_found[1], "username": email, "password": password, "next": "/"}
    headers = {**Login(cookies).headers, "Content-Type": "application/x-www-form-urlencoded"}
    response, _page = platform.request(site, "POST", "/login/", urlencode(form).encode(), headers)
    if response.status != http.client.FOUND:
        raise DoorClosed(f"The login of {email} was refused (status {response.status}).")
    return Login({**cookies, **_cookies(response)})


def _cookies(response: http.client.HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in response.headers.get_all("Set-Cookie", []):
        found |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
    return found
