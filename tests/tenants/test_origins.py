"""Whatever somebody pastes as an address becomes the origin that browsers know, or is refused (rule 35)."""

import pytest

from tenants.errors import Invalid
from tenants.origins import origin_of

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("pasted", "origin"),
    [
        ("https://www.example.com", "https://www.example.com"),
        ("  https://WWW.Example.com/shop/page?x=1#top ", "https://www.example.com"),
        ("www.example.com", "https://www.example.com"),
        ("example.com/contact", "https://example.com"),
        ("https://example.com:443/", "https://example.com"),
        ("http://example.com:80", "http://example.com"),
        ("http://example.com:8080/x", "http://example.com:8080"),
        ("localhost:8000", "https://localhost:8000"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
        ("https://例え.example", "https://xn--r8jz45g.example"),
    ],
)
def test_an_address_becomes_its_origin(pasted: str, origin: str) -> None:
    assert origin_of(pasted) == origin
    assert origin_of(origin) == origin


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "https://",
        "javascript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "ftp://example.com",
        "https://maud:secret@example.com",
        "https://*.example.com",
        "*",
        "'none'",
        "https://exa mple.com",
        "https://example.com; script-src *",
        "https://example.com:99999",
        "https://example.com:port",
        "https://[::1]",
        "https://[oops",
        "https://straße.example",
        "https://-example.com",
        f"https://{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example",
    ],
)
def test_what_is_no_websites_address_is_refused(pasted: str) -> None:
    with pytest.raises(Invalid):
        origin_of(pasted)
