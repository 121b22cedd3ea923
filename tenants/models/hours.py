"""When an organisation is open: its week, and the days that differ from it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.identifiers import uuid7
from tenants.models.organisations import Organisation


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
