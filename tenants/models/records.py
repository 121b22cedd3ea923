"""What is noted of everybody's work: who did what, which processes live, what the reports counted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7
from tenants.models.organisations import Organisation


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
