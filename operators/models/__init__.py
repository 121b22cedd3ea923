"""Operators and the live queue. Public schema: ids, clocks and states, never a word that a visitor wrote."""

from operators.models.alerts import Alert, AlertKind, AlertRule
from operators.models.capacity import Attendance, DeskHalfHour
from operators.models.deadlines import Clock, DueWork
from operators.models.people import ClientCard, Operator, Posting
from operators.models.presence import Presence, Shift, ShiftException
from operators.models.quality import CoachingNote, FollowUpReason, FollowUpStanding, FollowUpState, ReviewStanding
from operators.models.queue import Assignment, ConversationKind, KindWeight, QueueEntry, TurnRecord
from operators.models.statements import DayHours, Statement

__all__ = [
    "Alert",
    "AlertKind",
    "AlertRule",
    "Assignment",
    "Attendance",
    "ClientCard",
    "Clock",
    "CoachingNote",
    "ConversationKind",
    "DayHours",
    "DeskHalfHour",
    "DueWork",
    "FollowUpReason",
    "FollowUpStanding",
    "FollowUpState",
    "KindWeight",
    "Operator",
    "Posting",
    "Presence",
    "QueueEntry",
    "ReviewStanding",
    "Shift",
    "ShiftException",
    "Statement",
    "TurnRecord",
]
