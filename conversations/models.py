"""Visitors and their conversations. Tenant schema: no foreign key leaves it; operators are kept as uuid and name."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7


class Visitor(models.Model):
    """Somebody on a website. Known by a token until, and unless, they tell more."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    created_at = models.DateTimeField(_("created"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")

    def __str__(self) -> str:
        return str(self.id)


class VisitorToken(models.Model):
    """A hash of what the visitor's browser holds. Rotated: a newer one supersedes it, then it expires."""

    token_hash = models.BinaryField(max_length=32, primary_key=True)
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField(db_default=PlatformNow())
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.visitor_id)


class Conversation(models.Model):
    """What one visitor and the desk say to each other about one thing. Its row is the lock of everything below it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ASSIGNED = "assigned", _("assigned")
        CLOSED = "closed", _("closed")

    class Purpose(models.TextChoices):
        PROBLEM = "problem", _("problem")
        INFORMATION = "information", _("information")
        ADVICE = "advice", _("advice")
        COMPLAINT = "complaint", _("complaint")
        OTHER = "other", _("other")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visitor = models.ForeignKey(Visitor, models.PROTECT, related_name="conversations", verbose_name=_("visitor"))
    website_id = models.UUIDField()
    website_key = models.CharField(_("website"), max_length=40)
    page_url = models.CharField(_("page"), max_length=2000, blank=True)
    page_title = models.CharField(_("page title"), max_length=300, blank=True)
    referrer = models.CharField(_("referrer"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=8)
    topic = models.CharField(_("topic"), max_length=40, blank=True)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    operator_id = models.UUIDField(null=True)
    operator_name = models.CharField(_("operator"), max_length=40, blank=True)
    previous = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", verbose_name=_("previous"))

    last_seq = models.PositiveIntegerField(default=0)
    last_desk_seq = models.PositiveIntegerField(default=0)
    visitor_read_seq = models.PositiveIntegerField(default=0)
    operator_read_seq = models.PositiveIntegerField(default=0)
    open_promise_id = models.UUIDField(null=True)

    opened_at = models.DateTimeField(_("opened"))
    last_entry_at = models.DateTimeField()
    first_replied_at = models.DateTimeField(_("first reply"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    rating_requested_at = models.DateTimeField(_("rating asked"), null=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["visitor", "website_id"],
                condition=~Q(state="closed"),
                name="conversations_one_open_per_website",
            ),
            models.CheckConstraint(
                condition=Q(state="assigned", operator_id__isnull=False) | ~Q(state="assigned"),
                name="conversations_assigned_has_operator",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | Q(~Q(state="closed"), closed_at__isnull=True),
                name="conversations_closed_has_time",
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="conversations_by_opening")]

    def __str__(self) -> str:
        return str(self.id)


class Entry(models.Model):
    """One fact a visitor may see, in the conversation's gapless ``seq``. Written by the journal alone."""

    class Kind(models.TextChoices):
        MESSAGE_SENT = "message.sent", _("message")
        MESSAGE_EDITED = "message.edited", _("edit")
        MESSAGE_DELETED = "message.deleted", _("deletion")
        READ_MARKED = "read.marked", _("read mark")
        TOPIC_ASKED = "topic.asked", _("topic asked")
        TOPIC_CHOSEN = "topic.chosen", _("topic chosen")
        CONVERSATION_ASSIGNED = "conversation.assigned", _("assignment")
        CONVERSATION_CLOSED = "conversation.closed", _("closing")
        CONVERSATION_REOPENED = "conversation.reopened", _("reopening")
        RATING_REQUESTED = "rating.requested", _("rating asked")
        RATING_GIVEN = "rating.given", _("rating given")

    class Sender(models.TextChoices):
        VISITOR = "visitor", _("visitor")
        OPERATOR = "operator", _("operator")
        AUTOMATIC = "automatic", _("automatic")
        SYSTEM = "system", _("system")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="entries", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=Kind)
    sender_kind = models.CharField(max_length=10, choices=Sender)
    sender_id = models.UUIDField(null=True)
    sender_name = models.CharField(max_length=80, blank=True)
    cid = models.UUIDField(null=True)
    target = models.PositiveIntegerField(null=True, help_text="The seq of the entry this one is about.")
    body = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="conversations_entry_seq_once"),
            models.UniqueConstraint(
                fields=["cid", "sender_id", "sender_kind", "conversation"],
                condition=Q(cid__isnull=False),
                nulls_distinct=False,
                name="conversations_entry_cid_once",
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="conversations_entry_seq_from_one"),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(target__lt=F("seq")), name="conversations_entry_target_before"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq}"


class DeskEntry(models.Model):
    """One fact for staff only, in the conversation's gapless ``desk_seq``. Its own table, so that none can leak."""

    class Kind(models.TextChoices):
        NOTE_ADDED = "note.added", _("note")
        OFFER_MADE = "offer.made", _("offer")
        PROMISE_WARNED = "promise.warned", _("promise warning")
        PROMISE_BROKEN = "promise.broken", _("broken promise")
        PURPOSE_RECORDED = "purpose.recorded", _("purpose")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="desk_entries", db_index=False)
    desk_seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=Kind)
    sender_kind = models.CharField(max_length=10, choices=Entry.Sender)
    sender_id = models.UUIDField(null=True)
    sender_name = models.CharField(max_length=80, blank=True)
    cid = models.UUIDField(null=True)
    body = models.TextField(blank=True)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["desk_seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "desk_seq"], name="conversations_desk_entry_seq_once"),
            models.UniqueConstraint(
                fields=["cid", "sender_id", "sender_kind", "conversation"],
                condition=Q(cid__isnull=False),
                nulls_distinct=False,
                name="conversations_desk_entry_cid_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.desk_seq}"


class Promise(models.Model):
    """One turn of a visitor and how long it waited. The clock starts at the first unanswered message."""

    class Kind(models.TextChoices):
        FIRST = "first", _("first reply")
        FOLLOW_UP = "follow_up", _("following reply")

    class Outcome(models.TextChoices):
        OPEN = "", _("open")
        KEPT = "kept", _("kept")
        BROKEN = "broken", _("broken")
        ABANDONED = "abandoned", _("abandoned")
        CLOSED = "closed", _("closed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="promises")
    kind = models.CharField(max_length=10, choices=Kind)
    opened_seq = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True, help_text="When it was marked: compare with due_at for lateness.")
    answered_at = models.DateTimeField(null=True)
    answered_seq = models.PositiveIntegerField(null=True)
    settled_at = models.DateTimeField(null=True, help_text="Answered, or ended in another way.")
    waited_seconds = models.FloatField(null=True)
    paused_seconds = models.FloatField(default=0)
    pause_reason = models.CharField(max_length=20, blank=True)
    responsible_id = models.UUIDField(null=True)
    responsible_name = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    class Meta:
        ordering = ["opened_seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(settled_at__isnull=True), name="conversations_one_open_promise"
            ),
            models.UniqueConstraint(fields=["conversation", "opened_seq"], name="conversations_promise_once_per_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"


class Attachment(models.Model):
    """An image, re-encoded and stored privately. Belongs to its uploader until a message carries it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, related_name="attachments")
    uploader_kind = models.CharField(max_length=10, choices=Entry.Sender)
    uploader_id = models.UUIDField()
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(help_text="Bytes.")
    width = models.PositiveIntegerField(help_text="Pixels.")
    height = models.PositiveIntegerField(help_text="Pixels.")
    sha256 = models.BinaryField(max_length=32)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=PlatformNow())

    def __str__(self) -> str:
        return str(self.id)


class ContactRequest(models.Model):
    """A question left outside opening hours."""

    class State(models.TextChoices):
        NEW = "new", _("new")
        HANDLED = "handled", _("handled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="contact_requests", verbose_name=_("visitor"))
    cid = models.UUIDField()
    name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail address"))
    body = models.TextField(_("question"), max_length=4000)
    website_key = models.CharField(_("website"), max_length=40)
    page_url = models.CharField(_("page"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=8)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.NEW)
    created_at = models.DateTimeField(_("received"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("contact request")
        verbose_name_plural = _("contact requests")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["visitor", "cid"], name="conversations_contact_cid_once")]

    def __str__(self) -> str:
        return str(self.id)
