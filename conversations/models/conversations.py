"""Visitors and their conversations. No foreign key leaves the schema; operators are kept as uuid and name."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7


class Visitor(models.Model):
    """Somebody on a website. Known by a token until, and unless, they tell more."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    may_be_asked_at = models.DateTimeField(
        _("agreed to be asked by mail"),
        null=True,
        help_text="Since when they may be mailed once per conversation how it was. Empty: never agreed, or withdrawn.",
    )
    created_at = models.DateTimeField(_("created"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")

    def __str__(self) -> str:
        return str(self.id)


class VisitorToken(models.Model):
    """A hash of what the visitor's browser holds. Rotated: a newer one supersedes it, then it expires."""

    token_hash = models.BinaryField(max_length=32, primary_key=True)
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField(db_default=PlatformNow())
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.visitor_id)


class Conversation(models.Model):
    """What one visitor and the desk say to each other about one thing. Its row is the lock of everything below it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ASSIGNED = "assigned", _("assigned")
        CLOSED = "closed", _("closed")

    class Purpose(models.TextChoices):
        PROBLEM = "problem", _("problem")
        INFORMATION = "information", _("information")
        ADVICE = "advice", _("advice")
        COMPLAINT = "complaint", _("complaint")
        OTHER = "other", _("other")

    class Mood(models.IntegerChoices):
        """How the visitor seemed to the operator."""

        FURIOUS = -2, _("furious")
        ANNOYED = -1, _("annoyed")
        CALM = 0, _("calm")
        PLEASED = 1, _("pleased")
        DELIGHTED = 2, _("delighted")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visitor = models.ForeignKey(Visitor, models.PROTECT, related_name="conversations", verbose_name=_("visitor"))
    website_id = models.UUIDField()
    website_key = models.CharField(_("website"), max_length=40)
    page_url = models.CharField(_("page"), max_length=2000, blank=True)
    page_title = models.CharField(_("page title"), max_length=300, blank=True)
    referrer = models.CharField(_("referrer"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=8)
    topic = models.CharField(_("topic"), max_length=40, blank=True)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose, blank=True)
    lead = models.BooleanField(_("lead"), null=True, help_text="As the operator noted it; empty: not said.")
    mood_start = models.SmallIntegerField(_("mood at the start"), choices=Mood, null=True)
    mood_end = models.SmallIntegerField(_("mood at the end"), choices=Mood, null=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    operator_id = models.UUIDField(null=True)
    operator_name = models.CharField(_("operator"), max_length=40, blank=True)
    previous = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", verbose_name=_("previous"))

    last_seq = models.PositiveIntegerField(default=0)
    last_desk_seq = models.PositiveIntegerField(default=0)
    visitor_read_seq = models.PositiveIntegerField(default=0)
    operator_read_seq = models.PositiveIntegerField(default=0)
    open_promise_id = models.UUIDField(null=True)
    pause_reason = models.CharField(
        max_length=20,
        blank=True,
        db_default="",
        help_text="While set, a new turn's promise begins paused, for this reason.",
    )

    opened_at = models.DateTimeField(_("opened"))
    last_entry_at = models.DateTimeField()
    first_replied_at = models.DateTimeField(_("first reply"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    rating_requested_at = models.DateTimeField(_("rating asked"), null=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["visitor", "website_id"],
                condition=~Q(state="closed"),
                name="conversations_one_open_per_website",
            ),
            models.CheckConstraint(
                condition=Q(state="assigned", operator_id__isnull=False) | ~Q(state="assigned"),
                name="conversations_assigned_has_operator",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | Q(~Q(state="closed"), closed_at__isnull=True),
                name="conversations_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(mood_start__isnull=True) | Q(mood_start__range=(-2, 2)), name="conversations_mood_start"
            ),
            models.CheckConstraint(
                condition=Q(mood_end__isnull=True) | Q(mood_end__range=(-2, 2)), name="conversations_mood_end"
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="conversations_by_opening")]

    def __str__(self) -> str:
        return str(self.id)
