"""Deadlines and other work that must happen, of all organisations in one place, so that one sweep sees all."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7


class Clock(models.Model):
    """An open deadline of any organisation. Deleted when settled, so the sweep's index holds open ones only."""

    class Kind(models.TextChoices):
        PROMISE = "promise", _("promise")
        ESCALATION = "escalation", _("escalation")

    id = models.UUIDField(primary_key=True, help_text="The promise's id, or the escalation step's.")
    schema_name = models.CharField(max_length=63)
    conversation_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PROMISE)
    warn_at = models.DateTimeField(null=True, help_text="Null once warned.")
    reoffer_at = models.DateTimeField(null=True, help_text="Null unless a silent holder's offer is to be taken back.")
    due_at = models.DateTimeField(null=True, help_text="Null once it has passed.")
    next_at = models.DateTimeField(help_text="The earliest of the three: what the sweep looks at.")

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="operators_clock_next")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class DueWork(models.Model):
    """Work that must happen, written in the transaction that made it so; a sweep finds it if a message was lost."""

    class Kind(models.TextChoices):
        OFFER = "offer", _("offer a conversation")
        CLOSING = "closing", _("closing time for a waiting conversation")
        MAIL = "mail", _("send a mail")
        ALERT_MAIL = "alert_mail", _("mail an alert")

    OF_WAITING = (Kind.OFFER, Kind.CLOSING)
    """What is to be done about a conversation only while nobody holds it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    schema_name = models.CharField(max_length=63)
    kind = models.CharField(max_length=12, choices=Kind)
    subject_id = models.UUIDField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=PlatformNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schema_name", "kind", "subject_id"], name="operators_due_work_once")
        ]
        indexes = [models.Index(fields=["due_at"], name="operators_due_work_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
