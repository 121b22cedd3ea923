"""Locks by name, so that their order can be seen: visitor → conversation → promise → queue → operator."""

from collections.abc import Collection
from uuid import UUID

from conversations.models import Conversation, Visitor
from tenants.errors import NotFound


def lock_visitor(visitor_id: UUID) -> Visitor:
    """Keeps two pages of one visitor from beginning two conversations.

    Not a key lock: whoever updates a conversation twice in one transaction, as an offer does, has its visitor's key
    checked at the commit. That would wait for the visitor while holding the conversation.
    """
    return Visitor.objects.select_for_update(no_key=True).get(pk=visitor_id)


def lock_conversation(conversation_id: UUID) -> Conversation:
    """The lock of everything below a conversation. Raises NotFound."""
    conversation = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound()
    return conversation


def lock_conversation_if_free(conversation_id: UUID) -> Conversation | None:
    """As :func:`lock_conversation`, but None at once when somebody else holds it (or it is gone): for sweeps."""
    return Conversation.objects.select_for_update(skip_locked=True).filter(pk=conversation_id).first()


def lock_conversations_if_free(conversation_ids: Collection[UUID]) -> dict[UUID, Conversation]:
    """Those of them that nobody else holds, in the order of their ids: for sweeps that do several at once."""
    free = Conversation.objects.select_for_update(skip_locked=True).filter(pk__in=conversation_ids)
    return {conversation.pk: conversation for conversation in free.order_by("pk")}
