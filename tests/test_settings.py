"""Settings from the environment: a wrong value stops the start and the message says what is allowed."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatplatform.embedded.__main__ import ROOT
from chatplatform.settings.environment import Environment

pytestmark = pytest.mark.no_database

PRODUCTION = {
    "SECRET_KEY": "x" * 10 + "0123456789abcdefghijklmnopqrstuvwxyz-0123456789",
    "DATABASE_URL": "postgresql://somebody:p%40ss@db.example.org:6543/platform",
    "REDIS_URL": "redis://cache.example.org:6379/0",
    "DESK_HOST": "desk.example.org",
    "EMAIL_HOST": "mail.example.org",
    "MAIL_FROM": "desk@example.org",
}


def load_production(**changes: str | None) -> subprocess.CompletedProcess[str]:
    values = {name: value for name, value in {**PRODUCTION, **changes}.items() if value is not None}
    code = "from chatplatform.settings import prod as s; print(s.DATABASES['default']['HOST'], s.CELERY_BROKER_URL)"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **values},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_loads_with_everything_given() -> None:
    done = load_production()

    assert done.stdout == "db.example.org redis://cache.example.org:6379/0\n", done.stderr


@pytest.mark.parametrize("name", PRODUCTION)
def test_production_refuses_a_missing_value_by_name(name: str) -> None:
    done = load_production(**{name: None})

    assert done.returncode != 0
    assert f"{name} is not set" in done.stderr


@pytest.mark.parametrize(
    "secret", ["too short", "development only: not a secret, and refused by the production settings"]
)
def test_production_refuses_a_weak_secret(secret: str) -> None:
    done = load_production(SECRET_KEY=secret)

    assert done.returncode != 0
    assert "SECRET_KEY is" in done.stderr


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://a:b%40c@h:5/n", ("n", "a", "b@c", "h", "5")),
        ("postgres://a@h/n", ("n", "a", "", "h", "")),
        ("postgresql://a@/n?host=/tmp/folder", ("n", "a", "", "/tmp/folder", "")),
    ],
)
def test_a_database_address_is_read(url: str, expected: tuple[str, ...]) -> None:
    fields = Environment({"DATABASE_URL": url}).database("DATABASE_URL")

    assert tuple(fields[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == expected


@pytest.mark.parametrize("url", ["mysql://a@h/n", "postgresql://a@h", "postgresql://a@h/n?sslmode=require", "n"])
def test_a_wrong_database_address_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        Environment({"DATABASE_URL": url}).database("DATABASE_URL")


@pytest.mark.parametrize("value", ["", "0", "65536", "80a", "-1", "8_0"])
def test_a_port_is_a_number_in_range_or_the_default(value: str) -> None:
    env = Environment({"PORT": value})

    if value == "":
        assert env.number("PORT", 8000, low=1, high=65535) == 8000
        return
    with pytest.raises(ImproperlyConfigured, match="PORT="):
        env.number("PORT", 8000, low=1, high=65535)


@pytest.mark.parametrize("value", ["https://desk.example.org", "desk.example.org:8000", "Desk.example.org", "-desk"])
def test_a_host_has_neither_scheme_nor_port(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DESK_HOST="):
        Environment({"DESK_HOST": value}).host("DESK_HOST")


@pytest.mark.parametrize(("value", "expected"), [("yes", True), ("0", False), ("On", True), ("", False)])
def test_a_flag_understands_the_usual_words(value: str, expected: bool) -> None:
    assert Environment({"DEBUG": value}).flag("DEBUG", False) is expected


def test_a_flag_refuses_other_words() -> None:
    with pytest.raises(ImproperlyConfigured, match="neither yes nor no"):
        Environment({"DEBUG": "maybe"}).flag("DEBUG", False)


@pytest.mark.parametrize("value", ["http://h", "memcached://h", "h:6379"])
def test_a_wrong_redis_address_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        Environment({"REDIS_URL": value}).redis("REDIS_URL")


def test_small_matrices_start_no_threads() -> None:
    code = (
        "import os, django; django.setup(); import numpy; numpy.ones((600, 600), 'f4') @ numpy.ones((600, 600), 'f4');"
        " print(len(os.listdir('/proc/self/task')))"
    )
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "chatplatform.settings.offline"}

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.stdout == "1\n", done.stderr
