"""A supervisor's words to an operator reach their desk at once."""

from uuid import UUID

from django.db import transaction

from conversations.events import CoachingWritten, encode
from operators.coaching import write_coaching_note
from tenants.realtime import group_name, publish_on_commit


def coach(
    author_id: UUID,
    author_name: str,
    operator_id: UUID,
    body: str,
    organisation: str = "",
    conversation_id: UUID | None = None,
) -> UUID:
    """Writes it down and tells the operator's desk that there is something, not what. Public schema; the note's id.

    Raises NotFound or Invalid, as :func:`operators.coaching.write_coaching_note`.
    """
    with transaction.atomic():
        note_id = write_coaching_note(author_id, author_name, operator_id, body, organisation, conversation_id)
        written = CoachingWritten(operator=operator_id, author=author_name)
        publish_on_commit([(group_name("operator", subject=operator_id), encode(written))])
        return note_id
