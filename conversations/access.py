"""Give this actor that conversation, or raise NotFound: forbidden and absent look the same.

One set of functions for sockets, HTTP and files (rule 37).
"""

from uuid import UUID

from conversations.models import Conversation
from tenants.errors import NotFound


def conversation_of_visitor(visitor_id: UUID | None, conversation_id: UUID) -> Conversation:
    """The visitor's own conversation. Inside the organisation's schema. One query."""
    if visitor_id is None:
        raise NotFound()
    conversation = Conversation.objects.filter(pk=conversation_id, visitor_id=visitor_id).first()
    if conversation is None:
        raise NotFound()
    return conversation


def conversation_at_desk(conversation_id: UUID) -> Conversation:
    """A conversation of the organisation whose schema is entered; whether the operator serves it was asked before."""
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound()
    return conversation
