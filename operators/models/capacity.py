"""Who was there when, and what each half hour of the desk held: for planning, over all clients. Times and sums."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from operators.models.people import Operator
from tenants.identifiers import uuid7


class Attendance(models.Model):
    """One time during which an operator was at work: heard of, and neither away nor on a break. Two devices that begin
    at the same moment may leave two rows that overlap: whoever sums them takes what they cover together."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="attendances", db_index=False)
    capacity = models.PositiveSmallIntegerField(help_text="The operator's own, when it began.")
    started_at = models.DateTimeField()
    until = models.DateTimeField(help_text="When they were last heard of, at most 20 s ago while they are there.")
    is_over = models.BooleanField(
        default=False, help_text="They chose to go. Whoever vanishes is only heard no longer."
    )

    class Meta:
        indexes = [
            models.Index(fields=["operator", "until"], name="operators_attendance_operator"),
            models.Index(fields=["until"], name="operators_attendance_until"),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.started_at}"


class DeskHalfHour(models.Model):
    """Half an hour of the desk, over all clients that are no measurements; turns by when they were opened."""

    starts_at = models.DateTimeField(_("starts"), primary_key=True)
    conversations = models.PositiveIntegerField(help_text="Whose first turn was opened.")
    first_replies = models.PositiveIntegerField(help_text="That were due.")
    first_replies_kept = models.PositiveIntegerField()
    handled_seconds = models.FloatField(help_text="In which operators held conversations, each for itself.")
    present_seconds = models.FloatField(help_text="In which operators were at work, each for themselves.")
    place_seconds = models.FloatField(help_text="The same, times how many conversations each takes at once.")

    def __str__(self) -> str:
        return f"{self.starts_at}"
