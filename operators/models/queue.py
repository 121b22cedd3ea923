"""The live queue: one row per open conversation, who held it since when, and how its turns went."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from operators.models.people import Operator
from tenants.identifiers import uuid7
from tenants.models import Organisation


class ConversationKind(models.TextChoices):
    """What a conversation asks of an operator: kinds weigh differently."""

    QUESTION = "question", _("question")
    ADVICE = "advice", _("advice")
    COMPLAINT = "complaint", _("complaint")
    ESCALATED = "escalated", _("with a specialist")


class KindWeight(models.Model):
    """How much of one place a kind of conversation takes, for the whole platform. A kind without a row takes 100 %."""

    kind = models.CharField(_("kind"), max_length=10, primary_key=True, choices=ConversationKind)
    weight = models.PositiveSmallIntegerField(
        _("weight (% of one place)"), default=100, validators=[MinValueValidator(10), MaxValueValidator(400)]
    )

    class Meta:
        verbose_name = _("weight of a kind")
        verbose_name_plural = _("weights of kinds")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.weight} %"


class QueueEntry(models.Model):
    """One row per open conversation of any organisation: the desk's inbox is one query on it.

    Kept for the reopening window after closing, so that heartbeats still tell the last ``seq``.
    The journal touches it with every entry; assigning and closing change its state.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ASSIGNED = "assigned", _("assigned")
        CLOSED = "closed", _("closed")

    conversation_id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    schema_name = models.CharField(max_length=63)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    operator = models.ForeignKey(Operator, models.PROTECT, null=True, related_name="queue_entries")
    kind = models.CharField(
        max_length=10, choices=ConversationKind, default=ConversationKind.QUESTION, db_default="question"
    )
    weight = models.PositiveSmallIntegerField(default=100, db_default=100, help_text="Per cent of one place.")
    language = models.CharField(max_length=8)
    topic = models.CharField(max_length=40, blank=True)
    website_key = models.CharField(max_length=40)
    last_seq = models.PositiveIntegerField(default=0)
    last_desk_seq = models.PositiveIntegerField(default=0)
    promise_kind = models.CharField(max_length=10, blank=True)
    promise_opened_at = models.DateTimeField(null=True)
    promise_warn_at = models.DateTimeField(null=True)
    promise_due_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(
        max_length=20, blank=True, db_default="", help_text="While set, no promise runs; the four above are empty."
    )
    opened_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True)
    typed_at = models.DateTimeField(null=True, help_text="When the present holder last typed while the visitor waited.")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(state="assigned", operator__isnull=False) | ~Q(state="assigned")),
                name="operators_queue_assigned_has_operator",
            ),
            models.CheckConstraint(
                condition=(Q(state="closed", closed_at__isnull=False) | ~Q(state="closed")),
                name="operators_queue_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["operator"], condition=Q(state="assigned"), name="operators_queue_mine"),
            models.Index(
                fields=["organisation", "opened_at"], condition=Q(state="waiting"), name="operators_queue_waiting"
            ),
            models.Index(fields=["closed_at"], condition=Q(state="closed"), name="operators_queue_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.conversation_id}"


class Assignment(models.Model):
    """One stretch in which one operator held one conversation: what routing, estimates and fairness are measured by."""

    class Start(models.TextChoices):
        OFFERED = "offered", _("offered")
        TAKEN = "taken", _("taken")
        TAKEN_OVER = "taken_over", _("taken over")
        REASSIGNED = "reassigned", _("reassigned")

    class End(models.TextChoices):
        CLOSED = "closed", _("closed")
        SILENT = "silent", _("no reply in time")
        GONE = "gone", _("operator gone")
        TAKEN_OVER = "taken_over", _("taken over")
        REASSIGNED = "reassigned", _("reassigned")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation_id = models.UUIDField()
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="assignments")
    kind = models.CharField(
        max_length=10,
        choices=ConversationKind,
        default=ConversationKind.QUESTION,
        db_default="question",
        help_text="The conversation's last during the stretch; with a specialist, if it ever was.",
    )
    weight = models.PositiveSmallIntegerField(default=100)
    start = models.CharField(max_length=10, choices=Start)
    started_at = models.DateTimeField()
    end = models.CharField(max_length=10, choices=End, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation_id"], condition=Q(ended_at__isnull=True), name="operators_one_open_assignment"
            )
        ]
        indexes = [
            models.Index(fields=["conversation_id", "started_at"], name="operators_assignment_conv"),
            models.Index(fields=["operator", "started_at"], name="operators_assignment_operator"),
            models.Index(fields=["organisation", "ended_at"], name="operators_assignment_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.start} {self.conversation_id}"


class TurnRecord(models.Model):
    """The numbers of one visitor turn, for live figures over all organisations. The promise itself is the record.

    Written when the turn is broken or settled, whichever is first, and completed when it is settled; kept for days.
    """

    id = models.UUIDField(primary_key=True, help_text="The promise's id.")
    # No constraint: checking it would lock the organisation's one row for every answered turn.
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_constraint=False)
    conversation_id = models.UUIDField()
    operator_id = models.UUIDField(null=True, help_text="Who was responsible.")
    kind = models.CharField(max_length=10)
    outcome = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    waited_seconds = models.FloatField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["opened_at"], name="operators_turn_opened"),
            models.Index(fields=["organisation", "opened_at"], name="operators_turn_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"
