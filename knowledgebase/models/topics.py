"""Topics: the answers to "what is it about?". Tenant schema."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from operators.models import ConversationKind
from tenants.identifiers import uuid7
from tenants.models import SLUG


class Topic(models.Model):
    """One of the answers to "what is it about?"."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(_("short name"), max_length=40, unique=True, validators=[SLUG])
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    kind = models.CharField(
        _("kind of conversation"),
        max_length=10,
        choices=[choice for choice in ConversationKind.choices if choice[0] != ConversationKind.ESCALATED],
        default=ConversationKind.QUESTION,
        db_default="question",
        help_text=_("Kinds weigh differently in what an operator can do at once."),
    )
    is_active = models.BooleanField(_("offered to visitors"), default=True)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug


class TopicLabel(models.Model):
    """What a topic is called in one language, and by which words a first question is recognised as being about it."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="labels", verbose_name=_("topic"))
    language = models.CharField(_("language"), max_length=8)
    label = models.CharField(_("label"), max_length=60)
    words = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("words"),
        default=list,
        db_default=[],
        blank=True,
        help_text=_(
            "Words and phrases, parted by commas. A first question in which they occur, and no other topic's, gets this"
            " topic without being asked. Plurals are found by themselves."
        ),
    )

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [models.UniqueConstraint("topic", "language", name="knowledgebase_label_once_per_language")]

    def __str__(self) -> str:
        return self.label
