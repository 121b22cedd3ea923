"""The commands of the page behind a mailed link. Each is the widget's, for the link's one conversation."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from conversations.commands.fast_path import ack
from conversations.commands.registry import Registry
from conversations.events import QuestionFact, Struct
from conversations.replies import Ack
from ratings.asking import questions_as_asked
from ratings.commands import usable_comment
from ratings.link_frames import LinkAnswer, LinkGive, LinkState, LinkStop
from ratings.models import Answer, Ask, Rating
from ratings.services import answer_question, give_rating, note_shown
from ratings.services.mailing import LinkedAsk, ask_of_link, stop_mails
from tenants.clock import platform_now
from tenants.context import OrganisationRef, run_in_organisation

link_commands: "Registry[LinkSession]" = Registry()


@dataclass(frozen=True, slots=True)
class LinkSession:
    """One request with a token that opens something."""

    organisation: OrganisationRef
    ask: LinkedAsk


async def begin_link_session(organisation: OrganisationRef, token: str) -> LinkSession:
    """Raises NotFound for a token that opens nothing."""
    return LinkSession(organisation, await run_in_organisation(organisation, ask_of_link, token))


async def state_of(session: LinkSession) -> LinkState:
    """What the page shows now; that it is shown is stored."""
    return await run_in_organisation(session.organisation, _show, session.ask)


def _show(organisation: OrganisationRef, linked: LinkedAsk) -> LinkState:
    note_shown(
        organisation, visitor_id=linked.visitor_id, conversation_id=linked.conversation_id, way=Ask.Way.MAIL.value
    )
    ask = Ask.objects.select_related("conversation__visitor").get(pk=linked.id)
    rating = Rating.objects.filter(conversation=ask.conversation_id).first()
    answers = dict(Answer.objects.filter(ask=ask).values_list("question", "value"))
    if ask.declined_at is not None:
        answers["mark"] = None
    return LinkState(
        now=platform_now(),
        until=ask.open_until,
        questions=msgspec.convert(questions_as_asked(ask), list[QuestionFact]),
        mark=rating.mark if rating else None,
        comment=rating.comment if rating else "",
        given_at=rating.given_at if rating else None,
        answers=answers,
        mails=ask.conversation.visitor.may_be_asked_at is not None,
    )


@link_commands.handles(LinkGive)
async def rate(session: LinkSession, command: LinkGive) -> Sequence[Struct]:
    given = await run_in_organisation(
        session.organisation,
        give_rating,
        visitor_id=session.ask.visitor_id,
        conversation_id=session.ask.conversation_id,
        cid=command.cid,
        mark=command.mark,
        comment=usable_comment(command.comment),
        way=Ask.Way.MAIL.value,
    )
    return [_without_conversation(ack(command.cid, given))]


@link_commands.handles(LinkAnswer)
async def answer(session: LinkSession, command: LinkAnswer) -> Sequence[Struct]:
    given = await run_in_organisation(
        session.organisation,
        answer_question,
        visitor_id=session.ask.visitor_id,
        conversation_id=session.ask.conversation_id,
        cid=command.cid,
        question=command.question,
        answer=command.answer,
        way=Ask.Way.MAIL.value,
    )
    return [_without_conversation(ack(command.cid, given))]


@link_commands.handles(LinkStop)
async def stop(session: LinkSession, _command: LinkStop) -> Sequence[Struct]:
    await run_in_organisation(session.organisation, stop_mails, session.ask.visitor_id)
    return []


def _without_conversation(answered: Ack) -> Ack:
    return msgspec.structs.replace(answered, conversation=None, seq=None)
