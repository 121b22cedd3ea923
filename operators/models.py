"""Operators and the live queue. Public schema: ids, clocks and states, never a word that a visitor wrote."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7
from tenants.models import Organisation, User


class Operator(models.Model):
    """Somebody who answers visitors. Its row is the lock under which its load is counted."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="operator", verbose_name=_("account")
    )
    name = models.CharField(_("name shown to visitors"), max_length=40)
    languages = ArrayField(models.CharField(max_length=8), verbose_name=_("languages"), default=list)
    capacity = models.PositiveSmallIntegerField(
        _("conversations at once"), default=4, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    last_offered_at = models.DateTimeField(_("last offer"), null=True, editable=False)

    class Meta:
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """Is the operator there? It expires by itself: nobody waits for a goodbye that never comes."""

    class State(models.TextChoices):
        AVAILABLE = "available", _("available")
        AWAY = "away", _("away")

    operator = models.OneToOneField(Operator, models.CASCADE, primary_key=True, related_name="presence")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.AVAILABLE)
    seen_at = models.DateTimeField(_("seen"))

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presence")

    def __str__(self) -> str:
        return self.state


class Posting(models.Model):
    """This operator answers for this organisation."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="postings", verbose_name=_("operator"))
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("organisation"))
    since = models.DateTimeField(_("since"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [models.UniqueConstraint(fields=["operator", "organisation"], name="operators_posting_once")]

    def __str__(self) -> str:
        return f"{self.organisation}"


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
    language = models.CharField(max_length=8)
    topic = models.CharField(max_length=40, blank=True)
    website_key = models.CharField(max_length=40)
    last_seq = models.PositiveIntegerField(default=0)
    last_desk_seq = models.PositiveIntegerField(default=0)
    promise_kind = models.CharField(max_length=10, blank=True)
    promise_opened_at = models.DateTimeField(null=True)
    promise_warn_at = models.DateTimeField(null=True)
    promise_due_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True)
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


class Clock(models.Model):
    """An open deadline of any organisation. Deleted when settled, so the sweep's index holds open ones only."""

    class Kind(models.TextChoices):
        PROMISE = "promise", _("promise")

    id = models.UUIDField(primary_key=True, help_text="The promise's id.")
    schema_name = models.CharField(max_length=63)
    conversation_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PROMISE)
    warn_at = models.DateTimeField(null=True, help_text="Null once warned.")
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(help_text="The earlier of the two: what the sweep looks at.")

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="operators_clock_next")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class DueWork(models.Model):
    """Work that must happen, written in the transaction that made it so; a sweep finds it if a message was lost."""

    class Kind(models.TextChoices):
        OFFER = "offer", _("offer a conversation")

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
