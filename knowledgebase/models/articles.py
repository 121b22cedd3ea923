"""What an organisation knows: articles in several languages, with the questions they answer. Tenant schema.

Everything a suggestion is made of is here; how a suggestion was used is in ``use``, and what is missing in ``gaps``.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from knowledgebase.models.topics import Topic
from tenants.clock import PlatformNow
from tenants.identifiers import uuid7


class Revision(models.Model):
    """One row: a number that grows with every change of what suggestions are made of. Processes compare it with what
    they have in memory, and read the articles whose own number is higher than that."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="knowledgebase_one_revision")]


class Article(models.Model):
    """One answer. Its texts are per language; its versions tell who changed what, and why."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        TO_CHECK = "to_check", _("to be checked")
        LIVE = "live", _("live")
        RETIRED = "retired", _("retired")

    class Audience(models.TextChoices):
        OPERATORS = "operators", _("operators only")
        VISITORS = "visitors", _("operators and visitors")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(
        _("short name"), max_length=80, unique=True, help_text=_("Imports recognise the article by it.")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    audience = models.CharField(_("audience"), max_length=9, choices=Audience, default=Audience.OPERATORS)
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="articles", verbose_name=_("topic")
    )
    source = models.CharField(
        _("source"),
        max_length=300,
        blank=True,
        help_text=_("Where the answer comes from: a page, a contract, a person."),
    )
    owner_id = models.UUIDField(_("owner"), null=True, blank=True, help_text=_("The manager who answers for it."))
    owner_name = models.CharField(_("owner's name"), max_length=80, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True, help_text=_("The last day."))
    review_on = models.DateField(_("to be reviewed on"), null=True, blank=True)
    related = models.ManyToManyField(
        "self", symmetrical=False, related_name="related_from", blank=True, verbose_name=_("related articles")
    )
    version = models.PositiveIntegerField(_("version"), default=0)
    revision = models.PositiveBigIntegerField(default=0, help_text="Of the whole knowledge base, at the last change.")
    created_at = models.DateTimeField(_("made"), db_default=PlatformNow())
    changed_at = models.DateTimeField(_("changed"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=models.F("valid_from")),
                name="knowledgebase_article_valid_in_order",
            )
        ]
        indexes = [
            models.Index(fields=["revision"], name="knowledgebase_article_changed"),
            models.Index(fields=["state", "review_on"], name="knowledgebase_article_review"),
        ]

    def __str__(self) -> str:
        return self.slug


class ArticleText(models.Model):
    """An article in one language.

    ``short_reply`` is ready to be sent; placeholders in it are filled when it is inserted. ``long_text`` is Markdown
    for the operator. ``points`` must be mentioned: fees, terms, exceptions.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="texts", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=8)
    title = models.CharField(_("title"), max_length=200)
    short_reply = models.TextField(_("short reply"), max_length=4000, blank=True)
    long_text = models.TextField(_("text for the operator"), max_length=40_000, blank=True)
    points = ArrayField(
        models.CharField(max_length=200), verbose_name=_("points to mention"), default=list, db_default=[], blank=True
    )

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [
            models.UniqueConstraint(fields=["article", "language"], name="knowledgebase_text_once_per_language")
        ]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """A way of asking what the article answers. Learned ones are cleaned of names and numbers; all can be rejected."""

    class Source(models.TextChoices):
        MANAGER = "manager", _("written by a manager")
        IMPORTED = "imported", _("imported")
        LEARNED = "learned", _("learned from use")

    class State(models.TextChoices):
        ACTIVE = "active", _("in use")
        REJECTED = "rejected", _("rejected")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="variants", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=8)
    text = models.CharField(_("question"), max_length=300)
    evened = models.CharField(max_length=300, help_text="One case, one width, single spaces: what may occur once.")
    source = models.CharField(_("source"), max_length=8, choices=Source, default=Source.MANAGER)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    times = models.PositiveIntegerField(_("times asked"), default=1)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"), db_default=PlatformNow())
    asked_at = models.DateTimeField(_("last asked"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["article", "language", "evened"], name="knowledgebase_variant_once")
        ]

    def __str__(self) -> str:
        return self.text


class ArticleFile(models.Model):
    """A document that goes with an article, a PDF file or an image; stored privately. Of no language and no version."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="files", verbose_name=_("article"))
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(db_default=PlatformNow())

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


class ArticleVersion(models.Model):
    """How an article was after a change: who, when, why. ``content`` is what ``services.articles`` restores."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="versions", verbose_name=_("article"))
    number = models.PositiveIntegerField(_("number"))
    content = models.JSONField()
    state = models.CharField(_("state"), max_length=8, choices=Article.State)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(_("by"), max_length=80)
    why = models.CharField(_("why"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="knowledgebase_version_once")]

    def __str__(self) -> str:
        return f"{self.article_id} {self.number}"
