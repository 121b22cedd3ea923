"""What is done about a conversation afterwards: somebody comes back to the visitor, somebody reviews it. Tenant schema.

Their standing is also in the public schema (:mod:`operators.models.quality`), written in the same transaction.
"""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from operators.models import FollowUpReason, FollowUpState
from tenants.clock import PlatformNow
from tenants.identifiers import uuid7


class Criterion(models.TextChoices):
    """What a quality review judges, each from 1 to 5 or not at all; a column each."""

    GREETING = "greeting", _("greeting and tone")
    UNDERSTANDING = "understanding", _("understanding the question")
    CORRECT = "correct", _("correct")
    COMPLETE = "complete", _("complete")
    TAILORED = "tailored", _("fitting this visitor")
    LANGUAGE = "language", _("language")
    EFFORT = "effort", _("effort taken off the visitor")
    CLOSING = "closing", _("closing")


class FollowUpSettings(models.Model):
    """One row, or none: then everything is as its defaults say."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    threshold = models.PositiveSmallIntegerField(
        _("marks up to"),
        default=5,
        db_default=5,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
        help_text=_("A visitor who gives this mark or a lower one is followed up. 0: no mark is."),
    )
    minutes = models.PositiveSmallIntegerField(
        _("follow up within (minutes)"),
        default=60,
        db_default=60,
        validators=[MinValueValidator(5), MaxValueValidator(10080)],
    )
    mails = models.BooleanField(
        _("tell the managers by mail"),
        default=True,
        db_default=True,
        help_text=_("Numbers and a link to log in, never what the visitor wrote."),
    )

    class Meta:
        verbose_name = _("follow-up settings")
        verbose_name_plural = _("follow-up settings")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="ratings_one_follow_up_settings")]

    def __str__(self) -> str:
        return str(_("follow-up settings"))


class FollowUp(models.Model):
    """A visitor who left unhappy, and what was done about it. Once per conversation."""

    class Outcome(models.TextChoices):
        CALLED_BACK = "called_back", _("called back")
        WRITTEN = "written", _("written to")
        APOLOGISED = "apologised", _("apologised")
        CORRECTED = "corrected", _("put right")
        NOTHING = "nothing", _("nothing needed")
        UNREACHABLE = "unreachable", _("could not be reached")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.OneToOneField(
        Conversation, models.CASCADE, related_name="follow_up", verbose_name=_("conversation")
    )
    reason = models.CharField(_("reason"), max_length=10, choices=FollowUpReason)
    mark = models.PositiveSmallIntegerField(_("mark"), null=True)
    state = models.CharField(_("state"), max_length=5, choices=FollowUpState, default=FollowUpState.OPEN)
    taken_by = models.UUIDField(null=True)
    taken_by_name = models.CharField(_("taken by"), max_length=80, blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=PlatformNow())
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["due_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True, outcome="")),
                name="ratings_follow_up_done",
            ),
            models.CheckConstraint(
                condition=Q(state="open", taken_by__isnull=True) | (~Q(state="open") & Q(taken_by__isnull=False)),
                name="ratings_follow_up_taken",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="ratings_follow_up_by_due")]

    def __str__(self) -> str:
        return f"{self.reason} {self.state}"


class QualityReview(models.Model):
    """A sampled conversation, judged by a supervisor. Its standing is public, its words are not. Once per
    conversation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.OneToOneField(
        Conversation, models.CASCADE, related_name="quality_review", verbose_name=_("conversation")
    )
    operator_id = models.UUIDField()
    operator_name = models.CharField(max_length=40)
    week = models.DateField(_("week"))
    greeting = models.PositiveSmallIntegerField(Criterion.GREETING.label, null=True)
    understanding = models.PositiveSmallIntegerField(Criterion.UNDERSTANDING.label, null=True)
    correct = models.PositiveSmallIntegerField(Criterion.CORRECT.label, null=True)
    complete = models.PositiveSmallIntegerField(Criterion.COMPLETE.label, null=True)
    tailored = models.PositiveSmallIntegerField(Criterion.TAILORED.label, null=True)
    language = models.PositiveSmallIntegerField(Criterion.LANGUAGE.label, null=True)
    effort = models.PositiveSmallIntegerField(Criterion.EFFORT.label, null=True)
    closing = models.PositiveSmallIntegerField(Criterion.CLOSING.label, null=True)
    has_critical_error = models.BooleanField(_("critical error"), default=False)
    comment = models.TextField(_("comment"), max_length=4000, blank=True)
    reviewer_id = models.UUIDField(null=True)
    reviewer_name = models.CharField(_("reviewed by"), max_length=80, blank=True)
    score = models.FloatField(_("score (%)"), null=True, help_text="While it is done.")
    sampled_at = models.DateTimeField(db_default=PlatformNow())
    saved_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("quality review")
        verbose_name_plural = _("quality reviews")
        ordering = ["-done_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    *(Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (1, 5)}) for name in Criterion.values)
                ),
                name="ratings_review_1_to_5",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, score__isnull=True) | Q(done_at__isnull=False, score__range=(0, 100)),
                name="ratings_review_done_has_score",
            ),
        ]
        indexes = [models.Index(fields=["done_at"], name="ratings_review_done")]

    def __str__(self) -> str:
        return f"{self.week} {self.conversation_id}"
