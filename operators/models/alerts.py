"""What supervisors are told of by itself, and from when on."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from operators.models.people import Operator
from tenants.identifiers import uuid7
from tenants.models import Organisation


class AlertKind(models.TextChoices):
    """What is watched; the threshold's unit stands behind it."""

    LONGEST_WAIT = "longest_wait", _("somebody waits longer than (seconds)")
    QUEUE_LENGTH = "queue_length", _("more visitors wait than (number)")
    KEPT_SHARE = "kept_share", _("share of kept promises today below (%)")
    NOBODY_FREE = "nobody_free", _("nobody could take a conversation for (seconds)")
    OPERATOR_GONE = "operator_gone", _("an operator vanished while holding conversations (at least this many)")
    ESCALATION_SILENT = "escalation_silent", _("specialists who did not answer (at least this many)")


class AlertRule(models.Model):
    """From when on an alert is raised: for one organisation, or for all that have no rule of their own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("what is watched"), max_length=20, choices=AlertKind)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    threshold = models.PositiveIntegerField(_("threshold"))
    by_mail = models.BooleanField(_("also by e-mail"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "organisation"], nulls_distinct=False, name="operators_alert_rule_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.threshold}"


class Alert(models.Model):
    """A threshold that was crossed; open until it no longer is. Ids and numbers only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=AlertKind)
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="+")
    operator = models.ForeignKey(Operator, models.CASCADE, null=True, related_name="+")
    conversation_id = models.UUIDField(null=True)
    value = models.FloatField()
    threshold = models.FloatField()
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seen_by = models.UUIDField(null=True)
    seen_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "organisation", "operator"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="operators_one_open_alert",
            )
        ]
        indexes = [models.Index(fields=["raised_at"], name="operators_alert_raised")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
