"""Who may do what, where. Permission comes from a membership or staff role on *this* host and from nothing else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from tenants.hosts import Host, HostKind
from tenants.models import Membership, StaffRole, User
from tenants.sessions import HOST_KEY


@dataclass(frozen=True, slots=True)
class Actor:
    """An account on one host, with its roles there. ``session_key`` names the log-in it came from."""

    user_id: UUID
    name: str
    roles: frozenset[str] = field(default_factory=frozenset)
    session_key: str = ""


NOBODY = frozenset[str]()


def roles_on(host: Host, user_id: UUID) -> frozenset[str]:
    """The account's roles on this host. One query."""
    return roles_of(host, [user_id]).get(user_id, NOBODY)


def roles_of(host: Host, user_ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """Account → roles on this host: staff roles on the desk's, memberships on an organisation's. One query."""
    if host.kind is HostKind.DESK:
        rows = list(StaffRole.objects.filter(user_id__in=user_ids).values_list("user_id", "role"))
    elif host.kind is HostKind.ORGANISATION and host.organisation is not None:
        memberships = Membership.objects.filter(user_id__in=user_ids, organisation_id=host.organisation.id)
        rows = list(memberships.values_list("user_id", "role"))
    else:
        return {}
    roles: dict[UUID, set[str]] = {}
    for user_id, role in rows:
        roles.setdefault(user_id, set()).add(role)
    return {user_id: frozenset(names) for user_id, names in roles.items()}


def request_roles(request: HttpRequest) -> frozenset[str]:
    """The roles of whoever is logged in, on the request's host; none for a stranger. One query per request."""
    cached: frozenset[str] | None = getattr(request, "_roles", None)
    if cached is None:
        cached = roles_on(request.host, request.user.pk) if request.user.is_authenticated else NOBODY  # type: ignore[attr-defined]
        request._roles = cached  # type: ignore[attr-defined]
    return cached


def actor_of_session(cookies: str, host: Host) -> Actor | None:
    """Whoever the ``Cookie`` header's session says is logged in on this host, or None. Three queries."""
    key = _session_key(cookies)
    return actors_of_sessions([key], host).get(key) if key else None


def actors_of_sessions(keys: Collection[str], host: Host) -> dict[str, Actor]:
    """Session key → whoever it says is logged in on this host; a session that says nobody is left out. Three queries.

    The same checks as for a request: the session began on this host and the password has not changed since.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore
    rows = store.get_model_class().objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    sessions = {row.session_key: row.get_decoded() for row in rows}
    users = User.objects.filter(is_active=True).in_bulk(
        {session[SESSION_KEY] for session in sessions.values() if SESSION_KEY in session}
    )
    found = {
        key: user
        for key, session in sessions.items()
        if (user := users.get(_uuid(session.get(SESSION_KEY)))) is not None and _is_valid(session, user, host)
    }
    roles = roles_of(host, {user.pk for user in found.values()})
    return {key: Actor(user.pk, user.name, roles.get(user.pk, NOBODY), key) for key, user in found.items()}


def _is_valid(session: Mapping[str, Any], user: User, host: Host) -> bool:
    return (
        session.get(HOST_KEY) == host.name
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _session_key(cookies: str) -> str | None:
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel else None
