"""Visitors and their conversations. Tenant schema: no foreign key leaves it; operators are kept as uuid and name."""

from conversations.models.attachments import Attachment
from conversations.models.contact_requests import ContactRequest
from conversations.models.conversations import Conversation, Visitor, VisitorToken
from conversations.models.escalations import Escalation, EscalationStep, Specialist
from conversations.models.mails import OutgoingMail
from conversations.models.promises import Promise
from conversations.models.stream import DeskEntry, Entry

__all__ = [
    "Attachment",
    "ContactRequest",
    "Conversation",
    "DeskEntry",
    "Entry",
    "Escalation",
    "EscalationStep",
    "OutgoingMail",
    "Promise",
    "Specialist",
    "Visitor",
    "VisitorToken",
]
