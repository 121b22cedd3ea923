"""Logging in by e-mail address: any case of it, one case of the password, and no hint which of the two was wrong."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import get_hasher

from chatplatform.demo import PASSWORD
from tenants.authentication import EmailBackend
from tenants.models import User
from tenants.services import create_account
from tests.cast import account, client_of

OLGA = "olga@desk.example"


@pytest.mark.parametrize("email", [OLGA, "OLGA@desk.example", f"  {OLGA} "])
def test_the_address_may_be_written_in_any_case(email: str) -> None:
    olga = account(OLGA)

    assert authenticate(None, username=email, password=PASSWORD) == olga


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (OLGA, PASSWORD.upper()),
        (OLGA, PASSWORD + " "),
        (OLGA, ""),
        (OLGA, None),
        ("", PASSWORD),
        (None, PASSWORD),
        ("nobody@desk.example", PASSWORD),
        ("olga", PASSWORD),
        ("%", PASSWORD),
    ],
)
def test_anything_else_is_nobody(email: str | None, password: str | None) -> None:
    account(OLGA)

    assert authenticate(None, username=email, password=password) is None


def test_an_account_that_is_not_active_is_nobody() -> None:
    user = create_account(f"{uuid4().hex}@desk.example", "Former", "a first long password")
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert authenticate(None, username=user.email, password="a first long password") is None
    assert EmailBackend().get_user(user.pk) is None


def test_an_account_without_a_password_is_nobody() -> None:
    user = create_account(f"{uuid4().hex}@desk.example", "Passwordless", None)

    for password in ("", "!", user.password):
        assert authenticate(None, username=user.email, password=password) is None


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was hashed."""
    passwords: list[str] = []
    hasher = type(get_hasher())
    original: Callable[..., str] = hasher.encode

    def encode(self: object, password: str, *rest: object, **more: object) -> str:
        passwords.append(password)
        return original(self, password, *rest, **more)

    monkeypatch.setattr(hasher, "encode", encode)
    return passwords


def test_an_unknown_account_costs_as_much_time_as_a_known_one(hashed: list[str]) -> None:
    account(OLGA)
    hashed.clear()
    authenticate(None, username=OLGA, password="wrong")
    known = len(hashed)
    hashed.clear()
    authenticate(None, username="nobody@desk.example", password="wrong")

    assert len(hashed) == known == 1


def test_the_login_page_does_not_say_which_of_the_two_was_wrong() -> None:
    account(OLGA)
    answers = [
        client_of("desk.localhost").post("/login/", {"username": email, "password": "wrong"})
        for email in (OLGA, "oscar@desk.example")
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    texts = [answer.content.decode().replace("oscar@desk.example", OLGA) for answer in answers]
    errors = [text.partition("do not belong together")[1] for text in texts]
    assert errors == ["do not belong together"] * 2
    assert len(texts[0]) == len(texts[1])


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "http:///evil"])
def test_after_logging_in_nobody_is_led_elsewhere(target: str) -> None:
    account(OLGA)

    answer = client_of("desk.localhost").post("/login/", {"username": OLGA, "password": PASSWORD, "next": target})

    assert (answer.status_code, answer["Location"]) == (302, "/")
