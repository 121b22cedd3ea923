"""What a specialist behind a link may do with the one conversation they were asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from conversations.commands.fast_path import ack, usable_body
from conversations.commands.registry import Registry
from conversations.commands.sessions import Allowance, allowance_for
from conversations.escalation_reading import guest_question
from conversations.events import Struct
from conversations.guest_frames import (
    CallbackPromise,
    GuestLinkRequested,
    GuestMessageSend,
    GuestOpened,
    QuestionAccept,
    QuestionDecline,
    QuestionFinish,
)
from conversations.guest_tokens import step_of_token
from conversations.selectors import visible_entries
from conversations.services import escalating
from conversations.services.escalating import GuestRef
from conversations.services.links import guest_of_secret, open_link, request_new_link
from tenants.context import OrganisationRef, run_in_organisation
from tenants.errors import Invalid

guest_commands: Registry["GuestSession"] = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestSession:
    """A browser with a secret, for one request. No account and no cookie stands behind it."""

    organisation: OrganisationRef
    guest: GuestRef
    allowance: Allowance


async def open_with_token(organisation: OrganisationRef, token: str) -> list[Struct]:
    """Spends a link. Raises NotFound, whatever is wrong with it, or RateLimited."""
    _slow_down(organisation, token)
    opened = await run_in_organisation(organisation, open_link, token)
    shown = await run_in_organisation(organisation, _shown, opened.guest.step_id, 0)
    return [GuestOpened(secret=opened.secret), *shown]


async def ask_for_new_link(organisation: OrganisationRef, token: str) -> list[Struct]:
    """Always the same answer. Raises RateLimited."""
    _slow_down(organisation, token)
    await run_in_organisation(organisation, request_new_link, token)
    return [GuestLinkRequested()]


def _slow_down(organisation: OrganisationRef, token: str) -> None:
    """Tokens that we signed cost queries, so each is tried so many times a second only; made-up ones cost nothing."""
    if step_of_token(organisation.schema_name, token) is not None:
        allowance_for(organisation, token).spend()


async def begin_guest_session(organisation: OrganisationRef, secret: str) -> GuestSession:
    """Raises NotFound for a secret that opens nothing, or RateLimited."""
    guest = await run_in_organisation(organisation, _guest, secret)
    session = GuestSession(organisation=organisation, guest=guest, allowance=allowance_for(organisation, secret))
    session.allowance.spend()
    return session


def _guest(_organisation: OrganisationRef, secret: str) -> GuestRef:
    return guest_of_secret(secret)


async def show(session: GuestSession, since: int) -> list[Struct]:
    """The question, and what the visitor may see of its conversation after ``since``; no word of it once it is over."""
    return await run_in_organisation(session.organisation, _shown, session.guest.step_id, since)


def _shown(organisation: OrganisationRef, step_id: UUID, since: int) -> list[Struct]:
    question, conversation = guest_question(organisation, step_id)
    if conversation is None:
        return [question]
    return [question, visible_entries(conversation, since if since <= conversation.last_seq else 0)]


@guest_commands.handles(QuestionAccept)
async def accept(session: GuestSession, _command: QuestionAccept) -> Sequence[Struct]:
    await run_in_organisation(session.organisation, escalating.accept_question, session.guest)
    return []


@guest_commands.handles(QuestionDecline)
async def decline(session: GuestSession, command: QuestionDecline) -> Sequence[Struct]:
    note = usable_body(command.note, True)
    await run_in_organisation(session.organisation, escalating.decline_question, session.guest, note)
    return []


@guest_commands.handles(GuestMessageSend)
async def send_message(session: GuestSession, command: GuestMessageSend) -> Sequence[Struct]:
    session.allowance.spend()
    body = usable_body(command.body, False)
    appended = await run_in_organisation(
        session.organisation, escalating.answer_question, session.guest, command.cid, body
    )
    return [ack(command.cid, appended)]


@guest_commands.handles(CallbackPromise)
async def promise_call_back(session: GuestSession, command: CallbackPromise) -> Sequence[Struct]:
    if command.by.tzinfo is None:
        raise Invalid()
    await run_in_organisation(session.organisation, escalating.promise_call_back, session.guest, command.by)
    return []


@guest_commands.handles(QuestionFinish)
async def finish(session: GuestSession, _command: QuestionFinish) -> Sequence[Struct]:
    await run_in_organisation(session.organisation, escalating.finish_question, session.guest)
    return []
