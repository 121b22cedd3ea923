"""Logging in and out, and the language of the screens."""

import pytest

from chatplatform.demo import PASSWORD
from tests.cast import DESK, account, acme, client_of, globex, logged_in

ACME = "acme.localhost"


def log_in(host: str, email: str, password: str = PASSWORD, path: str = "/login/") -> tuple[int, str]:
    """Status, and where it leads or what it says."""
    account("olga@desk.example")
    response = client_of(host).post(path, {"username": email, "password": password})
    return response.status_code, response.get("Location") or response.content.decode()


def test_an_operator_logs_in_at_the_desk() -> None:
    assert log_in(DESK, "olga@desk.example") == (302, "/")
    assert log_in(DESK, "OLGA@desk.example") == (302, "/")


def test_a_manager_logs_in_at_the_organisations_host() -> None:
    assert log_in(ACME, "maud@acme.example") == (302, "/")
    client = logged_in("maud@acme.example", ACME)
    assert client.get("/").headers["Location"] == "/admin/"


def test_a_wrong_password_and_an_unknown_address_are_answered_alike() -> None:
    status, wrong = log_in(DESK, "olga@desk.example", "wrong")
    unknown = client_of(DESK).post("/login/", {"username": "nobody@desk.example", "password": "wrong"})

    assert (status, unknown.status_code) == (200, 200)
    message = "This e-mail address and password do not belong together."
    assert message in wrong
    assert message in unknown.content.decode()


@pytest.mark.parametrize("outside", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_next_never_leads_to_another_host(outside: str) -> None:
    assert log_in(DESK, "olga@desk.example", path=f"/login/?next={outside}") == (302, "/")


def test_next_leads_back_to_a_page_of_this_host() -> None:
    assert log_in(DESK, "olga@desk.example", path="/login/?next=/admin/") == (302, "/admin/")


def test_logging_out_needs_a_post_and_ends_the_session() -> None:
    client = logged_in("olga@desk.example")

    assert client.get("/logout/").status_code == 405
    assert client.get("/").status_code == 200
    assert client.post("/logout/").headers["Location"] == "/login/?left"
    assert "You are logged out" in client.get("/login/?left").content.decode()
    assert client.get("/").headers["Location"] == "/login/?next=/"


def test_somebody_logged_in_is_not_asked_again_unless_nothing_here_is_theirs() -> None:
    assert logged_in("olga@desk.example").get("/login/").headers["Location"] == "/"
    # A manager has no role at the desk: a way back would lead round in a circle.
    assert logged_in("maud@acme.example").get("/login/").status_code == 200
    # An operator has one, but not the one that the page behind `next` asks for.
    assert logged_in("olga@desk.example").get("/login/?next=/admin/").status_code == 200


def test_the_language_is_kept_in_a_cookie_of_this_host() -> None:
    acme()
    client = client_of(ACME)

    response = client.post("/language/", {"language": "nl", "next": "/login/"})

    assert (response.status_code, response.headers["Location"]) == (302, "/login/")
    (cookie,) = response.cookies.values()
    assert (cookie.value, cookie["domain"]) == ("nl", "")
    assert 'lang="nl"' in client.get("/login/").content.decode()


def test_the_account_pages_load_nothing_from_elsewhere_and_are_not_framed() -> None:
    globex()
    policy = client_of("globex.localhost").get("/login/").headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in policy


def test_passwords_need_the_forms_token() -> None:
    account("olga@desk.example")
    client = client_of(DESK, csrf=True)

    answer = client.post("/login/", {"username": "olga@desk.example", "password": PASSWORD})

    assert answer.status_code == 403
    assert client.get("/").headers["Location"] == "/login/?next=/"
