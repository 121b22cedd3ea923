"""How an organisation's visitors are helped without a person. Tenant schema."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class HelpSettings(models.Model):
    """One row, or none: then everything is as its defaults say."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    answers_by_itself = models.BooleanField(
        _("answers by itself"),
        default=True,
        help_text=_(
            "A first question gets the one article for visitors that surely answers it, marked as automatic, while an"
            " operator is found as always. Without articles for visitors nothing is answered."
        ),
    )
    sure_percent = models.PositiveSmallIntegerField(
        _("how sure it must be"),
        null=True,
        blank=True,
        validators=[MinValueValidator(50), MaxValueValidator(100)],
        help_text=_("In per cent, 50 to 100. Empty: as sure as our measurements found safe."),
    )

    class Meta:
        verbose_name = _("instant answers")
        verbose_name_plural = _("instant answers")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="knowledgebase_one_help_settings"),
            models.CheckConstraint(
                condition=Q(sure_percent__isnull=True) | Q(sure_percent__range=(50, 100)),
                name="knowledgebase_help_sure_percent",
            ),
        ]

    def __str__(self) -> str:
        return str(_("instant answers"))
