"""What visitors thought, and what the client reads about it. Tenant schema."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from ratings.action_models import Criterion, FollowUp, FollowUpSettings, QualityReview
from ratings.factors import Factor
from tenants.clock import PlatformNow
from tenants.identifiers import uuid7
from tenants.models import PeriodKind

__all__ = [
    "Answer",
    "Ask",
    "AskLink",
    "AskSettings",
    "AskedPair",
    "Criterion",
    "FactorChoice",
    "FollowUp",
    "FollowUpSettings",
    "QualityReview",
    "Rating",
    "Report",
    "ReportDelivery",
    "ReportSubscription",
]


class Rating(models.Model):
    """A visitor's mark for one conversation, 1 to 10."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.OneToOneField(
        Conversation, models.CASCADE, related_name="rating", verbose_name=_("conversation")
    )
    mark = models.PositiveSmallIntegerField(_("mark"), validators=[MinValueValidator(1), MaxValueValidator(10)])
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    given_at = models.DateTimeField(_("given"))
    changed_at = models.DateTimeField(_("changed"), null=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["-given_at"]
        constraints = [models.CheckConstraint(condition=Q(mark__range=(1, 10)), name="ratings_mark_1_to_10")]

    def __str__(self) -> str:
        return str(self.mark)


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


class AskSettings(models.Model):
    """One row, or none: then everything is as its defaults say."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    asks_solved = models.BooleanField(_("ask whether the question is solved"), default=True, db_default=True)
    open_days = models.PositiveSmallIntegerField(
        _("ask at the next visit for (days)"),
        default=14,
        db_default=14,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text=_("Whoever left without answering is asked when they come back, at most this many days later."),
    )
    mails = models.BooleanField(
        _("ask by mail"),
        default=False,
        db_default=False,
        help_text=_("Once per conversation, and only visitors who left an address and agreed to be asked."),
    )
    mail_after_days = models.PositiveSmallIntegerField(
        _("mail after (days)"),
        default=1,
        db_default=1,
        validators=[MinValueValidator(0), MaxValueValidator(30)],
        help_text=_("Counted from the end of the conversation, if nothing was answered until then."),
    )

    class Meta:
        verbose_name = _("questions to visitors")
        verbose_name_plural = _("questions to visitors")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="ratings_one_ask_settings")]


class FactorChoice(models.Model):
    """Whether and how a factor is asked in one language. Without a row: asked, in its shipped place and words."""

    language = models.CharField(_("language"), max_length=8)
    factor = models.CharField(_("factor"), max_length=16, choices=Factor)
    is_asked = models.BooleanField(_("asked"), default=True, db_default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0, db_default=0)
    wording = models.CharField(_("wording"), max_length=160, blank=True, db_default="")

    class Meta:
        ordering = ["language", "position"]
        constraints = [models.UniqueConstraint(fields=["language", "factor"], name="ratings_factor_once_per_language")]

    def __str__(self) -> str:
        return f"{self.factor} {self.language}"


class AskedPair(models.Model):
    """How often two factors were asked together in a language since its choice of factors last changed: a counter for
    choosing the next pair. What was asked of whom is in ``Ask``."""

    language = models.CharField(max_length=8)
    first = models.CharField(max_length=16, choices=Factor)
    second = models.CharField(max_length=16, choices=Factor)
    asked = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "first", "second"], name="ratings_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="ratings_pair_in_order"),
        ]
        indexes = [models.Index(fields=["language", "asked"], name="ratings_pair_by_asked")]

    def __str__(self) -> str:
        return f"{self.first} {self.second} {self.asked}"


class Ask(models.Model):
    """That a visitor was asked how a conversation was, whether or not they answered: what response is a share of."""

    class Way(models.TextChoices):
        THREAD = "thread", _("in the conversation")
        NEXT_VISIT = "next_visit", _("at the next visit")
        MAIL = "mail", _("by mail")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.OneToOneField(
        Conversation, models.CASCADE, related_name="ask", verbose_name=_("conversation")
    )
    language = models.CharField(_("language"), max_length=8)
    questions = ArrayField(
        models.CharField(max_length=16),
        verbose_name=_("questions"),
        help_text="What is asked after the mark and before the comment, in this order.",
    )
    way = models.CharField(
        _("way"),
        max_length=10,
        choices=Way,
        blank=True,
        db_default="",
        help_text="By which way it was shown last before anything was answered; empty: never shown.",
    )
    asked_at = models.DateTimeField(_("asked"))
    shown_at = models.DateTimeField(_("shown"), null=True, help_text="For the first time.")
    mailed_at = models.DateTimeField(_("mailed"), null=True)
    declined_at = models.DateTimeField(_("declined"), null=True)
    open_until = models.DateTimeField(_("open until"))

    class Meta:
        verbose_name = _("question to a visitor")
        verbose_name_plural = _("questions to visitors")
        ordering = ["-asked_at"]
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="ratings_ask_to_mail",
                condition=Q(mailed_at__isnull=True, declined_at__isnull=True),
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_at__isnull=True, way="") | (Q(shown_at__isnull=False) & ~Q(way="")),
                name="ratings_shown_by_a_way",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Answer(models.Model):
    """An answer beside the mark and the comment. ``value`` is the place on the question's scale, from 1 for the least;
    None: skipped."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ask = models.ForeignKey(Ask, models.CASCADE, related_name="answers", db_index=False)
    question = models.CharField(_("question"), max_length=16)
    value = models.PositiveSmallIntegerField(_("answer"), null=True)
    given_at = models.DateTimeField(_("given"))
    changed_at = models.DateTimeField(_("changed"), null=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(fields=["ask", "question"], name="ratings_answer_once"),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__range=(1, 5)), name="ratings_answer_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.value}"


class AskLink(models.Model):
    """What a mailed link opens: a hash of its token, and the random bytes it is made from with the platform's secret,
    so that a mail that is sent again carries the same one."""

    ask = models.OneToOneField(Ask, models.CASCADE, primary_key=True, related_name="link")
    token_hash = models.BinaryField(max_length=32, unique=True)
    salt = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.ask_id)
