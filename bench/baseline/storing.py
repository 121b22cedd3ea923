"""Stores one message: lock, look for the cid, number, insert, open the promise, save."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from bench.baseline.models import Conversation, Message, Promise


@transaction.atomic
def store_message(conversation_id: str, cid: str, body: str) -> tuple[dict[str, Any], str]:
    """The message as its frame, and the operator who is to see it."""
    conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
    message = Message.objects.filter(conversation=conversation, sender="visitor", cid=cid).first()
    if message is None:
        conversation.last_seq += 1
        message = Message.objects.create(
            conversation=conversation, seq=conversation.last_seq, sender="visitor", cid=cid, body=body
        )
        if not Promise.objects.filter(conversation=conversation, settled_at__isnull=True).exists():
            Promise.objects.create(
                conversation=conversation,
                opened_seq=message.seq,
                opened_at=message.at,
                due_at=message.at + timedelta(seconds=20),
            )
        conversation.save()
    frame = {
        "type": "message.sent",
        "conversation": str(conversation.id),
        "seq": message.seq,
        "id": str(message.id),
        "at": message.at.isoformat(),
        "sender": {"kind": "visitor", "id": str(conversation.id), "name": ""},
        "cid": str(message.cid),
        "body": message.body,
        "attachments": [],
    }
    return frame, conversation.operator
