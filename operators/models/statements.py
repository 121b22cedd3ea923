"""What was done for a client in a month, as evidence for its bill: times and sums, and staff's own words."""

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7
from tenants.models import Organisation


class Statement(models.Model):
    """One client's local month: a draft that is counted anew each night, until a platform administrator locks it.

    A locked one never changes: the database refuses it. A correction is a new version with its reason beside it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        LOCKED = "locked", _("locked")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation"), db_index=False
    )
    month = models.DateField(_("month"), help_text="Its first day.")
    version = models.PositiveIntegerField(_("version"), default=1)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.DRAFT)
    reason = models.CharField(_("why there is this version"), max_length=300, blank=True, default="")
    figures = models.JSONField(_("figures"))
    checksum = models.CharField(_("checksum (SHA-256)"), max_length=64)
    built_at = models.DateTimeField(_("counted"))
    locked_at = models.DateTimeField(_("locked on"), null=True)
    locked_by = models.UUIDField(null=True)
    locked_by_name = models.CharField(_("locked by"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-month", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "month", "version"], name="operators_statement_version_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "month"], condition=Q(state="draft"), name="operators_one_draft_statement"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="operators_statement_of_a_month"),
            models.CheckConstraint(
                condition=Q(state="draft", locked_at__isnull=True, locked_by__isnull=True)
                | Q(state="locked", locked_at__isnull=False, locked_by__isnull=False),
                name="operators_statement_locked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(version=1, reason="") | (Q(version__gt=1) & ~Q(reason="")),
                name="operators_statement_corrected_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {date_format(self.month, 'YEAR_MONTH_FORMAT')}"

    @property
    def is_locked(self) -> bool:
        return self.state == self.State.LOCKED


class DayHours(models.Model):
    """When the desk was open for a client on a local day, as its calendar said when the day was over: later changes of
    the hours do not move what was handled inside them."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    spans = models.JSONField(help_text="Pairs of instants, in UTC, in order.")
    kept_at = models.DateTimeField(db_default=PlatformNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "day"], name="operators_day_hours_once")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.day}"
