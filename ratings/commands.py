"""The visitor's mark and answers, over whichever door they came."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from conversations.commands.fast_path import ack
from conversations.commands.sessions import VisitorSession
from conversations.events import Struct
from conversations.frames import Command, Slug
from ratings.services import answer_question, give_rating, note_shown
from tenants.context import run_in_organisation
from tenants.errors import Invalid

Mark = Annotated[int, Meta(ge=1, le=10)]
Comment = Annotated[str, Meta(max_length=2000)]
AnswerValue = Annotated[int, Meta(ge=1, le=5)]


class RatingGive(Command, frozen=True, tag="rating.give"):
    """``mark`` is 1 to 10. ``comment`` None: what was given before stays. It may be changed for 15 minutes."""

    conversation: UUID
    cid: UUID
    mark: Mark
    comment: Comment | None = None


class RatingAnswer(Command, frozen=True, tag="rating.answer"):
    """The answer to a question that was asked; None skips it."""

    conversation: UUID
    cid: UUID
    question: Slug
    answer: AnswerValue | None


class RatingShown(Command, frozen=True, tag="rating.shown"):
    """The question is on the visitor's screen."""

    conversation: UUID


def usable_comment(comment: str | None) -> str | None:
    """Raises Invalid for what no database keeps."""
    if comment is None:
        return None
    if "\x00" in comment:
        raise Invalid()
    return comment.strip()


async def rate(session: VisitorSession, command: RatingGive) -> Sequence[Struct]:
    """Raises NotFound, RatingClosed, or Invalid for a comment that no database keeps."""
    session.allowance.spend()
    given = await run_in_organisation(
        session.organisation,
        give_rating,
        visitor_id=session.own(command.conversation),
        conversation_id=command.conversation,
        cid=command.cid,
        mark=command.mark,
        comment=usable_comment(command.comment),
    )
    return [ack(command.cid, given)]


async def answer(session: VisitorSession, command: RatingAnswer) -> Sequence[Struct]:
    """Raises NotFound, RatingClosed, Invalid."""
    session.allowance.spend()
    given = await run_in_organisation(
        session.organisation,
        answer_question,
        visitor_id=session.own(command.conversation),
        conversation_id=command.conversation,
        cid=command.cid,
        question=command.question,
        answer=command.answer,
    )
    return [ack(command.cid, given)]


async def show(session: VisitorSession, command: RatingShown) -> Sequence[Struct]:
    """Has no answer. Raises NotFound."""
    session.allowance.spend()
    await run_in_organisation(
        session.organisation,
        note_shown,
        visitor_id=session.own(command.conversation),
        conversation_id=command.conversation,
    )
    return []
