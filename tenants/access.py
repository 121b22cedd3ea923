"""Who may do what, where. Permission comes from a membership or staff role on *this* host and from nothing else."""

from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
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
    """The account's roles on this host: staff roles on the desk's, memberships on an organisation's. One query."""
    if host.kind is HostKind.DESK:
        return frozenset(StaffRole.objects.filter(user_id=user_id).values_list("role", flat=True))
    if host.kind is HostKind.ORGANISATION and host.organisation is not None:
        return frozenset(
            Membership.objects.filter(user_id=user_id, organisation_id=host.organisation.id).values_list(
                "role", flat=True
            )
        )
    return NOBODY


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
    return actor_of_session_key(key, host) if key else None


def actor_of_session_key(key: str, host: Host) -> Actor | None:
    """Whoever this session says is logged in on this host, or None. Three queries.

    The same checks as for a request: the session began on this host and the password has not changed since.
    """
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    if session.get(HOST_KEY) != host.name or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = User.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
    if user is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return Actor(user.pk, user.name, roles_on(host, user.pk), key)


def _session_key(cookies: str) -> str | None:
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel else None
