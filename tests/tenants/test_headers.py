"""Nobody frames us and nobody keeps a dynamic answer, unless its view said so (rules 35 and 42)."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tenants.headers import DEFAULT_POLICY, ResponseHeadersMiddleware
from tests.cast import acme, client_of

FRAMED = "default-src 'none'; frame-ancestors https://shop.example"


def answered(**headers: str) -> HttpResponse:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={name.replace("_", "-"): value for name, value in headers.items()})

    return ResponseHeadersMiddleware(view)(RequestFactory().get("/"))


def test_an_answer_that_says_nothing_is_private_and_cannot_be_framed() -> None:
    response = answered()

    assert response["Content-Security-Policy"] == DEFAULT_POLICY
    assert "frame-ancestors 'none'" in DEFAULT_POLICY
    assert response["X-Frame-Options"] == "DENY"
    assert set(response["Cache-Control"].replace(" ", "").split(",")) == {"private", "no-store"}


def test_a_view_that_names_who_may_frame_it_is_not_contradicted() -> None:
    response = answered(Content_Security_Policy=FRAMED)

    assert response["Content-Security-Policy"] == FRAMED
    assert not response.has_header("X-Frame-Options")


def test_a_view_that_says_how_long_it_may_be_kept_is_believed() -> None:
    assert answered(Cache_Control="public, max-age=300")["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("host", ["desk.localhost", "acme.localhost", "other.localhost"])
@pytest.mark.parametrize("path", ["/login/", "/", "/admin/", "/nothing", "/api/desk/commands"])
def test_every_page_of_every_host_is_private_and_unframed(host: str, path: str) -> None:
    acme()
    response = client_of(host).get(path)

    assert "no-store" in response["Cache-Control"]
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_widgets_page_is_framed_by_its_own_websites_alone() -> None:
    acme()
    response = client_of("acme.localhost").get("/widget/", {"website": "acme-shop"})

    ancestors = response["Content-Security-Policy"].partition("frame-ancestors")[2].partition(";")[0].split()
    assert ancestors
    assert all(origin.startswith("http://acme-shop.localhost") for origin in ancestors)
    assert not response.has_header("X-Frame-Options")
    assert client_of("globex.localhost").get("/widget/", {"website": "acme-shop"}).status_code == 404
