"""What the page behind a mailed link says and hears. It is told nothing of the conversation, not even its id."""

from datetime import datetime
from uuid import UUID

from conversations.events import QuestionFact
from conversations.frames import Command, Slug
from conversations.replies import Reply
from ratings.commands import AnswerValue, Comment, Mark


class LinkGive(Command, frozen=True, tag="rating.give"):
    """As in the widget; the link says which conversation."""

    cid: UUID
    mark: Mark
    comment: Comment | None = None


class LinkAnswer(Command, frozen=True, tag="rating.answer"):
    """As in the widget; the link says which conversation."""

    cid: UUID
    question: Slug
    answer: AnswerValue | None


class LinkStop(Command, frozen=True, tag="mails.stop"):
    """No such mails any more."""


class LinkState(Reply, frozen=True, tag="rating.state"):
    """What is asked, and what was answered by now. ``answers`` by question, null where it was skipped; ``given_at``:
    when a mark was given for the first time. ``mails``: whether the visitor may still be mailed."""

    now: datetime
    until: datetime
    questions: list[QuestionFact]
    mark: int | None
    comment: str
    given_at: datetime | None
    answers: dict[str, int | None]
    mails: bool
