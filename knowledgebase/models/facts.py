"""What changes oftener than an answer: standing notices, and the client's products with their facts. Tenant schema.

A short reply names them in placeholders, so that the answer is always made of today's facts.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7
from tenants.models import SLUG


class Address(models.TextChoices):
    """How visitors are addressed, where a language knows the difference."""

    FORMAL = "formal", _("formal")
    INFORMAL = "informal", _("informal")


class Manner(models.Model):
    """How the organisation addresses its visitors in one language."""

    language = models.CharField(_("language"), max_length=8, primary_key=True)
    address = models.CharField(_("form of address"), max_length=8, choices=Address, default=Address.FORMAL)

    class Meta:
        verbose_name = _("form of address")
        verbose_name_plural = _("forms of address")

    def __str__(self) -> str:
        return f"{self.language}: {self.get_address_display()}"


class Notice(models.Model):
    """Something that holds for now, like a delay at the carrier. ``{notice.slug}`` in a reply; nothing once it is
    over."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(_("short name"), max_length=40, validators=[SLUG])
    language = models.CharField(_("language"), max_length=8)
    text = models.CharField(_("text"), max_length=500)
    starts_at = models.DateTimeField(_("from"), db_default=PlatformNow())
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_shown = models.BooleanField(
        _("shown to operators"), default=True, help_text=_("Above the suggestions, for as long as it holds.")
    )
    topics = ArrayField(
        models.CharField(max_length=40), verbose_name=_("topics"), default=list, db_default=[], blank=True
    )

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["slug", "language"], name="knowledgebase_notice_once_per_language"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=models.F("starts_at")),
                name="knowledgebase_notice_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Product(models.Model):
    """Something the client sells or does, with facts such as price, size, availability: ``{product.slug.price}``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(_("short name"), max_length=40, unique=True, validators=[SLUG])
    name = models.CharField(_("name"), max_length=120)
    facts = models.JSONField(_("facts"), default=dict, blank=True, help_text=_("Name and value of each, as texts."))
    changed_at = models.DateTimeField(_("changed"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
