"""What visitors asked and no article answered: turns, grouped by likeness into gaps. Tenant schema."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from knowledgebase.models.articles import Article
from tenants.clock import PlatformNow
from tenants.identifiers import uuid7


class Gap(models.Model):
    """Questions alike that no article answers yet. One that managers merged into another stays, without its turns, so
    that it can be taken out again."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DRAFTED = "drafted", _("has an article")
        CLOSED = "closed", _("answered")
        DISMISSED = "dismissed", _("not for an article")
        MERGED = "merged", _("belongs to another one")

    UNANSWERED = (State.OPEN, State.DRAFTED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    language = models.CharField(_("language"), max_length=8)
    question = models.CharField(_("question"), max_length=300, help_text="The turn most like all others of the group.")
    times = models.PositiveIntegerField(_("times asked"), default=0)
    first_at = models.DateTimeField(_("first asked"))
    last_at = models.DateTimeField(_("last asked"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    owner_id = models.UUIDField(_("owner"), null=True, blank=True)
    owner_name = models.CharField(_("owner's name"), max_length=80, blank=True)
    answer_by = models.DateField(_("to be answered by"), null=True, blank=True)
    article = models.ForeignKey(
        Article, models.SET_NULL, null=True, blank=True, related_name="gaps", verbose_name=_("article")
    )
    taught = ArrayField(
        models.UUIDField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="The questions that its article learned from it; they go when the article is taken off.",
    )
    merged_into = models.ForeignKey(
        "self", models.CASCADE, null=True, editable=False, related_name="merged", verbose_name=_("belongs to")
    )
    state_before = models.CharField(
        max_length=9, choices=State, default="", db_default="", blank=True, help_text="Before it was merged."
    )
    gave_article = models.BooleanField(
        default=False, db_default=False, help_text="The gap that it was merged into has its article from here."
    )
    closed_at = models.DateTimeField(
        _("answered since"), null=True, blank=True, help_text="When its article was live and found."
    )
    created_at = models.DateTimeField(db_default=PlatformNow())

    class Meta:
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")
        ordering = ["-times", "-last_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False) | (~Q(state="merged") & Q(merged_into=None)),
                name="knowledgebase_gap_merged_into",
            )
        ]
        indexes = [models.Index(fields=["state", "language"], name="knowledgebase_gap_open")]

    def __str__(self) -> str:
        return self.question


class UnansweredTurn(models.Model):
    """One turn of a visitor for which no suggestion was used, and what the operator answered in the end. Both texts
    are cleaned of names, numbers and addresses."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation_id = models.UUIDField()
    seq = models.PositiveIntegerField(help_text="Of the turn's first message.")
    language = models.CharField(max_length=8)
    question = models.CharField(_("question"), max_length=500)
    answer = models.TextField(_("answer"), max_length=4000, blank=True)
    is_flagged = models.BooleanField(default=False, help_text="An operator said that an article is missing.")
    gap = models.ForeignKey(Gap, models.SET_NULL, null=True, related_name="turns", verbose_name=_("gap"))
    merged_from = models.ForeignKey(
        Gap, models.SET_NULL, null=True, related_name="+", help_text="The gap it was in before that was merged."
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("unanswered turn")
        verbose_name_plural = _("unanswered turns")
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["conversation_id", "seq"], name="knowledgebase_unanswered_once")]
        indexes = [models.Index(fields=["gap", "at"], name="knowledgebase_unanswered_in")]

    def __str__(self) -> str:
        return self.question


class CollectedUntil(models.Model):
    """One row: the last settled turn that was looked at. Its lock keeps two rounds from running at once."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    settled_at = models.DateTimeField()
    promise_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="knowledgebase_one_collected_until")]

    def __str__(self) -> str:
        return self.settled_at.isoformat()
