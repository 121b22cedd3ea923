"""The named cast: the demo's organisations (without client cards) and people, and visitors as they come."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chatplatform.demo_content import load_cast
from conversations.services.visitors import visitor_of_token
from conversations.tokens import new_token
from operators.access import operator_of
from operators.selectors import OperatorRef
from tenants.access import Actor, roles_on
from tenants.context import OrganisationRef, in_organisation
from tenants.hosts import forget_hosts, host_of
from tenants.models import User
from tenants.selectors import organisation_by_slug
from tenants.sessions import HOST_KEY

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Answer: TypeAlias = _MonkeyPatchedWSGIResponse
else:
    Answer = HttpResponse

DESK = "desk.localhost"


@functools.cache
def _demo_loaded() -> None:
    load_cast()


def acme() -> OrganisationRef:
    _demo_loaded()
    return organisation_by_slug("acme")


def globex() -> OrganisationRef:
    _demo_loaded()
    return organisation_by_slug("globex")


def account(email: str) -> User:
    _demo_loaded()
    return User.objects.get(email=email)


def _operator(email: str) -> OperatorRef:
    user = account(email)
    return operator_of(Actor(user.pk, user.name, roles_on(host_of(DESK), user.pk)))


def olga() -> OperatorRef:
    """Operates for both organisations."""
    return _operator("olga@desk.example")


def omar() -> OperatorRef:
    """Operates for Acme only."""
    return _operator("omar@desk.example")


@dataclass(frozen=True, slots=True)
class VisitorHere:
    """A visitor of one organisation, and the token in their browser."""

    id: UUID
    token: str
    organisation: OrganisationRef


def visitor_of(organisation: OrganisationRef) -> VisitorHere:
    """A new visitor: Vera at Acme, Victor at Globex, and more of them."""
    token = new_token(organisation.schema_name)
    visitor_id = in_organisation(organisation, visitor_of_token, token, create=True)
    return VisitorHere(visitor_id, token, organisation)


def client_of(host: str, *, csrf: bool = False) -> Client:
    """A browser at this host, nobody logged in. It speaks to Django directly, without a server."""
    port = settings.PUBLIC_PORT
    return Client(
        enforce_csrf_checks=csrf,
        headers={"host": f"{host}:{port}", "origin": f"{settings.PUBLIC_SCHEME}://{host}:{port}"},
    )


def logged_in(email: str, host: str = DESK, *, csrf: bool = False) -> Client:
    """As if this person had logged in on this host."""
    client = client_of(host, csrf=csrf)
    client.force_login(account(email), backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session[HOST_KEY] = host
    session.save()
    return client


def page_and_queries(client: Client, path: str) -> tuple[str, int]:
    """The page, and how many queries it took. What is known of its host is kept for seconds; here it was just read."""
    forget_hosts()
    host_of(client.defaults["HTTP_HOST"].partition(":")[0])
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200
    return response.content.decode(), len(queries)
