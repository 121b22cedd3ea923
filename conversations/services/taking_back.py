"""A visitor waits for an operator who is gone: the conversation goes to somebody else, or back to the queue."""

from uuid import UUID

from django.db import transaction

from conversations.services.locks import lock_conversation_if_free
from conversations.services.offering import release_conversation, reoffer_conversation
from operators.models import Assignment
from operators.vanished import is_unanswered_and_left
from tenants.context import OrganisationRef


def take_back_if_left(organisation: OrganisationRef, conversation_id: UUID) -> bool:
    """Gives the conversation to the best operator who is there, else back to the queue. False when somebody else is at
    it, or its holder is there after all.

    Locks conversation, queue, operator; safe to run from several sweeps. A conversation whose visitor does not wait
    stays with its holder until the visitor writes.
    """
    with transaction.atomic():
        conversation = lock_conversation_if_free(conversation_id)
        if conversation is None or not is_unanswered_and_left(conversation_id):
            return False
        if reoffer_conversation(organisation, conversation, Assignment.End.GONE) is None:
            release_conversation(organisation, conversation, Assignment.End.GONE)
        return True
