"""What visitors thought of a conversation: their mark and comment. Tenant schema."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from tenants.identifiers import uuid7


class Rating(models.Model):
    """A visitor's mark for one conversation, 1 to 10."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.OneToOneField(
        Conversation, models.CASCADE, related_name="rating", verbose_name=_("conversation")
    )
    mark = models.PositiveSmallIntegerField(_("mark"), validators=[MinValueValidator(1), MaxValueValidator(10)])
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    given_at = models.DateTimeField(_("given"))
    changed_at = models.DateTimeField(_("changed"), null=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["-given_at"]
        constraints = [models.CheckConstraint(condition=Q(mark__range=(1, 10)), name="ratings_mark_1_to_10")]

    def __str__(self) -> str:
        return str(self.mark)
