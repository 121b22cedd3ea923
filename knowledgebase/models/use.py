"""How articles served: which were suggested, taken, passed over, and what people said of them. Tenant schema.

No foreign key to a conversation: that app is above this one. Erasing a conversation erases what is kept of it here.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledgebase.models.articles import Article, Variant
from tenants.clock import PlatformNow
from tenants.identifiers import uuid7


class Suggested(models.Model):
    """What became of the suggestions for one turn of a visitor. ``shown`` are articles' ids, best first."""

    class Outcome(models.TextChoices):
        NONE = "none", _("not used")
        USED = "used", _("used")
        FOUND = "found", _("found by searching")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation_id = models.UUIDField()
    seq = models.PositiveIntegerField(help_text="Of the turn's first message.")
    language = models.CharField(max_length=8)
    shown = models.JSONField(default=list)
    confidence = models.FloatField(null=True, help_text="Of the first one, 0 to 1.")
    outcome = models.CharField(_("outcome"), max_length=5, choices=Outcome, default=Outcome.NONE)
    article = models.ForeignKey(Article, models.SET_NULL, null=True, related_name="uses", verbose_name=_("article"))
    rank = models.PositiveSmallIntegerField(null=True, help_text="1 is the first; null when it was found by searching.")
    points = models.PositiveSmallIntegerField(
        null=True, help_text="How many points of the article its reply had to mention; null when it has none."
    )
    mentioned = models.PositiveSmallIntegerField(null=True, help_text="How many of them were ticked when it was sent.")
    variant = models.ForeignKey(Variant, models.SET_NULL, null=True, related_name="+", help_text="What was learned.")
    operator_id = models.UUIDField(null=True)
    operator_name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(_("when"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        constraints = [
            models.UniqueConstraint(fields=["conversation_id", "seq"], name="knowledgebase_suggested_once"),
            models.CheckConstraint(
                condition=models.Q(points__isnull=True, mentioned__isnull=True)
                | models.Q(mentioned__isnull=False, points__gt=0, mentioned__lte=models.F("points")),
                name="knowledgebase_mentioned_of_points",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="knowledgebase_suggested_at"),
            models.Index(fields=["article", "at"], name="knowledgebase_suggested_for"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.conversation_id}"


class Feedback(models.Model):
    """What somebody said of an article. Operators' goes to its owner; visitors' is counted."""

    class Kind(models.TextChoices):
        WRONG = "wrong", _("wrong")
        OUTDATED = "outdated", _("outdated")
        INCOMPLETE = "incomplete", _("incomplete")
        HELPED = "helped", _("helped")
        DID_NOT_HELP = "did_not_help", _("did not help")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="feedback", verbose_name=_("article"))
    cid = models.UUIDField(unique=True, help_text="Made by the page: said twice is said once.")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    version = models.PositiveIntegerField(_("of version"))
    conversation_id = models.UUIDField(null=True)
    operator_id = models.UUIDField(null=True)
    operator_name = models.CharField(_("by"), max_length=80, blank=True)
    at = models.DateTimeField(_("when"), db_default=PlatformNow())
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.CharField(_("settled by"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["article", "at"], name="knowledgebase_feedback_on"),
            models.Index(fields=["at"], name="knowledgebase_feedback_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.article_id}"


class Signal(models.Model):
    """How often an article was shown, taken, and passed over for another one: what its rank learns from."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="signal")
    shown = models.PositiveIntegerField(default=0)
    used = models.PositiveIntegerField(default=0)
    passed_over = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.used}/{self.shown} {self.article_id}"
