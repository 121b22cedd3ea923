"""Organisations, where they live on the web, when they are open, and who may do what. All in the public schema."""

from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
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


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        user = self.model(email=email.strip().lower(), name=name)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """An account. It grants nothing by itself: memberships and staff roles do, each on its own host."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=PlatformNow())

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [models.UniqueConstraint(Lower("email"), name="tenants_user_email_any_case")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name

    # Django's admin asks these two. Permission is decided per host in tenants.access, so the account says no.
    is_staff = False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


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


class CalendarKind(models.TextChoices):
    """Whose hours: the desk's for this client, or its specialists'."""

    DESK = "desk", _("desk")
    SPECIALISTS = "specialists", _("specialists")


class OpeningHours(models.Model):
    """One interval of a week, in the organisation's time zone. ``closes`` at or before ``opens`` is the next day."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="opening_hours", verbose_name=_("organisation")
    )
    calendar = models.CharField(
        _("whose hours"), max_length=12, choices=CalendarKind, default=CalendarKind.DESK, db_default="desk"
    )
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "calendar", "weekday", "opens"], name="tenants_hours_once"),
            models.CheckConstraint(condition=models.Q(weekday__range=(0, 6)), name="tenants_hours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class SpecialDay(models.Model):
    """A date that differs from the week: its intervals replace those that would start on it; none means closed."""

    class Source(models.TextChoices):
        MANUAL = "manual", _("entered")
        HOLIDAY = "holiday", _("public holiday")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="special_days", verbose_name=_("organisation")
    )
    calendar = models.CharField(
        _("whose hours"), max_length=12, choices=CalendarKind, default=CalendarKind.DESK, db_default="desk"
    )
    date = models.DateField(_("date"))
    label = models.CharField(_("label"), max_length=60)
    source = models.CharField(_("source"), max_length=8, choices=Source, default=Source.MANUAL, editable=False)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "calendar", "date"], name="tenants_special_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.label}"


class SpecialInterval(models.Model):
    """One interval of a special day. ``closes`` at or before ``opens`` is the next day."""

    special_day = models.ForeignKey(SpecialDay, models.CASCADE, related_name="intervals", verbose_name=_("special day"))
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("other hours")
        verbose_name_plural = _("other hours")
        ordering = ["opens"]
        constraints = [models.UniqueConstraint(fields=["special_day", "opens"], name="tenants_special_interval_once")]

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}"


class Membership(models.Model):
    """One of the organisation's own people. Grants something on that organisation's hosts only."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("manager")
        SPECIALIST = "specialist", _("specialist")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("account"))
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="memberships", verbose_name=_("organisation")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "organisation", "role"], name="tenants_membership_once")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}"


class StaffRole(models.Model):
    """One of the outsourcing company's people. Grants something on the desk host only."""

    class Role(models.TextChoices):
        OPERATOR = "operator", _("operator")
        SUPERVISOR = "supervisor", _("supervisor")
        PLATFORM_ADMIN = "platform_admin", _("platform administrator")

    user = models.ForeignKey(User, models.CASCADE, related_name="staff_roles", verbose_name=_("account"))
    role = models.CharField(_("role"), max_length=16, choices=Role)

    class Meta:
        verbose_name = _("staff role")
        verbose_name_plural = _("staff roles")
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="tenants_staff_role_once")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}"


class AuditRecord(models.Model):
    """Who did what to which thing: ids only, never a text."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="+", verbose_name=_("organisation")
    )
    actor_id = models.UUIDField(_("actor"), null=True)
    action = models.CharField(_("action"), max_length=60)
    subject_id = models.CharField(_("subject"), max_length=64, blank=True)
    at = models.DateTimeField(_("at"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("audit record")
        verbose_name_plural = _("audit records")
        ordering = ["-at"]
        indexes = [models.Index(fields=["organisation", "-at"], name="tenants_audit_by_organisation")]

    def __str__(self) -> str:
        return self.action


class Pulse(models.Model):
    """When a kind of background process last did work: being up is not enough."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class PeriodKind(models.TextChoices):
    """What a report is of. A week starts on its Monday, a month on its first."""

    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")


class ReportFigures(models.Model):
    """The numbers, and only the numbers, of an organisation's current report: the platform's view of all clients."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("organisation"))
    period_kind = models.CharField(_("period"), max_length=8)
    starts_on = models.DateField(_("starts on"))
    version = models.PositiveIntegerField(_("version"))
    figures = models.JSONField(_("figures"))
    built_at = models.DateTimeField(_("built"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("report figures")
        verbose_name_plural = _("report figures")
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "period_kind", "starts_on"], name="tenants_figures_once_per_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}"
