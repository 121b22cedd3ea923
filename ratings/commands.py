"""The visitor's mark, over whichever door it came."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from conversations.commands.fast_path import ack
from conversations.commands.sessions import VisitorSession
from conversations.events import Struct
from conversations.frames import Command
from ratings.services import give_rating
from tenants.context import run_in_organisation
from tenants.errors import Invalid


class RatingGive(Command, frozen=True, tag="rating.give"):
    """``mark`` is 1 to 10. It may be changed for 15 minutes."""

    conversation: UUID
    cid: UUID
    mark: Annotated[int, Meta(ge=1, le=10)]
    comment: Annotated[str, Meta(max_length=2000)] = ""


async def rate(session: VisitorSession, command: RatingGive) -> Sequence[Struct]:
    """Raises NotFound, RatingClosed, or Invalid for a comment that no database keeps."""
    session.allowance.spend()
    if "\x00" in command.comment:
        raise Invalid()
    given = await run_in_organisation(
        session.organisation,
        give_rating,
        visitor_id=session.own(command.conversation),
        conversation_id=command.conversation,
        cid=command.cid,
        mark=command.mark,
        comment=command.comment.strip(),
    )
    return [ack(command.cid, given)]
