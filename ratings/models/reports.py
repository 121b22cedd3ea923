"""What the client reads of a period, and to whom it is mailed. Tenant schema."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7
from tenants.models import PeriodKind


class Report(models.Model):
    """One organisation's figures of one day, week or month. Never changes: a correction is a new version with its
    reason, and one is current.

    A conversation belongs to the local date of its first visitor message. A figure that was not counted yet when the
    report was built is None.
    """

    Period = PeriodKind

    class Reason(models.TextChoices):
        """Why there is this version beside the one before it."""

        FIRST = "", _("first count")
        RATINGS = "ratings", _("marks came later")
        EVENTS = "events", _("conversations went on")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    period_kind = models.CharField(_("period"), max_length=8, choices=Period, default=Period.DAY)
    starts_on = models.DateField(_("starts on"))
    version = models.PositiveIntegerField(_("version"), default=1)
    reason = models.CharField(_("why"), max_length=8, choices=Reason, blank=True, default="", db_default="")
    is_current = models.BooleanField(_("current"), default=True)
    built_at = models.DateTimeField(_("built"), db_default=PlatformNow())
    looked_at = models.DateTimeField(
        db_default=PlatformNow(), help_text="When it was counted last. Its figures are of when it was built."
    )

    conversations = models.PositiveIntegerField(_("conversations"))
    answered = models.PositiveIntegerField(_("conversations that a person answered"), null=True)
    first_replies = models.PositiveIntegerField(_("first replies due"))
    first_replies_kept = models.PositiveIntegerField(_("first replies in time"))
    follow_ups = models.PositiveIntegerField(_("following replies due"))
    follow_ups_kept = models.PositiveIntegerField(_("following replies in time"))
    first_wait_median_seconds = models.FloatField(_("first reply, median (s)"), null=True)
    first_wait_p90_seconds = models.FloatField(_("first reply, 90th percentile (s)"), null=True)
    follow_up_wait_median_seconds = models.FloatField(_("following replies, median (s)"), null=True)
    follow_up_wait_p90_seconds = models.FloatField(_("following replies, 90th percentile (s)"), null=True)
    ratings_asked = models.PositiveIntegerField(_("ratings asked"))
    ratings_shown = models.PositiveIntegerField(_("questions that visitors saw"), null=True)
    ratings_given = models.PositiveIntegerField(_("ratings given"))
    mark_sum = models.PositiveIntegerField(_("sum of marks"))
    marks = ArrayField(
        models.PositiveIntegerField(),
        size=10,
        null=True,
        help_text="How many gave a 1, a 2 … a 10.",
    )
    better_than_expected = models.PositiveIntegerField(_("better than expected"), default=0, db_default=0)
    as_expected = models.PositiveIntegerField(_("as expected"), default=0, db_default=0)
    worse_than_expected = models.PositiveIntegerField(_("worse than expected"), default=0, db_default=0)
    solved = models.PositiveIntegerField(_("said that it is solved"), default=0, db_default=0)
    partly_solved = models.PositiveIntegerField(_("said that it is partly solved"), default=0, db_default=0)
    not_solved = models.PositiveIntegerField(_("said that it is not solved"), default=0, db_default=0)
    leads_noted = models.PositiveIntegerField(_("conversations noted as a lead or not"), default=0, db_default=0)
    leads = models.PositiveIntegerField(_("leads"), default=0, db_default=0)
    moods_noted = models.PositiveIntegerField(_("conversations whose end was noted"), default=0, db_default=0)
    angry_ends = models.PositiveIntegerField(_("angry ends"), default=0, db_default=0)
    contact_requests = models.PositiveIntegerField(_("contact requests"))
    with_article = models.PositiveIntegerField(_("conversations with an article used"), default=0)
    unanswered_questions = models.PositiveIntegerField(_("questions without an article"), default=0)
    new_gaps = models.PositiveIntegerField(_("new gaps"), default=0)
    articles_helped = models.PositiveIntegerField(_("visitors whom an article helped"), default=0)
    articles_did_not_help = models.PositiveIntegerField(_("visitors whom it did not help"), default=0)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-starts_on", "-version"]
        constraints = [
            models.UniqueConstraint("period_kind", "starts_on", "version", name="ratings_report_version_once"),
            models.UniqueConstraint(
                "period_kind", "starts_on", condition=Q(is_current=True), name="ratings_one_current_report"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}"

    @property
    def kept(self) -> int:
        """Replies in time, first and following ones."""
        return self.first_replies_kept + self.follow_ups_kept

    @property
    def late(self) -> int:
        return self.first_replies + self.follow_ups - self.kept

    @property
    def verdicts(self) -> int:
        """Visitors who said whether an article helped."""
        return self.articles_helped + self.articles_did_not_help


class ReportSubscription(models.Model):
    """Which reports a manager is mailed, in which language. The account is named by its id: it lives in the public
    schema, and who is no manager any more when a mail is due gets none."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = models.UUIDField(_("manager"))
    email = models.EmailField(_("e-mail address"), help_text="As it was when saved; mails go to the account's.")
    kind = models.CharField(_("period"), max_length=8, choices=PeriodKind, default=PeriodKind.DAY, db_default="day")
    language = models.CharField(_("language"), max_length=8, default="en", db_default="en")
    created_at = models.DateTimeField(_("created"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("report by mail")
        verbose_name_plural = _("reports by mail")
        ordering = ["email", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "kind"],
                name="ratings_subscription_once",
                violation_error_message=_("This manager gets these reports already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind}"


class ReportDelivery(models.Model):
    """One report to one subscriber: the subject of its mails, of which there is one, or two when it was corrected."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.ForeignKey(ReportSubscription, models.CASCADE, related_name="deliveries")
    starts_on = models.DateField()
    report = models.ForeignKey(Report, models.CASCADE, null=True, help_text="The version that was mailed last.")
    mails = models.PositiveSmallIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(db_default=PlatformNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "starts_on"], name="ratings_report_delivered_once")
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.starts_on}"
