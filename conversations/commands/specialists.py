"""The desk's commands about specialists: who there is, ask, take back. ``apps`` adds them to the desk's registry."""

from collections.abc import Sequence
from uuid import UUID

from conversations.access import conversation_at_desk
from conversations.commands.fast_path import usable_body
from conversations.commands.sessions import DeskSession
from conversations.escalation_reading import specialists_reply
from conversations.events import Struct
from conversations.frames import ConversationEscalate, EscalationWithdraw, SpecialistsFetch
from conversations.replies import Ack, DeskSpecialists
from conversations.services.escalating import Escalated, escalate_conversation, withdraw_escalation
from conversations.tasks import enqueue_mail
from tenants.context import OrganisationRef, run_in_organisation


async def fetch_specialists(session: DeskSession, command: SpecialistsFetch) -> Sequence[Struct]:
    return [await run_in_organisation(session.serving(command.organisation), _specialists, command.conversation)]


def _specialists(organisation: OrganisationRef, conversation_id: UUID) -> DeskSpecialists:
    return specialists_reply(organisation, conversation_at_desk(conversation_id))


async def escalate(session: DeskSession, command: ConversationEscalate) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    escalated = await run_in_organisation(
        organisation,
        escalate_conversation,
        session.operator,
        command.conversation,
        command.cid,
        specialist_id=command.specialist,
        topic=command.topic,
        reason=usable_body(command.reason, False),
        summary=usable_body(command.summary, True),
    )
    if escalated.mail_id is not None:
        enqueue_mail(organisation.schema_name, escalated.mail_id)
    return [_ack(command.cid, command.conversation, escalated)]


async def withdraw(session: DeskSession, command: EscalationWithdraw) -> Sequence[Struct]:
    withdrawn = await run_in_organisation(
        session.serving(command.organisation),
        withdraw_escalation,
        session.operator,
        command.conversation,
        command.escalation,
    )
    return [_ack(command.cid, command.conversation, withdrawn)]


def _ack(cid: UUID, conversation_id: UUID, escalated: Escalated) -> Ack:
    return Ack(cid=cid, conversation=conversation_id, id=escalated.id, seq=None, desk_seq=None, at=escalated.at)
