"""A session belongs to the host where it began, and to the password it began with (rule 18)."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from chatplatform.demo import PASSWORD
from tenants.access import actor_of_session
from tenants.hosts import host_of
from tenants.models import Membership, User
from tenants.services import create_account
from tests.cast import acme, client_of, globex

OLGA = "olga@desk.example"
MAUD = "maud@acme.example"


def log_in(email: str, host: str, password: str = PASSWORD) -> Client:
    acme(), globex()
    client = client_of(host)
    client.post("/login/", {"username": email, "password": password})
    return client


def is_logged_in(client: Client) -> bool:
    """The login page sends whoever is logged in away."""
    return client.get("/login/").status_code == 302


def moved_to(host: str, client: Client) -> Client:
    """The same cookies at another host, as a thief would bring them."""
    other = client_of(host)
    other.cookies = client.cookies
    return other


def cookie_header(client: Client) -> str:
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def test_a_session_of_one_host_is_refused_on_every_other() -> None:
    client = log_in(OLGA, "desk.localhost")
    assert is_logged_in(client)

    for host in ("acme.localhost", "globex.localhost"):
        assert not is_logged_in(moved_to(host, client))
        assert actor_of_session(cookie_header(log_in(OLGA, "desk.localhost")), host_of(host)) is None


def test_a_managers_session_is_refused_at_another_organisation_and_at_the_desk() -> None:
    client = log_in(MAUD, "acme.localhost")
    assert is_logged_in(client)

    for host in ("globex.localhost", "desk.localhost"):
        assert not is_logged_in(moved_to(host, log_in(MAUD, "acme.localhost")))
        assert actor_of_session(cookie_header(client), host_of(host)) is None
    assert is_logged_in(client)


def test_a_refused_session_lives_on_where_it_began() -> None:
    client = log_in(OLGA, "desk.localhost")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value

    thief = client_of("acme.localhost")
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    thief.get("/login/")
    thief.post("/logout/")

    assert Session.objects.filter(pk=key).exists()
    assert is_logged_in(client)


def test_the_session_cookie_is_for_this_host_and_unreadable_to_scripts() -> None:
    cookie = log_in(OLGA, "desk.localhost").cookies[settings.SESSION_COOKIE_NAME]

    assert (cookie["domain"], cookie["httponly"], cookie["samesite"]) == ("", True, "Lax")


@pytest.fixture
def pauline() -> User:
    """A manager of her own for each test, whose password may change."""
    user = create_account("pauline@acme.example", "Pauline", None, memberships=[(acme(), Membership.Role.MANAGER)])
    user.set_password("a first long password")
    user.is_active = True
    user.save()
    return user


def test_a_changed_password_ends_every_session(pauline: User) -> None:
    clients = [log_in(pauline.email, "acme.localhost", "a first long password") for _ in range(2)]
    assert all(is_logged_in(client) for client in clients)
    assert actor_of_session(cookie_header(clients[0]), host_of("acme.localhost")) is not None

    pauline.set_password("a second long password")
    pauline.save()

    assert actor_of_session(cookie_header(clients[0]), host_of("acme.localhost")) is None
    assert not any(is_logged_in(client) for client in clients)


def test_an_account_that_was_switched_off_is_out_at_once(pauline: User) -> None:
    client = log_in(pauline.email, "acme.localhost", "a first long password")
    assert is_logged_in(client)

    pauline.is_active = False
    pauline.save()

    assert actor_of_session(cookie_header(client), host_of("acme.localhost")) is None
    assert not is_logged_in(client)
    assert not is_logged_in(log_in(pauline.email, "acme.localhost", "a first long password"))


def test_logging_out_ends_the_session_itself() -> None:
    client = log_in(OLGA, "desk.localhost")
    header = cookie_header(client)

    client.post("/logout/")

    assert not is_logged_in(client)
    assert actor_of_session(header, host_of("desk.localhost")) is None


def test_logging_in_gives_a_new_session_key() -> None:
    client = log_in(OLGA, "desk.localhost")
    first = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/logout/")
    client.cookies[settings.SESSION_COOKIE_NAME] = first

    client.post("/login/", {"username": OLGA, "password": PASSWORD})

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != first
