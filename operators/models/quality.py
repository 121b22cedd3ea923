"""What the desk does about single conversations afterwards: follow-ups, quality reviews, words from a supervisor.

Ids, clocks, states and staff's own words. What a follow-up or a review says stands in the organisation's schema; here
is what supervisors of all organisations find it by.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from operators.models.people import Operator
from tenants.clock import PlatformNow
from tenants.identifiers import uuid7
from tenants.models import Organisation


class FollowUpState(models.TextChoices):
    OPEN = "open", _("open")
    TAKEN = "taken", _("taken")
    DONE = "done", _("done")


class FollowUpReason(models.TextChoices):
    """Why somebody should come back to a visitor."""

    LOW_MARK = "low_mark", _("low mark")
    ANGRY_END = "angry_end", _("angry at the end")


class FollowUpStanding(models.Model):
    """How a follow-up stands: one row beside each of an organisation's, written with it."""

    id = models.UUIDField(primary_key=True, help_text="The follow-up's id.")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    conversation_id = models.UUIDField()
    reason = models.CharField(max_length=10, choices=FollowUpReason)
    mark = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=5, choices=FollowUpState, default=FollowUpState.OPEN)
    taken_by = models.UUIDField(null=True)
    taken_by_name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at__isnull=True)),
                name="operators_follow_up_done",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=~Q(state="done"), name="operators_follow_up_due"),
            models.Index(fields=["done_at"], condition=Q(state="done"), name="operators_follow_up_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.conversation_id}"


class ReviewStanding(models.Model):
    """How a quality review stands: one row beside each of an organisation's, written with it. ``week`` begins on its
    Monday, in the platform's time zone."""

    id = models.UUIDField(primary_key=True, help_text="The review's id.")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    conversation_id = models.UUIDField(unique=True)
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="+")
    week = models.DateField()
    reviewer_name = models.CharField(max_length=80, blank=True)
    score = models.FloatField(null=True, help_text="Per cent; while it is done.")
    has_critical_error = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=PlatformNow())
    done_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="When its operator read it.")

    class Meta:
        ordering = ["week", "operator", "id"]
        indexes = [
            models.Index(fields=["operator", "week"], name="operators_review_operator"),
            models.Index(fields=["week"], condition=Q(done_at__isnull=True), name="operators_review_open"),
        ]

    def __str__(self) -> str:
        return f"{self.week} {self.conversation_id}"


class CoachingNote(models.Model):
    """A supervisor's words to one operator, who may answer once. Nobody else reads it, other supervisors apart."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="+")
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=80)
    body = models.TextField(max_length=4000)
    organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, related_name="+")
    conversation_id = models.UUIDField(null=True, help_text="About which conversation of that organisation, if any.")
    written_at = models.DateTimeField(db_default=PlatformNow())
    read_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=4000, blank=True, db_default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-written_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="operators_coaching_answered",
            )
        ]
        indexes = [
            models.Index(fields=["operator", "-written_at"], name="operators_coaching_operator"),
            models.Index(fields=["operator"], condition=Q(read_at__isnull=True), name="operators_coaching_unread"),
        ]

    def __str__(self) -> str:
        return str(self.id)
