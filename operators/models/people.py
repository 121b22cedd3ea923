"""Operators, whom they answer for, and what they must know of a client before they may."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Value
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


class ClientCard(models.Model):
    """What an operator must know before answering for a client. A published version never changes; a new one asks
    everybody to confirm again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="client_cards", verbose_name=_("organisation")
    )
    version = models.PositiveIntegerField(_("version"), editable=False)
    tone = models.TextField(_("tone of voice"), max_length=1000)
    dos = models.TextField(_("do"), max_length=2000, blank=True)
    donts = models.TextField(_("do not"), max_length=2000, blank=True)
    specialists = models.TextField(_("who is the specialist for what"), max_length=2000, blank=True)
    published_at = models.DateTimeField(_("published"), db_default=PlatformNow(), editable=False)
    published_by = models.UUIDField(_("published by"), null=True, editable=False)

    class Meta:
        verbose_name = _("client card")
        verbose_name_plural = _("client cards")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["organisation", "version"], name="operators_card_version_once")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.version}"


class Posting(models.Model):
    """This operator answers for this organisation. Eligible once its current client card is confirmed."""

    class Level(models.IntegerChoices):
        BEGINNER = 1, _("beginner")
        EXPERIENCED = 2, _("experienced")
        EXPERT = 3, _("expert")

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="postings", verbose_name=_("operator"))
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("organisation"))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.EXPERIENCED, db_default=2)
    languages = ArrayField(
        models.CharField(max_length=8),
        verbose_name=_("languages"),
        default=list,
        db_default=Value([], ArrayField(models.CharField(max_length=40))),
        blank=True,
        help_text=_("Empty: all that the operator speaks."),
    )
    topics = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("topics"),
        default=list,
        db_default=Value([], ArrayField(models.CharField(max_length=40))),
        blank=True,
        help_text=_("Empty: all topics."),
    )
    since = models.DateTimeField(_("since"), db_default=PlatformNow())
    confirmed_version = models.PositiveIntegerField(_("confirmed card"), null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    trained_at = models.DateTimeField(
        _("trained since"), null=True, editable=False, help_text="When the first card was confirmed."
    )

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [models.UniqueConstraint(fields=["operator", "organisation"], name="operators_posting_once")]

    def __str__(self) -> str:
        return f"{self.organisation}"
