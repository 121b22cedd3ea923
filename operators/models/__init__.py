"""Operators and the live queue. Public schema: ids, clocks and states, never a word that a visitor wrote."""

from operators.models.alerts import Alert, AlertKind, AlertRule
from operators.models.deadlines import Clock, DueWork
from operators.models.people import ClientCard, Operator, Posting
from operators.models.presence import Presence, Shift, ShiftException
from operators.models.queue import Assignment, ConversationKind, KindWeight, QueueEntry, TurnRecord

__all__ = [
    "Alert",
    "AlertKind",
    "AlertRule",
    "Assignment",
    "ClientCard",
    "Clock",
    "ConversationKind",
    "DueWork",
    "KindWeight",
    "Operator",
    "Posting",
    "Presence",
    "QueueEntry",
    "Shift",
    "ShiftException",
    "TurnRecord",
]
