"""Who is there: presence, which expires by itself, and the shifts that were planned."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from operators.models.people import Operator
from tenants.clock import PlatformNow
from tenants.models import OpeningHours


class Presence(models.Model):
    """Is the operator there? It expires by itself: nobody waits for a goodbye that never comes."""

    class State(models.TextChoices):
        AVAILABLE = "available", _("available")
        BUSY = "busy", _("busy")
        ON_BREAK = "on_break", _("on break")
        AWAY = "away", _("away")

    class Reason(models.TextChoices):
        MEAL = "meal", _("meal")
        PAUSE = "pause", _("short pause")
        TRAINING = "training", _("training")
        MEETING = "meeting", _("meeting")
        OTHER = "other", _("something else")

    operator = models.OneToOneField(Operator, models.CASCADE, primary_key=True, related_name="presence")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.AVAILABLE)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason, blank=True, db_default="")
    until = models.DateTimeField(_("planned end"), null=True)
    since = models.DateTimeField(_("since"), db_default=PlatformNow())
    seen_at = models.DateTimeField(_("seen"))

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presence")

    def __str__(self) -> str:
        return self.state


class Shift(models.Model):
    """A weekly shift, in the platform's time zone. ``ends`` at or before ``starts`` is the next day."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="shifts", verbose_name=_("operator"))
    weekday = models.PositiveSmallIntegerField(_("day"), choices=OpeningHours.Weekday)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_until = models.DateField(_("until and including"), null=True, blank=True)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["weekday", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="operators_shift_weekday"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="operators_shift_validity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class ShiftException(models.Model):
    """One date that differs: the operator is absent (all day, or for these hours), or works extra hours."""

    class Kind(models.TextChoices):
        ABSENT = "absent", _("absent")
        EXTRA = "extra", _("extra hours")

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="shift_exceptions", verbose_name=_("operator"))
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.ABSENT)
    starts = models.TimeField(_("starts"), null=True, blank=True, help_text=_("Empty for an absence: all day."))
    ends = models.TimeField(_("ends"), null=True, blank=True)
    label = models.CharField(_("label"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("exception to the shifts")
        verbose_name_plural = _("exceptions to the shifts")
        ordering = ["date", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts__isnull=True, ends__isnull=True, kind="absent")
                | Q(starts__isnull=False, ends__isnull=False),
                name="operators_shift_exception_hours",
            )
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.get_kind_display()}"
