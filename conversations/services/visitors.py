"""Visitors and their tokens."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from conversations.models import Visitor, VisitorToken
from conversations.tokens import is_ours, new_token, token_hash
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound

TOKEN_LIFE = timedelta(days=365)
ROTATE_AFTER = timedelta(days=7)
SUPERSEDED_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KnownVisitor:
    """``visitor_id`` is None until the first message. ``token`` is what the page is to keep from now on."""

    visitor_id: UUID | None
    token: str


def recognise_visitor(organisation: OrganisationRef, token: str | None) -> KnownVisitor:
    """Who holds this token. An unknown, foreign or expired one gets a new token and no visitor; an old one is rotated:
    the new one works at once, the old one for a day. At most three queries."""
    if token is None or not is_ours(organisation.schema_name, token):
        return KnownVisitor(None, new_token(organisation.schema_name))
    row = VisitorToken.objects.filter(pk=token_hash(token)).first()
    if row is None:
        return KnownVisitor(None, token)
    now = platform_now()
    if row.expires_at <= now:
        return KnownVisitor(None, new_token(organisation.schema_name))
    if now - row.created_at < ROTATE_AFTER:
        return KnownVisitor(row.visitor_id, token)
    fresh = new_token(organisation.schema_name)
    with transaction.atomic():
        VisitorToken.objects.create(
            pk=token_hash(fresh), visitor_id=row.visitor_id, created_at=now, expires_at=now + TOKEN_LIFE
        )
        VisitorToken.objects.filter(pk=row.pk).update(expires_at=min(row.expires_at, now + SUPERSEDED_LIFE))
    return KnownVisitor(row.visitor_id, fresh)


def visitor_of_token(organisation: OrganisationRef, token: str, *, create: bool) -> UUID:
    """The visitor who holds this token; with ``create`` made now if it is one of ours and nobody's yet.

    Two pages that create at the same moment get the same visitor. Raises NotFound.
    """
    if not is_ours(organisation.schema_name, token):
        raise NotFound()
    hashed = token_hash(token)
    now = platform_now()
    row = VisitorToken.objects.filter(pk=hashed).first()
    if row is not None and row.expires_at > now:
        return row.visitor_id
    if row is not None or not create:
        raise NotFound()
    with transaction.atomic():
        visitor = Visitor.objects.create()
        made = VisitorToken.objects.bulk_create(
            [VisitorToken(pk=hashed, visitor=visitor, created_at=now, expires_at=now + TOKEN_LIFE)],
            ignore_conflicts=True,
        )
        holder = VisitorToken.objects.get(pk=made[0].pk).visitor_id
        if holder != visitor.pk:  # another page was first
            visitor.delete()
    return holder
