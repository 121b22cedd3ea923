"""The origin that a browser gives a page, from whatever somebody pastes as its address. Pure."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from tenants.errors import Invalid
from tenants.models import ORIGIN

DEFAULT_PORTS = {"http": 80, "https": 443}
MOST_CHARACTERS = 200


def origin_of(address: str) -> str:
    """``https://www.example.com`` of any address on that site, as browsers write it: no path, lower case, no default
    port, other scripts in their ``xn--`` form. Without a scheme it is https. Raises Invalid."""
    text = address.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:
        raise Invalid() from None
    if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc:
        raise Invalid()
    origin = f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")
    try:
        ORIGIN(origin)
    except ValidationError:
        raise Invalid() from None
    if len(origin) > MOST_CHARACTERS:
        raise Invalid()
    return origin


def _ascii(host: str) -> str:
    """Raises ValueError, also for letters that Python would write otherwise than browsers do, such as ß."""
    written = host.encode("idna").decode("ascii")
    if not host.isascii() and written.encode("ascii").decode("idna") != host:
        raise ValueError
    return written
