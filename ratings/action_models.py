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
