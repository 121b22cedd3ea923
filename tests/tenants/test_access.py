"""Roles count on their own host only; an account grants nothing by itself."""

import pytest
from django.conf import settings
from django.test import RequestFactory

from tenants.access import actor_of_session, request_roles, roles_on
from tenants.hosts import host_of
from tenants.models import Membership, StaffRole, User
from tenants.services import create_account
from tests.cast import account, acme, globex, logged_in

HOSTS = ("desk.localhost", "acme.localhost", "globex.localhost", "acme-shop.localhost", "other.localhost")

# Each person's roles on the hosts above; everything not named is nothing.
ROLES = {
    "olga@desk.example": {"desk.localhost": {"operator"}},
    "omar@desk.example": {"desk.localhost": {"operator"}},
    "sam@desk.example": {"desk.localhost": {"supervisor"}},
    "ada@desk.example": {"desk.localhost": {"platform_admin"}},
    "maud@acme.example": {"acme.localhost": {"manager"}},
    "stan@acme.example": {"acme.localhost": {"specialist"}},
    "mona@globex.example": {"globex.localhost": {"manager"}},
}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("email", ROLES)
def test_a_role_counts_on_its_own_host_only(email: str, host: str) -> None:
    assert roles_on(host_of(host), account(email).pk) == ROLES[email].get(host, set())


def test_one_person_may_have_roles_in_two_organisations() -> None:
    user = create_account(
        "both@acme.example",
        "Both",
        None,
        memberships=[(acme(), Membership.Role.MANAGER), (globex(), Membership.Role.SPECIALIST)],
    )

    assert roles_on(host_of("acme.localhost"), user.pk) == {"manager"}
    assert roles_on(host_of("globex.localhost"), user.pk) == {"specialist"}
    assert roles_on(host_of("desk.localhost"), user.pk) == set()


def test_an_account_says_no_whatever_django_asks() -> None:
    user = User(email="x@acme.example", name="X")

    assert not user.is_staff
    assert not getattr(user, "is_superuser", False)
    assert not user.has_perm("conversations.view_conversation")
    assert not user.has_perms(["conversations.view_conversation"])
    assert not user.has_module_perms("conversations")


def test_the_actor_of_a_session_has_the_roles_of_now() -> None:
    client = logged_in("olga@desk.example")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies, desk = f"a=b; {settings.SESSION_COOKIE_NAME}={key}; c=d", host_of("desk.localhost")

    actor = actor_of_session(cookies, desk)
    assert actor is not None
    assert (actor.name, actor.session_key) == ("Olga", key)
    assert actor.roles == {"operator"}

    StaffRole.objects.filter(user__email="olga@desk.example").delete()
    try:
        actor = actor_of_session(cookies, desk)
        assert actor is not None
        assert actor.roles == set()
    finally:
        StaffRole.objects.create(user=account("olga@desk.example"), role=StaffRole.Role.OPERATOR)


@pytest.mark.parametrize("cookies", ["", "a=b", f"{settings.SESSION_COOKIE_NAME}=", "=;=\x00", "x" * 5000])
def test_without_a_session_there_is_no_actor(cookies: str) -> None:
    assert actor_of_session(cookies, host_of("desk.localhost")) is None


def test_a_session_key_that_was_made_up_is_nobody() -> None:
    assert actor_of_session(f"{settings.SESSION_COOKIE_NAME}={'a' * 32}", host_of("desk.localhost")) is None


def test_a_stranger_has_no_roles() -> None:
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/")
    request.host, request.user = host_of("desk.localhost"), AnonymousUser()  # type: ignore[attr-defined]

    assert request_roles(request) == set()
