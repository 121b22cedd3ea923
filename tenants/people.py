"""The people of an organisation: who they are, roles taken away and given back, invitations opened and accepted.

An invitation is an address that may become somebody. Until it is accepted there is no membership, and nobody who looks
learns whether the address has an account already: the page, the mail and the time it takes are the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid, NotFound
from tenants.models import Invitation, Membership, Organisation, User
from tenants.services import record_audit

SALT = "tenants.people"
INVITED_FOR = timedelta(days=7)
PAGE_PATH = "/invitation/"


@dataclass(frozen=True, slots=True)
class Person:
    """``seen_at``: the last log-in on this organisation's hosts; None when none is recorded."""

    id: UUID
    name: str
    email: str
    is_active: bool
    roles: tuple[str, ...]
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who has not accepted yet. ``name`` is what the inviting person called them."""

    id: UUID
    name: str
    email: str
    sent_at: datetime
    expires_at: datetime
    is_expired: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """What an invitation's link shows. ``has_account``: there is a password to log in with already."""

    email: str
    name: str
    has_account: bool


@dataclass(frozen=True, slots=True)
class TakenAway:
    """What it takes to give a role back."""

    user_id: UUID
    role: str
    seen_at: datetime | None


def people_of(organisation: OrganisationRef) -> list[Person]:
    """Everybody with a role there, by name. One query."""
    rows = Membership.objects.filter(organisation_id=organisation.id).select_related("user").order_by("role")
    by_user: dict[UUID, list[Membership]] = {}
    for row in rows:
        by_user.setdefault(row.user_id, []).append(row)
    people = [
        Person(
            id=user_id,
            name=held[0].user.name,
            email=held[0].user.email,
            is_active=held[0].user.is_active,
            roles=tuple(row.role for row in held),
            seen_at=max((row.seen_at for row in held if row.seen_at), default=None),
        )
        for user_id, held in by_user.items()
    ]
    return sorted(people, key=lambda person: (person.name.casefold(), person.email))


def invited_to(organisation: OrganisationRef) -> list[Invited]:
    """Who was invited and has not accepted, the newest first. One query."""
    now = platform_now()
    return [_invited(row, now) for row in _open(organisation).order_by("-sent_at")]


def invited_across_organisations() -> list[tuple[str, str, Invited]]:
    """(name and slug of the client, who was invited there and has not accepted), the newest first. One query."""
    waiting = Invitation.objects.filter(
        accepted_at=None, withdrawn_at=None, organisation__state=Organisation.State.ACTIVE
    ).select_related("organisation")
    now = platform_now()
    return [(row.organisation.name, row.organisation.slug, _invited(row, now)) for row in waiting.order_by("-sent_at")]


def _invited(row: Invitation, now: datetime) -> Invited:
    return Invited(row.id, row.name, row.email, row.sent_at, row.expires_at, row.expires_at <= now)


def write_invitation(organisation: OrganisationRef, email: str, name: str, actor_id: UUID | None) -> Invitation:
    """Invites this address to manage the organisation. Locks the organisation's row. In the caller's transaction, which
    writes the mail. Raises Invalid when somebody there has the address, or was invited already."""
    lock_organisation(organisation)
    email = email.strip().lower()
    if Membership.objects.filter(
        organisation_id=organisation.id, role=Membership.Role.MANAGER, user__email=email
    ).exists():
        raise Invalid(_("Somebody with this address is in the list already."))
    if _open(organisation).filter(email=email).exists():
        raise Invalid(_("This address was invited already. That invitation can be sent again."))
    now = platform_now()
    invitation = Invitation.objects.create(
        organisation_id=organisation.id,
        email=email,
        name=name,
        invited_by_id=actor_id,
        sent_at=now,
        expires_at=now + INVITED_FOR,
    )
    record_audit(organisation.id, actor_id, "invitation.sent", str(invitation.id))
    return invitation


def renew_invitation(organisation: OrganisationRef, invitation_id: UUID, actor_id: UUID | None) -> Invitation:
    """A new link for it; the one before opens nothing any more. Locks the organisation's row, then the invitation's. In
    the caller's transaction, which writes the mail. Raises NotFound."""
    lock_organisation(organisation)
    invitation = _lock(organisation, invitation_id)
    now = platform_now()
    invitation.number += 1
    invitation.sent_at, invitation.expires_at = now, now + INVITED_FOR
    invitation.save(update_fields=["number", "sent_at", "expires_at"])
    record_audit(organisation.id, actor_id, "invitation.sent_again", str(invitation.id))
    return invitation


def withdraw_invitation(organisation: OrganisationRef, invitation_id: UUID, actor_id: UUID | None) -> None:
    """Its link opens nothing any more. Locks the invitation's row. Raises NotFound."""
    with transaction.atomic():
        invitation = _lock(organisation, invitation_id)
        invitation.withdrawn_at = platform_now()
        invitation.save(update_fields=["withdrawn_at"])
        record_audit(organisation.id, actor_id, "invitation.withdrawn", str(invitation_id))


def restore_invitation(organisation: OrganisationRef, invitation_id: UUID, actor_id: UUID | None) -> None:
    """What was withdrawn holds again, its link as well. Locks the organisation's row. Raises NotFound, also when the
    address was invited anew meanwhile."""
    with transaction.atomic():
        lock_organisation(organisation)
        withdrawn = Invitation.objects.filter(
            pk=invitation_id, organisation_id=organisation.id, accepted_at=None, withdrawn_at__isnull=False
        ).first()
        if withdrawn is None or _open(organisation).filter(email=withdrawn.email).exists():
            raise NotFound()
        withdrawn.withdrawn_at = None
        withdrawn.save(update_fields=["withdrawn_at"])
        record_audit(organisation.id, actor_id, "invitation.restored", str(invitation_id))


def invitation_link(organisation: OrganisationRef, invitation: Invitation, origin: str) -> str:
    """Where the mail leads. The token stands in the fragment, which browsers put into no request and no log."""
    return f"{origin}{PAGE_PATH}#{_signer(organisation).sign(f'{invitation.id.hex}.{invitation.number}')}"


def opened_invitation(organisation: OrganisationRef, token: str) -> Opened:
    """What the link shows; looking spends nothing. Raises NotFound for whatever is wrong with it: made up, another
    organisation's, replaced, expired, withdrawn, accepted, or of an account that is switched off. Two queries."""
    invitation = _of_token(organisation, token)
    user = User.objects.filter(email=invitation.email).first()
    if user is not None and not user.is_active:
        raise NotFound()
    has_account = user is not None and user.has_usable_password()
    return Opened(invitation.email, user.name if user and has_account else invitation.name, has_account)


def accept_invitation(organisation: OrganisationRef, token: str, *, name: str = "", password: str = "") -> None:
    """Makes whoever has the address a manager, once. A new address becomes an account with this name and password; the
    password of an account that has one is never touched. Locks invitation and account. Raises NotFound as above, and
    Invalid when a password is missing."""
    with transaction.atomic():
        invitation = _lock(organisation, _of_token(organisation, token).id)
        _of_token(organisation, token)  # nobody was quicker
        user = User.objects.select_for_update().filter(email=invitation.email).first()
        if user is None:
            user = User(email=invitation.email, name=name or invitation.name)
            user.set_unusable_password()
        if not user.is_active:
            raise NotFound()
        if not user.has_usable_password():
            if not password:
                raise Invalid()
            user.set_password(password)
            user.save()
        Membership.objects.get_or_create(user=user, organisation_id=organisation.id, role=Membership.Role.MANAGER)
        invitation.accepted_at = platform_now()
        invitation.save(update_fields=["accepted_at"])
        record_audit(organisation.id, user.pk, "invitation.accepted", str(invitation.id))


def take_role_away(organisation: OrganisationRef, user_id: UUID, role: str, actor_id: UUID | None) -> TakenAway:
    """It holds from the next request on. Locks the organisation's row. Raises NotFound, and Invalid for one's own role
    and for the last manager who can log in."""
    with transaction.atomic():
        lock_organisation(organisation)
        membership = Membership.objects.filter(organisation_id=organisation.id, user_id=user_id, role=role).first()
        if membership is None:
            raise NotFound()
        if user_id == actor_id:
            raise Invalid(_("Nobody takes away their own role. Another manager can."))
        if role == Membership.Role.MANAGER and not _can_manage_without(organisation, user_id):
            raise Invalid(_("Somebody has to be left who manages this organisation."))
        membership.delete()
        record_audit(organisation.id, actor_id, "membership.taken_away", str(user_id))
        return TakenAway(user_id, role, membership.seen_at)


def give_role_back(organisation: OrganisationRef, taken: TakenAway, actor_id: UUID | None) -> None:
    """Undoes :func:`take_role_away`. Raises NotFound when the account is gone or switched off."""
    with transaction.atomic():
        if not User.objects.filter(pk=taken.user_id, is_active=True).exists():
            raise NotFound()
        _row, is_new = Membership.objects.get_or_create(
            user_id=taken.user_id,
            organisation_id=organisation.id,
            role=taken.role,
            defaults={"seen_at": taken.seen_at},
        )
        if is_new:
            record_audit(organisation.id, actor_id, "membership.given_back", str(taken.user_id))


def note_log_in(organisation: OrganisationRef, user_id: UUID) -> None:
    """Somebody logged in on this organisation's host. One query."""
    Membership.objects.filter(organisation_id=organisation.id, user_id=user_id).update(seen_at=platform_now())


def lock_organisation(organisation: OrganisationRef) -> None:
    Organisation.objects.select_for_update().only("pk").get(pk=organisation.id)


def _can_manage_without(organisation: OrganisationRef, user_id: UUID) -> bool:
    others = User.objects.filter(
        is_active=True, memberships__organisation=organisation.id, memberships__role=Membership.Role.MANAGER
    ).exclude(pk=user_id)
    return any(other.has_usable_password() for other in others)


def _open(organisation: OrganisationRef) -> QuerySet[Invitation]:
    return Invitation.objects.filter(organisation_id=organisation.id, accepted_at=None, withdrawn_at=None)


def _lock(organisation: OrganisationRef, invitation_id: UUID) -> Invitation:
    invitation = _open(organisation).select_for_update(of=("self",)).filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound()
    return invitation


def _of_token(organisation: OrganisationRef, token: str) -> Invitation:
    """The invitation whose present link this is. Raises NotFound. One query at most."""
    try:
        key, _sep, number = _signer(organisation).unsign(token).partition(".")
        invitation_id, link = UUID(hex=key), int(number)
    except (BadSignature, ValueError):
        raise NotFound() from None
    invitation = _open(organisation).filter(pk=invitation_id, number=link, expires_at__gt=platform_now()).first()
    if invitation is None:
        raise NotFound()
    return invitation


def _signer(organisation: OrganisationRef) -> Signer:
    return Signer(sep=".", salt=f"{SALT}.{organisation.schema_name}")
