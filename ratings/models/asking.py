"""What visitors are asked after a conversation, that they were asked it, and what they answered. Tenant schema."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from ratings.factors import Factor
from tenants.identifiers import uuid7


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
