"""Organisations and where they live on the web."""

from zoneinfo import available_timezones

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7

SLUG = RegexValidator(r"^[a-z][a-z0-9-]{1,39}\Z", _("Use 2 to 40 lower-case letters, digits and hyphens."))
COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Use a colour such as #1f6f54."))
ORIGIN = RegexValidator(
    r"^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?\Z",
    _("Use an origin such as https://www.example.com: scheme and host, no path."),
)


def validate_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("Use a time zone such as Europe/Amsterdam."))


class Organisation(TenantMixin):
    """A client. Its conversations, knowledge and ratings live in the schema named here."""

    class State(models.TextChoices):
        PROVISIONING = "provisioning", _("being set up")
        ACTIVE = "active", _("active")
        ARCHIVED = "archived", _("archived")

    class Kind(models.TextChoices):
        CLIENT = "client", _("client")
        MEASUREMENT = "measurement", _("measurement")

    auto_create_schema = False
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(_("short name"), max_length=40, unique=True, validators=[SLUG])
    name = models.CharField(_("name"), max_length=80)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PROVISIONING)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.CLIENT)
    time_zone = models.CharField(
        _("time zone"), max_length=40, default="Europe/Amsterdam", validators=[validate_time_zone]
    )
    languages = ArrayField(models.CharField(max_length=8), verbose_name=_("languages"), default=list)
    first_reply_seconds = models.PositiveSmallIntegerField(
        _("first reply within (seconds)"), default=20, validators=[MinValueValidator(5), MaxValueValidator(3600)]
    )
    follow_up_seconds = models.PositiveSmallIntegerField(
        _("every following reply within (seconds)"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(3600)],
    )
    warn_percent = models.PositiveSmallIntegerField(
        _("warn the operator after (% of that time)"),
        default=60,
        validators=[MinValueValidator(10), MaxValueValidator(95)],
    )
    reoffer_seconds = models.PositiveSmallIntegerField(
        _("offer to somebody else after (seconds without a first reply)"),
        default=15,
        db_default=15,
        validators=[MinValueValidator(5), MaxValueValidator(3600)],
    )
    closing_notice_minutes = models.PositiveSmallIntegerField(
        _("tell visitors before closing (minutes)"), default=15, db_default=15, validators=[MaxValueValidator(240)]
    )
    specialist_accept_minutes = models.PositiveSmallIntegerField(
        _("specialists accept within (minutes)"),
        default=15,
        db_default=15,
        validators=[MinValueValidator(1), MaxValueValidator(2880)],
    )
    specialist_answer_minutes = models.PositiveSmallIntegerField(
        _("specialists answer within (minutes)"),
        default=240,
        db_default=240,
        validators=[MinValueValidator(1), MaxValueValidator(10080)],
    )
    country = models.CharField(_("country of the public holidays"), max_length=2, blank=True, db_default="")
    region = models.CharField(_("region of the public holidays"), max_length=10, blank=True, db_default="")
    managers_read_conversations = models.BooleanField(_("managers read conversations"), default=True, db_default=True)
    colour = models.CharField(_("brand colour"), max_length=7, default="#2f5bd8", validators=[COLOUR])
    created_at = models.DateTimeField(_("created"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OrganisationText(models.Model):
    """What automation says in the organisation's name, per language."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="texts", verbose_name=_("organisation"))
    language = models.CharField(_("language"), max_length=8)
    greeting = models.TextField(_("greeting"), max_length=500)
    goodbye = models.TextField(_("goodbye"), max_length=500)

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "language"], name="tenants_text_once_per_language")
        ]

    def __str__(self) -> str:
        return self.language


class Domain(DomainMixin):
    """A host of an organisation's widget and admin, lower case and without a port."""

    class Meta:
        verbose_name = _("host")
        verbose_name_plural = _("hosts")


class Website(models.Model):
    """A place where the widget may be embedded: exactly these origins may frame it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="websites", verbose_name=_("organisation")
    )
    key = models.CharField(_("key"), max_length=40, validators=[SLUG])
    name = models.CharField(_("name"), max_length=80)
    origins = ArrayField(models.CharField(max_length=200, validators=[ORIGIN]), verbose_name=_("origins"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("website")
        verbose_name_plural = _("websites")
        constraints = [models.UniqueConstraint(fields=["organisation", "key"], name="tenants_website_key_once")]

    def __str__(self) -> str:
        return self.name
