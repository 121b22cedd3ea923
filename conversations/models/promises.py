"""What each turn of a visitor was promised, and how it went."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import Conversation
from tenants.identifiers import uuid7


class Promise(models.Model):
    """One turn of a visitor and how long it waited. The clock starts at the first unanswered message."""

    class Kind(models.TextChoices):
        FIRST = "first", _("first reply")
        FOLLOW_UP = "follow_up", _("following reply")

    class Pause(models.TextChoices):
        OUTSIDE_HOURS = "outside_hours", _("outside opening hours")
        ESCALATED = "escalated", _("with a specialist, and the visitor knows")

    class Outcome(models.TextChoices):
        OPEN = "", _("open")
        KEPT = "kept", _("kept")
        BROKEN = "broken", _("broken")
        ABANDONED = "abandoned", _("abandoned")
        CLOSED = "closed", _("closed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="promises")
    kind = models.CharField(max_length=10, choices=Kind)
    opened_seq = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True, help_text="When it was marked: compare with due_at for lateness.")
    answered_at = models.DateTimeField(null=True)
    answered_seq = models.PositiveIntegerField(null=True)
    settled_at = models.DateTimeField(null=True, help_text="Answered, or ended in another way.")
    waited_seconds = models.FloatField(null=True)
    paused_seconds = models.FloatField(default=0, help_text="Of pauses that are over.")
    paused_from = models.DateTimeField(null=True, help_text="Since when the present pause runs.")
    resumes_at = models.DateTimeField(null=True, help_text="When the present pause ends by itself; null: not known.")
    running_from = models.DateTimeField(null=True, help_text="When the last pause ended; null: it never paused.")
    pause_reason = models.CharField(max_length=20, choices=Pause, blank=True, help_text="Of the last pause.")
    responsible_id = models.UUIDField(null=True)
    responsible_name = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    class Meta:
        ordering = ["opened_seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(settled_at__isnull=True), name="conversations_one_open_promise"
            ),
            models.UniqueConstraint(fields=["conversation", "opened_seq"], name="conversations_promise_once_per_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"
